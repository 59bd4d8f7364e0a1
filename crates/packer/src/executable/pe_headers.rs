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

const NO_RESOURCES: &str = "its PE headers refer to no valid resources";

/// The number of sections that packing adds: the resources and the site.
const ADDED_MAX: usize = 2;
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
/// The same for resources.
const RESOURCES_AT: usize = 2 * 8;
const SUBSYSTEM_AT: usize = 68;
/// Programs with a console of their own, and those without.
const CONSOLE: u16 = 3;
const WINDOWS: u16 = 2;

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
    /// The position of the data directory for resources, if there is one.
    resources: Option<usize>,
    /// The end of the section table.
    end: usize,
    /// The number of rows that can be added to the section table, at most two.
    free_rows: usize,
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
        let directory = |at: usize| (directories * 8 > at).then_some(optional + fixed + at);
        let headers = Self {
            section_count,
            optional,
            signatures: directory(SIGNATURES_AT),
            resources: directory(RESOURCES_AT),
            end,
            free_rows: 0,
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
        let free_rows = headers.free_rows(image, data_at.min(u64::from(field(60)?)));
        if free_rows == 0 { Err(NO_SPACE) } else { Ok(Self { free_rows, memory_end, ..headers }) }
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

    /// The number of rows of zeros after the section table, at most two.
    fn free_rows(&self, image: &[u8], headers_end: u64) -> usize {
        let headers_end = usize::try_from(headers_end).unwrap_or(usize::MAX).min(HEAD_LENGTH);
        let headers = image.get(self.end..headers_end.min(image.len())).unwrap_or_default();
        let rows = headers.chunks_exact(SECTION_LENGTH).take(ADDED_MAX);
        let free = rows.take_while(|row| row.iter().all(|byte| *byte == 0)).count();
        free.min(usize::from(SECTIONS_MAX - self.section_count))
    }

    /// The end of the section table with more rows.
    fn new_end(&self, rows: usize) -> usize {
        self.end + rows * SECTION_LENGTH
    }

    /// Where the section that is added first is in memory.
    pub(super) fn next_address(&self) -> u64 {
        self.memory_end
    }

    /// The resources that the headers refer to, with all that follows in their section; empty if
    /// there are none. The error is a reason for which none can be added.
    pub(super) fn resources<'a>(
        &self,
        image: &'a [u8],
        stamp_at: usize,
    ) -> Result<&'a [u8], &'static str> {
        if self.free_rows < ADDED_MAX || stamp_at < self.new_end(ADDED_MAX) {
            return Err(NO_SPACE);
        }
        let directory = self.resources.ok_or(NO_RESOURCES)?;
        let address = u32_at(image, directory).unwrap_or(0);
        if address == 0 {
            return Ok(&[]);
        }
        let table =
            image.get(self.end - usize::from(self.section_count) * SECTION_LENGTH..self.end);
        let found = table.unwrap_or_default().chunks_exact(SECTION_LENGTH).find_map(|row| {
            let (start, length) = (u32_at(row, 12)?, u32_at(row, 16)?);
            let offset = address.checked_sub(start).filter(|offset| *offset < length)?;
            let at = position_at(row, 20)?.checked_add(usize::try_from(offset).ok()?)?;
            image.get(at..at.checked_add(usize::try_from(length - offset).ok()?)?)
        });
        found.ok_or(NO_RESOURCES)
    }

    pub(super) fn file_alignment(&self) -> u64 {
        self.file_alignment.into()
    }

    /// Adds sections to the headers in `image`, after all others in memory.
    pub(super) fn add(&self, sections: &[NewSection], image: &mut [u8]) {
        // The maximum length of an executable is checked before.
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let count = self.section_count + u16::try_from(sections.len()).unwrap_or(0);
        let length: u64 = sections.iter().map(|section| section.length).sum();
        let data = u32_at(image, self.optional + 8).unwrap_or(0);
        let mut memory_end = self.memory_end;
        for (index, section) in sections.iter().enumerate() {
            let mut row = [0; SECTION_LENGTH];
            row[..8].copy_from_slice(&section.name);
            let fields = [section.length, memory_end, section.length, section.at];
            for (at, field) in (8..).step_by(4).zip(fields) {
                put(&mut row, at, &number(field));
            }
            put(&mut row, 36, &READ_ONLY_DATA.to_le_bytes());
            put(image, self.new_end(index), &row);
            memory_end = (memory_end + section.length).next_multiple_of(self.alignment.into());
        }
        put(image, self.optional - 18, &count.to_le_bytes());
        put(image, self.optional + 8, &number(u64::from(data) + length));
        put(image, self.optional + 56, &number(memory_end));
        // The checksum, which is verified only for drivers and system libraries.
        put(image, self.optional + 64, &[0; 4]);
        if let Some(at) = self.signatures {
            // A signature is for the unchanged file.
            put(image, at, &[0; 8]);
        }
    }

    /// Makes the section that is added first the one with the resources, which have this length.
    pub(super) fn set_resources(&self, length: usize, image: &mut [u8]) {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(at) = self.resources {
            put(image, at, &number(self.memory_end));
            put(image, at + 4, &number(length as u64));
        }
    }

    /// Makes a program with a console of its own one without.
    pub(super) fn remove_console(&self, image: &mut [u8]) {
        let at = self.optional + SUBSYSTEM_AT;
        if u16_at(image, at) == Some(CONSOLE) {
            put(image, at, &WINDOWS.to_le_bytes());
        }
    }
}

/// Checks the headers and the position of the stamp. Returns the maximum length of a payload in
/// bytes; the error is a reason.
pub(super) fn check(image: &[u8], stamp_at: usize) -> Result<u64, &'static str> {
    let headers = Headers::read(image)?;
    if stamp_at < headers.new_end(1) {
        return Err(STAMP_IN_HEADERS);
    }
    let used = headers.memory_end.max(image.len() as u64).saturating_add(RESERVE);
    IMAGE_MAX.checked_sub(used).ok_or(TOO_LONG)
}
