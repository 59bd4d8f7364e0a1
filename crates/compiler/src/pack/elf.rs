//! This file owns how an ELF executable carries a section: as a note, in a segment of its own that
//! the loader maps. It is written from front to back, so that a site never lies in memory whole.
//!
//! What `libsui` finds when the executable runs is written here, as `libsui` would write it, but
//! for three things: it would hold the site in memory four times, it adds up where an executable is
//! packed twice, and it puts the program headers before the note. They stand inside the note's lead
//! here: a file that was cut short between the two would start, and then be read beyond its end.

use std::io::{self, Write};

use chapbook_format::{
    section_header::{BaseInfo, SECTION},
    stamp::{Section, Stamp},
};

use super::{HEAD, Packed};
use crate::write::Payload;

/// The name of the section, as `libsui` looks for it.
const NAME: &[u8] = SECTION.as_bytes();
/// What stands before the section within the note: its header, the owner, and the section's name.
const NOTE_HEADER: usize = 12 + 4 + 2 + NAME.len();
const NOTE_OWNER: &[u8; 4] = b"SUI\0";
const NOTE_TYPE: u32 = 0x5355_4901;

const PROGRAM_HEADER: usize = 56;
const LOAD: u32 = 1;
const NOTE: u32 = 4;
const PROGRAM_HEADERS: u32 = 6;
const READABLE: u32 = 4;

/// Whether these are the first bytes of an ELF executable.
pub(super) fn is_elf(image: &[u8]) -> bool {
    image.starts_with(b"\x7FELF")
}

/// Writes an executable that carries this payload. Says what is wrong with the base, if it can't.
pub(super) fn write(
    image: &[u8],
    stamp_at: usize,
    payload: &Payload,
    to: &mut dyn Write,
) -> io::Result<Result<Packed, &'static str>> {
    let carrier = match Carrier::new(image, payload.length()) {
        Ok(carrier) => carrier,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut base = image.to_vec();
    put(&mut base, 0x20, &(carrier.table_at()).to_le_bytes());
    put(&mut base, 0x38, &carrier.headers.to_le_bytes());
    let length = carrier.lead.len() as u64 + payload.length();
    let section = Section { at: carrier.note_at + NOTE_HEADER as u64, length };
    put(&mut base, stamp_at, &Stamp::Packed(section).bytes());
    to.write_all(&base)?;
    drop(base);
    let gap = carrier.note_at - image.len() as u64;
    io::copy(&mut io::Read::take(io::repeat(0), gap), to)?;
    to.write_all(&carrier.note_header())?;
    to.write_all(&carrier.lead)?;
    payload.write(to)?;
    to.write_all(&[0; 3][..carrier.note_padding()])?;
    Ok(Ok(Packed { stamp_at: stamp_at as u64, section }))
}

/// What is put behind the base.
struct Carrier {
    /// Where the note begins in the file.
    note_at: u64,
    /// The lead of the section, which ends with the program headers.
    lead: Vec<u8>,
    /// How many program headers there are.
    headers: u16,
    /// How many bytes the note has behind the section's name.
    section_length: u64,
}

impl Carrier {
    fn new(image: &[u8], payload_length: u64) -> Result<Self, &'static str> {
        const ODD: &str = "it is no 64-bit little-endian ELF executable";
        // Class 2 is 64 bits, encoding 1 is little-endian.
        if image.get(4..6) != Some(&[2, 1]) {
            return Err(ODD);
        }
        let table_at = usize::try_from(u64_at(image, 0x20).ok_or(ODD)?).map_err(|_| ODD)?;
        let (size, count) = (u16_at(image, 0x36).ok_or(ODD)?, u16_at(image, 0x38).ok_or(ODD)?);
        if usize::from(size) != PROGRAM_HEADER || count > u16::MAX - 2 {
            return Err(ODD);
        }
        let table_end = table_at.checked_add(usize::from(count) * PROGRAM_HEADER);
        let table = table_end.and_then(|end| image.get(table_at..end)).ok_or(ODD)?;
        let segments = Segments::of(table).ok_or("it has no segments that are loaded")?;

        // The kernel of old and gVisor find the program headers where the first segment's distance
        // between file and memory puts them, so that the new segment has the same one.
        let lowest = segments.end.checked_sub(segments.distance).ok_or(ODD)?;
        let align = segments.align.max(4096);
        let note_at = (image.len() as u64).max(lowest).checked_next_multiple_of(align);
        let note_at = note_at.ok_or(ODD)?;

        let head = &image[..HEAD.min(image.len())];
        let origin = BaseInfo { head, length: image.len() as u64, cut: image.len() as u64, gap: 0 };
        // The program headers are aligned to 8 bytes, and the payload behind them to 2.
        let bare = NOTE_HEADER + origin.to_header(&[]).len();
        let mut extra = vec![0; bare.next_multiple_of(8) - bare];
        let headers_length = (usize::from(count) + 2) * PROGRAM_HEADER;
        let lead_length = bare - NOTE_HEADER + extra.len() + headers_length;
        let section_length = lead_length as u64 + payload_length;
        let table_place = note_at + (bare + extra.len()) as u64;
        extra.extend(segments.table_with(table, table_place, note_at, section_length));
        let lead = origin.to_header(&extra);
        // A note's length has 32 bits.
        if u32::try_from(section_length + NOTE_HEADER as u64).is_err() {
            return Err("an ELF executable carries sites of up to 4 GiB, and this one is larger");
        }
        Ok(Self { note_at, lead, headers: count + 2, section_length })
    }

    /// Where the program headers stand: at the end of the lead.
    fn table_at(&self) -> u64 {
        let headers = usize::from(self.headers) * PROGRAM_HEADER;
        self.note_at + (NOTE_HEADER + self.lead.len() - headers) as u64
    }

    fn note_header(&self) -> Vec<u8> {
        let description = self.section_length + 2 + NAME.len() as u64;
        let mut header = Vec::with_capacity(NOTE_HEADER);
        header.extend(u32::try_from(NOTE_OWNER.len()).unwrap_or(0).to_le_bytes());
        header.extend(u32::try_from(description).unwrap_or(u32::MAX).to_le_bytes());
        header.extend(NOTE_TYPE.to_le_bytes());
        header.extend(NOTE_OWNER);
        header.extend(u16::try_from(NAME.len()).unwrap_or(0).to_le_bytes());
        header.extend(NAME);
        header
    }

    /// Notes are padded to four bytes.
    fn note_padding(&self) -> usize {
        let length = NOTE_HEADER as u64 + self.section_length;
        usize::try_from(length.next_multiple_of(4) - length).unwrap_or(0)
    }
}

/// What the segments of an executable leave room for.
struct Segments {
    /// The address behind the last of them.
    end: u64,
    /// From a place in the file to its address.
    distance: u64,
    /// What the segments are aligned to.
    align: u64,
}

impl Segments {
    fn of(table: &[u8]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for header in table.chunks_exact(PROGRAM_HEADER) {
            if u32_at(header, 0)? != LOAD {
                continue;
            }
            let address = u64_at(header, 16)?;
            let end = address.checked_add(u64_at(header, 40)?)?;
            let align = u64_at(header, 48)?.max(1);
            let distance = address.checked_sub(u64_at(header, 8)?)?;
            let all = found.get_or_insert(Self { end, distance, align });
            all.end = all.end.max(end);
            all.align = all.align.max(align);
        }
        found
    }

    /// The program headers of old, and two new ones: what is loaded, and that it is a note.
    fn table_with(&self, table: &[u8], at: u64, note_at: u64, section_length: u64) -> Vec<u8> {
        let length = NOTE_HEADER as u64 + section_length;
        let padded = length.next_multiple_of(4);
        let mut all = table.to_vec();
        all.extend(self.header(LOAD, note_at, padded, self.align.max(4096)));
        all.extend(self.header(NOTE, note_at, length, 4));
        let all_length = all.len() as u64;
        for header in all.chunks_exact_mut(PROGRAM_HEADER) {
            if header.starts_with(&PROGRAM_HEADERS.to_le_bytes()) {
                header.copy_from_slice(&self.header(PROGRAM_HEADERS, at, all_length, 8));
            }
        }
        all
    }

    fn header(&self, kind: u32, at: u64, length: u64, align: u64) -> [u8; PROGRAM_HEADER] {
        let address = at.saturating_add(self.distance);
        let mut header = [0; PROGRAM_HEADER];
        put(&mut header, 0, &kind.to_le_bytes());
        put(&mut header, 4, &READABLE.to_le_bytes());
        for (place, number) in (8..).step_by(8).zip([at, address, address, length, length, align]) {
            put(&mut header, place, &number.to_le_bytes());
        }
        header
    }
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + what.len()) {
        place.copy_from_slice(what);
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
