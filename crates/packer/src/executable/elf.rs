//! The section of an ELF executable: a note in a segment of its own, which the loader maps. It is
//! written sequentially, so the site is never completely in memory.
//!
//! The program headers are in the section header inside the note, so that a file that was cut short
//! does not start. In front of the note, they would be read from a file whose site is missing.

use chapbook_compiler::{Payload, Sink};
use chapbook_format::{
    payload::PAGE,
    section_header::BaseInfo,
    stamp::{Section, Stamp},
};

use super::{
    fields::{put, u16_at, u32_at, u64_at},
    packed::{HEAD_LENGTH, Packed, STAMP_IN_HEADERS, WriteError},
};

/// The owner of the note, with its zero. It is padded to a multiple of four bytes.
const NOTE_OWNER: &[u8; 9] = b"chapbook\0";
/// The length of what precedes the section in the note.
const NOTE_HEADER: usize = 12 + NOTE_OWNER.len().next_multiple_of(4);
/// The only type of this owner.
const NOTE_TYPE: u32 = 1;

/// The length of the header, of which packing changes some fields.
const HEADER_LENGTH: usize = 64;
const PROGRAM_HEADER: usize = 56;
const LOAD: u32 = 1;
const NOTE: u32 = 4;
const PROGRAM_HEADERS: u32 = 6;
const READABLE: u32 = 4;

/// Maximum number of bytes between the end of the base and the note. There must be some if the base
/// uses memory that is not in its file, and they are written as zeros.
const GAP_MAX: u64 = 64 << 20;
/// Maximum length of a payload: the length of a note has 32 bits. The rest is for the section
/// header with the program headers.
const PAYLOAD_MAX: u64 = u32::MAX as u64 - (4 << 20);

const BAD_SEGMENT: &str = "a segment in its ELF headers overlaps another one, exceeds the file or \
    has an invalid alignment";
const TOO_SPARSE: &str = "its ELF headers claim more than 64 MiB of memory that is not in the file";

/// Checks the headers and the position of the stamp. Returns the maximum length of a payload in
/// bytes; the error is a reason.
pub(super) fn check(image: &[u8], stamp_at: usize) -> Result<u64, &'static str> {
    SiteNote::new(image, 0)?;
    if stamp_at < HEADER_LENGTH { Err(STAMP_IN_HEADERS) } else { Ok(PAYLOAD_MAX) }
}

/// Writes an executable with this payload.
pub(super) fn write(
    image: &[u8],
    stamp_at: usize,
    payload: &Payload,
    to: &mut dyn Sink,
) -> Result<Packed, WriteError> {
    let note = SiteNote::new(image, payload.length())?;
    let mut base = image.to_vec();
    put(&mut base, 0x20, &(note.table_at()).to_le_bytes());
    put(&mut base, 0x38, &note.program_headers.to_le_bytes());
    let length = note.section_header.len() as u64 + payload.length();
    let section = Section { at: note.at + NOTE_HEADER as u64, length };
    put(&mut base, stamp_at, &Stamp::Packed(section).bytes());
    to.write_all(&base)?;
    drop(base);
    let gap = note.at - image.len() as u64;
    to.write_zeros(gap)?;
    to.write_all(&note.header())?;
    to.write_all(&note.section_header)?;
    payload.write(to)?;
    to.write_all(&[0; 3][..note.padding()])?;
    Ok(Packed { stamp_at: stamp_at as u64, section })
}

/// The note that is appended to the base.
struct SiteNote {
    /// Its offset in the file.
    at: u64,
    /// The section header, which ends with the program headers.
    section_header: Vec<u8>,
    /// The number of program headers.
    program_headers: u16,
    /// The length of the section: its header and the payload.
    section_length: u64,
}

impl SiteNote {
    fn new(image: &[u8], payload_length: u64) -> Result<Self, &'static str> {
        const UNSUPPORTED: &str = "it is not a 64-bit little-endian ELF executable";
        let u16_field = |at| u16_at(image, at).ok_or(UNSUPPORTED);
        // Class 2 is 64 bits, encoding 1 is little-endian.
        if image.get(4..6) != Some(&[2, 1]) {
            return Err(UNSUPPORTED);
        }
        let table_at = u64_at(image, 0x20).and_then(|at| usize::try_from(at).ok());
        let table_at = table_at.ok_or(UNSUPPORTED)?;
        let (size, count) = (u16_field(0x36)?, u16_field(0x38)?);
        if usize::from(size) != PROGRAM_HEADER || count > u16::MAX - 2 {
            return Err(UNSUPPORTED);
        }
        let table_end = table_at.checked_add(usize::from(count) * PROGRAM_HEADER);
        let table = table_end.and_then(|end| image.get(table_at..end)).ok_or(UNSUPPORTED)?;
        let segments = Segments::of(table, image.len() as u64)?;

        // Linux before 5.18 and gVisor compute the address of the program headers from the first
        // segment's distance between file and memory, so the new segment has the same distance.
        let lowest = segments.end.checked_sub(segments.distance).ok_or(UNSUPPORTED)?;
        let align = segments.align.max(4096);
        let note_at = (image.len() as u64).max(lowest).checked_next_multiple_of(align);
        let note_at = note_at.filter(|at| at - image.len() as u64 <= GAP_MAX).ok_or(TOO_SPARSE)?;

        let head = &image[..HEAD_LENGTH.min(image.len())];
        let info = BaseInfo { head, length: image.len() as u64, cut: image.len() as u64, gap: 0 };
        // The payload after the program headers begins at a page, so they are aligned, too.
        let bare = NOTE_HEADER + info.to_header(&[]).len();
        let table_length = (usize::from(count) + 2) * PROGRAM_HEADER;
        let unpadded = (bare + table_length) as u64;
        let padding = unpadded.next_multiple_of(PAGE) - unpadded;
        let mut extra = vec![0; usize::try_from(padding).unwrap_or(0)];
        let header_length = bare - NOTE_HEADER + extra.len() + table_length;
        let section_length = header_length as u64 + payload_length;
        let new_table_at = note_at + (bare + extra.len()) as u64;
        extra.extend(segments.table_with(table, new_table_at, note_at, section_length));
        let section_header = info.to_header(&extra);
        // The length of a note has 32 bits.
        if u32::try_from(section_length + NOTE_HEADER as u64).is_err() {
            return Err("the site is longer than the note of an ELF executable can be");
        }
        Ok(Self { at: note_at, section_header, program_headers: count + 2, section_length })
    }

    /// The offset of the program headers, which are at the end of the section header.
    fn table_at(&self) -> u64 {
        let table_length = usize::from(self.program_headers) * PROGRAM_HEADER;
        self.at + (NOTE_HEADER + self.section_header.len() - table_length) as u64
    }

    fn header(&self) -> Vec<u8> {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let mut header = Vec::with_capacity(NOTE_HEADER);
        header.extend(number(NOTE_OWNER.len() as u64));
        header.extend(number(self.section_length));
        header.extend(NOTE_TYPE.to_le_bytes());
        header.extend(NOTE_OWNER);
        header.resize(NOTE_HEADER, 0);
        header
    }

    /// Notes are padded to four bytes.
    fn padding(&self) -> usize {
        let length = NOTE_HEADER as u64 + self.section_length;
        usize::try_from(length.next_multiple_of(4) - length).unwrap_or(0)
    }
}

/// The loadable segments of an executable.
struct Segments {
    /// The lowest address.
    start: u64,
    /// The highest end address.
    end: u64,
    /// The difference between address and file offset of the first segment.
    distance: u64,
    /// The maximum alignment.
    align: u64,
}

impl Segments {
    fn of(table: &[u8], file_length: u64) -> Result<Self, &'static str> {
        let mut found: Option<Self> = None;
        for header in table.chunks_exact(PROGRAM_HEADER) {
            if u32_at(header, 0) != Some(LOAD) {
                continue;
            }
            let segment = Self::of_one(header, file_length).ok_or(BAD_SEGMENT)?;
            found = Some(match found {
                None => segment,
                // In ascending order (System V gABI, program header), without overlap.
                Some(all) if segment.start < all.end => return Err(BAD_SEGMENT),
                Some(all) => {
                    let align = all.align.max(segment.align);
                    Self { end: segment.end, align, ..all }
                }
            });
        }
        found.ok_or("it has no loadable segments")
    }

    /// The segment of a header; `None` if it is invalid.
    fn of_one(header: &[u8], file_length: u64) -> Option<Self> {
        let (at, start) = (u64_at(header, 8)?, u64_at(header, 16)?);
        let (in_file, in_memory) = (u64_at(header, 32)?, u64_at(header, 40)?);
        let align = u64_at(header, 48)?.max(1);
        let is_valid = at.checked_add(in_file)? <= file_length
            && in_file <= in_memory
            && align.is_power_of_two()
            && align <= GAP_MAX;
        let (end, distance) = (start.checked_add(in_memory)?, start.checked_sub(at)?);
        is_valid.then_some(Self { start, end, distance, align })
    }

    /// The program headers of the base and two new ones, which load the note and mark it as one.
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
        let fields = [at, address, address, length, length, align];
        for (field_at, field) in (8..).step_by(8).zip(fields) {
            put(&mut header, field_at, &field.to_le_bytes());
        }
        header
    }
}
