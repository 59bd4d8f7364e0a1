//! Title and date of a site.
//!
//! In a payload:
//!
//! ```text
//! u64   date in seconds since 1970, 2^64 - 1 if the site has no date
//! text  title, empty if the site has no title
//! ```

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_text},
};

/// Facts about a site besides its files and routes. The output of its `Debug` is a Rust expression,
/// which the compiler writes for `rustc`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SiteInfo<T> {
    /// The title of the page at `/`, if that page has one. It may contain any characters.
    pub title: Option<T>,
    /// The date in seconds since 1970, if the author sets it (`SOURCE_DATE_EPOCH`).
    pub last_modified: Option<u64>,
}

const NO_DATE: u64 = u64::MAX;

impl<T: AsRef<str>> SiteInfo<T> {
    /// The same facts, borrowed.
    pub fn as_str(&self) -> SiteInfo<&str> {
        SiteInfo { title: self.title.as_ref().map(T::as_ref), last_modified: self.last_modified }
    }
}

impl<'a> SiteInfo<&'a str> {
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let (date, title) = (fields.u64()?, fields.text()?);
        Some(Self {
            title: std::str::from_utf8(title).ok().filter(|title| !title.is_empty()),
            last_modified: (date != NO_DATE).then_some(date),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.last_modified.unwrap_or(NO_DATE).to_le_bytes());
        push_text(to, self.title.unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_info_is_read_as_it_was_written() {
        for (title, last_modified) in [(None, None), (Some("Title"), Some(7)), (None, Some(0))] {
            let info = SiteInfo { title, last_modified };
            let mut bytes = Vec::new();
            info.write(&mut bytes).unwrap();
            assert_eq!(SiteInfo::read(&mut ByteReader::new(&bytes)), Some(info));
        }
    }
}
