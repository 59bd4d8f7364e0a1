//! This file owns what should come back for any bytes on a connection to the default site, read
//! from the RFCs once more: slowly, plainly, and sharing nothing with the server. Where they leave
//! a choice it takes docs/http.md; limits and time it doesn't know.

use chapbook::site::Site;

use crate::{
    accept_encoding,
    entity_tags::{self, Found},
    exchange::{CODINGS, page, trim},
    head::{self, REFUSALS, Request},
    path, range,
    response::{self, Response},
};

/// An answer that should come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status is one of these.
    pub statuses: Vec<u16>,
    /// Whether it has no content, whatever its length says.
    pub is_to_head: bool,
    /// The content, where it is known.
    pub content: Option<Vec<u8>>,
}

/// All that should come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// One behind the other.
    pub answers: Vec<Answer>,
    /// How it goes on behind the last one.
    pub end: End,
}

/// How it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The next request is waited for.
    Waits,
    /// Bytes are left that are no whole request yet: something may come that refuses them.
    Unfinished,
    /// The connection ends.
    Closes,
    /// So it does, and the client went on after it had said that it would not (RFC 9112 section
    /// 9.6): nobody owes it that the last answer arrives.
    BreaksItsWord,
    /// The model doesn't know.
    Open,
}

const EMPTY_LINES_MAX: usize = 4;
const CONTENT_MAX: usize = 64 * 1024;

/// What should come back for these bytes.
pub fn expected(mut bytes: &[u8]) -> Expected {
    let mut answers = Vec::new();
    loop {
        let mut empty_lines = 0;
        while let Some(rest) = bytes.strip_prefix(b"\r\n") {
            bytes = rest;
            empty_lines += 1;
        }
        if bytes.is_empty() {
            return Expected { answers, end: End::Waits };
        }
        if empty_lines > EMPTY_LINES_MAX {
            return refused(answers, false);
        }
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
            return Expected { answers, end: End::Unfinished };
        };
        if end > 8000 {
            return Expected { answers, end: End::Open };
        }
        let is_to_head = bytes.starts_with(b"HEAD ");
        let Some(request) = head::request(&bytes[..end]) else {
            return refused(answers, is_to_head);
        };
        let Some(is_valid) = is_valid(&request) else {
            return Expected { answers, end: End::Open };
        };
        let content =
            if is_valid { content_end(&request, &bytes[end + 4..]) } else { Content::Wrong };
        let length = match content {
            Content::Wrong => return refused(answers, is_to_head),
            Content::Unfinished => {
                return Expected { answers, end: End::Unfinished };
            }
            Content::Unknown => {
                return Expected { answers, end: End::Open };
            }
            Content::Ends(length) => length,
        };
        let Some(answer) = answer(&request) else {
            return Expected { answers, end: End::Open };
        };
        // Who sends what is malformed is not heard any longer.
        let is_malformed = answer.statuses == [400];
        answers.push(answer);
        bytes = &bytes[end + 4 + length..];
        if is_malformed || !is_kept(&request) {
            let breaks_its_word = !is_malformed && !bytes.is_empty();
            let end = if breaks_its_word { End::BreaksItsWord } else { End::Closes };
            return Expected { answers, end };
        }
    }
}

fn refused(mut answers: Vec<Answer>, is_to_head: bool) -> Expected {
    answers.push(Answer { statuses: REFUSALS.to_vec(), is_to_head, content: None });
    Expected { answers, end: End::Closes }
}

/// Whether version and hosts are as they should; `None` where others should judge.
fn is_valid(request: &Request<'_>) -> Option<bool> {
    let hosts: Vec<&[u8]> = request.values("host").collect();
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-');
    let is_host = |host: &&[u8]| !host.is_empty() && host.iter().all(is_plain);
    let is_expecting = request.values("expect").next().is_some();
    if is_expecting || request.fields.len() > 100 || !request.target.starts_with('/') {
        return None;
    }
    match (request.version, hosts.as_slice()) {
        ("HTTP/1.0", []) => Some(true),
        ("HTTP/1.0" | "HTTP/1.1", [host]) => is_host(host).then_some(true),
        ("HTTP/1.0" | "HTTP/1.1", _) => Some(false),
        _ => None,
    }
}

enum Content {
    Unknown,
    Wrong,
    Unfinished,
    /// Behind so many bytes.
    Ends(usize),
}

/// Where the content of a request ends (RFC 9112 section 6.3).
fn content_end(request: &Request<'_>, bytes: &[u8]) -> Content {
    let codings: Vec<&[u8]> = request.values("transfer-encoding").collect();
    let lengths: Vec<&[u8]> = request.values("content-length").collect();
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => Content::Ends(0),
        ([], [length]) => {
            let text = String::from_utf8_lossy(length);
            let is_number = !text.is_empty() && text.chars().all(|it| it.is_ascii_digit());
            match text.parse::<usize>() {
                Ok(length) if is_number && length <= CONTENT_MAX => match bytes.get(length..) {
                    Some(_) => Content::Ends(length),
                    None => Content::Unfinished,
                },
                _ => Content::Wrong,
            }
        }
        ([coding], [])
            if request.version == "HTTP/1.1" && coding.eq_ignore_ascii_case(b"chunked") =>
        {
            chunks_end(bytes)
        }
        _ => Content::Wrong,
    }
}

/// Where chunks end (section 7.1).
fn chunks_end(bytes: &[u8]) -> Content {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let Some(line_end) = rest.windows(2).position(|it| it == b"\r\n") else {
            return unfinished_line(rest);
        };
        let line = &rest[..line_end];
        // What stands behind a size, others judge.
        if line.contains(&b';') || line.len() > 7 {
            return Content::Unknown;
        }
        let is_size = !line.is_empty() && line.iter().all(u8::is_ascii_hexdigit);
        let size = std::str::from_utf8(line).ok().filter(|_| is_size);
        let Some(size) = size.and_then(|it| usize::from_str_radix(it, 16).ok()) else {
            return Content::Wrong;
        };
        if size == 0 {
            return trailers_end(bytes, at + line_end + 2);
        }
        let data_end = line_end + 2 + size;
        match rest.get(data_end..data_end + 2) {
            Some(b"\r\n") => at += data_end + 2,
            Some(_) => return Content::Wrong,
            None if rest.get(data_end).is_some_and(|it| *it != b'\r') => return Content::Wrong,
            None => return Content::Unfinished,
        }
    }
}

/// A line that may become one; where it will not, that may be said before its end comes.
fn unfinished_line(line: &[u8]) -> Content {
    let text = line.strip_suffix(b"\r").unwrap_or(line);
    if text.iter().all(u8::is_ascii_hexdigit) && text.len() <= 7 {
        Content::Unfinished
    } else {
        Content::Unknown
    }
}

/// Fields may stand behind the last chunk; nobody reads them, but they are fields.
fn trailers_end(bytes: &[u8], start: usize) -> Content {
    let rest = &bytes[start..];
    if rest.starts_with(b"\r\n") {
        return Content::Ends(start + 2);
    }
    match rest.windows(4).position(|it| it == b"\r\n\r\n") {
        Some(end) => {
            let request = [b"GET / HTTP/1.1\r\n", &rest[..end]].concat();
            let is_well_formed = head::request(&request).is_some();
            if is_well_formed { Content::Ends(start + end + 4) } else { Content::Wrong }
        }
        None if rest.is_empty() || rest == b"\r" => Content::Unfinished,
        None => Content::Unknown,
    }
}

/// Whether the connection goes on behind the answer (section 9.3).
fn is_kept(request: &Request<'_>) -> bool {
    let options = request.values("connection").flat_map(|it| it.split(|byte| *byte == b','));
    let options: Vec<Vec<u8>> = options.map(|it| trim(it).to_ascii_lowercase()).collect();
    let has = |option: &str| options.iter().any(|it| it == option.as_bytes());
    !has("close") && (request.version == "HTTP/1.1" || has("keep-alive"))
}

fn answer(request: &Request<'_>) -> Option<Answer> {
    let is_to_head = request.method == "HEAD";
    let status = path::status_of(request.target.as_bytes());
    let plain = |status| Answer { statuses: vec![status], is_to_head, content: None };
    match (request.method, status) {
        ("GET" | "HEAD", 200) => found(request, is_to_head),
        ("GET" | "HEAD", status) => Some(plain(status)),
        ("OPTIONS", 200) => Some(plain(204)),
        ("POST" | "PUT" | "DELETE" | "PATCH" | "TRACE", _) => Some(plain(405)),
        _ => None,
    }
}

/// The answer where there is something, in the order of RFC 9110 section 13.2.2.
fn found(request: &Request<'_>, is_to_head: bool) -> Option<Answer> {
    let content = file_at(request.target);
    let only = |name: &str| {
        let values: Vec<&[u8]> = request.values(name).collect();
        if values.len() > 1 { None } else { Some(values.first().copied()) }
    };
    let others = ["if-unmodified-since", "if-modified-since", "if-range"];
    if others.iter().any(|it| request.values(it).next().is_some()) {
        return None;
    }
    let answer = |status, content| Some(Answer { statuses: vec![status], is_to_head, content });
    // Which tag and which bytes it has in another coding, only the server knows; the page's are
    // known.
    let coding = match only("accept-encoding")? {
        None => Some("identity"),
        Some(value) => accept_encoding::weights(value).and_then(plainly_chosen),
    };
    let (if_match, if_none_match) = (only("if-match")?, only("if-none-match")?);
    if coding != Some("identity") {
        let is_plain = if_match.is_none() && if_none_match.is_none();
        let is_whole = request.values("range").next().is_none();
        let statuses = if coding.is_some() { vec![200] } else { vec![200, 406] };
        let answer = Answer { statuses, is_to_head, content: None };
        return (is_plain && is_whole).then_some(answer);
    }
    let is_page = request.target == "/";
    let found = |list: &[u8]| match list {
        b"*" => Some(Found { strong: true, weak: true }),
        list if is_page => entity_tags::look_for(page().tag(), std::str::from_utf8(list).ok()?),
        _ => None,
    };
    if let Some(list) = if_match
        && !found(list)?.strong
    {
        return answer(412, None);
    }
    if let Some(list) = if_none_match {
        let Found { strong, weak } = found(list)?;
        if strong || weak {
            return answer(304, None);
        }
    }
    match only("range")?.filter(|_| !is_to_head) {
        None => answer(200, Some(content)),
        Some(value) => match range::asked(value, content.len()) {
            range::Asked::Part(first, last) => answer(206, Some(content[first..=last].to_vec())),
            range::Asked::Nothing => answer(416, None),
            range::Asked::Else => answer(200, Some(content)),
        },
    }
}

/// The coding where there is no doubt: identity alone, or one that is liked best.
fn plainly_chosen(weights: [Option<u32>; 3]) -> Option<&'static str> {
    let most = weights.iter().flatten().max().copied().unwrap_or(0);
    if most == 0 {
        return (weights[0] != Some(0)).then_some("identity");
    }
    let best = weights[1..].iter().position(|it| *it == Some(most));
    Some(best.map_or("identity", |at| CODINGS[at + 1]))
}

/// The content of the file that answers at a target, by the names of files alone.
fn file_at(target: &str) -> Vec<u8> {
    let key = path::key_of(target.as_bytes()).expect("it was found");
    let key = String::from_utf8(key).expect("the default site has such paths only");
    let path = key.strip_prefix('/').expect("it begins with a slash");
    let names = match path {
        "" => vec!["index.html".to_owned()],
        path => vec![path.to_owned(), format!("{path}.html"), format!("{path}.json")],
    };
    let files = Site::embedded().files();
    let of_name = |name: &String| files.iter().find(|it| it.path == name.as_bytes());
    names.iter().find_map(of_name).expect("a file answers").content.bytes().to_vec()
}

/// Whether what came is what should, as far as it came; all of it where `is_whole` says so.
///
/// # Errors
///
/// What is wrong, where something is.
pub fn check(received: &[u8], expected: &Expected, is_whole: bool) -> Result<(), String> {
    let mut rest = received;
    for (number, answer) in expected.answers.iter().enumerate() {
        // In the place of an answer to a request that did not come in time.
        if !is_whole && is_last_word(rest, &[408]) {
            return Ok(());
        }
        let Some((response, length)) = response::parse(rest, answer.is_to_head) else {
            return if is_whole {
                Err(format!("answer {number} is missing behind {}", received.escape_ascii()))
            } else {
                is_beginning(rest, answer)
            };
        };
        is_as_expected(&response, answer).map_err(|it| format!("answer {number}: {it}"))?;
        rest = &rest[length..];
    }
    if rest.is_empty() || expected.end == End::Open {
        return Ok(());
    }
    // What no request came for in time, or what is no request yet, may be refused.
    let is_cut = !is_whole && response::parse(rest, false).is_none();
    let may_go_on = matches!(expected.end, End::Waits | End::Unfinished);
    if may_go_on && (is_last_word(rest, &REFUSALS) || is_cut) {
        return Ok(());
    }
    Err(format!("too much: {}", rest.escape_ascii()))
}

/// Whether this is one answer with one of these statuses, and nothing behind it.
fn is_last_word(bytes: &[u8], statuses: &[u16]) -> bool {
    let forms = [false, true].map(|is_head| response::parse(bytes, is_head));
    let mut whole = forms.into_iter().flatten().filter(|(_, length)| *length == bytes.len());
    whole.any(|(response, _)| statuses.contains(&response.status))
}

fn is_as_expected(response: &Response, answer: &Answer) -> Result<(), String> {
    if !answer.statuses.contains(&response.status) {
        return Err(format!("{} and none of {:?}", response.status, answer.statuses));
    }
    let date = response.field("date").ok_or("no date")?;
    // RFC 9110 section 5.6.7: always as long as this.
    if date.len() != "Sun, 06 Nov 1994 08:49:37 GMT".len() || !date.ends_with(" GMT") {
        return Err(format!("the date is {date}"));
    }
    match &answer.content {
        Some(content) if !answer.is_to_head && *content != response.content => {
            Err(format!("other content: {}", response.content.escape_ascii()))
        }
        _ => Ok(()),
    }
}

/// Whether bytes are how this answer may begin.
fn is_beginning(bytes: &[u8], answer: &Answer) -> Result<(), String> {
    let is_start = |whole: &[u8]| whole.starts_with(bytes) || bytes.starts_with(whole);
    if !is_start(b"HTTP/1.1 ") {
        return Err(format!("no answer: {}", bytes.escape_ascii()));
    }
    let head_end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
    match (head_end, &answer.content) {
        (Some(end), Some(content)) if !content.starts_with(&bytes[end + 4..]) => {
            // Another status has another content: one that refuses what came too late.
            let status = String::from_utf8_lossy(&bytes[9..12]).parse().unwrap_or(0);
            let is_refusal = REFUSALS.contains(&status);
            if is_refusal { Ok(()) } else { Err("other content".to_owned()) }
        }
        _ => Ok(()),
    }
}
