//! This file owns what a URL in a page is for, by the element and attribute that it stands in. It
//! resolves none.

/// What becomes of a reference when the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The browser fetches it by itself, so the page is not whole without it.
    Load,
    /// The reader may follow it.
    Follow,
}

/// A URL in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The URL as written, with character references resolved.
    pub(crate) url: String,
    /// The byte of the page where it is written.
    pub(crate) offset: usize,
    /// What becomes of it.
    pub(crate) purpose: Purpose,
}

/// Link types whose target the browser fetches (HTML section 4.6.7).
pub(crate) fn loads(rel: &str) -> bool {
    const LOADING: [&str; 8] = [
        "stylesheet",
        "icon",
        "apple-touch-icon",
        "mask-icon",
        "manifest",
        "preload",
        "modulepreload",
        "prefetch",
    ];
    rel.split_ascii_whitespace().any(|it| LOADING.contains(&it.to_ascii_lowercase().as_str()))
}

/// What becomes of the URL in this attribute; `None` where it holds none.
pub(crate) fn purpose(element: &str, attribute: &str) -> Option<Purpose> {
    match (element, attribute) {
        ("a" | "area" | "link", "href") | ("a", "xlink:href") => Some(Purpose::Follow),
        ("form", "action") | ("button" | "input", "formaction") => Some(Purpose::Follow),
        ("blockquote" | "q" | "del" | "ins", "cite") => Some(Purpose::Follow),
        ("link-load", "href") | ("object", "data") | ("video", "poster") => Some(Purpose::Load),
        ("use" | "image" | "feimage", "href" | "xlink:href") => Some(Purpose::Load),
        ("link" | "link-load", "imagesrcset") => Some(Purpose::Load),
        (
            "img" | "script" | "iframe" | "embed" | "source" | "track" | "audio" | "video"
            | "input",
            "src",
        )
        | ("img" | "source", "srcset") => Some(Purpose::Load),
        _ => None,
    }
}

/// The URLs of a `srcset` (HTML section 4.8.4.2.1): candidates apart by commas, each a URL without
/// blanks and perhaps a width or density behind it. A `data:` URL may hold commas itself.
pub(crate) fn srcset(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|it: char| it == ',' || it.is_ascii_whitespace());
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
        Some(url.trim_end_matches(','))
    })
}
