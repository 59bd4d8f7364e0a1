//! What the command line says, and with which code it ends.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Stdio,
};

use crate::harness::{Server, chapbook};

/// What a command printed and how it ended.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = chapbook().args(arguments).output().expect("the executable starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints UTF-8");
    (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
}

#[test]
fn help_and_version_go_to_stdout_with_code_0() {
    let version = format!("chapbook {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]), (0, version, String::new()));
    for arguments in [&["--help"][..], &["serve", "--help"]] {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stderr.as_str()), (0, ""));
        for word in ["--host", "--port", "--workers", "--max-connections", "--quiet", "Examples:"] {
            assert!(stdout.contains(word), "{arguments:?} says nothing of {word}:\n{stdout}");
        }
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let (_, help, _) = run(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let commands = commands.filter_map(|line| line.split_whitespace().next());
    let commands: Vec<String> = commands.filter(|it| *it != "help").map(str::to_owned).collect();
    assert!(commands.len() >= 8, "{help}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script, problems) = run(&["completions", shell]);
        assert_eq!((code, problems.as_str()), (0, ""), "{shell}");
        assert!(commands.iter().all(|it| script.contains(it.as_str())), "{shell}");
    }
    let (_, page, _) = run(&["man"]);
    for command in &commands {
        assert!(page.contains(&format!("chapbook\\-{command}(1)")), "{command}: {page}");
        let (code, page, _) = run(&["man", command]);
        assert!(code == 0 && page.contains(&format!(".TH chapbook-{command} 1")), "{command}");
    }
    assert_eq!(run(&["man", "nothing"]).0, 2);
}

#[test]
fn wrong_usage_ends_with_code_2_and_says_what_is_wrong() {
    let rows: &[(&[&str], &str)] = &[
        (&["--port", "x"], "--port"),
        (&["--port", "65536"], "--port"),
        (&["--host", "example.com"], "IP address"),
        (&["--nope"], "--nope"),
        (&["--max-connections", "0"], "--max-connections"),
        (&["--prot", "80"], "--port"),
        (&["serv"], "serve"),
    ];
    for (arguments, word) in rows {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(word), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_port_that_is_taken_is_one_line_on_stderr_and_code_1() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    for host in ["localhost", "127.0.0.1"] {
        let (code, stdout, stderr) = run(&["--host", host, "--port", &port]);
        assert_eq!((code, stdout.as_str()), (1, ""));
        let start = format!("chapbook: cannot listen on 127.0.0.1:{port}: port {port} is taken");
        assert!(stderr.starts_with(&start), "{stderr}");
        assert!(
            stderr.ends_with("; choose another with --port, or any with --port 0\n"),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn a_port_that_is_taken_in_ipv6_only_is_taken_too() {
    let Ok(taken) = TcpListener::bind("[::1]:0") else { return };
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let (code, _, stderr) = run(&["--port", &port]);
    assert_eq!(code, 1);
    assert!(stderr.contains(&format!("cannot listen on [::1]:{port}")), "{stderr}");
}

#[test]
fn an_address_that_is_not_ours_is_one_line_on_stderr_and_code_1() {
    let (code, stdout, stderr) = run(&["--host", "192.0.2.1", "--port", "8080"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert_eq!(
        stderr,
        "chapbook: cannot listen on 192.0.2.1:8080: this machine has no address 192.0.2.1\n"
    );
}

#[test]
fn the_first_line_names_the_url_that_can_be_opened() {
    for (host, prefix) in [
        ("localhost", "Listening on http://127.0.0.1:"),
        ("127.0.0.1", "Listening on http://127.0.0.1:"),
        ("0.0.0.0", "Listening on http://127.0.0.1:"),
    ] {
        let mut child = chapbook()
            .args(["--host", host, "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the executable starts");
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("it says something");
        child.kill().expect("it runs");
        child.wait().expect("it ran");
        assert!(line.starts_with(prefix) && line.ends_with("/\n"), "{host}: {line}");
    }
}

#[test]
fn flags_can_come_from_the_environment() {
    let mut command = chapbook();
    command.env("CHAPBOOK_PORT", "0").env("CHAPBOOK_HOST", "127.0.0.1");
    let server = Server::spawn(command);
    assert_eq!(server.connect().get("/book").status, 200);
    let quiet = chapbook().env("CHAPBOOK_PORT", "x").output().expect("the executable starts");
    assert_eq!(quiet.status.code(), Some(2));
}

#[test]
fn without_a_port_the_next_free_one_is_taken_and_said() {
    // Whoever has it, nobody gets it while this test runs.
    let _taken = TcpListener::bind("127.0.0.1:8080");
    let mut child = chapbook()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable starts");
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let stderr = child.stderr.take().expect("stderr is a pipe");
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first).expect("it says something");
    let mut problem = String::new();
    BufReader::new(stderr).read_line(&mut problem).expect("it says something");
    child.kill().expect("it runs");
    child.wait().expect("it ran");
    let port = first.trim().strip_prefix("Listening on http://127.0.0.1:");
    let port: u16 = port.and_then(|it| it.strip_suffix('/')?.parse().ok()).expect("a port");
    assert!((8081..=8099).contains(&port), "{first}");
    assert_eq!(problem, format!("chapbook: port 8080 is taken, so this is {port}\n"));
}
