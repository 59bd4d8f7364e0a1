//! What the documents show, and that it is true.

use std::{fs, path::Path};

use chapbook::limits;

/// Documents whose commands people type.
const DOCUMENTS: [&str; 9] = [
    "README.md",
    "docs/site.md",
    "docs/http.md",
    "docs/packing.md",
    "docs/deploying.md",
    "bench/README.md",
    "fuzz/README.md",
    "deploy/cross/README.md",
    "ARCHITECTURE.md",
];

fn read(path: &str) -> String {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()))
}

/// The lines of the blocks that are commands for a shell.
fn commands(text: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match (is_inside, line) {
            (false, "```sh") => is_inside = true,
            (true, "```") => is_inside = false,
            (true, command) => commands.push(command),
            _ => {}
        }
    }
    commands
}

#[test]
fn every_command_shown_is_run_by_ci() {
    let ci = read(".ci/run");
    let mut count = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for command in commands(&text) {
            let is_run = |line: &str| line.trim_start().starts_with(command);
            assert!(ci.lines().any(is_run), "{document}: `{command}` is not run by .ci/run");
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} commands were found");
}

#[test]
fn the_readme_shows_the_flags_that_the_help_shows() {
    let help = crate::harness::chapbook().arg("--help").output().expect("the executable starts");
    let help = String::from_utf8(help.stdout).expect("it prints UTF-8");
    let readme = read("README.md");
    let flags = |text: &str| -> Vec<String> {
        let mut flags: Vec<String> = text
            .lines()
            .filter_map(|line| {
                let flag = line.trim_start().trim_start_matches("-h, ").trim_start_matches("-V, ");
                flag.starts_with("--").then(|| {
                    let name = |it: char| it != '-' && !it.is_ascii_lowercase();
                    flag.split(name).next().unwrap_or(flag).to_owned()
                })
            })
            .collect();
        flags.sort();
        flags.dedup();
        flags
    };
    let command_line = readme.split("## The command line").nth(1).expect("the section is there");
    let block = command_line.split("```").nth(1).expect("the block is there");
    let mut shown = flags(block);
    if block.contains("--help, --version") {
        shown.push("--version".to_owned());
    }
    shown.sort();
    assert_eq!(shown, flags(&help));
}

/// Who stops the server waits for answers under way, and who keeps connections to it ends them
/// first.
#[test]
fn what_runs_beside_it_knows_its_bounds() {
    let in_seconds = |milliseconds: u64| milliseconds.div_ceil(1000);
    let stop = in_seconds(limits::STOP_MS_MAX);
    let idle = in_seconds(limits::IDLE_MS_MAX);
    let files = (limits::CONNECTIONS_MAX + limits::DESCRIPTORS_RESERVED) as u64;
    let pause = 5;
    for (path, setting, bounds) in [
        ("deploy/kubernetes/deployment.yaml", "seconds: ", pause..pause + 1),
        (
            "deploy/kubernetes/deployment.yaml",
            "terminationGracePeriodSeconds: ",
            pause + stop + 1..61,
        ),
        ("deploy/systemd/chapbook.service", "TimeoutStopSec=", stop + 1..61),
        ("deploy/systemd/chapbook.service", "LimitNOFILE=", files..65_536),
        ("deploy/nginx/chapbook.conf", "keepalive_timeout ", 1..idle),
        ("deploy/caddy/Caddyfile", "keepalive ", 1..idle),
    ] {
        let text = read(path);
        let values = text.lines().filter_map(|it| it.trim_start().strip_prefix(setting));
        let values: Vec<u64> = values
            .map(|it| it.trim_end_matches(['s', ';']).parse().expect("a whole number"))
            .collect();
        let [value] = values[..] else { panic!("{path} has {} of {setting}", values.len()) };
        assert!(bounds.contains(&value), "{path}: {setting}{value} is not in {bounds:?}");
    }
}

#[test]
fn every_link_of_a_document_to_a_file_leads_somewhere() {
    for document in DOCUMENTS {
        let folder = Path::new(document).parent().expect("it has a folder");
        for link in read(document).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
                assert!(place.exists(), "{document} links to {target}");
            }
        }
    }
}

/// The README shows what `chapbook check` says of the default site with one link misspelt.
#[test]
fn the_readme_shows_what_check_says() {
    let folder = tempfile::tempdir().expect("there is room for a site");
    let site = folder.path().join("dist");
    fs::create_dir(&site).expect("a folder");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("site");
    for entry in fs::read_dir(original).expect("the default site is there") {
        let place = entry.expect("an entry").path();
        fs::copy(&place, site.join(place.file_name().expect("a name"))).expect("it can be copied");
    }
    let page = fs::read_to_string(site.join("index.html")).expect("it is there");
    let (before, after) = page.rsplit_once("href=\"/book\"").expect("it links to the book");
    fs::write(site.join("index.html"), format!("{before}href=\"/bok\"{after}")).expect("it is");
    let mut command = crate::harness::chapbook();
    let output = command.args(["check", "dist"]).current_dir(folder.path()).output();
    let said = output.expect("the executable starts").stdout;
    let said = String::from_utf8(said).expect("it prints UTF-8");
    assert!(read("README.md").contains(&format!("```text\n{said}```\n")), "{said}");
}
