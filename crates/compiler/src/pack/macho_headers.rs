//! Check of the headers of a macOS executable. `libsui`, which writes the section, computes with
//! their numbers unchecked: an invalid one would be a panic or a broken executable.

use super::fields::{position_at, u32_at, u64_at};

/// Maximum length of an executable in bytes: offsets in its headers and in its signature have 32
/// bits.
const IMAGE_MAX: u64 = u32::MAX as u64;
/// Bytes for what is beside the payload: the section header and alignment.
const RESERVE: u64 = 4 << 20;

const NO_HEADERS: &str = "its Mach-O headers are missing or cut short";
const UNSUPPORTED: &str = "it is not a Mach-O executable for x86-64 or ARM64";
const BAD_COMMAND: &str = "a load command in its Mach-O headers is invalid";
const BAD_SEGMENT: &str = "a segment in its Mach-O headers exceeds the file";
const BAD_LINKEDIT: &str = "its Mach-O headers have no valid __LINKEDIT segment";
const NO_SPACE: &str = "its Mach-O headers have no space for another segment";
const NO_SIGNATURE: &str = "it has no code signature to replace; sign it ad hoc first";
const TOO_LONG: &str = "it is longer than a macOS executable can be";

const ARM_64: u32 = 0x0100_000C;
const X86_64: u32 = 0x0100_0007;
const HEADER_LENGTH: usize = 32;
const SEGMENT_LENGTH: usize = 72;
const SECTION_LENGTH: usize = 80;
const SEGMENT: u32 = 0x19;
const SYMBOL_TABLE: u32 = 0x2;
const CODE_SIGNATURE: u32 = 0x1D;
/// The minimum length of each load command whose offsets change: symbol tables, dyld's tables, and
/// those that only refer to data in `__LINKEDIT`.
const LENGTHS_MIN: [(u32, usize); 14] = [
    (SEGMENT, SEGMENT_LENGTH),
    (SYMBOL_TABLE, 24),
    (0xB, 80),
    (0x22, 48),
    (0x8000_0022, 48),
    (CODE_SIGNATURE, 16),
    (0x26, 16),
    (0x29, 16),
    (0x2B, 16),
    (0x2D, 16),
    (0x36, 16),
    (0x37, 16),
    (0x38, 16),
    (0x8000_0033, 16),
];
/// The highest address of a program in user space.
const ADDRESS_MAX: u64 = 1 << 47;

/// What is found in the load commands.
#[derive(Debug, Default)]
struct Found {
    /// The range of `__LINKEDIT` in the file.
    linkedit: Option<(u64, u64)>,
    /// The range of the signature in the file.
    signature: Option<(u64, u64)>,
    /// The position of the string table in the file.
    strings_at: Option<u64>,
    /// The lowest position of a section's data in the file.
    data_at: Option<u64>,
}

/// Checks the headers. Returns the maximum length of a payload in bytes; the error is a reason.
pub(super) fn check(image: &[u8]) -> Result<u64, &'static str> {
    read(image)?;
    let max = IMAGE_MAX.checked_sub(RESERVE + image.len() as u64).ok_or(TOO_LONG)?;
    // The signature has 32 bytes for each 4096.
    Ok(max - max / 128)
}

/// The position of the code signature, which is replaced with all that follows; `None` if it is
/// kept.
pub(super) fn replaced_signature_at(image: &[u8]) -> Option<usize> {
    let (at, _) = read(image).ok()?.signature?;
    usize::try_from(at).ok().filter(|_| is_arm(image))
}

/// Whether it is an executable for Apple silicon, where macOS requires a signature, at least an
/// ad-hoc one.
pub(super) fn is_arm(image: &[u8]) -> bool {
    u32_at(image, 4) == Some(ARM_64)
}

fn read(image: &[u8]) -> Result<Found, &'static str> {
    let cpu = u32_at(image, 4).ok_or(NO_HEADERS)?;
    if cpu != ARM_64 && cpu != X86_64 {
        return Err(UNSUPPORTED);
    }
    let count = position_at(image, 16).ok_or(NO_HEADERS)?;
    let length = position_at(image, 20).ok_or(NO_HEADERS)?;
    let commands = image.get(HEADER_LENGTH..).and_then(|it| it.get(..length)).ok_or(NO_HEADERS)?;
    let mut found = Found::default();
    let mut rest = commands;
    for _ in 0..count {
        let size = position_at(rest, 4).ok_or(BAD_COMMAND)?;
        let (command, after) = rest.split_at_checked(size).ok_or(BAD_COMMAND)?;
        found.read(command, image.len() as u64)?;
        rest = after;
    }
    if !rest.is_empty() {
        return Err(BAD_COMMAND);
    }
    let headers_end = (HEADER_LENGTH + length) as u64;
    found.check(cpu == ARM_64, headers_end, image.len() as u64)?;
    Ok(found)
}

impl Found {
    /// Reads a load command, and checks that what it refers to is within the file.
    fn read(&mut self, command: &[u8], file_length: u64) -> Result<(), &'static str> {
        let kind = u32_at(command, 0).ok_or(BAD_COMMAND)?;
        let length_min = LENGTHS_MIN.iter().find(|(it, _)| *it == kind).map_or(8, |it| it.1);
        if command.len() < length_min || !command.len().is_multiple_of(8) {
            return Err(BAD_COMMAND);
        }
        match kind {
            SEGMENT => self.read_segment(command, file_length).ok_or(BAD_SEGMENT)?,
            SYMBOL_TABLE => {
                self.strings_at = self.strings_at.max(u32_at(command, 16).map(u64::from));
            }
            CODE_SIGNATURE if self.signature.is_some() => return Err(BAD_COMMAND),
            CODE_SIGNATURE => {
                let field = |at| u32_at(command, at).map(u64::from);
                self.signature = field(8).zip(field(12));
            }
            _ => {}
        }
        Ok(())
    }

    /// `None` if the segment is invalid.
    fn read_segment(&mut self, command: &[u8], file_length: u64) -> Option<()> {
        let (address, at, length) =
            (u64_at(command, 24)?, u64_at(command, 40)?, u64_at(command, 48)?);
        if at.checked_add(length)? > file_length || address > ADDRESS_MAX {
            return None;
        }
        let count = position_at(command, 64)?;
        let sections = command.get(SEGMENT_LENGTH..)?;
        if count.checked_mul(SECTION_LENGTH)? > sections.len() {
            return None;
        }
        for section in sections.chunks_exact(SECTION_LENGTH).take(count) {
            let (length, at) = (u64_at(section, 40)?, u64::from(u32_at(section, 48)?));
            // Sections of zeros have no data in the file.
            if at > 0 && length > 0 {
                self.data_at = Some(self.data_at.map_or(at, |lowest| lowest.min(at)));
            }
        }
        let name = command.get(8..24)?;
        if name.starts_with(b"__LINKEDIT") {
            // A second one, or a longer name, which only a part of `libsui` would take for it.
            if self.linkedit.is_some() || name.iter().any(|it| !b"__LINKEDIT\0".contains(it)) {
                return None;
            }
            self.linkedit = Some((at, length));
        }
        Some(())
    }

    fn check(&self, is_arm: bool, headers_end: u64, length: u64) -> Result<(), &'static str> {
        let (at, linkedit_length) = self.linkedit.ok_or(BAD_LINKEDIT)?;
        if self.strings_at.is_some_and(|it| it > length) {
            return Err(BAD_LINKEDIT);
        }
        if !is_arm {
            return Ok(());
        }
        let new_end = headers_end + (SEGMENT_LENGTH + SECTION_LENGTH) as u64;
        if at.min(self.data_at.unwrap_or(at)) < new_end {
            return Err(NO_SPACE);
        }
        let (signature_at, signature_length) = self.signature.ok_or(NO_SIGNATURE)?;
        let is_inside =
            signature_at >= at && signature_at + signature_length <= at + linkedit_length;
        if is_inside { Ok(()) } else { Err(BAD_LINKEDIT) }
    }
}
