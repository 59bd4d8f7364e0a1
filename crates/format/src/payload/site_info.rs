//! Name, title, date and mount of a site, and what it needs of browsers.
//!
//! In a payload:
//!
//! ```text
//! u64   date in seconds since 1970, 2^64 - 1 if the site has no date
//! text  title, empty if the site has no title
//! text  mount, empty if the site is served at `/`
//! text  name, a host label
//! text  features that need a secure context, separated by `, `
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
    /// The name in the site's own origin, `http://NAME.localhost`: a host label (see
    /// [`is_host_label`]).
    pub name: Option<T>,
    /// The features of browsers that its scripts depend on and that other devices have over HTTPS
    /// only, separated by `, `.
    pub secure_features: Option<T>,
}

/// Whether a text can be one part of a host name: 1 to 63 lower-case letters, digits and hyphens,
/// neither the first nor the last of which is a hyphen (RFC 1123 section 2.1). So it is also a file
/// name on every system, except for the device names of Windows.
#[must_use]
pub fn is_host_label(text: &str) -> bool {
    let is_allowed = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

const NO_DATE: u64 = u64::MAX;

impl<T: AsRef<str>> SiteInfo<T> {
    /// The same facts, borrowed.
    pub fn as_str(&self) -> SiteInfo<&str> {
        SiteInfo {
            title: self.title.as_ref().map(T::as_ref),
            last_modified: self.last_modified,
            mount: self.mount.as_ref().map(T::as_ref),
            name: self.name.as_ref().map(T::as_ref),
            secure_features: self.secure_features.as_ref().map(T::as_ref),
        }
    }
}

impl<'a> SiteInfo<&'a str> {
    pub(super) fn read(fields: &mut ByteReader<'a>) -> Option<Self> {
        let (date, title, mount) = (fields.u64()?, fields.text()?, fields.text()?);
        let (name, secure_features) = (fields.text()?, fields.text()?);
        let text = |bytes| std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty());
        Some(Self {
            title: text(title),
            last_modified: (date != NO_DATE).then_some(date),
            mount: text(mount),
            // It becomes the name of a folder.
            name: text(name).filter(|it| is_host_label(it)),
            secure_features: text(secure_features),
        })
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), PayloadTooLarge> {
        to.extend(self.last_modified.unwrap_or(NO_DATE).to_le_bytes());
        push_text(to, self.title.unwrap_or_default().as_bytes())?;
        push_text(to, self.mount.unwrap_or_default().as_bytes())?;
        push_text(to, self.name.unwrap_or_default().as_bytes())?;
        push_text(to, self.secure_features.unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_info_is_read_as_it_was_written() {
        let rows = [
            (None, None, None, None, None),
            (Some("Title"), Some(7), Some("/repo/"), Some("a-name"), Some("clipboard, USB")),
            (None, Some(0), None, Some("0"), None),
        ];
        for (title, last_modified, mount, name, secure_features) in rows {
            let info = SiteInfo { title, last_modified, mount, name, secure_features };
            let mut bytes = Vec::new();
            info.write(&mut bytes).unwrap();
            assert_eq!(SiteInfo::read(&mut ByteReader::new(&bytes)), Some(info));
        }
    }

    #[test]
    fn a_name_that_is_not_a_host_label_is_not_read() {
        let long = "x".repeat(64);
        for name in ["..", "../x", "a/b", "A", "-a", "a-", "a.b", "a b", "\u{fc}", &long] {
            let info = SiteInfo { name: Some(name), ..SiteInfo::default() };
            let mut bytes = Vec::new();
            info.write(&mut bytes).unwrap();
            let read = SiteInfo::read(&mut ByteReader::new(&bytes)).unwrap();
            assert_eq!(read.name, None, "{name}");
        }
        assert!(is_host_label(&long[1..]) && is_host_label("xn--krbis-kva"));
    }
}
