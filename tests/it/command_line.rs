//! The command line: what each option prints, and the exit status.

use std::{fs, net::TcpListener};

use serde_json::Value;

use crate::harness::{
    Outcome, Program, chapbook, listening_on, page, repository, run, site_folder, skipped,
};

/// The version with that of rustls, which is the one in the lock file.
fn version() -> String {
    let locked = fs::read_to_string(repository("Cargo.lock")).expect("it is tracked");
    let rustls = locked.split("\nname = \"rustls\"\nversion = \"").nth(1).expect("it is locked");
    let rustls = rustls.split('"').next().unwrap_or_default();
    format!("chapbook {} (rustls {rustls})", env!("CARGO_PKG_VERSION"))
}

#[test]
fn help_and_version_go_to_stdout_with_status_0() {
    let version = version() + "\n";
    let expected = Outcome { status: Some(0), stdout: version, stderr: String::new() };
    assert_eq!(run(["--version"]), expected);
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let Outcome { status, stdout, stderr } = run(arguments);
        assert_eq!((status, stderr.as_str()), (Some(0), ""));
        for word in ["--host", "--port", "--workers", "--max-connections", "--quiet", "Examples:"] {
            assert!(stdout.contains(word), "{arguments:?} does not mention {word}:\n{stdout}");
        }
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let help = run(["--help"]).succeeded();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let commands = commands.filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|command| *command != "help").collect();
    assert!(commands.len() >= 8, "{help}");
    let candidates = run(["completions", "--words", "--", "chapbook", ""]).succeeded();
    assert!(commands.iter().all(|it| candidates.contains(&format!("{it}\t"))), "{candidates}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(["completions", shell]).succeeded();
        assert!(script.contains("--words") && !script.contains("PROGRAM"), "{shell}: {script}");
    }
    let page = run(["man"]).succeeded();
    for command in &commands {
        assert!(page.contains(&format!("chapbook\\-{command}(1)")), "{command}: {page}");
        let page = run(["man", command]).succeeded();
        assert!(page.contains(&format!(".TH chapbook-{command} 1")), "{command}");
    }
    run(["man", "nothing"]).failed(2);
}

#[test]
fn wrong_usage_exits_with_2_and_names_the_mistake() {
    let rows: &[(&[&str], &str)] = &[
        (&["--port", "x"], "--port"),
        (&["--port", "65536"], "--port"),
        (&["--host", "example.com"], "IP address"),
        (&["--nope"], "--nope"),
        (&["--max-connections", "0"], "--max-connections"),
        (&["--workers", "1025"], "the number of workers is from 0 to 1024"),
        (&["-p", "-1"], "a port is a number from 0 to 65535"),
        (&["-p", "many"], "a port is a number from 0 to 65535"),
        (&["--max-connections", "x"], "the number of connections is 1 or more"),
        (&["--prot", "80"], "--port"),
        (&["serv"], "serve"),
        (&["packk", "dist", "-o", "x"], "unknown command `packk`; did you mean `pack`?"),
        (&["export", "dist"], "unknown command `export`; did you mean `extract`?"),
        (&["upload", "dist"], "unknown command `upload`; `chapbook --help` lists the commands"),
        (&["tests", "check"], "did you mean `chapbook check tests`?"),
        (&["-o", "demo"], "did you mean `chapbook pack FOLDER -o demo`?"),
        (&["tests", "-o", "demo"], "did you mean `chapbook pack tests -o demo`?"),
        (&["--spa"], "--spa applies to a folder"),
        (&["routes", "--spa"], "--spa applies to a folder"),
        (&["--mount", "/repo/"], "--mount applies to a folder"),
    ];
    for (arguments, word) in rows {
        let stderr = run(*arguments).failed(2);
        assert!(stderr.contains(word), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_port_in_use_is_one_line_on_stderr_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = taken.local_addr().expect("a listener has an address").port().to_string();
    let start = format!("chapbook: cannot listen on 127.0.0.1:{port}: port {port} is in use");
    let end = "; choose another with --port, or any free one with --port 0\n";
    for host in ["localhost", "127.0.0.1"] {
        let stderr = run(["--host", host, "--port", &port]).failed(1);
        assert!(stderr.starts_with(&start) && stderr.ends_with(end), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn the_site_at_a_port_that_is_in_use_is_named() {
    let other = chapbook().args(["--port", "0"]).serve();
    let port = other.address.port().to_string();
    let stderr = run(["--port", &port]).failed(1);
    let site = format!("(process {}), which serves \"Greetings from", other.process.id());
    assert!(stderr.contains(&site), "{stderr}");
}

#[test]
fn a_port_in_use_on_ipv6_only_counts_as_in_use() {
    let Ok(taken) = TcpListener::bind("[::1]:0") else {
        return skipped("this machine has no IPv6 loopback address");
    };
    let port = taken.local_addr().expect("a listener has an address").port().to_string();
    let stderr = run(["--port", &port]).failed(1);
    assert!(stderr.contains(&format!("cannot listen on [::1]:{port}")), "{stderr}");
}

#[test]
fn an_address_of_another_machine_is_one_line_on_stderr_and_status_1() {
    const OTHER_ADDRESS: &str = "chapbook: cannot listen on 192.0.2.1:8080: \
         this machine has no address 192.0.2.1; \
         choose one of its addresses with --host\n";
    assert_eq!(run(["--host", "192.0.2.1", "--port", "8080"]).failed(1), OTHER_ADDRESS);
}

#[test]
fn the_first_line_names_a_url_that_can_be_opened() {
    for host in ["localhost", "127.0.0.1", "0.0.0.0"] {
        let server = chapbook().args(["--host", host, "--port", "0"]).serve();
        assert_eq!(server.address.ip().to_string(), "127.0.0.1", "{host}");
        assert_eq!(server.connect().get("/book").status, 200, "{host}");
    }
}

#[test]
fn options_can_come_from_the_environment() {
    let server = chapbook().env("CHAPBOOK_PORT", "0").env("CHAPBOOK_HOST", "127.0.0.1").serve();
    assert_eq!(server.connect().get("/book").status, 200);
    chapbook().env("CHAPBOOK_PORT", "x").run().failed(2);
    // It may be set for the build of this executable, which has its site already.
    assert!(chapbook().arg("routes").env("CHAPBOOK_SPA", "1").run().succeeded().contains("/book"));
    let server = chapbook().env("CHAPBOOK_MOUNT", "/repo/").args(["--port", "0"]).serve();
    assert_eq!(server.connect().get("/book").status, 200);
}

#[test]
fn a_variable_with_a_wrong_value_exits_with_2_and_is_named() {
    let rows = [
        ("CHAPBOOK_QUIET", "banana", "1 or 0, true or false, yes or no, on or off"),
        ("CHAPBOOK_LAN", "2", "1 or 0, true or false, yes or no, on or off"),
        ("CHAPBOOK_OPEN", "maybe", "1 or 0, true or false, yes or no, on or off"),
        ("CHAPBOOK_PORT", "65536", "a port is a number from 0 to 65535"),
        ("CHAPBOOK_HOST", "example.com", "a host is an IP address, or `localhost`"),
        ("CHAPBOOK_MAX_CONNECTIONS", "0", "the number of connections is 1 or more"),
        ("CHAPBOOK_WORKERS", "100000", "the number of workers is from 0 to 1024"),
    ];
    for (name, value, expected) in rows {
        let stderr = chapbook().env(name, value).run().failed(2);
        assert!(stderr.contains(name) && stderr.contains(expected), "{name}: {stderr}");
    }
}

#[test]
fn an_option_on_the_command_line_is_not_blamed_on_its_variable() {
    for arguments in [&["-p", "x"][..], &["-qpx"], &["--port=x"]] {
        let stderr = chapbook().env("CHAPBOOK_PORT", "80").args(arguments).run().failed(2);
        assert!(!stderr.contains("CHAPBOOK_PORT"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn errors_after_the_command_line_name_the_variable_too() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = busy.local_addr().expect("a listener has an address").port().to_string();
    let stderr = chapbook().env("CHAPBOOK_PORT", &port).run().failed(1);
    assert!(stderr.ends_with("--port 0 (the address is from CHAPBOOK_PORT)\n"), "{stderr}");
    let program = chapbook().env("CHAPBOOK_DENY", "warnigns").args(["check", "site"]);
    let stderr = program.run().failed(2);
    assert!(stderr.contains("unknown code `warnigns`") && stderr.contains("(from CHAPBOOK_DENY)"));
}

/// The last line is for the prompt.
#[test]
fn the_short_help_fits_a_terminal_of_80_columns_and_24_lines() {
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    chapbook().args(["pack", "site", "-o", "demo"]).cwd(folder.path()).run().succeeded();
    for program in [chapbook(), Program::new(folder.path().join("demo"))] {
        let help = program.arg("-h").env("COLUMNS", "80").run().succeeded();
        assert!(help.lines().count() <= 23, "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        let order = ["Examples:", "Usage:", "Options:", "CHAPBOOK_PORT=9000"];
        let found = order.map(|it| help.find(it).unwrap_or_else(|| panic!("no {it}: {help}")));
        assert!(found.is_sorted(), "{help}");
    }
    let help = run(["--help"]).succeeded();
    let (everyday, tuning) = help.split_once("\nTuning:\n").expect("there is a second group");
    for (option, group) in [("--port", everyday), ("--open", everyday), ("--workers", tuning)] {
        assert!(group.contains(option), "{help}");
    }
}

#[test]
fn a_packed_executable_has_the_help_and_version_of_its_site() {
    let folder = site_folder(&[("index.html", &page("Hello"))]);
    let pack = chapbook().args(["pack", "site", "-o", "demo", "--json"]).cwd(folder.path());
    let packed: Value = serde_json::from_str(&pack.run().succeeded()).expect("JSON");
    let demo = || Program::new("./demo").cwd(folder.path());
    for option in ["-h", "--help"] {
        let help = demo().arg(option).run().succeeded();
        assert!(
            help.starts_with("Test: a website in one executable\n\nExamples:\n  ./demo --open")
        );
        assert!(help.contains("Usage: ./demo [OPTIONS]\n"), "{help}");
        for word in ["--mount", "FOLDER", "completions", "explain"] {
            assert!(!help.contains(word), "{word}: {help}");
        }
    }
    assert!(demo().args(["verify", "-h"]).run().succeeded().contains("  ./demo verify "));
    let stderr = demo().args(["-o", "x"]).run().failed(2);
    assert!(stderr.contains("did you mean `./demo pack FOLDER -o x`?"), "{stderr}");
    // They are hidden, and there nevertheless.
    demo().args(["check", "site"]).run().succeeded();
    let (hash, version) = (packed["root_hash"].as_str().expect("text"), version());
    let expected = format!("./demo: Test\nroot hash {hash}\n{version}\n");
    assert_eq!(demo().arg("--version").run().succeeded(), expected);
}

#[test]
fn a_boolean_variable_can_be_off() {
    for value in ["0", "false", "NO", "off", ""] {
        let server = chapbook().env("CHAPBOOK_LAN", value).args(["--port", "0"]).serve();
        assert_eq!(server.address.ip().to_string(), "127.0.0.1", "{value}");
    }
}

#[test]
fn without_a_port_option_the_next_free_port_is_used_and_the_holder_and_its_site_are_named() {
    // Either this takes the port, or another process has it already.
    let mut other = chapbook().args(["--port", "8080"]).spawn();
    other.stdout_line();
    let mut server = chapbook().spawn();
    let Some(address) = listening_on(&server.stdout_line()) else {
        let stderr = server.wait().stderr;
        let expected = "all ports from 8080 to 8099 are in use; choose another with --port";
        return assert!(stderr.contains(expected), "{stderr}");
    };
    let port = address.port();
    assert!((8081..=8099).contains(&port), "{port}");
    let line = server.stderr_line();
    let process = format!("(process {})", other.id());
    assert!(line.starts_with("chapbook: port 8080 is in use"), "{line}");
    assert!(line.ends_with(&format!("; using {port} instead\n")), "{line}");
    if line.contains(&process) {
        let site = format!("{process}, which serves \"Greetings from a chapbook\"; using");
        assert!(line.contains(&site), "{line}");
    } else {
        skipped("the name of the site, as another process has port 8080");
    }
}
