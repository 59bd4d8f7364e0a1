//! `--log`: a line for each answer, which nobody waits for.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Stdio},
};

use crate::harness::{Client, chapbook};

/// A server that logs, and what it says on stdout.
fn serve(format: &str) -> (Child, BufReader<std::process::ChildStdout>, SocketAddr) {
    let mut command = chapbook();
    command.args(["--port", "0", "--workers", "1", "--log", format]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the executable starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("it says where");
    let address = line.trim().trim_start_matches("Listening on http://").trim_end_matches('/');
    (child, stdout, address.parse().expect("it is an address"))
}

fn end(mut child: Child) -> (Option<i32>, String) {
    let kill = std::process::Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill runs").success());
    let code = child.wait().expect("it ends").code();
    let mut problems = String::new();
    let mut stderr = child.stderr.take().expect("stderr is a pipe");
    stderr.read_to_string(&mut problems).expect("it is UTF-8");
    (code, problems)
}

#[test]
fn every_answer_is_a_line_in_its_order() {
    let (child, stdout, address) = serve("json");
    let mut client = Client::connect(address);
    client.send("GET /book HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nReferer: http://b/\r\n\r\n");
    let length = client.receive().content.len();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").receive_head();
    client.send("POST /book HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
    client.send("llo").receive();
    client.send("GET /nope HTTP/1.1\r\nHost: a\r\n\r\n");
    client.send("GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n");
    client.receive();
    client.receive();
    client.send("nonsense\r\n\r\n").receive();
    assert_eq!(end(child), (Some(0), String::new()));
    let lines: Vec<String> = stdout.lines().map(|line| line.expect("it is UTF-8")).collect();
    let records = lines.iter().map(|line| serde_json::from_str(line).expect("it is JSON"));
    let records: Vec<serde_json::Value> = records.collect();
    let told = |it: &serde_json::Value| {
        format!("{} {} {} {}", it["method"], it["target"], it["status"], it["close"])
    };
    let expected = [
        r#""GET" "/book" 200 null"#,
        r#""HEAD" "/" 200 null"#,
        r#""POST" "/book" 405 null"#,
        r#""GET" "/nope" 404 null"#,
        r#""GET" "/" 304 null"#,
        r#""nonsense" "" 400 "refused""#,
    ];
    assert_eq!(records.iter().map(told).collect::<Vec<_>>(), expected);
    let first = records[0].as_object().expect("it is an object");
    let keys: Vec<&str> = first.keys().map(String::as_str).collect();
    let mut expected = [
        "time",
        "client",
        "method",
        "target",
        "status",
        "bytes",
        "duration_us",
        "referer",
        "user_agent",
        "close",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(
        (first["bytes"].as_u64(), &first["client"]),
        (Some(length as u64), &"127.0.0.1".into())
    );
    assert_eq!((&first["user_agent"], &first["referer"]), (&"me".into(), &"http://b/".into()));
    assert_eq!((&records[1]["bytes"], &records[1]["referer"]), (&0.into(), &().into()));
    assert!(records[0]["duration_us"].as_u64().is_some_and(|it| it < 1_000_000));
}

#[test]
fn the_lines_of_other_formats_are_those_of_other_servers() {
    let date = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]";
    let common = format!(r#"^127\.0\.0\.1 - - {date} "GET /book HTTP/1\.1" 200 \d+"#);
    let rows = [("common", format!("{common}$")), ("combined", format!(r#"{common} "-" "me"$"#))];
    for (format, expected) in rows {
        let (child, mut stdout, address) = serve(format);
        let mut client = Client::connect(address);
        client.send("GET /book HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n").receive();
        let mut line = String::new();
        stdout.read_line(&mut line).expect("it says something");
        let expected = fancy_regex::Regex::new(&expected).expect("it is an expression");
        assert!(expected.is_match(line.trim_end()).expect("it ends"), "{line}");
        assert_eq!(end(child), (Some(0), String::new()));
    }
}

#[test]
fn the_log_ends_with_a_word_when_its_reader_leaves_and_serving_goes_on() {
    let (child, stdout, address) = serve("common");
    drop(stdout);
    let mut client = Client::connect(address);
    for _ in 0..50 {
        assert_eq!(client.get("/book").status, 200);
    }
    let (code, problems) = end(child);
    assert_eq!(code, Some(0));
    assert!(problems.starts_with("chapbook: the access log ends here: "), "{problems}");
    assert_eq!(problems.lines().count(), 1, "{problems}");
}

#[test]
fn serving_goes_on_when_nobody_reads_the_log_and_what_is_lost_is_counted() {
    let (child, stdout, address) = serve("combined");
    let agent = "x".repeat(500);
    let request = format!("GET /book HTTP/1.1\r\nHost: a\r\nUser-Agent: {agent}\r\n\r\n");
    // Far more than the pipe and what may wait before it can hold.
    let mut client = Client::connect(address);
    for _ in 0..1000 {
        client.send(request.repeat(16));
        for _ in 0..16 {
            assert_eq!(client.receive().status, 200);
        }
    }
    let (code, problems) = end(child);
    drop(stdout);
    assert_eq!(code, Some(0), "{problems}");
    let lost = " lines of the access log were dropped: nobody reads them fast enough";
    assert!(problems.lines().any(|line| line.ends_with(lost)), "{problems}");
    assert!(problems.lines().count() <= 5, "{problems}");
}
