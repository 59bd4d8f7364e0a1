//! Changes to a payload with a content of several blocks: each response is the original one, an
//! error, or a part of the original one after which the connection is closed.

use std::{fs, sync::OnceLock};

use chapbook::site::{FolderSite, Site};
use chapbook_format::payload::{CONTENT_BLOCK, TRAILER};

use crate::{
    conversation::{Transcript, talk_to_site},
    payload::{is_intact, open, padding, payload_of},
    rng::Rng,
};

/// Requests for the content and its parts, and one for another content.
const REQUESTS: [&str; 7] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /long.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=-1\r\n\r\n",
    "GET /long.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=65536-\r\n\r\n",
    "GET /long.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=70000-131071\r\n\r\n",
    "GET /long.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=65500-65600\r\n\r\n",
];

/// The length of the content: four blocks, and some bytes.
const LENGTH: usize = 4 * CONTENT_BLOCK + 1000;

/// The content of `/long.mp4`.
pub fn long_content() -> &'static [u8] {
    static CONTENT: OnceLock<Vec<u8>> = OnceLock::new();
    CONTENT.get_or_init(|| {
        let mut rng = Rng::new(1);
        (0..LENGTH).map(|_| u8::try_from(rng.below(256)).expect("it is below 256")).collect()
    })
}

/// A payload with a page and a content of five blocks.
pub fn long_payload() -> &'static [u8] {
    static PAYLOAD: OnceLock<Vec<u8>> = OnceLock::new();
    PAYLOAD.get_or_init(|| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let page = "<!doctype html><html lang=en><meta charset=utf-8><title>Test</title><p>text";
        fs::write(folder.path().join("index.html"), page).expect("it can be written");
        fs::write(folder.path().join("long.mp4"), long_content()).expect("it can be written");
        payload_of(folder.path())
    })
}

/// The positions before the contents, and of the contents those next to the bounds of blocks and
/// some between them; or all of them.
pub fn positions_to_change(takes_all: bool) -> impl Iterator<Item = usize> {
    let length = long_payload().len();
    let padding = padding(long_payload());
    let end = length - TRAILER.len();
    let is_selected = move |at: &usize| {
        let in_contents = at.saturating_sub(padding.end);
        takes_all
            || *at < padding.start
            || *at >= end
            || in_contents.is_multiple_of(4099)
            || in_contents % 32_768 < 2
    };
    (0..length).filter(is_selected)
}

/// What a change leads to.
#[derive(Debug, Default, Clone, Copy)]
pub struct LongOutcome {
    /// The number of error responses.
    pub errors: usize,
    /// The number of responses that were cut short.
    pub cut: usize,
}

/// Checks a changed copy of the payload. `None` if it is rejected.
///
/// # Panics
///
/// If a response has a byte that the original response does not have.
pub fn check_long(bytes: Vec<u8>) -> Option<LongOutcome> {
    static ORIGINAL: OnceLock<Vec<Transcript>> = OnceLock::new();
    let respond =
        |site: Site<'_>| REQUESTS.map(|it| talk_to_site(site, &[it.as_bytes()], false, 50_000));
    let original = ORIGINAL.get_or_init(|| {
        respond(open(long_payload().to_vec()).expect("it is intact")).into_iter().collect()
    });
    let is_changed = bytes != long_payload();
    // Unlike a site of `open`, it is freed, so that every position can be tried.
    let payload = FolderSite { length: bytes.len() as u64, bytes, files: Vec::new() };
    let packed = payload.open().ok()?;
    let site = Site::packed(&packed);
    let mut outcome = LongOutcome::default();
    for ((response, original), request) in respond(site).iter().zip(original).zip(REQUESTS) {
        if response.bytes.starts_with(b"HTTP/1.1 500 ") {
            outcome.errors += 1;
        } else if response != original {
            outcome.cut += 1;
            let is_prefix = original.bytes.starts_with(&response.bytes);
            assert!(is_prefix && response.is_closed && !original.is_closed, "{request}");
        }
    }
    assert_eq!(is_intact(site), !is_changed, "the damage is not detected");
    Some(outcome)
}
