//! What the attributes of a single element tell, as text.

use super::tokens::StartTag;
use crate::parse::reference::has_keyword;

/// Whether the `rel` of a `link` element has a keyword.
pub(super) fn has_rel(tag: &StartTag<'_>, keyword: &[u8]) -> bool {
    tag.attribute(b"rel").is_some_and(|rel| has_keyword(rel.value, keyword))
}

/// Whether a frame is empty until a script loads a document into it, such as the search results of
/// Doxygen.
pub(super) fn is_scripted_frame(tag: &StartTag<'_>) -> bool {
    let url = tag.attribute(b"src").map(|src| src.value.trim_ascii().to_ascii_lowercase());
    let is_empty = url.is_none_or(|url| {
        url.is_empty() || url.starts_with(b"javascript:") || url.starts_with(b"about:")
    });
    is_empty && tag.attribute(b"srcdoc").is_none()
}

/// The text with invalid UTF-8 replaced. Nearly all text is valid, which std checks faster than it
/// searches for replacements.
pub(super) fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

pub(super) fn boxed(bytes: &[u8]) -> Box<str> {
    lossy(bytes).into_boxed_str()
}
