//! Check of the headers of a Windows executable. `libsui`, which writes the resource, computes with
//! their numbers unchecked: an invalid one would be a panic or a broken executable.

use super::fields::{position_at, u16_at, u32_at};

/// Maximum length of an executable, in the file and in memory. Microsoft documents 2 GB, but the
/// loader refuses images of more than this, 1.86 GiB, with `STATUS_INVALID_IMAGE_FORMAT`. (Wine
/// starts images of up to 4 GiB, and takes what is beyond the first 2 GiB of a section for zeros.)
const IMAGE_MAX: u64 = 0x7700_0000;
/// Bytes for what is beside the payload: the section header, the tables of resources, alignment.
const RESERVE: u64 = 4 << 20;

const NO_HEADERS: &str = "its PE headers are missing or cut short";
const UNSUPPORTED: &str = "its PE headers are not supported";
const BAD_SECTION: &str = "a section in its PE headers overlaps another one or exceeds the file";
const BAD_RESOURCES: &str = "the resources in its PE headers are not a section";
const TOO_LONG: &str = "it is longer than a Windows executable can be";

/// Windows loads no more sections.
const SECTIONS_MAX: u16 = 96;
const SECTION_LENGTH: usize = 40;

/// The position of the first data directory in the optional header, by its magic number.
const PE32: (u16, usize) = (0x10B, 96);
const PE32_PLUS: (u16, usize) = (0x20B, 112);

/// Checks the headers. Returns the maximum length of a payload in bytes; the error is a reason.
pub(super) fn check(image: &[u8]) -> Result<u64, &'static str> {
    let headers = Headers::of(image).ok_or(NO_HEADERS)?;
    headers.check_fields()?;
    let end = check_sections(image, &headers)?;
    let used = end.max(image.len() as u64).saturating_add(RESERVE);
    IMAGE_MAX.checked_sub(used).ok_or(TOO_LONG)
}

/// The headers as far as they are used.
struct Headers {
    section_count: u16,
    optional_length: usize,
    /// The length of the optional header without its data directories.
    fixed_length: Option<usize>,
    directory_count: u32,
    alignment: u32,
    /// The address and the length of the resources.
    resources: Option<(u32, u32)>,
    sections_at: usize,
    /// The end of the section table.
    end: usize,
}

impl Headers {
    /// Reads the headers; `None` if they are not within the file.
    fn of(image: &[u8]) -> Option<Self> {
        let at = position_at(image, 0x3C)?;
        let signature_end = at.checked_add(4)?;
        if image.get(at..signature_end)? != b"PE\0\0" {
            return None;
        }
        let section_count = u16_at(image, signature_end + 2)?;
        let optional_length = usize::from(u16_at(image, signature_end + 16)?);
        let optional = signature_end + 20;
        let magic = u16_at(image, optional)?;
        let fixed = [PE32, PE32_PLUS].into_iter().find(|(number, _)| *number == magic);
        let fixed_length = fixed.map(|(_, length)| length);
        let directories = optional + fixed_length.unwrap_or(PE32.1);
        let resources = directories + 16;
        let sections_at = optional + optional_length;
        let end = sections_at + usize::from(section_count) * SECTION_LENGTH;
        image.get(..end.max(resources + 8))?;
        Some(Self {
            section_count,
            optional_length,
            fixed_length,
            directory_count: u32_at(image, directories - 4)?,
            alignment: u32_at(image, optional + 32)?,
            resources: Some((u32_at(image, resources)?, u32_at(image, resources + 4)?))
                .filter(|(_, length)| *length > 0),
            sections_at,
            end,
        })
    }

    fn check_fields(&self) -> Result<(), &'static str> {
        let fixed = self.fixed_length.ok_or(UNSUPPORTED)?;
        // `libsui` writes the section table right after the data directories that it knows.
        let directories = usize::try_from(self.directory_count).unwrap_or(usize::MAX);
        let is_dense = (3..=16).contains(&directories)
            && self.optional_length == fixed + directories * 8
            && (1..=SECTIONS_MAX).contains(&self.section_count);
        let is_aligned = self.alignment.is_power_of_two() && self.alignment <= 2 << 20;
        if is_dense && is_aligned { Ok(()) } else { Err(UNSUPPORTED) }
    }
}

/// A row of the section table.
struct Section {
    memory_length: u64,
    address: u64,
    file_length: u64,
    file_at: u64,
}

/// Checks that the sections are in order and within the file. Returns their end in memory.
fn check_sections(image: &[u8], headers: &Headers) -> Result<u64, &'static str> {
    let alignment = u64::from(headers.alignment);
    let table = image.get(headers.sections_at..headers.end).ok_or(NO_HEADERS)?;
    let (mut file_end, mut memory_end, mut has_data) = (headers.end as u64, 0, false);
    for row in table.chunks_exact(SECTION_LENGTH) {
        let field = |at| u32_at(row, at).map(u64::from).ok_or(NO_HEADERS);
        let section = Section {
            memory_length: field(8)?,
            address: field(12)?,
            file_length: field(16)?,
            file_at: field(20)?,
        };
        if section.address < memory_end {
            return Err(BAD_SECTION);
        }
        memory_end = (section.address + section.memory_length).next_multiple_of(alignment);
        if section.file_length > 0 {
            if section.file_at < file_end {
                return Err(BAD_SECTION);
            }
            file_end = section.file_at + section.file_length;
            has_data = true;
        }
        if let Some((address, length)) = headers.resources {
            check_resources(&section, address.into(), length.into())?;
        }
    }
    if !has_data || file_end > image.len() as u64 {
        return Err(BAD_SECTION);
    }
    Ok(memory_end)
}

/// Checks that resources within a section are at its start, where `libsui` writes the new ones.
fn check_resources(section: &Section, address: u64, length: u64) -> Result<(), &'static str> {
    let is_inside = (section.address..section.address + section.memory_length).contains(&address);
    let is_at_start = address == section.address
        && length <= section.memory_length
        && length <= section.file_length;
    if !is_inside || is_at_start { Ok(()) } else { Err(BAD_RESOURCES) }
}
