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

    /// Checks the headers of an executable. Returns the maximum length of a payload in bytes; the
    /// error is a reason.
    pub(super) fn check(self, image: &[u8]) -> Result<u64, &'static str> {
        match self {
            Self::Elf => elf::check(image),
            Self::Pe => pe_headers::check(image),
            Self::MachO => macho_headers::check(image),
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
