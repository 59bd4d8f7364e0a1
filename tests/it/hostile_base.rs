//! Executables to pack into that are cut short, overlap or claim huge sizes: each is one line and
//! exit status 1.

use std::fs;

use chapbook_format::stamp::BLANK;
use chapbook_oracle::base::{check, elf, macho, pe};

use crate::harness::{chapbook, page, site_folder};

/// An offset, a number and its width in bytes.
type Change = (usize, u64, usize);

const MAX_32: u64 = u32::MAX as u64;

#[test]
fn a_site_is_packed_into_each_format() {
    for image in [elf(), pe(true), pe(false), macho(true), macho(false)] {
        assert!(check(&image).is_some(), "{:?}", &image[..4]);
    }
}

/// An executable with its stamp at another position.
fn with_stamp_at(mut image: Vec<u8>, at: usize) -> Vec<u8> {
    let own = memchr::memmem::find(&image, &BLANK).expect("it has a stamp");
    image[own..own + BLANK.len()].fill(0);
    image[at..at + BLANK.len()].copy_from_slice(&BLANK);
    image
}

#[test]
fn an_invalid_number_in_the_headers_is_one_line() {
    let rows: &[(&[u8], &str, &[Change])] = &[
        (&elf(), "a segment that exceeds the file", &[(176 + 32, 1 << 40, 8)]),
        (&elf(), "a huge segment in memory", &[(176 + 40, 1 << 40, 8)]),
        (&elf(), "a huge alignment", &[(176 + 48, 1 << 40, 8)]),
        (&elf(), "an alignment that is not a power of two", &[(176 + 48, 4097, 8)]),
        (&elf(), "overlapping segments", &[(176 + 16, 100, 8)]),
        (&elf(), "program headers outside of the file", &[(0x20, 5000, 8)]),
        (&elf(), "many program headers", &[(0x38, 0xFFFF, 2)]),
        (&pe(true), "headers outside of the file", &[(0x3C, MAX_32, 4)]),
        (&pe(true), "many sections", &[(70, 0xFFFF, 2)]),
        (&pe(true), "no sections", &[(70, 0, 2)]),
        (&pe(true), "a section that exceeds the file", &[(328 + 16, MAX_32, 4)]),
        (&pe(true), "overlapping sections", &[(368 + 20, 1024, 4)]),
        (&pe(true), "a section over the headers", &[(328 + 20, 100, 4)]),
        (&pe(true), "a section that is huge in memory", &[(408 + 8, MAX_32, 4)]),
        (&pe(true), "an alignment of zero", &[(120, 0, 4)]),
        (&pe(true), "a huge alignment", &[(120, 1 << 31, 4)]),
        (&pe(true), "many data directories", &[(88 + 108, MAX_32, 4)]),
        (&pe(true), "an alignment in the file of zero", &[(124, 0, 4)]),
        (&pe(true), "headers that end before the section table", &[(148, 300, 4)]),
        (&pe(true), "data where a section is to be added", &[(328 + 4 * 40, 1, 4)]),
        (&macho(true), "many load commands", &[(16, MAX_32, 4)]),
        (&macho(true), "load commands that exceed the file", &[(20, MAX_32, 4)]),
        (&macho(true), "a load command without a length", &[(36, 0, 4)]),
        (&macho(true), "a huge load command", &[(36, MAX_32, 4)]),
        (&macho(true), "a huge __LINKEDIT", &[(184 + 48, u64::MAX, 8)]),
        (&macho(true), "__LINKEDIT within the headers", &[(184 + 40, 40, 8)]),
        (
            &macho(true),
            "two __LINKEDIT segments",
            &[(32 + 8, 0x4445_4B4E_494C_5F5F, 8), (32 + 16, 0x5449, 8)],
        ),
        (&macho(true), "many sections", &[(32 + 64, MAX_32, 4)]),
        (&macho(true), "no space for a segment", &[(32 + 72 + 48, 400, 4)]),
        (&macho(true), "a signature outside of the file", &[(280 + 8, MAX_32, 4)]),
        (&macho(false), "strings outside of the file", &[(256 + 16, MAX_32, 4)]),
        (&macho(true), "another processor", &[(4, 7, 4)]),
    ];
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    let fails = |image: &[u8], what: &str| {
        fs::write(folder.path().join("base"), image).expect("files can be written");
        let arguments = ["pack", "site", "-o", "out", "--base", "base"];
        let stderr = chapbook().args(arguments).cwd(folder.path()).run().failed(1);
        let is_one_line = stderr.lines().count() == 1;
        let is_expected = stderr.starts_with("chapbook: cannot pack into `base`: ") && is_one_line;
        assert!(is_expected, "{what}: {stderr}");
    };
    for (image, what, changes) in rows {
        let mut image = image.to_vec();
        for (at, number, width) in *changes {
            image[*at..at + width].copy_from_slice(&number.to_le_bytes()[..*width]);
        }
        fails(&image, what);
    }
    // Where the section table of a PE file grows, and in `__LINKEDIT` of a Mach-O file.
    for (image, at) in [(pe(false), 410), (macho(true), 0x2080), (macho(false), 0x2080)] {
        fails(&with_stamp_at(image, at), "a stamp that cannot be changed");
    }
    for image in [elf(), pe(true), macho(true)] {
        fails(&image[..image.len() - 300], "cut short");
    }
}
