//! Title, date and mount of a site.
//!
//! In a payload:
//!
//! ```text
//! u64   date in seconds since 1970, 2^64 - 1 if the site has no date
//! text  title, empty if the site has no title
//! text  mount, empty if the site is served at `/`
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
    /// The path of the URL of the home page, if it is not `/`.
    pub mount: Option<T>,
}

const NO_DATE: u64 = u64::MAX;

impl<T: AsRef<str>> SiteInfo<T> {
    /// The same facts, borrowed.
    pub fn as_str(&self) -> SiteInfo<&str> {
        SiteInfo {
            title: self.title.as_ref().map(T::as_ref),
            last_modified: self.last_modified,
            mount: self.mount.as_ref().map(T::as_ref),
        }
    }
}

impl<'a> SiteInfo<&'a str> {
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let (date, title, mount) = (fields.u64()?, fields.text()?, fields.text()?);
        let text = |bytes| std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty());
        Some(Self {
            title: text(title),
            last_modified: (date != NO_DATE).then_some(date),
            mount: text(mount),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.last_modified.unwrap_or(NO_DATE).to_le_bytes());
        push_text(to, self.title.unwrap_or_default().as_bytes())?;
        push_text(to, self.mount.unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_info_is_read_as_it_was_written() {
        let rows =
            [(None, None, None), (Some("Title"), Some(7), Some("/repo/")), (None, Some(0), None)];
        for (title, last_modified, mount) in rows {
            let info = SiteInfo { title, last_modified, mount };
            let mut bytes = Vec::new();
            info.write(&mut bytes).unwrap();
            assert_eq!(SiteInfo::read(&mut ByteReader::new(&bytes)), Some(info));
        }
    }
}
