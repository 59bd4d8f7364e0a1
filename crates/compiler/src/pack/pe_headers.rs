//! The headers of a Windows executable: their check, and the changes that add a section.

use super::{
    fields::{position_at, put, u16_at, u32_at},
    packed::{HEAD_LENGTH, STAMP_IN_HEADERS},
};

/// Maximum length of an executable, in the file and in memory. Microsoft documents 2 GB, but the
/// loader refuses images of more than this, 1.86 GiB, with `STATUS_INVALID_IMAGE_FORMAT`. (Wine
/// starts images of up to 4 GiB, and takes what is beyond the first 2 GiB of a section for zeros.)
const IMAGE_MAX: u64 = 0x7700_0000;
/// Bytes for what is beside the payload: the section header and alignment.
const RESERVE: u64 = 4 << 20;

const NO_HEADERS: &str = "its PE headers are missing or cut short";
const UNSUPPORTED: &str = "its PE headers are not supported";
const BAD_SECTION: &str = "a section in its PE headers overlaps another one or exceeds the file";
const NO_SPACE: &str = "its PE headers have no space for another section";
const TOO_LONG: &str = "it is longer than a Windows executable can be";

/// Windows loads no more sections.
const SECTIONS_MAX: u16 = 96;
const SECTION_LENGTH: usize = 40;
/// The flags of a section of initialized data that can only be read.
const READ_ONLY_DATA: u32 = 0x4000_0040;

/// The position of the first data directory in the optional header, by its magic number.
const PE32: (u16, usize) = (0x10B, 96);
const PE32_PLUS: (u16, usize) = (0x20B, 112);
/// The position of the data directory for signatures, from the first one. It has 8 bytes.
const SIGNATURES_AT: usize = 4 * 8;

/// Alignments of sections. Smaller ones than a page make the file itself the image.
const ALIGNMENTS: std::ops::RangeInclusive<u32> = 4096..=2 << 20;
const FILE_ALIGNMENTS: std::ops::RangeInclusive<u32> = 512..=64 << 10;

/// Valid headers.
pub(super) struct Headers {
    section_count: u16,
    /// The position of the optional header in the file.
    optional: usize,
    /// The position of the data directory for signatures, if there is one.
    signatures: Option<usize>,
    /// The end of the section table.
    end: usize,
    alignment: u32,
    file_alignment: u32,
    /// The end of all sections in memory, which is aligned.
    memory_end: u64,
}

/// A section to be added. The fields are in bytes.
pub(super) struct NewSection {
    pub(super) name: [u8; 8],
    /// Its position in the file.
    pub(super) at: u64,
    /// Its length, which is aligned as in the file.
    pub(super) length: u64,
}

impl Headers {
    /// Reads and checks the headers of an executable. The error is a reason.
    pub(super) fn read(image: &[u8]) -> Result<Self, &'static str> {
        let at = position_at(image, 0x3C).ok_or(NO_HEADERS)?;
        let signature_end = at.checked_add(4).ok_or(NO_HEADERS)?;
        if image.get(at..signature_end) != Some(b"PE\0\0") {
            return Err(NO_HEADERS);
        }
        let section_count = u16_at(image, signature_end + 2).ok_or(NO_HEADERS)?;
        let optional_length = usize::from(u16_at(image, signature_end + 16).ok_or(NO_HEADERS)?);
        let optional = signature_end + 20;
        let end = optional + optional_length + usize::from(section_count) * SECTION_LENGTH;
        if image.len() < end {
            return Err(NO_HEADERS);
        }
        let magic = u16_at(image, optional);
        let fixed = [PE32, PE32_PLUS].into_iter().find(|(number, _)| Some(*number) == magic);
        let (_, fixed) = fixed.ok_or(UNSUPPORTED)?;
        let directories = position_at(image, optional + fixed - 4).ok_or(NO_HEADERS)?;
        let field = |at| u32_at(image, optional + at).ok_or(NO_HEADERS);
        let signatures = optional + fixed + SIGNATURES_AT;
        let headers = Self {
            section_count,
            optional,
            signatures: Some(signatures).filter(|_| directories * 8 > SIGNATURES_AT),
            end,
            alignment: field(32)?,
            file_alignment: field(36)?,
            memory_end: 0,
        };
        let is_supported = directories <= 16
            && optional_length >= fixed + directories * 8
            && (1..=SECTIONS_MAX).contains(&section_count)
            && headers.alignment.is_power_of_two()
            && ALIGNMENTS.contains(&headers.alignment)
            && headers.file_alignment.is_power_of_two()
            && FILE_ALIGNMENTS.contains(&headers.file_alignment);
        if !is_supported {
            return Err(UNSUPPORTED);
        }
        let sections = image.get(end - usize::from(section_count) * SECTION_LENGTH..end);
        let (memory_end, data_at) = headers.check_sections(sections.unwrap_or_default(), image)?;
        headers.check_space(image, data_at.min(u64::from(field(60)?)))?;
        Ok(Self { memory_end, ..headers })
    }

    /// Checks that the sections are in order and within the file. Returns their end in memory and
    /// their start in the file.
    fn check_sections(&self, table: &[u8], image: &[u8]) -> Result<(u64, u64), &'static str> {
        let (mut file_end, mut memory_end) = (self.end as u64, 0);
        let mut data_at = None;
        for row in table.chunks_exact(SECTION_LENGTH) {
            let field = |at| u32_at(row, at).map(u64::from).ok_or(NO_HEADERS);
            let (memory_length, address) = (field(8)?, field(12)?);
            let (file_length, file_at) = (field(16)?, field(20)?);
            if address < memory_end {
                return Err(BAD_SECTION);
            }
            memory_end = (address + memory_length).next_multiple_of(self.alignment.into());
            if file_length == 0 {
                continue;
            }
            if file_at < file_end {
                return Err(BAD_SECTION);
            }
            file_end = file_at + file_length;
            data_at.get_or_insert(file_at);
        }
        let data_at = data_at.filter(|_| file_end <= image.len() as u64).ok_or(BAD_SECTION)?;
        Ok((memory_end, data_at))
    }

    /// Checks that there are zeros where another row of the section table is to be.
    fn check_space(&self, image: &[u8], headers_end: u64) -> Result<(), &'static str> {
        let is_inside = self.new_end() <= HEAD_LENGTH && self.new_end() as u64 <= headers_end;
        let space = image.get(self.end..self.new_end()).filter(|_| is_inside).ok_or(NO_SPACE)?;
        let is_free = self.section_count < SECTIONS_MAX && space.iter().all(|byte| *byte == 0);
        if is_free { Ok(()) } else { Err(NO_SPACE) }
    }

    /// The end of the section table with a new row.
    fn new_end(&self) -> usize {
        self.end + SECTION_LENGTH
    }

    pub(super) fn file_alignment(&self) -> u64 {
        self.file_alignment.into()
    }

    /// Adds a section to the headers in `image`, after all others in memory.
    pub(super) fn add(&self, section: &NewSection, image: &mut [u8]) {
        // The maximum length of an executable is checked before.
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let memory_end =
            (self.memory_end + section.length).next_multiple_of(u64::from(self.alignment));
        let data = u32_at(image, self.optional + 8).unwrap_or(0);
        put(image, self.optional - 18, &(self.section_count + 1).to_le_bytes());
        put(image, self.optional + 8, &number(u64::from(data) + section.length));
        put(image, self.optional + 56, &number(memory_end));
        // The checksum, which is verified only for drivers and system libraries.
        put(image, self.optional + 64, &[0; 4]);
        if let Some(at) = self.signatures {
            // A signature is for the unchanged file.
            put(image, at, &[0; 8]);
        }
        let mut row = [0; SECTION_LENGTH];
        row[..8].copy_from_slice(&section.name);
        let fields = [section.length, self.memory_end, section.length, section.at];
        for (at, field) in (8..).step_by(4).zip(fields) {
            put(&mut row, at, &number(field));
        }
        put(&mut row, 36, &READ_ONLY_DATA.to_le_bytes());
        put(image, self.end, &row);
    }
}

/// Checks the headers and the position of the stamp. Returns the maximum length of a payload in
/// bytes; the error is a reason.
pub(super) fn check(image: &[u8], stamp_at: usize) -> Result<u64, &'static str> {
    let headers = Headers::read(image)?;
    if stamp_at < headers.new_end() {
        return Err(STAMP_IN_HEADERS);
    }
    let used = headers.memory_end.max(image.len() as u64).saturating_add(RESERVE);
    IMAGE_MAX.checked_sub(used).ok_or(TOO_LONG)
}
