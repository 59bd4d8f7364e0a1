//! Searching an executable for stamps.

use chapbook_format::stamp::{LENGTH, MASKED, Stamp, magic_and_zeros};

/// All valid stamps of a file, with their offsets.
pub(super) fn find(image: &[u8]) -> Vec<(usize, Stamp)> {
    let magic = magic_and_zeros();
    let finder = memchr::memmem::Finder::new(&magic[..MASKED.len()]);
    let stamps = finder.find_iter(image).filter_map(|at| {
        let bytes = image.get(at..at + LENGTH)?.try_into().ok()?;
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
}
