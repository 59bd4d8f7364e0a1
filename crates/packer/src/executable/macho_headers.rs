//! The headers of a macOS executable: their check, and the changes that insert a segment before
//! `__LINKEDIT`, which is the last one. Names are those of `<mach-o/loader.h>`.

use chapbook_format::stamp;

use super::{
    fields::{position_at, put, u32_at, u64_at},
    packed::HEAD_LENGTH,
};

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
const BAD_STAMP: &str = "its stamp is in its headers or in __LINKEDIT";
const TOO_LONG: &str = "it is longer than a macOS executable can be";

const ARM_64: u32 = 0x0100_000C;
const X86_64: u32 = 0x0100_0007;
const HEADER_LENGTH: usize = 32;
const SEGMENT_LENGTH: usize = 72;
const SECTION_LENGTH: usize = 80;
/// The length of the command for a segment with one section.
const NEW_SEGMENT_LENGTH: usize = SEGMENT_LENGTH + SECTION_LENGTH;
const SEGMENT: u32 = 0x19;
const SYMBOL_TABLE: u32 = 0x2;
const CODE_SIGNATURE: u32 = 0x1D;
const VERSION_MIN_MACOSX: u32 = 0x24;
const BUILD_VERSION: u32 = 0x32;
const PLATFORM_MACOS: u32 = 1;
/// A page of Apple silicon, the largest one of macOS.
const PAGE: u64 = 16 << 10;
/// The highest address of a program in user space.
const ADDRESS_MAX: u64 = 1 << 47;

/// Load commands whose fields are offsets in the file, which change if they refer to `__LINKEDIT`:
/// the command, its minimum length, and the positions of these fields.
const OFFSETS: [(u32, usize, &[usize]); 15] = [
    (SYMBOL_TABLE, 24, &[8, 16]),
    // LC_DYSYMTAB
    (0xB, 80, &[32, 40, 48, 56, 64, 72]),
    // LC_DYLD_INFO, and what requires a dyld that knows it
    (0x22, 48, &[8, 16, 24, 32, 40]),
    (0x8000_0022, 48, &[8, 16, 24, 32, 40]),
    (CODE_SIGNATURE, 16, &[8]),
    // LC_SEGMENT_SPLIT_INFO, LC_FUNCTION_STARTS, LC_DATA_IN_CODE, LC_DYLIB_CODE_SIGN_DRS
    (0x1E, 16, &[8]),
    (0x26, 16, &[8]),
    (0x29, 16, &[8]),
    (0x2B, 16, &[8]),
    // LC_LINKER_OPTIMIZATION_HINT, LC_ATOM_INFO, LC_FUNCTION_VARIANTS
    (0x2E, 16, &[8]),
    (0x36, 16, &[8]),
    (0x37, 16, &[8]),
    // LC_FUNCTION_VARIANT_FIXUPS, LC_DYLD_EXPORTS_TRIE, LC_DYLD_CHAINED_FIXUPS
    (0x38, 16, &[8]),
    (0x8000_0033, 16, &[8]),
    (0x8000_0034, 16, &[8]),
];

/// Valid headers.
#[derive(Debug, Default)]
pub(super) struct Headers {
    is_arm: bool,
    /// The end of the load commands.
    end: usize,
    linkedit: Option<Range>,
    signature: Option<Range>,
    /// The position of the string table in the file.
    strings_at: Option<u64>,
    /// The lowest position of a section's data in the file.
    data_at: Option<u64>,
    /// The segment with the code.
    text: Range,
    /// The oldest version of macOS, in parts of 16, 8 and 8 bits.
    system_min: Option<u32>,
}

/// A range of the file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    pub(super) at: u64,
    pub(super) length: u64,
}

/// A segment to be inserted.
pub(super) struct NewSegment {
    /// The length of its section in bytes.
    pub(super) length: u64,
    /// The length of the new signature in bytes, if there is one.
    pub(super) signature_length: u64,
}

impl NewSegment {
    /// The length in the file and in memory.
    pub(super) fn padded(&self) -> u64 {
        self.length.next_multiple_of(PAGE)
    }
}

impl Headers {
    /// Reads and checks the headers of an executable. The error is a reason.
    pub(super) fn read(image: &[u8]) -> Result<Self, &'static str> {
        let cpu = u32_at(image, 4).ok_or(NO_HEADERS)?;
        if cpu != ARM_64 && cpu != X86_64 {
            return Err(UNSUPPORTED);
        }
        let length = position_at(image, 20).ok_or(NO_HEADERS)?;
        let end = HEADER_LENGTH.checked_add(length).filter(|end| *end <= image.len());
        let end = end.ok_or(NO_HEADERS)?;
        let mut headers = Self { is_arm: cpu == ARM_64, end, ..Self::default() };
        for command in headers.commands(image) {
            headers.read_command(command?, image.len() as u64)?;
        }
        headers.check(image.len() as u64)?;
        Ok(headers)
    }

    /// The load commands.
    fn commands<'a>(
        &self,
        image: &'a [u8],
    ) -> impl Iterator<Item = Result<&'a [u8], &'static str>> + use<'a> {
        let mut rest = image.get(HEADER_LENGTH..self.end).unwrap_or_default();
        let mut missing = u32_at(image, 16).unwrap_or(0);
        std::iter::from_fn(move || {
            if missing == 0 && rest.is_empty() {
                return None;
            }
            let command = position_at(rest, 4).filter(|_| missing > 0);
            let command = command.and_then(|length| rest.split_at_checked(length));
            let command = command.filter(|(it, _)| it.len() >= 8 && it.len().is_multiple_of(8));
            let Some((command, after)) = command else {
                (missing, rest) = (0, &[]);
                return Some(Err(BAD_COMMAND));
            };
            (missing, rest) = (missing - 1, after);
            Some(Ok(command))
        })
    }

    /// Reads a load command, and checks that what it refers to is within the file.
    fn read_command(&mut self, command: &[u8], file_length: u64) -> Result<(), &'static str> {
        let kind = u32_at(command, 0).ok_or(BAD_COMMAND)?;
        let length_min = OFFSETS.iter().find(|it| it.0 == kind).map_or(8, |it| it.1);
        if command.len() < length_min {
            return Err(BAD_COMMAND);
        }
        match kind {
            SEGMENT => self.read_segment(command, file_length).ok_or(BAD_SEGMENT)?,
            SYMBOL_TABLE => {
                self.strings_at = self.strings_at.max(u32_at(command, 16).map(u64::from));
            }
            VERSION_MIN_MACOSX => self.system_min = u32_at(command, 8),
            BUILD_VERSION if u32_at(command, 8) == Some(PLATFORM_MACOS) => {
                self.system_min = u32_at(command, 12);
            }
            CODE_SIGNATURE if self.signature.is_some() => return Err(BAD_COMMAND),
            CODE_SIGNATURE => {
                let field = |at| u32_at(command, at).map(u64::from).ok_or(BAD_COMMAND);
                self.signature = Some(Range { at: field(8)?, length: field(12)? });
            }
            _ => {}
        }
        Ok(())
    }

    /// `None` if the segment is invalid.
    fn read_segment(&mut self, command: &[u8], file_length: u64) -> Option<()> {
        let range = Range { at: u64_at(command, 40)?, length: u64_at(command, 48)? };
        let address = u64_at(command, 24)?;
        if range.at.checked_add(range.length)? > file_length || address > ADDRESS_MAX {
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
        if is_named(command, b"__TEXT") {
            self.text = range;
        } else if is_named(command, b"__LINKEDIT") && self.linkedit.replace(range).is_some() {
            return None;
        }
        Some(())
    }

    fn check(&self, length: u64) -> Result<(), &'static str> {
        let linkedit = self.linkedit.ok_or(BAD_LINKEDIT)?;
        if self.strings_at.is_some_and(|it| it > length) {
            return Err(BAD_LINKEDIT);
        }
        if linkedit.at < HEAD_LENGTH as u64 {
            return Err(BAD_LINKEDIT);
        }
        let data_at = linkedit.at.min(self.data_at.unwrap_or(linkedit.at));
        if self.new_end() > HEAD_LENGTH || data_at < self.new_end() as u64 {
            return Err(NO_SPACE);
        }
        let Some(signature) = self.signature else {
            // Apple silicon starts no program without a signature, at least an ad-hoc one.
            return if self.is_arm { Err(NO_SIGNATURE) } else { Ok(()) };
        };
        let is_inside = signature.at >= linkedit.at
            && signature.at + signature.length <= linkedit.at + linkedit.length;
        if is_inside { Ok(()) } else { Err(BAD_LINKEDIT) }
    }

    /// The end of the load commands with the new segment.
    fn new_end(&self) -> usize {
        self.end + NEW_SEGMENT_LENGTH
    }

    /// The position of `__LINKEDIT` in the file, where the new segment is inserted.
    pub(super) fn linkedit_at(&self) -> u64 {
        self.linkedit.unwrap_or_default().at
    }

    /// The position of the code signature, which is replaced with all that follows.
    pub(super) fn signature_at(&self) -> Option<u64> {
        self.signature.map(|it| it.at)
    }

    /// The segment with the code.
    pub(super) fn text(&self) -> Range {
        self.text
    }

    /// The oldest version of macOS that starts the executable.
    pub(super) fn system_min(&self) -> Option<String> {
        let version = self.system_min?;
        Some(format!("{}.{}.{}", version >> 16, version >> 8 & 255, version & 255))
    }

    /// Inserts a segment into the headers in `image`.
    pub(super) fn insert(&self, segment: &NewSegment, image: &mut [u8]) {
        let mut commands = Vec::with_capacity(self.new_end() - HEADER_LENGTH);
        for command in self.commands(image).flatten() {
            let mut command = command.to_vec();
            if is_named(&command, b"__LINKEDIT") {
                commands.extend(new_segment(&command, segment));
                self.move_linkedit(&mut command, segment);
            } else {
                self.move_offsets(&mut command, segment);
            }
            commands.extend(command);
        }
        let count = u32_at(image, 16).unwrap_or(0);
        put(image, 16, &(count + 1).to_le_bytes());
        put(image, 20, &number(commands.len() as u64));
        put(image, HEADER_LENGTH, &commands);
    }

    /// Moves the `__LINKEDIT` segment behind the new one.
    fn move_linkedit(&self, command: &mut [u8], segment: &NewSegment) {
        let linkedit = self.linkedit.unwrap_or_default();
        let length = self.signature.map_or(linkedit.length, |signature| {
            signature.at - linkedit.at + segment.signature_length
        });
        let address = u64_at(command, 24).unwrap_or(0) + segment.padded();
        let fields =
            [address, length.next_multiple_of(PAGE), linkedit.at + segment.padded(), length];
        for (at, field) in (24..).step_by(8).zip(fields) {
            put(command, at, &field.to_le_bytes());
        }
    }

    /// Changes the fields that refer to `__LINKEDIT`.
    fn move_offsets(&self, command: &mut [u8], segment: &NewSegment) {
        let kind = u32_at(command, 0).unwrap_or(0);
        let Some((_, _, offsets)) = OFFSETS.iter().find(|it| it.0 == kind) else { return };
        let linkedit = self.linkedit.unwrap_or_default();
        for field_at in *offsets {
            let offset = u32_at(command, *field_at).map_or(0, u64::from);
            if (linkedit.at..=linkedit.at + linkedit.length).contains(&offset) {
                put(command, *field_at, &number(offset + segment.padded()));
            }
        }
        if kind == CODE_SIGNATURE {
            put(command, 12, &number(segment.signature_length));
        }
    }
}

/// Whether a load command is a segment with this name.
fn is_named(command: &[u8], name: &[u8]) -> bool {
    let field = command.get(8..24).filter(|_| u32_at(command, 0) == Some(SEGMENT));
    let (start, rest) = field.and_then(|it| it.split_at_checked(name.len())).unwrap_or_default();
    start == name && rest.iter().all(|byte| *byte == 0)
}

/// The load command of the new segment, which has the place of `__LINKEDIT` in the file and in
/// memory.
fn new_segment(linkedit: &[u8], segment: &NewSegment) -> [u8; NEW_SEGMENT_LENGTH] {
    const NAME: &[u8] = b"__CHAPBOOK";
    const SECTION_NAME: &[u8] = b"__site";
    let (address, at) = (u64_at(linkedit, 24).unwrap_or(0), u64_at(linkedit, 40).unwrap_or(0));
    let mut command = [0; NEW_SEGMENT_LENGTH];
    put(&mut command, 0, &SEGMENT.to_le_bytes());
    put(&mut command, 4, &number(NEW_SEGMENT_LENGTH as u64));
    put(&mut command, 8, NAME);
    for (field_at, field) in
        [(24, address), (32, segment.padded()), (40, at), (48, segment.padded())]
    {
        put(&mut command, field_at, &field.to_le_bytes());
    }
    // The maximum and the initial protection: it can only be read. One section.
    for field_at in [56, 60, 64] {
        put(&mut command, field_at, &1_u32.to_le_bytes());
    }
    let section = &mut command[SEGMENT_LENGTH..];
    put(section, 0, SECTION_NAME);
    put(section, 16, NAME);
    put(section, 32, &address.to_le_bytes());
    put(section, 40, &segment.length.to_le_bytes());
    put(section, 48, &number(at));
    command
}

/// A field with 32 bits. The maximum length of an executable is checked before.
fn number(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Checks the headers and the position of the stamp. Returns the maximum length of a payload in
/// bytes; the error is a reason.
pub(super) fn check(image: &[u8], stamp_at: usize) -> Result<u64, &'static str> {
    let headers = Headers::read(image)?;
    if stamp_at < headers.new_end() || (stamp_at + stamp::LENGTH) as u64 > headers.linkedit_at() {
        return Err(BAD_STAMP);
    }
    let max = IMAGE_MAX.checked_sub(RESERVE + image.len() as u64).ok_or(TOO_LONG)?;
    // The signature has 32 bytes for each 4096.
    Ok(max - max / 128)
}
