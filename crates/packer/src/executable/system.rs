//! The systems that run an executable, by its headers.

use std::fmt;

use memchr::memmem;

use super::{
    executable_format::ExecutableFormat,
    fields::{position_at, u16_at, u32_at, u64_at},
};

/// The libraries that an executable needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Libraries {
    /// Those that each installation of the system has.
    System,
    /// None, so that it runs on each distribution.
    None,
    /// glibc 2 from this minor version on.
    Glibc(u32),
    /// A C library that is not known here.
    Other,
}

/// A kind of system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct System {
    /// The format of its executables.
    pub format: ExecutableFormat,
    /// The name of the processor architecture; `None` if it is not known here.
    pub architecture: Option<&'static str>,
    /// The libraries that it needs.
    pub libraries: Libraries,
}

impl System {
    pub(super) fn of(image: &[u8], format: ExecutableFormat) -> Self {
        let architecture = match format {
            ExecutableFormat::Elf => u16_at(image, 18).map(u32::from),
            ExecutableFormat::Pe => {
                position_at(image, 0x3C).and_then(|at| u16_at(image, at + 4)).map(u32::from)
            }
            ExecutableFormat::MachO => u32_at(image, 4),
        };
        // The values of `e_machine`, `Machine` and `cputype`.
        let architecture = match architecture {
            Some(62 | 0x8664 | 0x0100_0007) => Some("x86-64"),
            Some(183 | 0xAA64 | 0x0100_000C) => Some("ARM64"),
            _ => None,
        };
        let libraries = match format {
            ExecutableFormat::Pe | ExecutableFormat::MachO => Libraries::System,
            ExecutableFormat::Elf if has_interpreter(image) => {
                newest_glibc(image).map_or(Libraries::Other, Libraries::Glibc)
            }
            ExecutableFormat::Elf => Libraries::None,
        };
        Self { format, architecture, libraries }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.system())?;
        if let Some(architecture) = self.architecture {
            write!(f, " ({architecture})")?;
        }
        match self.libraries {
            Libraries::System | Libraries::Other => Ok(()),
            Libraries::None => f.write_str(", any distribution"),
            Libraries::Glibc(minor) => write!(f, " with glibc 2.{minor} or newer"),
        }
    }
}

/// Whether an ELF executable needs a dynamic loader, and so the libraries of its system.
fn has_interpreter(image: &[u8]) -> bool {
    const INTERPRETER: u32 = 3;
    let table = u64_at(image, 0x20).and_then(|at| usize::try_from(at).ok());
    let Some((at, count)) = table.zip(u16_at(image, 0x38)) else { return false };
    let kinds =
        (0..usize::from(count)).map_while(|index| u32_at(image, at.checked_add(index * 56)?));
    kinds.into_iter().any(|kind| kind == INTERPRETER)
}

/// The highest version of glibc whose symbols an executable uses.
fn newest_glibc(image: &[u8]) -> Option<u32> {
    const PREFIX: &[u8] = b"GLIBC_2.";
    let minors = memmem::find_iter(image, PREFIX).filter_map(|at| {
        let digits = image[at + PREFIX.len()..].iter().take(3).take_while(|it| it.is_ascii_digit());
        digits.fold(None, |number, it| Some(number.unwrap_or(0) * 10 + u32::from(it - b'0')))
    });
    minors.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_in_the_headers() {
        let mut elf = vec![0; 0x40 + 56];
        elf[..4].copy_from_slice(b"\x7FELF");
        elf[18] = 62;
        (elf[0x20], elf[0x38], elf[0x40]) = (0x40, 1, 1);
        let mut dynamic = elf.clone();
        dynamic[0x40] = 3;
        dynamic.extend_from_slice(b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_2.\0");
        let mut pe = vec![0; 0x80];
        (pe[0x3C], pe[0x44], pe[0x45]) = (0x40, 0x64, 0xAA);
        let mut macho = vec![0; 8];
        macho[4..].copy_from_slice(&0x0100_000C_u32.to_le_bytes());
        let rows = [
            (elf.as_slice(), ExecutableFormat::Elf, "Linux (x86-64), any distribution"),
            (&dynamic, ExecutableFormat::Elf, "Linux (x86-64) with glibc 2.34 or newer"),
            (&pe, ExecutableFormat::Pe, "Windows (ARM64)"),
            (&macho, ExecutableFormat::MachO, "macOS (ARM64)"),
            (&[], ExecutableFormat::Elf, "Linux, any distribution"),
            (&elf[..0x41], ExecutableFormat::Elf, "Linux (x86-64), any distribution"),
        ];
        for (image, format, expected) in rows {
            assert_eq!(System::of(image, format).to_string(), expected);
        }
    }
}
