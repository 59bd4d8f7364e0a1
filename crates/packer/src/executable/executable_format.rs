//! The formats of executables that a site can be packed into.

use super::{elf, macho_headers, pe_headers};

/// The format of an executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutableFormat {
    /// Linux.
    Elf,
    /// Windows.
    Pe,
    /// macOS.
    MachO,
}

impl ExecutableFormat {
    /// The format by the first bytes of the file.
    pub(super) fn of(image: &[u8]) -> Option<Self> {
        const MAGIC_BYTES: [(&[u8], ExecutableFormat); 3] = [
            (b"\x7FELF", ExecutableFormat::Elf),
            (b"MZ", ExecutableFormat::Pe),
            (b"\xCF\xFA\xED\xFE", ExecutableFormat::MachO),
        ];
        let found = MAGIC_BYTES.iter().find(|(magic, _)| image.starts_with(magic));
        found.map(|(_, format)| *format)
    }

    /// Checks the headers of an executable and the position of its stamp. Returns the maximum
    /// length of a payload in bytes; the error is a reason.
    pub(super) fn check(self, image: &[u8], stamp_at: usize) -> Result<u64, &'static str> {
        match self {
            Self::Elf => elf::check(image, stamp_at),
            Self::Pe => pe_headers::check(image, stamp_at),
            Self::MachO => macho_headers::check(image, stamp_at),
        }
    }

    /// The system of its executables.
    #[must_use]
    pub fn system(self) -> &'static str {
        match self {
            Self::Elf => "Linux",
            Self::Pe => "Windows",
            Self::MachO => "macOS",
        }
    }
}
