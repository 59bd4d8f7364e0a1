//! Chunks of the input that the HTML tokenizer reads at once: up to the next byte that it stops at.

use html5gum::{Readable, Reader};

/// A set of ASCII characters, one bit for each.
#[derive(Debug, Clone, Copy)]
struct AsciiSet {
    below_64: u64,
    from_64: u64,
}

#[expect(clippy::inline_always, reason = "the sets are constants only where this is inlined")]
impl AsciiSet {
    #[inline(always)]
    fn new(characters: &[u8]) -> Self {
        let mut set = Self { below_64: 0, from_64: 0 };
        for &character in characters {
            let bit = 1 << (character & 63);
            if character < 64 {
                set.below_64 |= bit;
            } else {
                set.from_64 |= bit;
            }
        }
        set
    }

    #[inline(always)]
    fn contains(self, byte: u8) -> bool {
        let bits = match byte {
            0..64 => self.below_64,
            64..128 => self.from_64,
            _ => 0,
        };
        bits >> (byte & 63) & 1 != 0
    }
}

/// Text and quoted values have few stops, and names and white space have many.
const FEW: usize = 5;

/// The length of the next chunk of a text that is not empty: up to the first byte that is a stop,
/// or 1 if the text starts with one.
///
/// html5gum searches eight bytes at a time, but first for the first byte in the list of stops. For
/// names, which are short and have many stops, that takes longer than the rest.
#[expect(clippy::inline_always, reason = "the stops are constants only where this is inlined")]
#[inline(always)]
pub(super) fn chunk_length(stops: &[u8], text: &[u8]) -> usize {
    if stops.len() <= FEW {
        let Ok(chunk) =
            text.to_reader().read_until(stops, &mut [0; 4]).map(|it| it.map(<[u8]>::len));
        return chunk.unwrap_or_default();
    }
    let set = AsciiSet::new(stops);
    let end = text.iter().position(|byte| set.contains(*byte));
    end.unwrap_or(text.len()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_ends_before_the_first_stop() {
        for stops in [&b"<&\0\r"[..], b"\t\n\x0c />=\0\r"] {
            for (length, stop) in (0..50).flat_map(|it| stops.iter().map(move |stop| (it, stop))) {
                let mut text = vec![b'a'; length];
                assert!(text.is_empty() || chunk_length(stops, &text) == length);
                text.push(*stop);
                text.extend_from_slice(b"\xc3\xbc<a");
                assert_eq!(chunk_length(stops, &text), length.max(1));
            }
        }
    }

    #[test]
    fn a_set_contains_its_characters_only() {
        for characters in [&b""[..], b"\0\x3f\x40\x7f", b"\t\n\x0c />=\"'<`"] {
            let set = AsciiSet::new(characters);
            for byte in 0..=u8::MAX {
                assert_eq!(set.contains(byte), characters.contains(&byte), "{byte}");
            }
        }
    }
}
