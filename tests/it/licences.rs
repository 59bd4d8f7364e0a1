//! `chapbook licences`: what it prints, and that no crate is missing.

use std::fs;

use crate::harness::{Program, chapbook, repository, run};

fn notices() -> String {
    fs::read_to_string(repository("THIRD-PARTY.md")).expect("it is in the repository")
}

#[test]
fn the_licences_are_printed_by_the_executable_and_by_what_it_packs() {
    let expected = notices();
    for name in ["licences", "licenses"] {
        assert_eq!(run([name]).succeeded(), expected, "{name}");
    }
    let folder = tempfile::tempdir().expect("the disk has room");
    let demo = folder.path().join("demo");
    let pack = chapbook().arg("pack").arg(repository("site")).arg("--fast").arg("-o").arg(&demo);
    pack.run().succeeded();
    assert_eq!(Program::new(&demo).arg("licences").run().succeeded(), expected);
}

/// The text is longer than the buffer of a pipe.
#[cfg(unix)]
#[test]
fn a_reader_that_closes_the_pipe_is_not_an_error() {
    let pipeline = r#"{ "$0" "$@"; echo "status $?" >&2; } | head -n 1"#;
    let outcome = chapbook().arg("licences").in_shell(pipeline).run();
    assert_eq!(outcome.stdout, "# Third-party notices\n");
    assert_eq!(outcome.stderr, "status 0\n");
}

/// `deploy/release/notices --check` compares the crates of all systems.
#[test]
fn every_crate_that_is_linked_here_is_named() {
    let tree = Program::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", "chapbook", "--prefix", "none"])
        .args(["--edges", "normal,no-proc-macro", "--format", "{p}"])
        .cwd(repository(""));
    let notices = notices();
    let named: Vec<&str> = notices.split([',', '\n']).map(str::trim).collect();
    let mut count = 0;
    for line in tree.run().succeeded().lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let crate_name = format!("{name} {}", version.trim_start_matches('v'));
        let is_own = name.starts_with("chapbook");
        assert!(is_own || named.contains(&crate_name.as_str()), "no licence of {crate_name}");
        count += 1;
    }
    assert!(count > 100, "only {count} crates are linked");
}
