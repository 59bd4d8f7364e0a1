//! Packed executables that are not what they were: a clear line or a 500, and never the site that
//! the executable was built with instead of the one that was packed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use chapbook_format::{payload::TRAILER, section_header::SECTION, stamp::Stamp};

use crate::harness::{Client, Server, chapbook, page, site_folder, write};

/// What the files say that are looked for in the packed one; it is not worth coding.
const TEXT: &str = "whole";
const DATA: &[u8] = b"\x89data that is in the packed executable once\x00\x01\x02";

/// Serves, but on an address that no machine has: even a server that starts by mistake ends.
const SERVE: [&str; 2] = ["--host", "203.0.113.1"];

/// A packed executable, and where its parts are.
struct Packed {
    folder: tempfile::TempDir,
    bytes: Vec<u8>,
    stamp: usize,
    section: usize,
    payload: usize,
}

impl Packed {
    fn new() -> Self {
        let folder = site_folder(&[("index.html", &page(TEXT))]);
        write(folder.path(), "site/data.bin", DATA);
        let mut pack = chapbook();
        pack.args(["pack", "site", "-o", "whole"]).current_dir(folder.path());
        assert!(pack.output().expect("it starts").status.success());
        let bytes = fs::read(folder.path().join("whole")).expect("it was written");
        let find = |what: &[u8]| memchr::memmem::rfind(&bytes, what).expect("it is there");
        let stamp = find(&Stamp::Blank.bytes()[..24]);
        let stamped = bytes[stamp..stamp + 64].try_into().expect("it is as long");
        let Some(Stamp::Packed(section)) = Stamp::read(stamped) else { panic!("it is packed") };
        let section = usize::try_from(section.at).expect("it is in the file");
        let payload = find(b"chapbook\x01\0\0\0");
        Self { folder, bytes, stamp, section, payload }
    }

    /// Writes a changed copy, and gives its place.
    fn changed(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        let place = self.folder.path().join(name);
        // A copy has the mode of an executable.
        fs::copy(self.folder.path().join("whole"), &place).expect("it can be copied");
        fs::write(&place, bytes).expect("it can be written");
        place
    }

    fn flipped(&self, at: usize) -> PathBuf {
        self.changed(&format!("flipped-{at}"), |bytes| bytes[at] ^= 0x10)
    }

    fn content(&self) -> usize {
        memchr::memmem::find(&self.bytes, DATA).expect("it is there")
    }
}

/// Exit code and stderr of a command that ends by itself.
fn outcome(place: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let folder = place.parent().expect("it is in a folder");
    let output = Command::new(place).args(arguments).current_dir(folder).output();
    let output = output.expect("it starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_site_that_is_not_there_whole_is_one_line_and_never_another_site() {
    let packed = Packed::new();
    let Packed { stamp, section, payload, .. } = packed;
    let end = memchr::memmem::rfind(&packed.bytes, &TRAILER).expect("it ends") + TRAILER.len();
    let flip = |at: usize| packed.flipped(at);
    let cut = |to: usize| packed.changed(&format!("cut-{to}"), |bytes| bytes.truncate(to));
    let newer = packed.changed("newer", |bytes| bytes[payload + 8] = 9);
    let rows: &[(PathBuf, &str)] = &[
        (flip(stamp), "the stamp that tells of it is damaged"),
        (flip(stamp + 24), "the stamp that tells of it is damaged"),
        (flip(stamp + 40), "the stamp that tells of it is damaged"),
        (flip(section + 4), "its beginning is damaged"),
        (flip(payload), "it does not begin as a site does"),
        (flip(payload + 33), "its index is damaged"),
        (flip(payload + 104), "its index is damaged"),
        (newer, "it has format 9, and this version reads format 1"),
        (flip(end - 1), "its end is missing; was the copy interrupted?"),
        (cut(end - 1), "its end is missing; was the copy interrupted?"),
        (cut(end - 200), "its end is missing; was the copy interrupted?"),
        (cut(payload + 50), "its end is missing; was the copy interrupted?"),
    ];
    for (place, expected) in rows {
        for arguments in [&SERVE[..], &["verify"], &["routes"], &["extract", "out"]] {
            let (code, said) = outcome(place, arguments);
            let line = "chapbook: the site in this executable cannot be used: ";
            let is_expected = said.starts_with(line) && said.contains(expected);
            assert!(is_expected && said.lines().count() == 1, "{expected}: {arguments:?}: {said}");
            assert_eq!(code, Some(1), "{expected}: {arguments:?}");
        }
    }
    assert!(!packed.folder.path().join("out").exists());
}

/// The name of the note stands right before the section, and nothing of it is checked by itself.
#[cfg(target_os = "linux")]
#[test]
fn a_site_whose_note_has_another_name_is_missed() {
    let packed = Packed::new();
    let name = packed.section - SECTION.len();
    assert_eq!(&packed.bytes[name..packed.section], SECTION.as_bytes());
    let (code, said) = outcome(&packed.flipped(name), &SERVE);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it is not where it was packed"), "{said}");
}

#[test]
fn verify_and_extract_name_what_is_damaged() {
    let packed = Packed::new();
    let content = packed.flipped(packed.content() + 3);
    let path = memchr::memmem::find(&packed.bytes[packed.payload..], b"data.bin");
    let records = packed.flipped(packed.payload + path.expect("it is named"));
    let rows = [
        (&content, "verify", "chapbook: `data.bin` (identity) is damaged\n"),
        (&records, "verify", "chapbook: block 0 of the heads is damaged\n"),
        (&content, "extract", "chapbook: `data.bin` (identity) is damaged; nothing was written\n"),
        (&records, "extract", "chapbook: block 0 of the heads is damaged; nothing was written\n"),
    ];
    for (place, command, expected) in rows {
        let arguments = if command == "extract" { &[command, "out"][..] } else { &[command] };
        assert_eq!(outcome(place, arguments), (Some(1), expected.to_owned()));
    }
    assert!(!packed.folder.path().join("out").exists());
}

#[test]
fn damaged_content_is_a_500_and_is_named_while_the_rest_is_served() {
    let packed = Packed::new();
    let place = packed.flipped(packed.content() + 3);
    let mut command = Command::new(place);
    command.args(["--port", "0", "--workers", "1"]);
    let mut server = Server::spawn(command);
    let mut client = server.connect();
    for (path, expected) in [("/data.bin", 500), ("/", 200), ("/data.bin", 500), ("/no", 404)] {
        let answer = client.get(path);
        assert_eq!(answer.status, expected, "{path}");
        assert!(memchr::memmem::find(&answer.content, b"\x89data").is_none(), "{path}");
    }
    assert_eq!(server.problem(), "chapbook: `data.bin` (identity) is damaged and is not served");
}

#[test]
fn nobody_waits_while_a_long_content_is_looked_at() {
    let folder = site_folder(&[("index.html", &page(TEXT))]);
    // Long enough that a look takes many times what a small answer takes.
    let long: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    write(folder.path(), "site/long.mp4", &long);
    let mut pack = chapbook();
    pack.args(["pack", "site", "-o", "demo"]).current_dir(folder.path());
    assert!(pack.output().expect("it starts").status.success());
    let mut command = Command::new(folder.path().join("demo"));
    command.args(["--port", "0", "--workers", "1"]);
    let server = Server::spawn(command);
    // Whoever comes while it is looked at waits for the same look.
    let mut waiting: Vec<Client> = (0..3).map(|_| server.connect()).collect();
    for client in &mut waiting {
        client.send("GET /long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    let mut other = server.connect();
    for _ in 0..20 {
        assert_eq!(other.get("/").status, 200);
    }
    assert!(waiting.iter().all(Client::has_heard_nothing), "the look took no time");
    for client in &mut waiting {
        assert!(client.receive().content == long);
    }
}
