//! Packing into any executable: it is rejected, or the result is intact and contains the base
//! unchanged.

use std::{
    fs::File,
    io::{self, Cursor, Take, Write},
    path::Path,
    sync::OnceLock,
};

use chapbook_compiler::{Compiled, Options, Payload, Sink, compile};
use chapbook_format::stamp::BLANK;
use chapbook_packer::{
    Base, BaseError, ExecutableFormat, Icon, PackOptions, SiteIcon, WindowsApp, verify,
};

use crate::windows_resources::resources;

/// Bytes that packing may write. A base may have a gap of zeros, whose length is limited, too, but
/// too large to be written in every run.
const OUTPUT_MAX: usize = 1 << 20;

/// An icon with one pixel, which takes no time to scale.
fn icon() -> &'static Icon {
    static ICON: OnceLock<SiteIcon> = OnceLock::new();
    const FILE: &[u8] = b"\0\0\x01\0\x01\0\x01\x01\0\0\x01\0\x20\0\x30\0\0\0\x16\0\0\0\
        \x28\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\x20\0";
    let icon = ICON.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("icon");
        let mut file = FILE.to_vec();
        file.resize(22 + 48, 0);
        std::fs::write(&path, file).expect("it can be written");
        SiteIcon::of_file(&path).expect("it is an icon")
    });
    &icon.icon
}

/// What a Windows executable gets besides the payload.
fn windows_app() -> WindowsApp<'static> {
    WindowsApp {
        name: "App",
        description: None,
        version: Some("1.2"),
        file_name: "app.exe",
        icon: Some(icon()),
        has_console: false,
    }
}

/// Output that fails when it is full.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Bounded {
    fn copy_file(&mut self, from: &mut Take<&File>) -> io::Result<u64> {
        io::copy(from, self)
    }
}

/// A payload to pack.
fn payload() -> &'static Payload {
    static PAYLOAD: OnceLock<Payload> = OnceLock::new();
    PAYLOAD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let page =
            "<!doctype html><html lang=en><meta charset=utf-8><title>Test</title><p>Hello</p>";
        std::fs::write(folder.path().join("index.html"), page).expect("it can be written");
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        let Compiled { site, report, .. } = compile(&options).expect("there is a folder");
        let site = site.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
        Payload::new(&site).expect("it is a small site")
    })
}

/// Packs into an executable, which gets a stamp at its end if it has none.
pub fn run(input: &[u8]) {
    let mut image = input.to_vec();
    if !input.windows(BLANK.len()).any(|it| it == BLANK) && input.len() >= BLANK.len() {
        let at = image.len() - BLANK.len();
        image[at..].copy_from_slice(&BLANK);
    }
    check(&image);
}

/// Packs into an executable. Returns the result, unless the executable is rejected.
pub fn check(image: &[u8]) -> Option<Vec<u8>> {
    let path = Path::new("base");
    let base = Base::of_image(image, path).ok()?;
    let mut output = Bounded(Vec::new());
    let options = PackOptions { windows: Some(windows_app()), seal: None };
    let packed = match base.pack(payload(), &options, &mut output) {
        Ok(packed) => packed,
        Err(BaseError::Unwritten(_) | BaseError::Unfit(..)) => return None,
        Err(error) => panic!("{error}"),
    };
    let Bounded(output) = output;
    let verified = verify(&mut Cursor::new(&output), packed, payload().root_hash());
    assert!(verified.is_ok(), "{verified:?}");
    let again = Base::of_image(&output, path);
    let again = again.unwrap_or_else(|error| panic!("packing again: {error}"));
    assert!(again.image() == base.image(), "the base is not restored");
    if base.format() == ExecutableFormat::Pe && base.resources_problem().is_none() {
        let resources = resources(&output);
        for kind in ["14", "16", "24"] {
            assert!(resources.iter().any(|it| it.path == [kind, "1", "0"]), "{kind} is missing");
        }
    }
    Some(output)
}

/// An offset, a number to write there in little-endian order, and its length in bytes.
type Field = (usize, u64, usize);

/// A file of this length with these fields, a stamp at its end and other bytes between.
fn file(length: usize, pieces: &[(usize, &[u8])], fields: &[Field]) -> Vec<u8> {
    let mut image: Vec<u8> = (0..=250).cycle().take(length).collect();
    image[..1024].fill(0);
    for (at, piece) in pieces {
        image[*at..at + piece.len()].copy_from_slice(piece);
    }
    for (at, number, width) in fields {
        image[*at..at + width].copy_from_slice(&number.to_le_bytes()[..*width]);
    }
    image
}

/// An ELF executable with a stamp in its second segment.
pub fn elf() -> Vec<u8> {
    let program_header = |at: usize, kind: u64, start: u64, length: u64| -> [Field; 7] {
        [
            (at, kind, 4),
            (at + 8, start, 8),
            (at + 16, start, 8),
            (at + 24, start, 8),
            (at + 32, length, 8),
            (at + 40, length, 8),
            (at + 48, 4096, 8),
        ]
    };
    let mut fields = vec![(0x20, 64, 8), (0x36, 56, 2), (0x38, 3, 2)];
    fields.extend(program_header(64, 6, 64, 3 * 56));
    fields.extend(program_header(120, 1, 0, 4096));
    fields.extend(program_header(176, 1, 4096, 1024));
    file(5120, &[(0, b"\x7FELF\x02\x01\x01"), (4500, &BLANK)], &fields)
}

/// A Windows executable, with or without resources.
pub fn pe(has_resources: bool) -> Vec<u8> {
    const SECTIONS: usize = 64 + 24 + 240;
    let section = |number: usize, address: u64, length: u64, at: u64| -> [Field; 5] {
        let row = SECTIONS + number * 40;
        [
            (row, 0x61 + number as u64, 8),
            (row + 8, length, 4),
            (row + 12, address, 4),
            (row + 16, length, 4),
            (row + 20, at, 4),
        ]
    };
    let mut fields = vec![
        (0x3C, 64, 4),
        (64 + 4, 0x8664, 2),
        (64 + 6, if has_resources { 4 } else { 2 }, 2),
        (64 + 20, 240, 2),
        (88, 0x20B, 2),
        (88 + 32, 4096, 4),
        (88 + 36, 512, 4),
        (88 + 60, 1024, 4),
        (88 + 108, 16, 4),
    ];
    fields.extend(section(0, 4096, 4096, 1024));
    fields.extend(section(1, 8192, 1024, 5120));
    if has_resources {
        fields.extend(section(2, 12288, 512, 6144));
        fields.extend(section(3, 16384, 512, 6656));
        fields.extend([(88 + 112 + 16, 12288, 4), (88 + 112 + 20, 100, 4)]);
    }
    let length = if has_resources { 7168 } else { 6144 };
    file(length, &[(0, b"MZ"), (64, b"PE\0\0"), (5500, &BLANK)], &fields)
}

/// A macOS executable for ARM64 or x86-64.
pub fn macho(is_arm: bool) -> Vec<u8> {
    const TEXT: usize = 32;
    const LINKEDIT: usize = TEXT + 152;
    const SYMBOLS: usize = LINKEDIT + 72;
    const SIGNATURE: usize = SYMBOLS + 24;
    let segment = |at: usize, length: u64, start: u64, end: u64| -> [Field; 6] {
        [
            (at, 0x19, 4),
            (at + 4, length, 4),
            (at + 24, 0x1_0000_0000 + start, 8),
            (at + 32, end - start, 8),
            (at + 40, start, 8),
            (at + 48, end - start, 8),
        ]
    };
    let mut fields = vec![
        (0, 0xFEED_FACF, 4),
        (4, if is_arm { 0x0100_000C } else { 0x0100_0007 }, 4),
        (12, 2, 4),
        (16, 4, 4),
        (20, (SIGNATURE + 16 - 32) as u64, 4),
    ];
    fields.extend(segment(TEXT, 152, 0, 8192));
    fields.extend([(TEXT + 64, 1, 4), (TEXT + 72 + 40, 1024, 8), (TEXT + 72 + 48, 2048, 4)]);
    fields.extend(segment(LINKEDIT, 72, 8192, 9216));
    fields.extend([(SYMBOLS, 2, 4), (SYMBOLS + 4, 24, 4)]);
    fields.extend([(SYMBOLS + 8, 8192, 4), (SYMBOLS + 16, 8300, 4), (SYMBOLS + 20, 100, 4)]);
    fields.extend([(SIGNATURE, 0x1D, 4), (SIGNATURE + 4, 16, 4)]);
    fields.extend([(SIGNATURE + 8, 8704, 4), (SIGNATURE + 12, 512, 4)]);
    let names: [(usize, &[u8]); 3] =
        [(TEXT + 8, b"__TEXT"), (LINKEDIT + 8, b"__LINKEDIT"), (7000, &BLANK)];
    file(9216, &names, &fields)
}
