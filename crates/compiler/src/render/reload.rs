//! Reload of previewed pages: an element at the end of each, a script, and a stream of events that
//! tells what has changed.

use chapbook_format::{
    ContentCoding,
    digest::{self, Hash},
    payload::{ListedRoute, MatchKind, sort},
};

use super::head::{self, HeadFields};
use crate::{
    content::StoredContent,
    model::{CompiledRepresentation, CompiledResource, CompiledRoute, CompiledSite},
    routing::Mount,
};

const SCRIPT_PATH: &str = ".well-known/chapbook/reload.js";
const EVENTS_PATH: &str = ".well-known/chapbook/events";
const SCRIPT: &str = include_str!("reload.js");

/// The milliseconds after which a browser connects again when a stream ends.
const RETRY_MS: u32 = 100;

/// The element that loads the script. It follows the document, so that it changes nothing before.
pub(crate) fn element(mount: &Mount) -> String {
    format!("\n<script src=\"{}{SCRIPT_PATH}\" async></script>\n", mount.url_path())
}

/// Whether a file is a document, and not a part of one that a script loads.
pub(super) fn is_document(path: &str, bytes: &[u8]) -> bool {
    /// Comments may precede the document.
    const START: usize = 1024;
    let is_page = [".html", ".htm"].iter().any(|it| path.to_ascii_lowercase().ends_with(it));
    let start = bytes[..bytes.len().min(START)].to_ascii_lowercase();
    let has = |tag: &[u8]| start.windows(tag.len()).any(|it| it == tag);
    is_page && (has(b"<!doctype") || has(b"<html") || has(b"<head"))
}

/// Adds the script and the stream to a site. Fails with the path if the site serves it already.
pub(crate) fn add(site: &mut CompiledSite, mount: &Mount) -> Result<(), String> {
    let [styles, rest] = hashes(site).map(|hash| digest::hexadecimal(&hash)[..16].to_owned());
    let script = SCRIPT.replacen("STYLES", &styles, 1).replacen("REST", &rest, 1);
    let hashes = digest::of(script.as_bytes());
    let script = StoredContent::in_memory(script.into_bytes());
    let events = format!("retry: {RETRY_MS}\ndata: {styles} {rest}\n\n");
    let events = StoredContent::event_stream(events.as_bytes());
    let rows = [
        (SCRIPT_PATH, script, "text/javascript; charset=utf-8"),
        (EVENTS_PATH, events, "text/event-stream"),
    ];
    for (path, content, content_type) in rows {
        let key = format!("{}{path}", mount.key());
        if site.routes.iter().any(|it| it.match_kind == MatchKind::Exact && it.key == key) {
            return Err(key);
        }
        let head = head::resource(&HeadFields {
            status: 200,
            content_length: content.length(),
            content_type,
            content_encoding: None,
            entity_tag: &format!("\"{}\"", &digest::hexadecimal(&hashes)[..32]),
            last_modified: None,
            cache_control: "no-store",
            varies: false,
            author_fields: &[],
        });
        let coding = ContentCoding::Identity;
        let representations = vec![CompiledRepresentation { coding, content, head }];
        let route = CompiledRoute::Resource(site.resources.len());
        site.resources.push(CompiledResource { path: path.to_owned(), representations });
        site.routes.push(ListedRoute { match_kind: MatchKind::Exact, key, route });
    }
    sort(&mut site.routes);
    Ok(())
}

/// A hash of all style sheets, and one of everything else.
fn hashes(site: &CompiledSite) -> [Hash; 2] {
    let (mut styles, mut rest) = (Vec::new(), Vec::new());
    for ListedRoute { match_kind, key, route } in &site.routes {
        rest.extend(format!("{match_kind:?} {key}\0").into_bytes());
        match route {
            CompiledRoute::Redirect(head) => rest.extend(format!("{head:?}").into_bytes()),
            CompiledRoute::Resource(index) => {
                for it in &site.resources[*index].representations {
                    let head = &it.head.shared.text;
                    let is_style = head.contains("Content-Type: text/css");
                    let hashed = if is_style { &mut styles } else { &mut rest };
                    hashed.extend(head.as_bytes());
                    hashed.extend(it.content.hash());
                }
            }
        }
    }
    [styles, rest].map(|bytes| digest::of(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_parts_of_documents() {
        let rows = [
            ("index.html", "<!DOCTYPE html><p>", true),
            ("a/b.HTM", "<!-- built --> <html lang=en>", true),
            ("part.html", "<p>part</p>", false),
            ("empty.html", "", false),
            ("a.svg", "<!doctype svg>", false),
        ];
        for (path, text, expected) in rows {
            assert_eq!(is_document(path, text.as_bytes()), expected, "{path}");
        }
    }
}
