//! URLs in a text and their purpose, which follows from the element and attribute.

use super::text::Span;

/// What a browser does with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The browser loads it with the page.
    Load(LoadedAs),
    /// A script may load it when it runs.
    MayLoad(LoadedAs),
    /// The user may follow it.
    Follow,
    /// The browser goes there at once, without showing the page.
    Forward,
    /// Other programs follow it, such as feed readers and search engines.
    Describe,
    /// The browser may ignore it, and the page is complete without it.
    Hint,
}

/// What a loaded file is used as: the destination of the request in the Fetch standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LoadedAs {
    /// A classic script or a module.
    Script,
    /// A style sheet.
    StyleSheet,
    /// A web app manifest.
    Manifest,
    /// A page in a frame.
    Frame,
    /// An image, a font, media and everything else.
    Other,
}

/// A URL in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The URL as written, with escapes of the language resolved.
    pub(crate) url: String,
    /// Its position.
    pub(crate) span: Span,
    /// What a browser does with it.
    pub(crate) purpose: Purpose,
}

/// The purposes of `link` elements by a keyword of their `rel` (HTML section 4.6.7). The first that
/// is present counts. Other keywords are hints: browsers neither load them with the page nor show
/// them as links, such as `prefetch`, `next`, `search` or `pingback`.
const LINK_PURPOSES: [(&[u8], Purpose); 13] = [
    (b"stylesheet", Purpose::Load(LoadedAs::StyleSheet)),
    (b"modulepreload", Purpose::Load(LoadedAs::Script)),
    (b"manifest", Purpose::Load(LoadedAs::Manifest)),
    (b"icon", Purpose::Load(LoadedAs::Other)),
    (b"apple-touch-icon", Purpose::Load(LoadedAs::Other)),
    (b"apple-touch-icon-precomposed", Purpose::Load(LoadedAs::Other)),
    (b"mask-icon", Purpose::Load(LoadedAs::Other)),
    (b"preload", Purpose::Load(LoadedAs::Other)),
    (b"alternate", Purpose::Describe),
    (b"canonical", Purpose::Describe),
    (b"license", Purpose::Describe),
    (b"author", Purpose::Describe),
    (b"help", Purpose::Describe),
];

/// The purpose of the `href` of a `link` element with this `rel`. What a `preload` is used as
/// depends on `destination`, the value of `as` (HTML section 4.6.7.18).
pub(crate) fn link_purpose(rel: &[u8], destination: &[u8]) -> Purpose {
    let known = LINK_PURPOSES.iter().find(|(name, _)| has_keyword(rel, name));
    match known {
        Some((b"preload", _)) if destination.eq_ignore_ascii_case(b"style") => {
            Purpose::Load(LoadedAs::StyleSheet)
        }
        Some((b"preload", _)) if destination.eq_ignore_ascii_case(b"script") => {
            Purpose::Load(LoadedAs::Script)
        }
        Some((_, purpose)) => *purpose,
        None => Purpose::Hint,
    }
}

/// Whether a `rel` has this keyword.
pub(crate) fn has_keyword(rel: &[u8], keyword: &[u8]) -> bool {
    rel.split(u8::is_ascii_whitespace).any(|token| token.eq_ignore_ascii_case(keyword))
}

/// The purpose of the URL in an attribute; `None` if the attribute contains none. For `link` see
/// [`link_purpose`].
pub(crate) fn purpose(element: &[u8], attribute: &[u8], is_foreign: bool) -> Option<Purpose> {
    use LoadedAs::{Frame, Other, Script};
    use Purpose::{Follow, Load};
    match (attribute, element) {
        (b"href", b"a" | b"area") | (b"xlink:href", b"a") => Some(Follow),
        (b"href" | b"xlink:href", b"script") if is_foreign => Some(Load(Script)),
        // Parts of a picture: use, image, feImage, textPath, gradients.
        (b"href" | b"xlink:href", _) if is_foreign => Some(Load(Other)),
        (b"src", b"script") => Some(Load(Script)),
        (b"src", b"iframe" | b"frame" | b"embed") | (b"data", b"object") => Some(Load(Frame)),
        (b"src", b"img" | b"source" | b"track" | b"audio" | b"video" | b"input") => {
            Some(Load(Other))
        }
        (b"action", b"form") | (b"formaction", b"button" | b"input") => Some(Follow),
        (b"cite", b"blockquote" | b"q" | b"del" | b"ins") => Some(Follow),
        (b"poster", b"video") => Some(Load(Other)),
        (b"background", b"body" | b"table" | b"td" | b"th" | b"tr") => Some(Load(Other)),
        _ => None,
    }
}

/// Presentation attributes of SVG, whose values are CSS and may contain a URL.
pub(crate) fn is_presentation(name: &[u8]) -> bool {
    const PRESENTATION: [&[u8]; 9] = [
        b"fill",
        b"stroke",
        b"filter",
        b"mask",
        b"clip-path",
        b"cursor",
        b"marker-start",
        b"marker-mid",
        b"marker-end",
    ];
    PRESENTATION.contains(&name)
}

/// Whether an attribute is a list of image candidates.
pub(crate) fn is_srcset(element: &[u8], attribute: &[u8]) -> bool {
    matches!((attribute, element), (b"srcset", b"img" | b"source") | (b"imagesrcset", b"link"))
}

/// The URLs of a `srcset` (HTML section 4.8.4.2.1) with their offsets. Candidates are separated by
/// commas; each is a URL without spaces and an optional width or density. A `data:` URL can contain
/// commas itself.
pub(crate) fn srcset(value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = value;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|it: char| it == ',' || it.is_ascii_whitespace());
        let start = value.len() - rest.len();
        let end = rest.find(|it: char| it.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        if url.is_empty() {
            return None;
        }
        if url.ends_with(',') {
            rest = after;
        } else {
            rest = after.find(',').map_or("", |comma| &after[comma..]);
        }
        Some((start, url.trim_end_matches(',')))
    })
}

/// Parses the content of a `refresh`, such as `5; url=/next` (HTML section 4.2.5.3).
pub(crate) fn refresh(content: &str) -> Option<(String, Purpose)> {
    let content = content.trim_start();
    let is_of_time = |it: char| it.is_ascii_digit() || it == '.';
    let (seconds, rest) = content.split_at(content.find(|it| !is_of_time(it))?);
    let is_immediate = seconds.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let purpose = if is_immediate { Purpose::Forward } else { Purpose::Follow };
    let is_separated = rest.starts_with(|it: char| it.is_whitespace() || it == ';' || it == ',');
    let rest = rest.trim_start();
    let rest = rest.strip_prefix([';', ',']).unwrap_or(rest).trim_start();
    if !is_separated || rest.is_empty() {
        return None;
    }
    let after_url = rest.get(..3).filter(|it| it.eq_ignore_ascii_case("url")).map(|_| &rest[3..]);
    let url = after_url.and_then(|it| it.trim_start().strip_prefix('=')).unwrap_or(rest);
    Some((url.trim().trim_matches(['"', '\'']).to_owned(), purpose))
}
