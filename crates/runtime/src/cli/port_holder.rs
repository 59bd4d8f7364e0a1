//! Process that uses a port, and the site that it serves, for messages.

use std::{net::SocketAddr, time::Duration};

use super::{
    http_get::{Answer, HttpUrl, get},
    title::printable,
    welcome,
};
use crate::server::port_holder;

/// Time limit of a request to it, which delays the start of the server.
const LIMIT: Duration = Duration::from_millis(300);

/// The process that listens at an address, and the title of the page that it serves, as far as they
/// can be found: `demo (process 7), which serves "My site"`.
pub(super) fn described(address: SocketAddr) -> Option<String> {
    match (port_holder(address), served_title(address)) {
        (Some(holder), Some(title)) => Some(format!("{holder}, which serves \"{title}\"")),
        (None, Some(title)) => Some(format!("a server of \"{title}\"")),
        (holder, None) => holder,
    }
}

/// The title of the page at `/`, or of the page that it redirects to, as for a site at a prefix.
fn served_title(address: SocketAddr) -> Option<String> {
    let address = welcome::reachable(address);
    let mut path = "/".to_owned();
    for _ in 0..2 {
        let answer = get(&HttpUrl::at(address, &path), LIMIT).ok()?;
        match answer.field("Location").filter(|it| it.starts_with('/') && !it.starts_with("//")) {
            Some(location) if (300..400).contains(&answer.status) => {
                location.clone_into(&mut path);
            }
            _ => return title(&answer),
        }
    }
    None
}

/// The title of a page. Enough for a message: markup that only resembles a title counts, too.
fn title(answer: &Answer) -> Option<String> {
    let media_type = answer.field("Content-Type")?.to_ascii_lowercase();
    if answer.status != 200 || !media_type.starts_with("text/html") {
        return None;
    }
    let text = String::from_utf8_lossy(&answer.content);
    // ASCII letters only, so that positions are the same.
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words: Vec<&str> = text[start..end].split_whitespace().collect();
    let title = printable(&resolved(&words.join(" ")));
    (!title.is_empty()).then_some(title)
}

/// A text with the most common character references resolved.
fn resolved(text: &str) -> String {
    const REFERENCES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    REFERENCES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
