//! The documents: their commands, options, numbers, links and output.

use std::{fs, path::Path};

use chapbook::limits;

use crate::harness::{chapbook, copy_default_site, repository, run};

/// Documents with commands to type.
const DOCUMENTS: [&str; 14] = [
    "README.md",
    "docs/app.md",
    "docs/continuous-integration.md",
    "docs/handing-over.md",
    "docs/site.md",
    "docs/http.md",
    "docs/https.md",
    "docs/packing.md",
    "docs/deploying.md",
    "bench/README.md",
    "fuzz/README.md",
    "deploy/cross/README.md",
    "deploy/release/README.md",
    "ARCHITECTURE.md",
];

fn read(path: &str) -> String {
    let file_path = repository(path);
    fs::read_to_string(&file_path)
        .unwrap_or_else(|error| panic!("{}: {error}", file_path.display()))
}

/// The lines of the `sh` blocks.
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
fn the_readme_lists_the_options_of_the_help() {
    let help = run(["--help"]).succeeded();
    let readme = read("README.md");
    let flags = |text: &str| -> Vec<String> {
        let mut flags: Vec<String> = text
            .lines()
            .filter_map(|line| {
                let line = line.trim_start();
                let short = line.starts_with('-') && line.get(2..4) == Some(", ");
                let flag = if short { &line[4..] } else { line };
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

/// A service manager waits for responses in progress, and a proxy closes its idle connections
/// before the server does.
#[test]
fn the_deployment_files_agree_with_the_limits() {
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
        let [value] = values[..] else { panic!("{path}: {setting} {} times", values.len()) };
        assert!(bounds.contains(&value), "{path}: {setting}{value} is not in {bounds:?}");
    }
}

#[test]
fn every_link_of_a_document_to_a_file_resolves() {
    for document in DOCUMENTS {
        let folder = Path::new(document).parent().expect("it has a folder");
        for link in read(document).split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                let file_path = repository("").join(folder).join(target);
                assert!(file_path.exists(), "{document} links to {target}");
            }
        }
    }
}

/// The README shows the output of `chapbook check` for the default site with one misspelt link.
#[test]
fn the_readme_shows_the_output_of_check() {
    let folder = tempfile::tempdir().expect("the disk has room");
    let site = folder.path().join("dist");
    copy_default_site(&site);
    let page = fs::read_to_string(site.join("index.html")).expect("the file exists");
    let (before, after) = page.rsplit_once("href=\"/book\"").expect("it links to the book");
    let page = format!("{before}href=\"/bok\"{after}");
    fs::write(site.join("index.html"), page).expect("files can be written");
    let stdout = chapbook().args(["check", "dist"]).cwd(folder.path()).run().stdout;
    assert!(read("README.md").contains(&format!("```text\n{stdout}```\n")), "{stdout}");
}
