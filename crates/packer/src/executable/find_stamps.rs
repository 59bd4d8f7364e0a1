//! Searching an executable for stamps, in pieces, because it may contain a long site.

use std::io::{self, Read, Seek, SeekFrom};

use chapbook_format::stamp::{LENGTH, MASKED, Stamp, magic_and_zeros};

/// The number of bytes to search at a time.
const PIECE: usize = 1 << 20;

/// A search that has reached a position in the file.
#[derive(Debug, Default)]
pub(super) struct StampSearch {
    /// The position of `piece` in the file.
    at: u64,
    /// What was searched last.
    piece: Vec<u8>,
}

impl StampSearch {
    /// The offset of what was searched last.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// The valid stamps in the next piece of the file, with their offsets; `None` at its end.
    pub(super) fn next(
        &mut self,
        file: &mut (impl Read + Seek),
    ) -> io::Result<Option<Vec<(u64, Stamp)>>> {
        // A stamp may begin in one piece and end in the next, but is never in both.
        let searched = self.piece.len().saturating_sub(LENGTH - 1);
        self.piece.drain(..searched);
        self.at += searched as u64;
        file.seek(SeekFrom::Start(self.at + self.piece.len() as u64))?;
        let count = file.take(PIECE as u64).read_to_end(&mut self.piece)?;
        let found = find(&self.piece).into_iter().map(|(at, stamp)| (self.at + at as u64, stamp));
        Ok((count > 0).then(|| found.collect()))
    }
}

/// All valid stamps, with their positions.
fn find(bytes: &[u8]) -> Vec<(usize, Stamp)> {
    let magic = magic_and_zeros();
    let finder = memchr::memmem::Finder::new(&magic[..MASKED.len()]);
    let stamps = finder.find_iter(bytes).filter_map(|at| {
        let bytes = bytes.get(at..at + LENGTH)?.try_into().ok()?;
        Some((at, Stamp::read(bytes)?))
    });
    stamps.collect()
}

#[cfg(test)]
mod tests {
    use chapbook_format::stamp::{BLANK, Section};

    use super::*;

    #[test]
    fn stamps_are_found_at_any_offset() {
        let packed = Stamp::Packed(Section { at: 1, length: 2 });
        let image = [&b"x"[..], &BLANK, b"yz", &packed.bytes(), &BLANK[..30]].concat();
        assert_eq!(find(&image), [(1, Stamp::Blank), (67, packed)]);
    }

    #[test]
    fn a_stamp_across_two_pieces_is_found_once() {
        for at in [0, PIECE - LENGTH, PIECE - LENGTH + 1, PIECE - 1, PIECE, 2 * PIECE - 5] {
            let mut image = vec![0; 3 * PIECE];
            image[at..at + LENGTH].copy_from_slice(&BLANK);
            let (mut file, mut search) = (io::Cursor::new(image), StampSearch::default());
            let mut found = Vec::new();
            while let Some(stamps) = search.next(&mut file).unwrap() {
                found.extend(stamps);
            }
            assert_eq!(found, [(at as u64, Stamp::Blank)]);
        }
    }
}
