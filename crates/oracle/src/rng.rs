//! Reproducible pseudo-random numbers, and mutation of bytes with them.

/// A linear congruential generator (Knuth's MMIX): one seed always gives the same numbers.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The generator with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }

    /// A random choice.
    pub fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Changes bytes in up to five positions. Inserts some of these pieces.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>, pieces: &[&[u8]]) {
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(12)).min(bytes.len());
            match self.below(4) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
                2 => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(self.below(256)).unwrap_or_default();
                    }
                }
                _ => {
                    let piece = self.one_of(pieces);
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
    }
}
