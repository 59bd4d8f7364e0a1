//! Any change to a payload: it is refused, or what is answered is what was answered before, or that
//! it cannot be. Nothing is ever answered with what was changed.

use std::{fs, path::Path, sync::OnceLock};

use chapbook::site::Site;
use chapbook_compiler::{Compiled, CompiledSite, Options, Payload, compile};
use chapbook_format::payload::{Directory, PayloadError};

use crate::conversation::talk_to;

/// What is asked: each kind of answer, and some that nothing is behind.
pub const REQUESTS: [&str; 14] = [
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
];

/// The payload of the site in a folder.
#[must_use]
pub fn payload_of(folder: &Path) -> Vec<u8> {
    let options = Options { root: folder.to_owned(), ..Options::default() };
    let Compiled { site, report } = compile(&options).expect("there is a folder");
    let site = site.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    let payload = Payload::new(&site).expect("it is a small site");
    payload.to_bytes().expect("the contents are in memory")
}

/// A compiled site, served from its payload. Its memory is never freed.
#[must_use]
pub fn served(site: &CompiledSite) -> Site {
    let payload = Payload::new(site).expect("it is a small site");
    let bytes = payload.to_bytes().expect("the contents are in memory");
    Site::of_payload(bytes.leak()).expect("the payload is intact")
}

/// A small payload with something of each kind that a payload can hold.
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
            ("a/index.html", page("in a folder")),
            ("a/404.html", page("nothing in the folder")),
            ("data.bin", "\u{1}\u{2}\u{3}".to_owned()),
            ("app/index.html", page("one page for all")),
            ("_redirects", "/old /a/ 301\n/was/* /a/:splat 302\n/app/* /app/ 200\n".to_owned()),
            ("_headers", "/data.bin\n  X-Data: yes\n".to_owned()),
        ];
        for (path, content) in files {
            let place = folder.path().join(path);
            fs::create_dir_all(place.parent().expect("it is in a folder")).expect("it can be made");
            fs::write(place, content).expect("it can be written");
        }
        payload_of(folder.path())
    })
}

/// What a site answers to [`REQUESTS`].
#[must_use]
pub fn answers(site: Site) -> Vec<Vec<u8>> {
    let ask = |request: &&str| talk_to(site, &[request.as_bytes()], true, usize::MAX).bytes;
    REQUESTS.iter().map(ask).collect()
}

/// The answers of the payload as it was.
fn sound() -> &'static [Vec<u8>] {
    static SOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SOUND.get_or_init(|| answers(open(payload().to_vec()).expect("it is whole")))
}

/// Opens a payload. Its bytes have to stay for as long as the site does; those of one that is
/// refused are given back.
///
/// # Errors
///
/// If it is none.
pub fn open(bytes: Vec<u8>) -> Result<Site, PayloadError> {
    Directory::open(&bytes, bytes.len() as u64)?;
    Site::of_payload(bytes.leak())
}

/// Lists and looks at everything, as the commands do. Returns whether all is as it was.
#[must_use]
pub fn is_whole(site: Site) -> bool {
    let is_sound = site.verify_all().is_empty();
    assert!(site.routes().len() <= 100 && site.files().len() <= 100);
    site.computed_root_hash() == *site.root_hash() && is_sound
}

/// Looks at what became of the small payload. Returns how many of the answers are refusals; `None`
/// where the whole of it is refused.
pub fn check(bytes: Vec<u8>) -> Option<usize> {
    let is_changed = bytes != payload();
    let site = open(bytes).ok()?;
    let mut refusals = 0;
    // Before the look at all, which would find everything out for those who ask then.
    for ((answer, sound), request) in answers(site).iter().zip(sound()).zip(REQUESTS) {
        let is_refusal = answer.starts_with(b"HTTP/1.1 500 ");
        refusals += usize::from(is_refusal);
        let text = String::from_utf8_lossy(answer);
        assert!(answer == sound || is_refusal, "{request}{text}");
    }
    assert_eq!(is_whole(site), !is_changed, "nobody saw it");
    Some(refusals)
}

/// The small payload, changed: two bytes say where and a third how, again and again.
#[must_use]
pub fn edited(edits: &[u8]) -> Vec<u8> {
    let mut bytes = payload().to_vec();
    let (edits, rest) = edits.as_chunks::<3>();
    for [high, low, change] in edits {
        let at = usize::from(u16::from_be_bytes([*high, *low])) % bytes.len();
        bytes[at] ^= change;
    }
    // One byte more cuts it short.
    if let [keep, ..] = rest {
        bytes.truncate(bytes.len() * usize::from(*keep) / 255);
    }
    bytes
}

/// Looks at the small payload after these edits.
pub fn run(edits: &[u8]) {
    check(edited(edits));
}
