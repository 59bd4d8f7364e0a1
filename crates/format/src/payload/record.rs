//! Records of a payload: files with their representations, and routes.
//!
//! A record is a part that contains its kind (u8) and then:
//!
//! ```text
//! 1  file             text path, text key of a route to it or nothing, varint number of
//!                     representations, the representations
//! 2  rule file        the same; no route refers to it
//! 3  resource         text key, u32 position of the record of the file
//! 4  redirect         text key, head of a redirect
//! 5  incompressible   u32 number of the hash of a content
//! ```
//!
//! See `representation.rs` for representations, and `redirect.rs` for the heads of redirects.

use super::{
    byte_reader::ByteReader,
    byte_writer::{PayloadTooLarge, push_part, push_text},
    redirect::RedirectHead,
    representation::Representations,
};

const FILE: u8 = 1;
const RULE_FILE: u8 = 2;
const RESOURCE: u8 = 3;
const REDIRECT: u8 = 4;
const INCOMPRESSIBLE: u8 = 5;

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// A file of the site.
    File {
        /// The path within the site.
        path: &'a [u8],
        /// The key of a route to it, so that most files need no record of a route.
        key: Option<&'a [u8]>,
        /// Its content in each coding.
        representations: Representations<'a>,
        /// Whether it contains rules (`_redirects`, `_headers`) and is not served.
        is_rule_file: bool,
    },
    /// A route to a file.
    Resource {
        /// The key of the route.
        key: &'a [u8],
        /// The position of the record of the file.
        file: u32,
    },
    /// A route that redirects.
    Redirect {
        /// The key of the route.
        key: &'a [u8],
        /// The head of the response.
        head: RedirectHead<&'a [u8], u32>,
    },
    /// A content that no coding makes much shorter, so that packing again need not try.
    Incompressible {
        /// The number of its hash.
        content: u32,
    },
}

impl<'a> Record<'a> {
    /// Reads the record at a position; `None` if it is malformed.
    #[must_use]
    pub(super) fn read(records: &'a [u8], at: u32) -> Option<Self> {
        let mut fields = ByteReader::at(records, at).part()?;
        match fields.u8()? {
            kind @ (FILE | RULE_FILE) => {
                let (path, key) = (fields.text()?, fields.text()?);
                let key = Some(key).filter(|key| !key.is_empty());
                let representations = Representations::read(fields)?;
                Some(Self::File { path, key, representations, is_rule_file: kind == RULE_FILE })
            }
            RESOURCE => Some(Self::Resource { key: fields.text()?, file: fields.u32()? }),
            REDIRECT => {
                Some(Self::Redirect { key: fields.text()?, head: RedirectHead::read(&mut fields)? })
            }
            INCOMPRESSIBLE => Some(Self::Incompressible { content: fields.u32()? }),
            _ => None,
        }
    }

    /// Appends the record. Returns its position.
    ///
    /// # Errors
    ///
    /// See [`PayloadTooLarge`].
    pub fn write(&self, records: &mut Vec<u8>) -> Result<u32, PayloadTooLarge> {
        push_part(records, |to| match self {
            Self::File { path, key, representations, is_rule_file } => {
                to.push(if *is_rule_file { RULE_FILE } else { FILE });
                push_text(to, path)?;
                push_text(to, key.unwrap_or_default())?;
                representations.write(to);
                Ok(())
            }
            Self::Resource { key, file } => {
                to.push(RESOURCE);
                push_text(to, key)?;
                to.extend(file.to_le_bytes());
                Ok(())
            }
            Self::Redirect { key, head } => {
                to.push(REDIRECT);
                push_text(to, key)?;
                head.write(to)
            }
            Self::Incompressible { content } => {
                to.push(INCOMPRESSIBLE);
                to.extend(content.to_le_bytes());
                Ok(())
            }
        })
    }

    /// The key of a route; `None` for a record without one.
    #[must_use]
    pub fn key(&self) -> Option<&'a [u8]> {
        match self {
            Self::Resource { key, .. } | Self::Redirect { key, .. } => Some(key),
            Self::File { key, .. } => *key,
            Self::Incompressible { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_a_prefix_of_it_is_malformed() {
        let mut buffer = Vec::new();
        let none = Representations::encode([], &mut buffer).unwrap();
        let file = |path, key, is_rule_file| Record::File {
            path,
            key,
            representations: none,
            is_rule_file,
        };
        let records = [
            file(b"a.txt", Some(b"/a.txt"), false),
            file(b"_headers", None, true),
            Record::Resource { key: b"/a", file: 7 },
            Record::Incompressible { content: 9 },
            Record::Redirect {
                key: b"/b/",
                head: RedirectHead {
                    shared: 300,
                    location: b"line",
                    splat_at: Some(1),
                    query_at: Some(2),
                },
            },
        ];
        for record in records {
            let mut bytes = b"before".to_vec();
            let at = record.write(&mut bytes).unwrap();
            assert_eq!(Record::read(&bytes, at), Some(record));
            for end in 0..bytes.len() {
                assert_eq!(Record::read(&bytes[..end], at), None, "{record:?} {end}");
            }
        }
    }
}
