//! Completion in the shells themselves, at a terminal, and the manual.

use std::fs;

use tempfile::TempDir;

use crate::harness::{
    Program, Terminal, chapbook, executable, page, run, site_folder, skipped, write,
};

/// What is typed before Tab, and the command line after it.
const ROWS: [(&str, &str); 12] = [
    ("chec", "check"),
    ("check --forc", "check --force"),
    ("check site --allow own", "check site --allow own-host"),
    ("check site --deny warn", "check site --deny warnings"),
    ("explain missing-fav", "explain missing-favicon"),
    ("pack site --besi", "pack site --beside"),
    ("check sit", "check site/"),
    ("check re", "check report.zip"),
    ("pack --base not", "pack --base notes.txt"),
    ("completions po", "completions powershell"),
    ("man verif", "man verify"),
    ("--max", "--max-connections"),
];

/// A folder with a site, and a command `chapbook` in `bin`.
fn folder() -> TempDir {
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    for file in ["report.zip", "remarks.txt", "notes.txt"] {
        write(folder.path(), file, "");
    }
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("a folder can be made");
    std::os::unix::fs::symlink(executable(), bin.join("chapbook")).expect("a link can be made");
    folder
}

/// Completes each row in a shell that is started with these arguments. Ctrl-A goes to the start of
/// the line, so that `echo` prints what was completed.
fn complete(shell: &str, arguments: &[&str], setup: &str) {
    if Program::new(shell).args(["-c", "exit"]).run_if_installed().is_none() {
        return skipped(&format!("{shell} is not installed"));
    }
    let folder = folder();
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    let program = Program::new(shell).args(arguments).cwd(folder.path()).env("PATH", path);
    let program = program.env("HOME", folder.path()).env("TERM", "dumb").env("PS1", "> ");
    let program = program.without_env("XDG_DATA_HOME").without_env("XDG_CONFIG_HOME");
    let mut terminal = Terminal::start(program, 200, 50);
    terminal.press(&format!("{setup}; echo is-re''ady\n"));
    terminal.wait_for("is-ready");
    for (number, (typed, completed)) in ROWS.iter().enumerate() {
        terminal.press(&format!("chapbook {typed}\t"));
        terminal.press(&format!("\u{1}echo {number}: \u{5}\n"));
        // zsh removes the slash of a folder when another key is pressed.
        let expected = format!("{number}: chapbook {}", completed.trim_end_matches('/'));
        let text = terminal.wait_for(&format!("\n{expected}"));
        let line = text.lines().find(|it| it.starts_with(&format!("{number}: "))).expect("a line");
        assert_eq!(line.trim_end().trim_end_matches('/'), expected, "{shell}");
    }
    terminal.press("exit\n");
    let (status, screen) = terminal.finish();
    assert_eq!(status, Some(0), "{screen}");
}

#[test]
fn bash_completes_commands_options_and_values() {
    let setup = "source <(chapbook completions bash)";
    complete("bash", &["--norc", "--noprofile", "-i"], setup);
}

#[test]
fn zsh_completes_commands_options_and_values() {
    let setup = "autoload -U compinit && compinit -u -D; source <(chapbook completions zsh)";
    complete("zsh", &["-f", "-i"], setup);
}

#[test]
fn fish_completes_commands_options_and_values() {
    complete("fish", &["--no-config", "-i"], "chapbook completions fish | source");
    if Program::new("fish").args(["-c", "exit"]).run_if_installed().is_none() {
        return skipped("fish is not installed");
    }
    let folder = folder();
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    let script = "chapbook completions fish | source; complete -C $argv[1]";
    for (typed, completed) in ROWS {
        let line = format!("chapbook {typed}");
        let fish = Program::new("fish").args(["--no-config", "-c", script, &line]);
        let fish = fish.cwd(folder.path()).env("PATH", &path).env("HOME", folder.path());
        let candidates = fish.run().succeeded();
        let word = completed.rsplit(' ').next().expect("a line has a word");
        let first = candidates.lines().next().and_then(|it| it.split('\t').next());
        assert_eq!(first, Some(word), "{typed}: {candidates}");
    }
}

#[test]
fn scripts_and_pages_are_installed_in_the_home_of_the_user() {
    let home = tempfile::tempdir().expect("the disk has room");
    let home = home.path();
    let installed = |arguments: &[&str]| {
        let program = chapbook().args(arguments).env("HOME", home).env("SHELL", "/usr/bin/fish");
        let program = program.without_env("XDG_DATA_HOME").without_env("XDG_CONFIG_HOME");
        program.run().succeeded()
    };
    let data = home.join(".local/share");
    let rows = [
        ("bash", data.join("bash-completion/completions/chapbook"), "start a new shell"),
        ("zsh", data.join("zsh/site-functions/_chapbook"), "add `fpath+=("),
        ("fish", home.join(".config/fish/completions/chapbook.fish"), "start a new shell"),
        ("powershell", data.join("chapbook/chapbook.ps1"), "the file that $PROFILE names"),
        ("elvish", home.join(".config/elvish/lib/chapbook.elv"), "add `use chapbook` to"),
    ];
    for (shell, path, next) in &rows {
        let stdout = installed(&["completions", shell, "--install"]);
        let first = format!("Written to {}\nNext: ", path.display());
        assert!(stdout.starts_with(&first) && stdout.contains(next), "{stdout}");
        let script = fs::read_to_string(path).expect("the file exists");
        assert_eq!(script, run(["completions", shell]).succeeded());
    }
    let stdout = installed(&["completions", "--install"]);
    assert!(stdout.contains("chapbook.fish"), "{stdout}");
    let stdout = installed(&["man", "--install"]);
    let folder = data.join("man/man1");
    let expected = format!("13 pages written to {}\n", folder.display());
    assert!(stdout.starts_with(&expected), "{stdout}");
    let page = fs::read_to_string(folder.join("chapbook-pack.1")).expect("the file exists");
    assert_eq!(page, run(["man", "pack"]).succeeded());
    let stderr = chapbook().args(["man", "--install"]).without_env("HOME").run().failed(1);
    assert!(stderr.contains("HOME is not set"), "{stderr}");
    run(["completions"]).failed(2);
}

#[test]
fn the_manual_has_every_section_and_no_errors() {
    let commands = ["", "serve", "check", "pack", "explain", "probe", "completions", "man"];
    let sections = ["NAME", "SYNOPSIS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"];
    let folder = tempfile::tempdir().expect("the disk has room");
    for command in commands {
        let arguments = ["man", command].into_iter().filter(|it| !it.is_empty());
        let page = run(arguments).succeeded();
        for section in sections {
            let quoted = format!("\n.SH \"{section}\"\n");
            let is_there = page.contains(&quoted) || page.contains(&format!("\n.SH {section}\n"));
            assert!(is_there, "{command}: {section}");
        }
        fs::write(folder.path().join("page.1"), page).expect("files can be written");
        let lint = Program::new("mandoc").args(["-T", "lint", "page.1"]).cwd(folder.path());
        let lint = lint.in_shell("command -v \"$0\" >/dev/null || exit 0; \"$0\" \"$@\"; true");
        let output = lint.run().succeeded();
        let is_severe =
            |it: &&str| ["ERROR", "UNSUPP", "WARNING"].iter().any(|level| it.contains(level));
        // A date would be that of the build.
        let severe: Vec<&str> =
            output.lines().filter(is_severe).filter(|it| !it.contains("missing date")).collect();
        assert!(severe.is_empty(), "{command}: {severe:?}");
    }
}
