//! Any path (RFC 3986 sections 2 and 3.3): it is decoded once and looked up exactly; a malformed
//! one is rejected.

use std::{collections::BTreeMap, sync::OnceLock};

use chapbook::{
    embedded_site,
    site::{MatchKind, Route},
};

use crate::{conversation::talk, response};

/// The statuses of the default site's routes, by their keys.
fn routes() -> &'static BTreeMap<Vec<u8>, u16> {
    static ROUTES: OnceLock<BTreeMap<Vec<u8>, u16>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let exact =
            embedded_site().routes().into_iter().filter(|it| it.match_kind == MatchKind::Exact);
        let status = |route| match route {
            Route::Resource(_) => 200,
            Route::Redirect(_) => 308,
            Route::Damaged => panic!("nothing was damaged"),
        };
        exact.map(|it| (it.key.to_vec(), status(it.route))).collect()
    })
}

/// The decoded path; `None` if an escape is malformed or encodes a control character.
fn decoded(path: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = path;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        if !digits.chars().all(|it| it.is_ascii_hexdigit()) {
            return None;
        }
        let value = u8::from_str_radix(digits, 16).ok()?;
        if value < 0x20 || value == 0x7f {
            return None;
        }
        // An encoded slash is not a separator, and no file name contains one.
        bytes.push(if value == b'/' { 0 } else { value });
        rest = &rest[2..];
    }
    Some(bytes)
}

/// Requests a path.
pub fn run(path: &[u8]) {
    let request = [b"GET /", path, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
    let transcript = talk(&request, true);
    let (response, _) = response::parse(&transcript.bytes, false).expect("a complete response");
    if path.len() > 8000 {
        return;
    }
    // With a line end or a space it is another request.
    if path.iter().any(|byte| matches!(byte, b'\r' | b'\n' | b' ' | b'\t')) {
        return;
    }
    let expected = status_of(&[b"/", path].concat());
    assert_eq!(response.status, expected, "/{}", path.escape_ascii());
}

/// The status of the response to a GET of this target, which is in origin form and has no space.
pub(crate) fn status_of(target: &[u8]) -> u16 {
    match key_of(target) {
        Some(key) => routes().get(&key).copied().unwrap_or(404),
        None => 400,
    }
}

/// The decoded path of such a target; `None` if it is malformed.
pub(crate) fn key_of(target: &[u8]) -> Option<Vec<u8>> {
    let is_target = target.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'#');
    let end = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
    decoded(&target[..end]).filter(|_| is_target)
}
