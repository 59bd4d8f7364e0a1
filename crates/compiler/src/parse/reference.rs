//! This file owns what a URL in a text is for, by the place that it stands in. It resolves none.

use super::Span;

/// What becomes of a reference when the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The browser fetches it by itself, so the page is not whole without it.
    Load,
    /// The same, and it is a web app manifest.
    LoadManifest,
    /// The reader may follow it.
    Follow,
    /// The reader is sent there at once, and sees nothing of the page.
    Forward,
}

/// A URL in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The URL as written, with escapes of the language resolved.
    pub(crate) url: String,
    /// Where it is written.
    pub(crate) span: Span,
    /// What becomes of it.
    pub(crate) purpose: Purpose,
}

/// What becomes of the `href` of a `link` element with this `rel` (HTML section 4.6.7).
pub(crate) fn link_purpose(rel: &[u8]) -> Purpose {
    const LOADING: [&[u8]; 8] = [
        b"stylesheet",
        b"icon",
        b"apple-touch-icon",
        b"apple-touch-icon-precomposed",
        b"mask-icon",
        b"preload",
        b"modulepreload",
        b"prefetch",
    ];
    let is = |name: &[u8]| {
        rel.split(u8::is_ascii_whitespace).any(|token| token.eq_ignore_ascii_case(name))
    };
    if is(b"manifest") {
        Purpose::LoadManifest
    } else if LOADING.iter().any(|name| is(name)) {
        Purpose::Load
    } else {
        Purpose::Follow
    }
}

/// What becomes of the URL in this attribute; `None` where it holds none. What a `link` is for
/// depends on its other attributes, see [`link_purpose`].
pub(crate) fn purpose(element: &[u8], attribute: &[u8], is_foreign: bool) -> Option<Purpose> {
    use Purpose::{Follow, Load};
    match (attribute, element) {
        (b"href", b"a" | b"area") | (b"xlink:href", b"a") => Some(Follow),
        // SVG refers to what it is made of in this way: use, image, feImage, textPath, gradients.
        (b"href" | b"xlink:href", _) if is_foreign => Some(Load),
        (
            b"src",
            b"img" | b"script" | b"iframe" | b"frame" | b"embed" | b"source" | b"track" | b"audio"
            | b"video" | b"input",
        ) => Some(Load),
        (b"action", b"form") | (b"formaction", b"button" | b"input") => Some(Follow),
        (b"cite", b"blockquote" | b"q" | b"del" | b"ins") => Some(Follow),
        (b"data", b"object") | (b"poster", b"video") => Some(Load),
        (b"background", b"body" | b"table" | b"td" | b"th" | b"tr") => Some(Load),
        _ => None,
    }
}

/// Whether this attribute holds a list of images to choose from.
pub(crate) fn is_srcset(element: &[u8], attribute: &[u8]) -> bool {
    matches!((attribute, element), (b"srcset", b"img" | b"source") | (b"imagesrcset", b"link"))
}

/// The URLs of a `srcset` (HTML section 4.8.4.2.1), each with the byte that it begins at:
/// candidates apart by commas, each a URL without blanks and perhaps a width or density behind it.
/// A `data:` URL may hold commas itself.
pub(crate) fn srcset(value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = value;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|it: char| it == ',' || it.is_ascii_whitespace());
        let start = value.len() - rest.len();
        let end = rest.find(|it: char| it.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, behind) = rest.split_at(end);
        if url.is_empty() {
            return None;
        }
        if url.ends_with(',') {
            rest = behind;
        } else {
            rest = behind.find(',').map_or("", |comma| &behind[comma..]);
        }
        Some((start, url.trim_end_matches(',')))
    })
}
