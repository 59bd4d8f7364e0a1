//! `chapbook pack`: an executable that contains a site, written completely or not at all.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use chapbook_format::ContentCoding;
use chapbook_oracle::base;
use serde_json::Value;

use crate::harness::{Outcome, Program, chapbook, executable, page, site_folder, write};

const STOPPED: &str = "chapbook: interrupted; nothing was written\n";
const IS_RUNNING: &str =
    "chapbook: cannot write `demo`: it is the running executable; choose another file\n";
const FOUR_WARNINGS: &str = "chapbook: 4 warnings; `chapbook check site` lists them\n";
const NOT_WRITTEN: &str = "chapbook: cannot write `demo`: ";

/// Runs `pack` in this folder.
fn pack(folder: &Path, arguments: &[&str]) -> Outcome {
    chapbook().arg("pack").args(arguments).cwd(folder).run()
}

/// Runs a packed executable in its folder.
fn packed(folder: &Path, name: &str, arguments: &[&str]) -> Outcome {
    Program::new(folder.join(name)).args(arguments).cwd(folder).run()
}

/// The sorted names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder can be listed");
    let name = |it: fs::DirEntry| it.file_name().into_string().expect("names are UTF-8");
    let mut names: Vec<_> = entries.map(|it| name(it.expect("a folder can be listed"))).collect();
    names.sort();
    names
}

/// The line with the root hash.
fn root_hash(stdout: &str) -> String {
    let line = stdout.lines().find(|line| line.starts_with("root hash "));
    line.expect("the root hash is shown").to_owned()
}

fn folder() -> tempfile::TempDir {
    site_folder(&[("index.html", &page("Hello"))])
}

/// Two megabytes that no content coding makes shorter.
fn incompressible() -> Vec<u8> {
    (0..500_000_u32).flat_map(|number| number.wrapping_mul(number).to_le_bytes()).collect()
}

#[test]
fn a_packed_executable_verifies_packs_again_and_extracts() {
    let folder = folder();
    // Another, much larger site, which must be removed completely.
    write(folder.path(), "other/index.html", page("Other"));
    write(folder.path(), "other/large.mp4", incompressible());
    pack(folder.path(), &["site", "-o", "one"]).succeeded();
    pack(folder.path(), &["other", "-o", "other.demo"]).succeeded();
    for (base, output) in [("one", "two"), ("other.demo", "three")] {
        packed(folder.path(), base, &["pack", "site", "-o", output]).succeeded();
    }
    pack(folder.path(), &["site", "-o", "four", "--base", "other.demo"]).succeeded();
    let read = |name: &str| fs::read(folder.path().join(name)).expect("the file exists");
    let one = read("one");
    for name in ["two", "three", "four"] {
        assert!(read(name) == one, "{name}: the payload is replaced, not added");
    }
    for arguments in [&["verify"][..], &["extract", "out"]] {
        packed(folder.path(), "three", arguments).succeeded();
    }
    assert_eq!(read("out/index.html"), read("site/index.html"));
}

#[test]
fn the_same_files_give_the_same_bytes_whatever_their_folder_order_and_time() {
    let files = ["index.html", "b/index.html", "a.html", "c.txt"];
    let [one, two] = [1, 2].map(|number| {
        let folder = tempfile::tempdir().expect("the disk has room");
        let mut files = files;
        if number == 2 {
            files.reverse();
        }
        for path in files {
            write(folder.path(), &format!("site-{number}/{path}"), page(path));
        }
        let file_path = folder.path().join(format!("site-{number}/a.html"));
        let file = fs::File::options().write(true).open(file_path).expect("a file can be opened");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(number);
        file.set_modified(time).expect("a file has a time");
        let arguments = [&format!("site-{number}"), "-o", "demo", "--verbose"];
        let hash = root_hash(&pack(folder.path(), &arguments).succeeded());
        (hash, fs::read(folder.path().join("demo")).expect("the file exists"))
    });
    assert_eq!(one.0, two.0);
    assert!(one.1 == two.1);
}

#[test]
fn a_refusal_is_one_line_and_writes_nothing() {
    const NOT_A_FILE_NAME: &str =
        "cannot write `demo/`: it is not a file name; name the file to write";
    const IS_FOLDER: &str = "cannot write `site`: it is a folder; name the file to write";
    let folder = folder();
    write(folder.path(), "there", "mine");
    write(folder.path(), "site.tar.gz", "");
    write(folder.path(), "site.7z", "");
    let rows: &[(&[&str], &str)] = &[
        (&["site", "-o", "there"], "`there` already exists; use --force to overwrite it"),
        (&["site", "-o", "site"], IS_FOLDER),
        (&["site", "-o", "site", "--force"], IS_FOLDER),
        (
            &["site", "-o", "no/demo"],
            "cannot write `no/demo`: there is no folder `no`; create it first",
        ),
        (&["site", "-o", "there/demo"], "cannot write `there/demo`: there is no folder `there`"),
        (&["site", "-o", "demo/"], NOT_A_FILE_NAME),
        (&["site", "-o", "-", "--force"], "cannot write to stdout: an executable must be a file"),
        (&["site", "-o", "site/demo"], "cannot write `site/demo`: it is inside `site`"),
        (
            &["site", "-o", "x", "--base", "there"],
            "cannot pack into `there`: it is not a chapbook executable",
        ),
        (&["site", "-o", "x", "--base", "gone"], "`gone`"),
        (&["nothing", "-o", "x"], "cannot open the site `nothing`: there is no such folder"),
        (
            &["there", "-o", "x"],
            "cannot open the site `there`: it is a file; name the folder that contains it",
        ),
        (
            &["site.tar.gz", "-o", "x"],
            "cannot open the site `site.tar.gz`: it is not an archive in spite of its name; \
             download",
        ),
        (&["gone.zip", "-o", "x"], "cannot open the site `gone.zip`: there is no such file; name"),
        (
            &["site.7z", "-o", "x"],
            "cannot open the site `site.7z`: only .zip, .tar and .tar.gz archives can be opened; \
             unpack it, and name the folder",
        ),
    ];
    for (arguments, expected) in rows {
        let stderr = pack(folder.path(), arguments).failed(1);
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
    assert_eq!(names(folder.path()), ["site", "site.7z", "site.tar.gz", "there"]);
    assert_eq!(fs::read(folder.path().join("there")).expect("the file exists"), b"mine");
}

/// As root, `--force` would replace the device.
#[cfg(unix)]
#[test]
fn a_device_a_pipe_and_a_socket_are_not_replaced_even_with_force() {
    use std::os::unix::{fs::symlink, net::UnixListener};

    let folder = folder();
    Program::new("mkfifo").arg("fifo").cwd(folder.path()).run().succeeded();
    let _socket = UnixListener::bind(folder.path().join("socket")).expect("a path is free");
    symlink("/dev/null", folder.path().join("link")).expect("the folder is writable");
    for output in ["fifo", "socket", "link", "/dev/null", "/dev/stdout"] {
        for force in [&[][..], &["--force"]] {
            let stderr = pack(folder.path(), &[&["site", "-o", output][..], force].concat());
            let expected = format!(
                "chapbook: cannot write `{output}`: it is a device, pipe or socket; name the file \
                 to write\n"
            );
            assert_eq!(stderr.failed(1), expected);
        }
    }
    let program = chapbook().args(["pack", "site", "-o", "/dev/stdout", "--force"]);
    let program = program.cwd(folder.path()).in_shell("exec \"$0\" \"$@\" > file");
    assert!(program.run().failed(1).contains("`/dev/stdout`: it is a device"));
    assert_eq!(names(folder.path()), ["fifo", "file", "link", "site", "socket"]);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_replaced_and_its_target_stays() {
    use std::os::unix::fs::symlink;

    let folder = folder();
    write(folder.path(), "old/demo", "mine");
    symlink("old/demo", folder.path().join("demo")).expect("the folder is writable");
    let stderr = pack(folder.path(), &["site", "-o", "demo"]).failed(1);
    assert!(stderr.contains("already exists"), "{stderr}");
    pack(folder.path(), &["site", "-o", "demo", "--force"]).succeeded();
    assert_eq!(fs::read(folder.path().join("old/demo")).expect("the file exists"), b"mine");
    packed(folder.path(), "demo", &["verify"]).succeeded();
}

/// No file can be created in `/proc`.
#[cfg(target_os = "linux")]
#[test]
fn an_error_of_a_read_only_folder_names_the_output_and_not_the_temporary_file() {
    let stderr = pack(folder().path(), &["site", "-o", "/proc/demo"]).failed(1);
    assert!(stderr.starts_with("chapbook: cannot write `/proc/demo`: "), "{stderr}");
    assert!(!stderr.contains(".chapbook-"), "{stderr}");
}

/// Files of one length count once if they may be equal.
#[test]
fn a_site_that_is_too_long_is_refused_by_the_lengths_of_its_files() {
    let folder = folder();
    for (name, start) in [("a.mp4", "1"), ("b.mp4", "2"), ("c.mp4", "3")] {
        write(folder.path(), &format!("site/{name}"), start);
        let file_path = folder.path().join("site").join(name);
        let file = fs::File::options().write(true).open(file_path).expect("a file can be opened");
        file.set_len(2 << 30).expect("the file is sparse");
    }
    let executable = fs::read(executable()).expect("it can be read");
    let rows = [
        (executable, "Linux", "4.2 GB"),
        (base::pe(true), "Windows", "1.9 GB"),
        (base::macho(true), "macOS", "4.2 GB"),
    ];
    for (base, system, length) in rows {
        write(folder.path(), "base", base);
        let arguments = ["site", "-o", "demo", "--base", "base"];
        let stderr = pack(folder.path(), &arguments).failed(1);
        let expected = format!(
            "chapbook: cannot pack 6.4 GB into an executable for {system}, which can hold \
             {length}; the largest files are `site/a.mp4` (2.1 GB), `site/b.mp4` (2.1 GB), \
             `site/c.mp4` (2.1 GB); use --beside to write the site to a file of its own\n"
        );
        assert_eq!(stderr, expected);
    }
    assert_eq!(names(folder.path()), ["base", "site"]);
}

#[test]
fn force_overwrites_an_executable_but_not_the_running_one() {
    let folder = folder();
    pack(folder.path(), &["site", "-o", "demo"]).succeeded();
    let read = || fs::read(folder.path().join("demo")).expect("the file exists");
    let before = read();
    let stderr =
        packed(folder.path(), "demo", &["pack", "site", "-o", "demo", "--force"]).failed(1);
    assert_eq!(stderr, IS_RUNNING);
    assert!(read() == before);
    write(folder.path(), "site/index.html", page("Something else"));
    pack(folder.path(), &["site", "-o", "demo", "--force"]).succeeded();
    assert!(read() != before);
    assert_eq!(names(folder.path()), ["demo", "site"]);
}

#[test]
fn a_site_with_errors_is_packed_only_if_they_are_allowed() {
    let folder = site_folder(&[("index.html", &page("<a href=/gone>x</a>"))]);
    write(folder.path(), "site/bad.html", "<title>x</title><link rel=icon href=data:,>");
    let stderr = pack(folder.path(), &["site", "-o", "demo"]).failed(1);
    assert!(stderr.contains("error[broken-link]") && !stderr.contains("warning["), "{stderr}");
    let end =
        "1 error, 3 warnings\nchapbook: not packed: 1 error; fix it, or use --allow broken-link\n";
    assert!(stderr.ends_with(end), "{stderr}");
    assert_eq!(names(folder.path()), ["site"]);
    let ran = pack(folder.path(), &["site", "-o", "demo", "--allow", "broken-link"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), FOUR_WARNINGS));
    pack(folder.path(), &["site", "-o", "x", "--allow", "x"]).failed(2);
    assert_eq!(names(folder.path()), ["demo", "site"]);
}

#[test]
fn the_summary_is_a_table_or_json() {
    let folder = site_folder(&[("index.html", &page(&"Hello ".repeat(200)))]);
    let table = pack(folder.path(), &["site", "-o", "one", "--verbose"]);
    assert_eq!((table.status, table.stderr.as_str()), (Some(0), ""));
    let labels: Vec<&str> = table.stdout.lines().map(|line| line[..10].trim_end()).collect();
    let codings = ContentCoding::ALL.map(ContentCoding::token);
    let (next_step, labels) = labels.split_last().expect("there are lines");
    assert_eq!(labels, [&["site"][..], &codings, &["written", "root hash"]].concat());
    assert_eq!(*next_step, "Run ./one;");
    let json = pack(folder.path(), &["site", "-o", "two", "--json"]).succeeded();
    let record: Value = serde_json::from_str(&json).expect("JSON");
    let length = fs::metadata(folder.path().join("two")).expect("the file exists").len();
    assert_eq!(record["output"], "two");
    assert_eq!((&record["files"], &record["routes"]), (&1.into(), &2.into()));
    assert_eq!(record["output_bytes"], length);
    assert_eq!(record["bytes"], record["sizes"]["identity"]);
    assert!(record["sizes"]["br"].as_u64() < record["sizes"]["gzip"].as_u64());
    assert!(record["seconds"].is_f64());
    let hash = record["root_hash"].as_str().expect("a hash is a string");
    assert_eq!(root_hash(&table.stdout), format!("root hash {hash}"));
    let verified = packed(folder.path(), "two", &["verify"]).succeeded();
    assert_eq!(verified, format!("1 file is intact\nroot hash {hash}\n"));
}

#[test]
fn pack_ends_with_how_to_run_the_output() {
    let folder = folder();
    write(folder.path(), "windows", base::pe(true));
    write(folder.path(), "mac", base::macho(true));
    let rows: &[(&[&str], &str, &str)] = &[
        (&["-o", "my demo"], "Packed 1 file into my demo (", "Run './my demo'; it runs on Linux ("),
        (&["--base", "mac", "-o", "demo"], "Packed 1 file into demo (", "Run `demo` on macOS ("),
        (&["--base", "windows"], "Packed 1 file into test.exe (", "Run `test.exe` on Windows ("),
        (
            &["-o", "b", "--beside"],
            "Packed 1 file into b (",
            "Run ./b with `b.book` beside it; it runs on Linux (",
        ),
    ];
    for (arguments, packed, next_step) in rows {
        let stdout = pack(folder.path(), &[&["site"], *arguments].concat()).succeeded();
        let lines: Vec<&str> = stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{stdout}");
        assert!(lines[0].starts_with(packed) && lines[1].starts_with(next_step), "{stdout}");
    }
}

#[test]
fn without_an_output_the_executable_is_named_like_the_site() {
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    write(folder.path(), "bare/index.html", "<!doctype html><html lang=en><p>Hello</p>");
    for (site, name) in [("site", "test"), ("./bare", "bare-site")] {
        pack(folder.path(), &[site]).succeeded();
        let stderr = pack(folder.path(), &[site]).failed(1);
        let expected = format!("chapbook: `{name}` already exists; use --force to overwrite it\n");
        assert_eq!(stderr, expected);
        pack(folder.path(), &[site, "--force"]).succeeded();
    }
    assert_eq!(names(folder.path()), ["bare", "bare-site", "site", "test"]);
}

#[cfg(unix)]
#[test]
fn the_output_has_the_mode_of_an_executable_under_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let program = chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path());
    program.in_shell("umask 027; exec \"$0\" \"$@\"").run().succeeded();
    let mode = fs::metadata(folder.path().join("demo")).expect("the file exists").permissions();
    assert_eq!(mode.mode() & 0o777, 0o750);
}

/// A limit of the file size simulates a full disk: both are errors of a write.
#[cfg(unix)]
#[test]
fn a_full_disk_is_one_line_and_leaves_nothing() {
    let folder = folder();
    write(folder.path(), "large/index.html", page("Hello"));
    write(folder.path(), "large/large.mp4", incompressible());
    // The executable exceeds the limit with the first site, and a content with the second.
    for site in ["site", "large"] {
        let program = chapbook().args(["pack", site, "-o", "demo"]).cwd(folder.path());
        let limited = program.in_shell("trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"");
        let stderr = limited.run().failed(1);
        assert!(stderr.starts_with(NOT_WRITTEN), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    assert_eq!(names(folder.path()), ["large", "site"]);
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_nothing_half_written() {
    let folder = folder();
    write(folder.path(), "demo", "mine");
    // Takes far longer to compress than a signal takes to arrive.
    let slow: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    write(folder.path(), "site/slow.bin", slow);
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let program = chapbook().args(["pack", "site", "-o", "demo", "--force"]);
        let running = program.cwd(folder.path()).spawn();
        while !names(folder.path()).iter().any(|name| name.starts_with(".chapbook-")) {
            std::thread::yield_now();
        }
        running.signal(signal);
        let ran = running.wait();
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(status), STOPPED), "{signal}");
        assert_eq!(names(folder.path()), ["demo", "site"], "{signal}");
        assert_eq!(fs::read(folder.path().join("demo")).expect("the file exists"), b"mine");
    }
}
