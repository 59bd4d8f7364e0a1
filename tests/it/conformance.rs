//! Every case of the conformance table, against the executable and against the core.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use regress::Regex;
use serde_json::Value;

use crate::harness::{Response, Server, parse_all, talk, talk_in_pieces};

/// A server sends what it has without a pause; after this time it has sent everything.
const SILENCE: Duration = Duration::from_millis(250);
/// Cases under way at a time over loopback.
const CONCURRENT: usize = 64;

/// A case of tests/conformance/cases.json: the bytes to send and the expected response.
pub(crate) struct Case {
    id: String,
    pub(crate) sent: Vec<u8>,
    pub(crate) shuts_down: bool,
    heads: Vec<usize>,
    expected: Value,
    allows_only_continue: bool,
}

impl Case {
    /// Whether it can be sent in many pieces. Long requests repeat one byte.
    pub(crate) fn is_short(&self) -> bool {
        self.sent.len() < 2000
    }
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    let text = include_str!("../conformance/cases.json");
    let all: Vec<Value> = serde_json::from_str(text).expect("the table is JSON");
    assert!(all.len() > 500, "the table has more than 500 cases");
    let default_site = DefaultSite::read();
    all.iter()
        .filter(|case| default_site.has_all(&case["needs"]))
        .map(|case| {
            let sent = default_site.expand(case["send"].as_str().expect("`send` is a string"));
            Case {
                id: case["id"].as_str().expect("a case has an id").to_owned(),
                // The table writes bytes as the characters of ISO 8859-1.
                sent: sent.chars().map(|it| u8::try_from(it).expect("ISO 8859-1")).collect(),
                shuts_down: case["shutdown"] == "write",
                heads: numbers(&case["heads"]),
                expected: expand_all(&case["expect"], &default_site),
                allows_only_continue: case["allow100"] == true,
            }
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<usize> {
    let numbers = value.as_array().into_iter().flatten().filter_map(Value::as_u64);
    numbers.filter_map(|it| usize::try_from(it).ok()).collect()
}

/// Expands the placeholders in expected patterns.
fn expand_all(value: &Value, default_site: &DefaultSite) -> Value {
    let text = value.to_string();
    if !text.contains("{{") {
        return value.clone();
    }
    match value {
        Value::String(text) => Value::String(default_site.expand(text)),
        Value::Array(all) => all.iter().map(|it| expand_all(it, default_site)).collect(),
        Value::Object(all) => all
            .iter()
            .map(|(name, it)| (name.clone(), expand_all(it, default_site)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// The responses that the placeholders of the table refer to.
struct DefaultSite {
    responses: HashMap<&'static str, Response>,
}

impl DefaultSite {
    fn read() -> Self {
        let read = |path: &'static str| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let transcript = talk(request.as_bytes(), false);
            let mut responses = parse_all(&transcript.bytes, &[]).expect("the site responses");
            (path, responses.remove(0))
        };
        Self { responses: ["/", "/book", "/book.json"].map(read).into() }
    }

    /// Whether the server has what a case needs: Last-Modified depends on `SOURCE_DATE_EPOCH`.
    fn has_all(&self, needs: &Value) -> bool {
        let has_date = self.responses["/book.json"].field("last-modified").is_some();
        needs.as_array().into_iter().flatten().all(|need| *need != "last-modified" || has_date)
    }

    /// `{{repeat:TEXT:COUNT}}`, `{{etag:PATH}}`, `{{len-1:PATH}}` and `{{lm+86400:PATH}}`.
    fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let Some(length) = rest[start..].find("}}") else { break };
            expanded.push_str(&rest[..start]);
            expanded.push_str(&self.placeholder(&rest[start + 2..start + length]));
            rest = &rest[start + length + 2..];
        }
        expanded + rest
    }

    fn placeholder(&self, text: &str) -> String {
        if let Some(repeat) = text.strip_prefix("repeat:") {
            let (what, count) = repeat.rsplit_once(':').expect("a text and a count");
            // A repeated text contains no placeholder.
            return what.repeat(count.parse().expect("a number"));
        }
        let (what, path) = text.split_once(':').expect("a name and a path");
        let response = &self.responses[path];
        let tag = || response.field("etag").expect("it has an entity tag").to_owned();
        let shifted = |base: u64, shift: &str| match shift.strip_prefix('-') {
            Some(less) => base - less.parse::<u64>().expect("a number"),
            None => base + shift.trim_start_matches('+').parse::<u64>().unwrap_or(0),
        };
        match what {
            "etag" => tag(),
            "etag-truncated" => format!("{}\"", &tag()[..tag().len() - 2]),
            "lm850" => rfc_850(response.field("last-modified").expect("it has a date")),
            _ if what.starts_with("lm") => {
                let date = response.field("last-modified").expect("it has a date");
                let time = httpdate::parse_http_date(date).expect("a date");
                let since = time.duration_since(UNIX_EPOCH).expect("a date after 1970");
                let shifted = Duration::from_secs(shifted(since.as_secs(), &what[2..]));
                httpdate::fmt_http_date(UNIX_EPOCH + shifted)
            }
            _ if what.starts_with("len") => {
                shifted(response.content.len() as u64, &what[3..]).to_string()
            }
            _ => panic!("no placeholder {text}"),
        }
    }
}

/// `Sunday, 06-Nov-94 08:49:37 GMT` for `Sun, 06 Nov 1994 08:49:37 GMT`.
fn rfc_850(date: &str) -> String {
    const DAYS: [&str; 7] =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let day = DAYS.iter().find(|it| it.starts_with(&date[..3])).expect("a day of the week");
    format!("{day}, {}-{}-{}{}", &date[5..7], &date[8..11], &date[14..16], &date[16..])
}

/// Compares a response with a case.
fn check(case: &Case, bytes: &[u8], is_closed: bool) -> Vec<String> {
    let mut problems = Vec::new();
    let all = match parse_all(bytes, &case.heads) {
        Ok(all) => all,
        Err(problem) => return vec![problem],
    };
    let (interim, finals): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.status < 200);
    let expected = &case.expected;
    let status = match finals.first() {
        Some(first) => i64::from(first.status),
        None if case.allows_only_continue && !interim.is_empty() => return problems,
        None => -i64::from(!is_closed),
    };
    check_status(expected, status, &mut problems);
    for (at, response) in finals.iter().enumerate() {
        check_invariants(response, &mut problems);
        let expected = match at {
            0 => expected,
            _ => &expected["next"][at - 1],
        };
        if !expected.is_null() {
            check_status(expected, i64::from(response.status), &mut problems);
            check_fields(expected, response, &mut problems);
        }
    }
    if let Some(counts) = expected["count"].as_array()
        && !counts.iter().any(|it| it.as_u64() == Some(finals.len() as u64))
    {
        problems.push(format!("{} responses, not {counts:?}", finals.len()));
    }
    if expected["close"].as_bool().is_some_and(|it| it != is_closed) {
        problems.push(format!("closed: {is_closed}"));
    }
    let has_close = |it: &Response| it.field("connection") == Some("close");
    if is_closed && !case.shuts_down && finals.last().is_some_and(|it| !has_close(it)) {
        problems.push("closed without `Connection: close`".to_owned());
    }
    problems
}

fn check_status(expected: &Value, status: i64, problems: &mut Vec<String>) {
    let allowed = expected["status"].as_array().expect("a case has a status");
    if !allowed.iter().any(|it| it.as_i64() == Some(status)) {
        problems.push(format!("status {status}, not {allowed:?}"));
    }
}

fn check_fields(expected: &Value, response: &Response, problems: &mut Vec<String>) {
    for (name, pattern) in expected["headers"].as_object().into_iter().flatten() {
        let is_optional = name.ends_with('?');
        let name = name.trim_end_matches('?');
        match (response.field(name), pattern.as_str()) {
            (Some(value), None) => problems.push(format!("unexpected {name}: {value}")),
            (None, Some(_)) if !is_optional => problems.push(format!("no {name}")),
            (Some(value), Some(pattern)) if !matches(pattern, value) => {
                problems.push(format!("{name}: {value} is not {pattern}"));
            }
            _ => {}
        }
    }
    if let Some(pattern) = expected["body"].as_str() {
        let text: String = response.content.iter().map(|&byte| char::from(byte)).collect();
        if !matches(pattern, &text) {
            problems.push(format!("content is not {pattern}"));
        }
    }
}

/// Whether a part of a text matches a pattern of the tables: regular expressions of Python, some
/// with look-around, and of JavaScript after `(?i)`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, flags) = pattern.strip_prefix("(?i)").map_or((pattern, ""), |it| (it, "i"));
    let pattern = Regex::with_flags(pattern, flags).expect("the patterns of the tables are valid");
    pattern.find(text).is_some()
}

fn check_invariants(response: &Response, problems: &mut Vec<String>) {
    let number = |name: &str| response.field(name).and_then(|it| it.parse::<u64>().ok());
    let range = response.field("content-range").unwrap_or_default();
    let is_consistent = match response.status {
        405 => response.field("allow").is_some(),
        416 => range.starts_with("bytes */"),
        206 => {
            let numbers: Vec<u64> =
                range[6..].split(['-', '/']).filter_map(|it| it.parse().ok()).collect();
            let [first, last, length] = numbers[..] else { panic!("Content-Range: {range}") };
            first <= last && last < length && number("content-length") == Some(last - first + 1)
        }
        _ => true,
    };
    if !is_consistent || response.field("date").is_none() {
        problems.push(format!("inconsistent: {response:?}"));
    }
}

/// Exchanges the bytes of cases with a server, many at a time: they mostly wait. `exchange` returns
/// what was received until the server closed or sent nothing more, and whether it closed.
pub(crate) fn run_all(cases: &[Case], exchange: impl Fn(&Case) -> (Vec<u8>, bool) + Sync) {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENT {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (bytes, is_closed) = exchange(case);
                    for problem in check(case, &bytes, is_closed) {
                        problems.lock().expect("no thread panics").push((&case.id, problem));
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().expect("no thread panics");
    assert!(problems.is_empty(), "{problems:#?}");
}

fn run_without_tls(bytewise: bool) {
    let server = Server::start();
    run_all(&cases(), |case| {
        let mut client = server.connect();
        if bytewise && case.is_short() {
            client.send_bytewise(&case.sent);
        } else {
            client.send(&case.sent);
        }
        if case.shuts_down {
            client.shutdown_write();
        }
        client.receive_for(SILENCE)
    });
}

#[test]
fn every_case_passes_over_loopback() {
    run_without_tls(false);
}

#[test]
fn every_case_passes_over_loopback_byte_by_byte() {
    run_without_tls(true);
}

#[test]
fn every_case_passes_in_the_core_however_the_bytes_are_split() {
    for case in cases() {
        let expected = talk(&case.sent, case.shuts_down);
        let problems = check(&case, &expected.bytes, expected.is_closed);
        assert!(problems.is_empty(), "{}: {problems:?}", case.id);
        // Long requests repeat one byte, so a sample of the positions suffices.
        let is_short = case.is_short();
        let step = if is_short { 1 } else { case.sent.len() / 50 };
        for cut in (1..case.sent.len()).step_by(step) {
            let (first, second) = case.sent.split_at(cut);
            let transcript = talk_in_pieces(&[first, second], case.shuts_down, usize::MAX);
            assert_eq!(transcript, expected, "{} split at {cut}", case.id);
        }
        if is_short {
            let bytes: Vec<&[u8]> = case.sent.chunks(1).collect();
            let transcript = talk_in_pieces(&bytes, case.shuts_down, 1);
            assert_eq!(transcript, expected, "{} byte by byte in both directions", case.id);
        }
    }
}
