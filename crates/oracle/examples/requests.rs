//! Requests to the core in a loop, without a socket and without a clock. `bench/instructions` runs
//! this and counts instructions.

use std::process::ExitCode;

use chapbook::{
    embedded_site,
    http::{Connection, Context, DateField, Transmit},
    site::Site,
};
use chapbook_compiler::{Effort, Options, compile};

/// The fields that a browser sends with each request.
const BROWSER: &str = "Host: localhost:8080\r\nConnection: keep-alive\r\n\
    sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\n\
    sec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36\r\nAccept: text/html,application/xhtml+xml,application/xml;\
    q=0.9,image/avif,image/webp,*/*;q=0.8\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-GB,en;q=0.9\r\n";

/// The requests with their names; the tag is that of the page.
fn requests(tag: &str) -> [(&'static str, String); 7] {
    let short = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n");
    [
        ("a short request", short("/book", "")),
        ("a browser's request", format!("GET / HTTP/1.1\r\n{BROWSER}\r\n")),
        ("gzip", short("/", "Accept-Encoding: gzip\r\n")),
        ("304", short("/", &format!("If-None-Match: {tag}\r\n"))),
        ("404", short("/nothing", "")),
        ("a range", short("/book", "Range: bytes=0-99\r\n")),
        ("sixteen in one go", short("/book", "").repeat(16)),
    ]
}

/// The prefix of the name of a request to the same site from a payload.
const PACKED: &str = "packed: ";

/// The default site from a payload instead of the executable.
fn packed() -> Site<'static> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../site").into();
    let options = Options { root, effort: Effort::Preview, ..Options::default() };
    let site =
        compile(&options).ok().and_then(|it| it.site).expect("the default site has no errors");
    chapbook_oracle::payload::served(&site)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (name, count) = (arguments.next(), arguments.next().and_then(|it| it.parse().ok()));
    let name = name.as_deref().unwrap_or_default();
    let (site, name) = match name.strip_prefix(PACKED) {
        Some(name) => (packed(), name),
        None => (embedded_site(), name),
    };
    let date = DateField::new(784_111_777);
    let mut cx = Context::new(&site, &date, 0);
    let mut connection = Connection::new(&cx);
    let mut out = Transmit::default();
    let mut sent = Vec::new();
    connection.read(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", &mut cx, &mut out);
    sent.extend_from_slice(&out.slices()[0]);
    out.clear();
    let head = String::from_utf8_lossy(&sent);
    let tag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap_or("*");
    let requests = requests(tag);
    let Some((_, request)) = requests.iter().find(|(known, _)| *known == name) else {
        for (name, _) in &requests {
            print(name);
        }
        for (name, _) in &requests[..3] {
            print(&format!("{PACKED}{name}"));
        }
        return ExitCode::SUCCESS;
    };
    for _ in 0..count.unwrap_or(1_u32) {
        connection.read(request.as_bytes(), &mut cx, &mut out);
        if out.is_empty() {
            return ExitCode::FAILURE;
        }
        out.clear();
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "these are the names to choose from")]
fn print(name: &str) {
    println!("{name}");
}
