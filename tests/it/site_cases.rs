//! Small sites as generators write them, with the diagnostics and responses that each must get.
//!
//! A case of tests/site-cases is a site (`files`, `args`), what `check` reports about it
//! (`check`), and requests with their responses (`requests`), to the folder and to the packed site.
//! A file is a text, `{"base64": ...}`, `{"repeat": [text, count]}` or `{"symlink": target}`.
//! `source` names the generator or the bug report that the case comes from.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use chapbook_format::digest;
use serde_json::Value;

use crate::{
    conformance::matches,
    harness::{Program, Response, Server, chapbook, repository, write},
};

/// A case with its name.
struct Case {
    name: String,
    value: Value,
}

impl Case {
    fn all() -> Vec<Self> {
        let entries = fs::read_dir(repository("tests/site-cases")).expect("a folder can be listed");
        let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        paths.sort();
        let read = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a case can be read");
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            Self { value: serde_json::from_str(&text).expect("a case is JSON"), name }
        };
        paths.into_iter().map(read).collect()
    }

    fn arguments(&self) -> impl Iterator<Item = &str> {
        texts(&self.value["args"])
    }

    /// Writes the site to the folder `site`.
    fn write_site(&self, folder: &Path) {
        for (path, content) in self.value["files"].as_object().into_iter().flatten() {
            if let Some(target) = content["symlink"].as_str() {
                #[cfg(unix)]
                std::os::unix::fs::symlink(target, folder.join("site").join(path))
                    .expect("links can be made");
                #[cfg(not(unix))]
                panic!("no link to {target}");
            } else {
                write(&folder.join("site"), path, content_of(content));
            }
        }
    }

    /// Runs the case. Returns what is wrong.
    fn problems(&self) -> Vec<String> {
        let folder = tempfile::tempdir().expect("the disk has room");
        self.write_site(folder.path());
        let program = |words: &[&str]| chapbook().args(words).args(self.arguments());
        let mut problems = Vec::new();
        let expected = &self.value["check"];
        if !expected.is_null() {
            let outcome = program(&["check", "site", "--json"]).cwd(folder.path()).run();
            problems.extend(check_problems(expected, outcome.status, &outcome.stdout));
        }
        // Packing copies the executable, which takes longer than everything else.
        if expected["exit"] != 1 && self.value["requests"].is_null() {
            return problems;
        }
        let packed = program(&["pack", "site", "-o", "packed"]).cwd(folder.path()).run();
        if expected["exit"] == 1 {
            if packed.status != Some(1) || folder.path().join("packed").exists() {
                problems.push(format!("pack must refuse the site: {packed:?}"));
            }
            // The preview serves an unfinished site.
            self.exchange(|| program(&["site", "--port", "0"]), folder.path(), &mut problems);
            return problems;
        }
        if packed.status != Some(0) {
            problems.push(format!("pack failed: {packed:?}"));
            return problems;
        }
        self.exchange(|| program(&["site", "--port", "0"]), folder.path(), &mut problems);
        let packed = || Program::new(folder.path().join("packed")).args(["--port", "0"]);
        self.exchange(packed, folder.path(), &mut problems);
        problems
    }

    /// Sends the requests to a server.
    fn exchange(&self, program: impl Fn() -> Program, folder: &Path, problems: &mut Vec<String>) {
        let Some(requests) = self.value["requests"].as_array() else { return };
        let server = program().cwd(folder).serve();
        for request in requests {
            let (method, target) =
                (request["method"].as_str().unwrap_or("GET"), text(&request["target"]));
            let response = respond(&server, request, method, target);
            let wrong = response_problems(request, &response);
            problems.extend(wrong.into_iter().map(|it| format!("{method} {target}: {it}")));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().map(text)
}

/// A value, or several of which one must match.
fn alternatives(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
}

fn content_of(content: &Value) -> Vec<u8> {
    if let Some(encoded) = content["base64"].as_str() {
        return base64(encoded);
    }
    if let Some([repeated, count]) = content["repeat"].as_array().map(Vec::as_slice) {
        let count = count.as_u64().and_then(|it| usize::try_from(it).ok());
        return text(repeated).repeat(count.expect("a count")).into_bytes();
    }
    text(content).as_bytes().to_vec()
}

/// RFC 4648 section 4.
fn base64(encoded: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = encoded.bytes().filter_map(|byte| ALPHABET.iter().position(|it| *it == byte));
    let digits: Vec<usize> = digits.collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        let bytes =
            [bits >> 16, bits >> 8, bits].map(|it| u8::try_from(it & 0xff).expect("a byte"));
        bytes.into_iter().take(group.len() - 1)
    });
    bytes.collect()
}

fn check_problems(expected: &Value, status: Option<i32>, stdout: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let records = stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let found: Vec<Value> = records.filter(|it| it["code"].is_string()).collect();
    let number = |is_counted: &dyn Fn(&Value) -> bool| {
        found.iter().filter(|it| is_counted(it)).count() as u64
    };
    for wanted in expected["has"].as_array().into_iter().flatten() {
        if number(&|it| fits(it, wanted)) == 0 {
            problems.push(format!("check does not report {wanted}"));
        }
    }
    for unwanted in expected["lacks"].as_array().into_iter().flatten() {
        if let Some(reported) = found.iter().find(|it| fits(it, unwanted)) {
            problems.push(format!("check reports {reported}"));
        }
    }
    for (code, count) in expected["count"].as_object().into_iter().flatten() {
        let counted = number(&|it| it["code"] == **code);
        if count.as_u64() != Some(counted) {
            problems.push(format!("check reports {code} {counted} times, not {count}"));
        }
    }
    for (what, most) in expected["at_most"].as_object().into_iter().flatten() {
        let counted = number(&|it| {
            what == "diagnostics"
                || it["code"] == **what
                || format!("{}s", text(&it["severity"])) == **what
        });
        if most.as_u64().is_none_or(|most| counted > most) {
            problems
                .push(format!("check reports {counted} {what}, over {most}: {:?}", found.first()));
        }
    }
    if !expected["exit"].is_null() && expected["exit"].as_i64() != status.map(i64::from) {
        problems.push(format!("check exits with {status:?}: {:?}", found.first()));
    }
    problems
}

/// Whether a diagnostic has all that a case names: a code, or an object.
fn fits(diagnostic: &Value, wanted: &Value) -> bool {
    let Some(wanted) = wanted.as_object() else { return diagnostic["code"] == *wanted };
    wanted.iter().all(|(name, value)| match name.as_str() {
        "contains" => {
            let part = text(value);
            ["message", "help"].iter().any(|it| text(&diagnostic[*it]).contains(part))
        }
        "file" => {
            let file = diagnostic["file"].as_str().unwrap_or_default();
            file.strip_prefix("site/").unwrap_or(file) == text(value)
        }
        name => diagnostic[name] == *value,
    })
}

fn respond(server: &Server, request: &Value, method: &str, target: &str) -> Response {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
    for (name, value) in request["fields"].as_object().into_iter().flatten() {
        head = format!("{head}{name}: {}\r\n", text(value));
    }
    let mut client = server.connect();
    client.send(head + "\r\n");
    if method == "HEAD" { client.receive_head() } else { client.receive() }
}

fn response_problems(expected: &Value, response: &Response) -> Vec<String> {
    let mut problems = Vec::new();
    let statuses = match &expected["status"] {
        Value::Null => vec![200],
        status => alternatives(status).iter().filter_map(|it| it.as_u64()).collect(),
    };
    if !statuses.contains(&u64::from(response.status)) {
        problems.push(format!("status {}, not {statuses:?}", response.status));
    }
    let media_type = response.field("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let types = alternatives(&expected["type"]);
    if !expected["type"].is_null() && !types.iter().any(|it| **it == media_type) {
        problems.push(format!("media type `{media_type}`, not {}", expected["type"]));
    }
    for (name, wanted) in expected["has"].as_object().into_iter().flatten() {
        let value = response.field(&name.to_ascii_lowercase());
        if !value.is_some_and(|value| value_fits(value, wanted)) {
            problems.push(format!("{name}: {value:?}, not {wanted}"));
        }
    }
    for unwanted in texts(&expected["lacks"]) {
        let (name, part) = unwanted.split_once(": ").unwrap_or((unwanted, ""));
        let value = response.field(&name.to_ascii_lowercase());
        if value.is_some_and(|value| value.to_lowercase().contains(&part.to_lowercase())) {
            problems.push(format!("{name}: {value:?}"));
        }
    }
    problems.extend(content_problems(expected, response));
    problems
}

fn value_fits(value: &str, wanted: &Value) -> bool {
    if let Some(part) = wanted["contains"].as_str() {
        return value.contains(part);
    }
    if let Some(pattern) = wanted["matches"].as_str() {
        return matches(pattern, value);
    }
    alternatives(wanted).iter().any(|it| **it == value)
}

fn content_problems(expected: &Value, response: &Response) -> Vec<String> {
    let content = &response.content;
    let contains = |part: &str| memchr::memmem::find(content, part.as_bytes()).is_some();
    let unpacked = || match response.field("content-encoding") {
        Some("gzip") => {
            let mut unpacked = Vec::new();
            let read = flate2::read::GzDecoder::new(&content[..]).read_to_end(&mut unpacked);
            read.map(|_| unpacked).unwrap_or_default()
        }
        _ => content.clone(),
    };
    let hash = || digest::hexadecimal(&digest::of(content));
    let holds = |name: &str, wanted: &str| match name {
        "body" => *content == wanted.as_bytes(),
        "body_contains" => contains(wanted),
        "body_lacks" => !contains(wanted),
        "body_sha256" => hash() == wanted,
        _ => unpacked() == wanted.as_bytes(),
    };
    ["body", "body_contains", "body_lacks", "body_sha256", "unpacked"]
        .iter()
        .filter(|name| expected[**name].as_str().is_some_and(|wanted| !holds(name, wanted)))
        .map(|name| format!("wrong content ({name}): {}", content.escape_ascii()))
        .collect()
}

#[test]
fn every_site_case_is_checked_and_served_as_expected() {
    let cases = Case::all();
    assert!(cases.len() >= 170, "only {} cases", cases.len());
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let problems = case.problems();
                    if !problems.is_empty() {
                        let mut failed = failed.lock().expect("no thread panics");
                        failed.push(format!("{}: {}", case.name, problems.join("\n    ")));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().expect("no thread panics");
    failed.sort();
    assert!(failed.is_empty(), "{} cases failed:\n{}", failed.len(), failed.join("\n"));
}
