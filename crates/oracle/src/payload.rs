//! Any change to a payload: it is rejected, or each response is the original one or an error.
//! Changed bytes are never served.

use std::{fs, ops::Range, path::Path, sync::OnceLock};

use chapbook::site::Site;
use chapbook_compiler::{Compiled, CompiledSite, Options, Payload, compile};
use chapbook_format::payload::{Directory, PayloadError};

use crate::conversation::talk_to_site;

/// Requests for each kind of route, and for some missing paths.
pub const REQUESTS: [&str; 20] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=3-9\r\n\r\n",
    "HEAD /a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a/nothing HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /data.bin HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /old HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /was/there HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /app/any HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS /a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /old?a=[b] HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /was/there?a=b HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS /old HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS /data.bin HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /data.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=99-\r\n\r\n",
    "GET /data.bin HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n",
];

/// The zeros before the contents of a payload.
#[must_use]
pub fn padding(payload: &[u8]) -> Range<usize> {
    let directory = Directory::open(payload, payload.len() as u64).expect("it is intact");
    let start = directory.header().directory_length().expect("it is a short payload");
    let position = |at| usize::try_from(at).expect("it is a short payload");
    position(start)..position(directory.contents_at())
}

/// The payload of the site in a folder.
#[must_use]
pub fn payload_of(folder: &Path) -> Vec<u8> {
    let options = Options { root: folder.to_owned(), ..Options::default() };
    let Compiled { site, report, .. } = compile(&options).expect("there is a folder");
    let site = site.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    let payload = Payload::new(&site).expect("it is a small site");
    payload.to_bytes().expect("the contents are in memory")
}

/// A compiled site, served from its payload. Its memory is never freed.
#[must_use]
pub fn served(site: &CompiledSite) -> Site<'static> {
    let payload = Payload::new(site).expect("it is a small site");
    let bytes = payload.to_bytes().expect("the contents are in memory");
    Site::of_payload(bytes.leak()).expect("the payload is intact")
}

const REDIRECTS: &str = "/old /a/ 301\n/own /a/?x=y#z 302\n/out https://example.com/#z 302\n\
     /was/* /a/:splat 302\n/app/* /app/ 200\n";

/// A small payload with each kind of route.
pub fn payload() -> &'static [u8] {
    static PAYLOAD: OnceLock<Vec<u8>> = OnceLock::new();
    PAYLOAD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let page = |text: &str| {
            let head = "<meta charset=utf-8><title>Test</title>";
            format!("<!doctype html><html lang=en>{head}<p>{text}</p>")
        };
        let files = [
            ("index.html", page(&"welcome ".repeat(60))),
            ("404.html", page("nothing here")),
            ("a/index.html", page("<a id=z>in a folder</a>")),
            ("a/404.html", page("nothing in the folder")),
            ("data.bin", "\u{1}\u{2}\u{3}".to_owned()),
            ("app/index.html", page("one page for all")),
            ("_redirects", REDIRECTS.to_owned()),
            ("_headers", "/*\n  X-All: yes\n/data.bin\n  X-Data: yes\n".to_owned()),
        ];
        for (path, content) in files {
            let path = folder.path().join(path);
            let parent = path.parent().expect("it is in a folder");
            fs::create_dir_all(parent).expect("it can be created");
            fs::write(path, content).expect("it can be written");
        }
        payload_of(folder.path())
    })
}

/// The responses of a site to [`REQUESTS`].
#[must_use]
pub fn responses(site: Site<'_>) -> Vec<Vec<u8>> {
    let response =
        |request: &&str| talk_to_site(site, &[request.as_bytes()], true, usize::MAX).bytes;
    REQUESTS.iter().map(response).collect()
}

/// The responses of the unchanged payload.
fn original() -> &'static [Vec<u8>] {
    static ORIGINAL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ORIGINAL.get_or_init(|| responses(open(payload().to_vec()).expect("it is intact")))
}

/// Opens a payload. Its bytes are never freed, unless it is rejected.
///
/// # Errors
///
/// If it is not a valid payload.
pub fn open(bytes: Vec<u8>) -> Result<Site<'static>, PayloadError> {
    Directory::open(&bytes, bytes.len() as u64)?;
    Site::of_payload(bytes.leak())
}

/// Lists and verifies everything, as the commands do. Returns whether all is intact.
#[must_use]
pub fn is_intact(site: Site<'_>) -> bool {
    let has_damage = !site.verify_all().is_empty();
    assert!(site.routes().len() <= 100 && site.files().len() <= 100);
    site.computed_root_hash() == *site.root_hash() && !has_damage
}

/// Checks a changed copy of the small payload. Returns the number of error responses; `None` if the
/// payload is rejected.
pub fn check(bytes: Vec<u8>) -> Option<usize> {
    let is_changed = bytes != payload();
    let site = open(bytes).ok()?;
    let mut errors = 0;
    // Before verifying everything, which would find the damage before a request does.
    for ((response, original), request) in responses(site).iter().zip(original()).zip(REQUESTS) {
        let is_error = response.starts_with(b"HTTP/1.1 500 ");
        errors += usize::from(is_error);
        let text = String::from_utf8_lossy(response);
        assert!(response == original || is_error, "{request}{text}");
    }
    assert_eq!(is_intact(site), !is_changed, "the damage is not detected");
    Some(errors)
}

/// The small payload with edits of three bytes each: two for the offset, one to XOR.
#[must_use]
pub fn edited(edits: &[u8]) -> Vec<u8> {
    let mut bytes = payload().to_vec();
    let (edits, rest) = edits.as_chunks::<3>();
    for [high, low, change] in edits {
        let at = usize::from(u16::from_be_bytes([*high, *low])) % bytes.len();
        bytes[at] ^= change;
    }
    // One more byte truncates it.
    if let [keep, ..] = rest {
        bytes.truncate(bytes.len() * usize::from(*keep) / 255);
    }
    bytes
}

/// Checks the small payload after these edits.
pub fn run(edits: &[u8]) {
    check(edited(edits));
}
