//! `pack --beside`: an unchanged base and a book beside it that it serves, never another site.

use std::{fs, path::Path};

use crate::harness::{Outcome, Program, chapbook, executable, page, site_folder, write};

const CANNOT_BE_USED: &str = "chapbook: cannot use the site in `";
/// Serves on an address that no machine has, so that a server that starts by mistake exits.
const SERVE: [&str; 2] = ["--host", "203.0.113.1"];
const COMMANDS: [&[&str]; 4] = [&SERVE, &["verify"], &["routes"], &["extract", "out"]];

fn pack(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().args(["pack", "site", "--beside"]).args(arguments).cwd(folder).run()
}

fn run(folder: &Path, name: &str, arguments: &[&str]) -> Outcome {
    Program::new(folder.join(name)).args(arguments).cwd(folder).run()
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).expect("the file exists")
}

/// A folder with a site, in which one file is long enough to be sent from the file.
fn folder() -> tempfile::TempDir {
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    write(folder.path(), "site/long.mp4", long());
    folder
}

fn long() -> Vec<u8> {
    (0..50_000_u32).flat_map(|number| number.wrapping_mul(number).to_le_bytes()).collect()
}

#[test]
fn the_executable_is_the_base_and_serves_the_book() {
    let folder = folder();
    let folder = folder.path();
    let packed = pack(folder, &["-o", "demo", "--verbose"]).succeeded();
    let hash = packed.lines().find(|line| line.starts_with("root hash")).expect("it is shown");
    assert!(read(folder, "demo") == fs::read(executable()).expect("it can be read"));
    let server = Program::new(folder.join("demo")).args(["--port", "0"]).serve();
    let response = server.connect().get("/long.mp4");
    assert_eq!(response.status, 200);
    assert!(response.content == long());
    assert!(run(folder, "demo", &["verify"]).succeeded().ends_with(&format!("{hash}\n")));
    assert!(run(folder, "demo", &["routes"]).succeeded().contains("/long.mp4"));
    run(folder, "demo", &["extract", "out"]).succeeded();
    assert!(read(folder, "out/long.mp4") == long());
}

#[test]
fn the_executable_packs_again_and_a_packed_base_is_restored() {
    let folder = folder();
    let folder = folder.path();
    pack(folder, &["-o", "demo"]).succeeded();
    run(folder, "demo", &["pack", "site", "-o", "packed"]).succeeded();
    run(folder, "packed", &["pack", "site", "-o", "again.exe", "--beside"]).succeeded();
    assert!(read(folder, "again.exe") == read(folder, "demo"));
    assert!(read(folder, "again.book") == read(folder, "demo.book"));
    // The site in the executable is served, not a book of an earlier executable.
    fs::write(folder.join("packed.book"), "no book").expect("the folder is writable");
    run(folder, "packed", &["verify"]).succeeded();
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_serves_the_book_of_the_executable_it_leads_to() {
    let folder = folder();
    let folder = folder.path();
    pack(folder, &["-o", "demo"]).succeeded();
    fs::create_dir(folder.join("bin")).expect("the folder is writable");
    std::os::unix::fs::symlink("../demo", folder.join("bin/site")).expect("it is writable");
    run(folder, "bin/site", &["verify"]).succeeded();
}

#[test]
fn a_missing_or_damaged_book_is_one_line_and_never_another_site() {
    let folder = folder();
    let folder = folder.path();
    pack(folder, &["-o", "demo"]).succeeded();
    let book = read(folder, "demo.book");
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = book.clone();
        change(&mut bytes);
        Some(bytes)
    };
    let length = book.len();
    let rows: [(&str, Option<Vec<u8>>); 9] = [
        ("there is no file", None),
        ("the end is missing", changed(&|it| it.truncate(length - 1))),
        ("the end is missing", changed(&|it| it.truncate(length / 2))),
        ("the end is missing", changed(&|it| it.truncate(50))),
        ("the end is missing", changed(&|it| it.push(0))),
        ("magic bytes", changed(&|it| it.clear())),
        ("magic bytes", changed(&|it| it[0] ^= 1)),
        ("it has format 99", changed(&|it| it[8] = 99)),
        ("its index is damaged", changed(&|it| it[110] ^= 1)),
    ];
    for (expected, bytes) in rows {
        match bytes {
            Some(bytes) => fs::write(folder.join("demo.book"), bytes).expect("it is writable"),
            None => fs::remove_file(folder.join("demo.book")).expect("it exists"),
        }
        for arguments in COMMANDS {
            let stderr = run(folder, "demo", arguments).failed(1);
            assert!(stderr.contains(expected), "{expected}: {arguments:?}: {stderr}");
            let is_missing = expected == "there is no file";
            assert!(is_missing || stderr.starts_with(CANNOT_BE_USED), "{stderr}");
            assert!(stderr.contains("demo.book`"), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{expected}: {arguments:?}: {stderr}");
        }
    }
    // Other folders are served nevertheless.
    run(folder, "demo", &["check", "site"]).succeeded();
    assert!(!folder.join("out").exists());
}

#[test]
fn damaged_content_of_a_book_is_never_sent() {
    let folder = folder();
    let folder = folder.path();
    pack(folder, &["-o", "demo"]).succeeded();
    let mut book = read(folder, "demo.book");
    let at = memchr::memmem::find(&book, &long()).expect("the content is in the book") + 1000;
    book[at] ^= 1;
    fs::write(folder.join("demo.book"), book).expect("the folder is writable");
    let server = Program::new(folder.join("demo")).args(["--port", "0"]).serve();
    assert_eq!(server.connect().get("/").status, 200);
    assert_eq!(server.connect().get("/long.mp4").status, 500);
}

#[test]
fn both_files_are_replaced_with_force_only_and_a_failure_leaves_both() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("demo.book"), "mine").expect("the folder is writable");
    let stderr = pack(folder, &["-o", "demo"]).failed(1);
    assert_eq!(stderr, "chapbook: `demo.book` already exists; use --force to overwrite it\n");
    assert_eq!(read(folder, "demo.book"), b"mine");
    pack(folder, &["-o", "demo", "--force"]).succeeded();
    pack(folder, &["-o", "demo", "--force"]).succeeded();
    run(folder, "demo", &["verify"]).succeeded();
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("it can be listed")
        .map(|it| it.expect("it can be listed").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["demo", "demo.book", "site"]);
}

/// A missing book cannot be seen in an unchanged base, so its name tells.
#[test]
fn a_renamed_base_without_a_book_only_lacks_the_default_site() {
    let folder = folder();
    let folder = folder.path();
    fs::copy(executable(), folder.join("demo")).expect("the folder is writable");
    fs::copy(executable(), folder.join("Chapbook-2")).expect("the folder is writable");
    let rows: [&[&str]; 6] = [
        &["--help"],
        &["--version"],
        &["completions", "bash"],
        &["explain", "broken-link"],
        &["check", "site"],
        &["routes", "site"],
    ];
    for arguments in rows {
        run(folder, "demo", arguments).succeeded();
    }
    for arguments in COMMANDS {
        let stderr = run(folder, "demo", arguments).failed(1);
        let expected = "chapbook: cannot find the site: there is no file `";
        assert!(stderr.starts_with(expected), "{arguments:?}: {stderr}");
    }
    let server = Program::new(folder.join("demo")).args(["site", "--port", "0"]);
    let server = server.cwd(folder).serve();
    assert_eq!(server.connect().get("/long.mp4").status, 200);
    run(folder, "Chapbook-2", &["verify"]).succeeded();
    run(folder, "demo", &["pack", "site", "-o", "packed"]).succeeded();
    run(folder, "packed", &["verify"]).succeeded();
    run(folder, "demo", &["pack", "site", "-o", "Chapbook-2", "--beside", "--force"]).succeeded();
    assert!(run(folder, "Chapbook-2", &["routes"]).succeeded().contains("/long.mp4"));
}

#[test]
fn a_book_that_cannot_be_replaced_is_refused_before_anything_is_written() {
    let folder = folder();
    let folder = folder.path();
    fs::create_dir(folder.join("demo.book")).expect("the folder is writable");
    let stderr = pack(folder, &["-o", "demo", "--force"]).failed(1);
    let expected = "chapbook: cannot write `demo.book`: it is a folder; name the file to write\n";
    assert_eq!(stderr, expected);
    assert!(!folder.join("demo").exists());
}

/// A limit of the file size simulates a full disk: both are errors of a write.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_neither_file() {
    let folder = folder();
    let program = chapbook().args(["pack", "site", "-o", "demo", "--beside"]).cwd(folder.path());
    let limited = program.in_shell("trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"");
    let stderr = limited.run().failed(1);
    assert!(stderr.starts_with("chapbook: cannot write `demo.book`: "), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).expect("it can be listed").count(), 1);
}

/// A sparse file that no disk of a test machine could hold.
#[cfg(target_os = "linux")]
#[test]
fn a_site_that_the_disk_cannot_hold_is_refused_at_once() {
    let folder = folder();
    let file = fs::File::create(folder.path().join("site/sparse.mp4")).expect("it is writable");
    if file.set_len(15 << 40).is_err() {
        return;
    }
    let stderr = pack(folder.path(), &["-o", "demo", "--force"]).failed(1);
    let begin = "chapbook: cannot write `demo.book`: it needs 164";
    assert!(stderr.starts_with(begin), "{stderr}");
    assert!(stderr.contains("the largest files are `site/sparse.mp4` (164"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}
