//! `chapbook pack` and what it makes: an executable that carries a folder, whole or not at all.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use crate::harness::{chapbook, page, site_folder, write};

fn run(command: &mut Command, arguments: &[&str], folder: &Path) -> Output {
    command.args(arguments).current_dir(folder).output().expect("the executable starts")
}

/// Runs `pack`, which has to do it, and gives what it said on stdout and on stderr.
fn pack(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = run(chapbook().arg("pack"), arguments, folder);
    let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    (stdout, stderr)
}

/// Runs `pack`, which has to refuse, and gives what it said on stderr.
fn refusal(command: &mut Command, arguments: &[&str], folder: &Path) -> String {
    let output = run(command, arguments, folder);
    let said = String::from_utf8(output.stderr).expect("it prints UTF-8");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    said
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it can be listed");
    let name = |it: fs::DirEntry| it.file_name().into_string().expect("it is UTF-8");
    let mut names: Vec<_> = entries.map(|it| name(it.expect("it can be listed"))).collect();
    names.sort();
    names
}

fn folder() -> tempfile::TempDir {
    site_folder(&[("index.html", &page("Hello"))])
}

#[test]
fn what_was_packed_is_whole_packs_again_and_gives_the_files_back() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    // Another site, much larger, of which nothing may remain.
    let noise: Vec<u8> =
        (0..500_000_u32).flat_map(|it| it.wrapping_mul(it).to_le_bytes()).collect();
    write(folder.path(), "other/index.html", page("Other"));
    write(folder.path(), "other/noise.mp4", noise);
    pack(folder.path(), &["site", "-o", "one"]);
    pack(folder.path(), &["other", "-o", "other.demo"]);
    let made_by = [("one", "two"), ("other.demo", "three")];
    for (name, made) in made_by {
        let output = run(&mut Command::new(at(name)), &["pack", "site", "-o", made], folder.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    pack(folder.path(), &["site", "-o", "four", "--base", "other.demo"]);
    let read = |name: &str| fs::read(at(name)).expect("it was written");
    let one = read("one");
    for name in ["two", "three", "four"] {
        assert!(read(name) == one, "{name}: the payload is replaced, not stacked");
    }
    for arguments in [&["verify"][..], &["extract", "out"]] {
        let output = run(&mut Command::new(at("three")), arguments, folder.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(read("out/index.html"), read("site/index.html"));
}

#[test]
fn the_same_files_give_the_same_bytes_wherever_and_whenever_they_were_written() {
    let files = ["index.html", "b/index.html", "a.html", "c.txt"];
    let [one, two] = [1, 2].map(|number| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut files = files;
        if number == 2 {
            files.reverse();
        }
        for path in files {
            write(folder.path(), &format!("site-{number}/{path}"), page(path));
        }
        let place = folder.path().join(format!("site-{number}/a.html"));
        let file = fs::File::options().write(true).open(place).expect("it can be opened");
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number);
        file.set_modified(time).expect("it has a time");
        let site = format!("site-{number}");
        let (said, _) = pack(folder.path(), &[&site, "-o", "demo"]);
        let hash = said.lines().last().expect("it says a hash").to_owned();
        (hash, fs::read(folder.path().join("demo")).expect("it was written"))
    });
    assert_eq!(one.0, two.0);
    assert!(one.1 == two.1);
}

#[test]
fn what_cannot_be_packed_is_one_clear_line_and_nothing_is_written() {
    let folder = folder();
    write(folder.path(), "there", "mine");
    let rows: &[(&[&str], &str)] = &[
        (&["site", "-o", "there"], "`there` is there already; --force replaces it"),
        (&["site", "-o", "site"], "`site` is a folder; give the file to write"),
        (&["site", "-o", "site", "--force"], "`site` is a folder; give the file to write"),
        (&["site", "-o", "no/demo"], "there is no folder `no` to write to"),
        (&["site", "-o", "there/demo"], "there is no folder `there` to write to"),
        (&["site", "-o", "demo/"], "`demo/` names no file; give the file to write"),
        (&["site", "-o", "site/demo"], "would lie in `site`"),
        (&["site", "-o", "x", "--base", "there"], "`there` is not a chapbook"),
        (&["site", "-o", "x", "--base", "gone"], "`gone`"),
        (&["nothing", "-o", "x"], "there is no folder `nothing`"),
        (&["there", "-o", "x"], "the site `there` is a file; name the folder that holds it"),
    ];
    for (arguments, expected) in rows {
        let said = refusal(chapbook().arg("pack"), arguments, folder.path());
        assert!(said.contains(expected) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
    assert_eq!(names(folder.path()), ["site", "there"]);
    assert_eq!(fs::read(folder.path().join("there")).expect("it is there"), b"mine");
}

#[test]
fn the_executable_that_runs_is_not_replaced_and_another_is_with_force() {
    let folder = folder();
    pack(folder.path(), &["site", "-o", "demo"]);
    let demo = folder.path().join("demo");
    let before = fs::read(&demo).expect("it was written");
    let arguments = ["pack", "site", "-o", "demo", "--force"];
    let said = refusal(&mut Command::new(&demo), &arguments, folder.path());
    assert_eq!(said, "chapbook: `demo` is the executable that runs; give another file to write\n");
    assert!(fs::read(&demo).expect("it is there") == before);
    write(folder.path(), "site/index.html", page("Something else"));
    pack(folder.path(), &["site", "-o", "demo", "--force"]);
    assert!(fs::read(&demo).expect("it is there") != before);
    assert_eq!(names(folder.path()), ["demo", "site"]);
}

#[test]
fn a_site_with_errors_is_not_packed_unless_they_are_allowed() {
    let folder = site_folder(&[("index.html", &page("<a href=/gone>x</a>"))]);
    write(folder.path(), "site/bad.html", "<title>x</title>");
    let said = refusal(chapbook().arg("pack"), &["site", "-o", "demo"], folder.path());
    assert!(said.contains("error[broken-link]") && !said.contains("warning["), "{said}");
    assert!(said.ends_with("1 error, 3 warnings\n"), "{said}");
    assert_eq!(names(folder.path()), ["site"]);
    let (_, said) = pack(folder.path(), &["site", "-o", "demo", "--allow", "broken-link"]);
    assert_eq!(said, "chapbook: 4 warnings; `chapbook check site` tells about them\n");
    let wrong = run(chapbook().arg("pack"), &["site", "-o", "x", "--allow", "x"], folder.path());
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(names(folder.path()), ["demo", "site"]);
}

#[test]
fn what_was_packed_is_said_for_people_and_for_programs() {
    let folder = site_folder(&[("index.html", &page(&"Hello ".repeat(200)))]);
    let (said, problems) = pack(folder.path(), &["site", "-o", "one"]);
    assert_eq!(problems, "");
    let labels: Vec<&str> = said.lines().map(|line| line[..10].trim_end()).collect();
    assert_eq!(labels, ["site", "identity", "gzip", "br", "written", "root hash"]);
    let (json, _) = pack(folder.path(), &["site", "-o", "two", "--json"]);
    let record: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let length = fs::metadata(folder.path().join("two")).expect("it was written").len();
    assert_eq!(record["output"], "two");
    assert_eq!((&record["files"], &record["routes"]), (&1.into(), &2.into()));
    assert_eq!(record["output_bytes"], length);
    assert_eq!(record["bytes"], record["sizes"]["identity"]);
    assert!(record["sizes"]["br"].as_u64() < record["sizes"]["gzip"].as_u64());
    assert!(record["seconds"].is_f64());
    let hash = record["root_hash"].as_str().expect("it is a text");
    assert_eq!(said.lines().last(), Some(format!("root hash {hash}").as_str()));
    let verified = run(&mut Command::new(folder.path().join("two")), &["verify"], folder.path());
    let verified = String::from_utf8(verified.stdout).expect("it prints UTF-8");
    assert_eq!(verified, format!("1 file is whole\nroot hash {hash}\n"));
}

#[cfg(unix)]
#[test]
fn what_was_packed_has_the_mode_of_an_executable() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    let script = format!("umask 027; exec {} pack site -o demo", env!("CARGO_BIN_EXE_chapbook"));
    let output = run(&mut Command::new("sh"), &["-c", &script], folder.path());
    assert!(output.status.success());
    let mode = fs::metadata(folder.path().join("demo")).expect("it was written").permissions();
    assert_eq!(mode.mode() & 0o777, 0o750);
}

/// A limit for the size of a file stands for a disk that is full: both are errors of a write.
#[cfg(unix)]
#[test]
fn a_disk_without_room_is_one_clear_line_and_nothing_is_left() {
    let folder = folder();
    let noise: Vec<u8> =
        (0..500_000_u32).flat_map(|it| it.wrapping_mul(it).to_le_bytes()).collect();
    write(folder.path(), "large/index.html", page("Hello"));
    write(folder.path(), "large/noise.mp4", noise);
    // The first has no room for the executable, the second none for a content.
    for site in ["site", "large"] {
        let pack = format!("exec {} pack {site} -o demo", env!("CARGO_BIN_EXE_chapbook"));
        let script = format!("trap '' XFSZ; ulimit -f 2000; {pack}");
        let said = refusal(&mut Command::new("sh"), &["-c", &script], folder.path());
        assert!(said.starts_with("chapbook: cannot write `demo`: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(names(folder.path()), ["large", "site"]);
}

#[cfg(unix)]
#[test]
fn who_stops_it_in_the_middle_finds_nothing_half_written() {
    let folder = folder();
    write(folder.path(), "demo", "mine");
    // Something that takes far longer to code than a signal takes.
    let slow: Vec<u8> = (0..6_000_000_u32).flat_map(u32::to_le_bytes).collect();
    write(folder.path(), "site/slow.bin", slow);
    for signal in ["INT", "TERM"] {
        let mut command = chapbook();
        command.args(["pack", "site", "-o", "demo", "--force"]).current_dir(folder.path());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the executable starts");
        while !names(folder.path()).iter().any(|name| name.starts_with(".chapbook-")) {
            thread::yield_now();
        }
        let id = child.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.expect("kill runs").success());
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "chapbook: stopped; nothing was written\n", "{signal}");
        assert_eq!(output.status.code(), Some(1), "{signal}");
        assert_eq!(names(folder.path()), ["demo", "site"], "{signal}");
        assert_eq!(fs::read(folder.path().join("demo")).expect("it is there"), b"mine");
    }
}
