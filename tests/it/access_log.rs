//! `--log`: one line for each response, written without blocking the server.

use std::time::Instant;

use crate::{
    conformance::matches,
    harness::{Server, chapbook},
};

/// A server that logs in this format.
fn serve(format: &str) -> Server {
    chapbook().args(["--port", "0", "--workers", "1", "--log", format]).serve()
}

#[test]
fn each_response_is_logged_in_order() {
    let server = serve("json");
    let start = Instant::now();
    let mut client = server.connect();
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
    let log = server.process.terminate();
    let elapsed_us = start.elapsed().as_micros();
    assert_eq!((log.status, log.stderr.as_str()), (Some(0), ""));
    let records = log.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let records: Vec<serde_json::Value> = records.collect();
    let summary = |record: &serde_json::Value| {
        ["method", "target", "status", "close"].map(|key| record[key].to_string()).join(" ")
    };
    let expected = [
        r#""GET" "/book" 200 null"#,
        r#""HEAD" "/" 200 null"#,
        r#""POST" "/book" 405 null"#,
        r#""GET" "/nope" 404 null"#,
        r#""GET" "/" 304 null"#,
        r#""nonsense" "" 400 "refused""#,
    ];
    assert_eq!(records.iter().map(summary).collect::<Vec<_>>(), expected);
    let first = records[0].as_object().expect("a record is an object");
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
    // A response takes no longer than the test.
    let duration_us = records[0]["duration_us"].as_u64().expect("a duration is a number");
    assert!(u128::from(duration_us) <= elapsed_us, "{duration_us}");
}

#[test]
fn common_and_combined_have_the_format_of_other_servers() {
    let date = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]";
    let common = format!(r#"^127\.0\.0\.1 - - {date} "GET /book HTTP/1\.1" 200 \d+"#);
    let rows = [("common", format!("{common}$")), ("combined", format!(r#"{common} "-" "me"$"#))];
    for (format, expected) in rows {
        let mut server = serve(format);
        server.connect().send("GET /book HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n").receive();
        let line = server.process.stdout_line();
        assert!(matches(&expected, line.trim_end()), "{line}");
        let ended = server.process.terminate();
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_closed_stdout_ends_the_log_with_a_message_but_not_the_server() {
    const LOG_ENDS: &str = "chapbook: cannot write the access log: ";
    let mut server = serve("common");
    server.process.close_stdout();
    let mut client = server.connect();
    for _ in 0..50 {
        assert_eq!(client.get("/book").status, 200);
    }
    let ended = server.process.terminate();
    assert_eq!(ended.status, Some(0));
    assert!(ended.stderr.starts_with(LOG_ENDS), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("; logging stops\n"), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn lines_that_nothing_reads_are_dropped_and_counted_while_serving_continues() {
    const DROPPED: &str = " lines of the access log were dropped: stdout is not read fast enough";
    let mut server = serve("combined");
    let agent = "x".repeat(500);
    let request = format!("GET /book HTTP/1.1\r\nHost: a\r\nUser-Agent: {agent}\r\n\r\n");
    // Far more than the pipe and the queue in front of it hold.
    let mut client = server.connect();
    for _ in 0..1000 {
        client.send(request.repeat(16));
        for _ in 0..16 {
            assert_eq!(client.receive().status, 200);
        }
    }
    server.process.signal("TERM");
    assert_eq!(server.process.wait_unread(), Some(0));
    let problems = server.process.wait().stderr;
    assert!(problems.lines().any(|line| line.ends_with(DROPPED)), "{problems}");
    assert!(problems.lines().count() <= 5, "{problems}");
}
