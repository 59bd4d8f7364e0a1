//! SHA-256, the hash that identifies and verifies bytes.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of some bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// A hash in 64 lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(hash: &Hash) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Computes the hash of bytes that arrive in pieces.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes.
    #[must_use]
    pub fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_sha_256() {
        // The first example of FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hexadecimal(&of(b"abc")), expected);
        let mut hasher = Hasher::default();
        b"abc".iter().for_each(|byte| hasher.update(&[*byte]));
        assert_eq!(hexadecimal(&hasher.finish()), expected);
    }
}
