//! SHA-256 fingerprint of a certificate, in the form that phones and browsers show.

use std::fmt;

use chapbook_format::digest::{self, Hash};

/// The fingerprint of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Hash);

impl Fingerprint {
    /// The fingerprint of a certificate, or another object, in DER.
    pub(super) fn of(der: &[u8]) -> Self {
        Self(digest::of(der))
    }

    /// Its first eight digits.
    pub(super) fn prefix(self) -> String {
        digest::hexadecimal(&self.0)[..8].to_owned()
    }

    /// Its two halves, each as a line of pairs of digits.
    #[must_use]
    pub fn lines(self) -> [String; 2] {
        let (first, second) = self.0.split_at(16);
        [pairs(first), pairs(second)]
    }
}

fn pairs(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
    let pairs = bytes.iter().flat_map(|byte| [':', digit(byte >> 4), digit(byte & 15)]);
    pairs.skip(1).collect()
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&pairs(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_shown_as_by_other_programs() {
        let fingerprint = Fingerprint::of(b"");
        let [first, second] = fingerprint.lines();
        assert_eq!(first, "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24");
        assert_eq!(fingerprint.to_string(), format!("{first}:{second}"));
        assert_eq!(fingerprint.prefix(), "e3b0c442");
    }
}
