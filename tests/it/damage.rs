//! Damaged packed executables: one line on stderr or a 500 response, and never the site that the
//! executable was built with in place of the packed one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_format::{
    payload::{CONTENT_BLOCK, TRAILER},
    stamp::Stamp,
};

use crate::harness::{
    NonblockingClient, Outcome, Program, chapbook, page, random_bytes, site_folder, write,
};

/// Text of the page.
const TEXT: &str = "intact";
/// Too short to compress, and unique in the executable.
const DATA: &[u8] = b"\x89data that is in the packed executable once\x00\x01\x02";

/// Serves on an address that no machine has, so that a server that starts by mistake exits.
const SERVE: [&str; 2] = ["--host", "203.0.113.1"];

const CANNOT_BE_USED: &str = "chapbook: cannot use the site in this executable: ";
const STAMP_DAMAGED: &str = "its stamp is damaged; copy the file again";
const SECTION_HEADER_DAMAGED: &str = "its section header is damaged; copy the file again";
const NO_SITE: &str = "it does not start with the magic bytes of a site";
const INDEX_DAMAGED: &str = "its index is damaged; copy the file again";
const NEWER_FORMAT: &str = "it has format 9, and this version reads format 2";
const CUT_SHORT: &str = "the end is missing; copy the file again";
const NOT_FOUND: &str = "its section is missing; copy the file again";

/// A packed executable and the offsets of its parts.
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
        chapbook().args(["pack", "site", "-o", "packed"]).cwd(folder.path()).run().succeeded();
        let bytes = fs::read(folder.path().join("packed")).expect("the output exists");
        let find = |bytes_of: &[u8]| memchr::memmem::rfind(&bytes, bytes_of).expect("a part");
        let stamp = find(&Stamp::Blank.bytes()[..24]);
        let stamped = bytes[stamp..stamp + 64].try_into().expect("a stamp has 64 bytes");
        let Some(Stamp::Packed(section)) = Stamp::read(stamped) else { panic!("no packed stamp") };
        let section = usize::try_from(section.at).expect("the section is in the file");
        let payload = find(b"chapbook\x02\0\0\0");
        Self { folder, bytes, stamp, section, payload }
    }

    /// Writes a changed copy, and returns its path.
    fn changed(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        let path = self.folder.path().join(name);
        // A copy keeps the mode of an executable.
        fs::copy(self.folder.path().join("packed"), &path).expect("files can be copied");
        fs::write(&path, bytes).expect("files can be written");
        path
    }

    fn flipped(&self, at: usize) -> PathBuf {
        self.changed(&format!("flipped-{at}"), |bytes| bytes[at] ^= 0x10)
    }

    fn content(&self) -> usize {
        memchr::memmem::find(&self.bytes, DATA).expect("the content is in the executable")
    }
}

/// Runs a damaged executable in its folder.
fn run(executable: &Path, arguments: &[&str]) -> Outcome {
    let folder = executable.parent().expect("it is in a folder");
    Program::new(executable).args(arguments).cwd(folder).run()
}

#[test]
fn a_damaged_or_incomplete_site_is_one_line_and_never_another_site() {
    let packed = Packed::new();
    let Packed { stamp, section, payload, .. } = packed;
    let end = memchr::memmem::rfind(&packed.bytes, &TRAILER).expect("a trailer") + TRAILER.len();
    let flip = |at: usize| packed.flipped(at);
    let cut = |to: usize| packed.changed(&format!("cut-{to}"), |bytes| bytes.truncate(to));
    let newer = packed.changed("newer", |bytes| bytes[payload + 8] = 9);
    let rows: &[(PathBuf, &str)] = &[
        (flip(stamp), STAMP_DAMAGED),
        (flip(stamp + 24), STAMP_DAMAGED),
        (flip(stamp + 40), STAMP_DAMAGED),
        (flip(section + 4), SECTION_HEADER_DAMAGED),
        (flip(payload), NO_SITE),
        (flip(payload + 33), INDEX_DAMAGED),
        (flip(payload + 104), INDEX_DAMAGED),
        (newer, NEWER_FORMAT),
        (flip(end - 1), CUT_SHORT),
        (cut(end - 1), CUT_SHORT),
        (cut(end - 200), CUT_SHORT),
        (cut(payload + 50), CUT_SHORT),
    ];
    for (executable, expected) in rows {
        for arguments in [&SERVE[..], &["verify"], &["routes"], &["extract", "out"]] {
            let stderr = run(executable, arguments).failed(1);
            let is_expected = stderr.starts_with(CANNOT_BE_USED) && stderr.contains(expected);
            assert!(is_expected, "{expected}: {arguments:?}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{expected}: {arguments:?}: {stderr}");
        }
    }
    assert!(!packed.folder.path().join("out").exists());
}

/// No checksum is verified before the system maps what the program headers say.
#[cfg(target_os = "linux")]
#[test]
fn a_site_of_which_the_system_maps_a_part_is_reported_as_missing() {
    const NOTE_HEADER: usize = 24;
    let packed = Packed::new();
    let headers = &packed.bytes[packed.section..packed.payload];
    let offset = ((packed.section - NOTE_HEADER) as u64).to_le_bytes();
    let offset_at = memchr::memmem::find(headers, &offset).expect("a segment loads the note");
    // Its length in the file follows the offset and two addresses.
    let length_at = packed.section + offset_at + 24;
    let short = packed.changed("short-segment", |bytes| {
        let field = &mut bytes[length_at..length_at + 8];
        let length = u64::from_le_bytes(field.try_into().expect("a length has 8 bytes"));
        field.copy_from_slice(&(length - 100).to_le_bytes());
    });
    let stderr = run(&short, &SERVE).failed(1);
    assert!(stderr.contains(NOT_FOUND), "{stderr}");
}

#[test]
fn verify_and_extract_name_the_damaged_part() {
    let packed = Packed::new();
    let content = packed.flipped(packed.content() + 3);
    let path = memchr::memmem::find(&packed.bytes[packed.payload..], b"data.bin");
    let records = packed.flipped(packed.payload + path.expect("the index has the path"));
    let rows = [
        (&content, "verify", "chapbook: `data.bin` (identity) is damaged\n"),
        (&records, "verify", "chapbook: block 0 of the records is damaged\n"),
        (
            &content,
            "extract",
            "chapbook: cannot extract the site: `data.bin` (identity) is damaged; nothing was \
             written; copy the packed site again\n",
        ),
        (
            &records,
            "extract",
            "chapbook: cannot extract the site: block 0 of the records is damaged; nothing was \
             written; copy the packed site again\n",
        ),
    ];
    for (executable, command, expected) in rows {
        let arguments = if command == "extract" { &[command, "out"][..] } else { &[command] };
        let ran = run(executable, arguments);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), expected));
    }
    assert!(!packed.folder.path().join("out").exists());
}

#[test]
fn damaged_content_is_a_500_and_a_message_while_the_rest_is_served() {
    const NOT_SERVED: &str = "chapbook: cannot serve `data.bin` (identity): it is damaged; copy \
                              the packed site again\n";
    let packed = Packed::new();
    let executable = packed.flipped(packed.content() + 3);
    let mut server = Program::new(executable).args(["--port", "0", "--workers", "1"]).serve();
    let mut client = server.connect();
    for (path, expected) in [("/data.bin", 500), ("/", 200), ("/data.bin", 500), ("/no", 404)] {
        let response = client.get(path);
        assert_eq!(response.status, expected, "{path}");
        assert!(memchr::memmem::find(&response.content, b"\x89data").is_none(), "{path}");
    }
    assert_eq!(server.process.stderr_line(), NOT_SERVED);
}

#[test]
fn a_damaged_block_ends_the_connection_before_it_and_the_rest_is_served() {
    const NOT_SERVED: &str = "chapbook: cannot serve `long.mp4` (identity): it is damaged; copy \
                              the packed site again\n";
    let long = random_bytes(3_000_000);
    let folder = site_folder(&[("index.html", &page(TEXT))]);
    write(folder.path(), "site/long.mp4", &long);
    chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    let demo = folder.path().join("demo");
    let mut bytes = fs::read(&demo).expect("the output exists");
    let content = memchr::memmem::find(&bytes, &long[..100]).expect("the content is in it");
    let damaged = 20 * CONTENT_BLOCK;
    bytes[content + damaged + 5] ^= 1;
    fs::write(&demo, bytes).expect("files can be written");
    let verified = Program::new(&demo).arg("verify").run().failed(1);
    assert_eq!(verified, "chapbook: `long.mp4` (identity) is damaged\n");

    let mut server = Program::new(demo).args(["--port", "0", "--workers", "1"]).serve();
    let get = |fields: &str| format!("GET /long.mp4 HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    for _ in 0..2 {
        let received = server.connect().send(get("")).receive_rest();
        let head = memchr::memmem::find(&received, b"\r\n\r\n").expect("a complete head") + 4;
        assert!(received.starts_with(b"HTTP/1.1 200 OK\r\n"));
        let length = b"\r\nContent-Length: 3000000\r\n";
        assert!(memchr::memmem::find(&received[..head], length).is_some());
        assert!(received[head..] == long[..damaged], "{} bytes", received.len() - head);
    }
    let mut client = server.connect();
    for (first, last) in [(0, damaged - 1), (damaged + CONTENT_BLOCK, long.len() - 1), (7, 9)] {
        let part = client.send(get(&format!("Range: bytes={first}-{last}\r\n"))).receive();
        assert_eq!(part.status, 206);
        assert!(part.content == long[first..=last], "{first}");
    }
    let in_the_block = client.send(get(&format!("Range: bytes={damaged}-\r\n"))).receive();
    assert_eq!((in_the_block.status, client.get("/").status), (500, 200));
    assert_eq!(server.process.stderr_line(), NOT_SERVED);
    assert_eq!(server.process.terminate().stderr, "", "the damage is reported once");
}

#[test]
fn verifying_a_long_content_does_not_delay_other_responses() {
    let folder = site_folder(&[("index.html", &page(TEXT))]);
    let long: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    write(folder.path(), "site/long.mp4", &long);
    chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    let demo = Program::new(folder.path().join("demo"));
    let server = demo.args(["--port", "0", "--workers", "1"]).serve();
    let mut all: Vec<NonblockingClient> =
        (0..3).map(|_| NonblockingClient::connect(server.address)).collect();
    for client in &mut all {
        client.send("GET /long.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    // Their buffers are full before a twentieth of the content is verified.
    let mut other = server.connect();
    for _ in 0..20 {
        assert_eq!(other.get("/").status, 200);
    }
    for client in &mut all {
        assert!(client.receive_rest().ends_with(&long), "the content differs");
    }
}
