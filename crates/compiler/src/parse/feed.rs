//! Sitemaps and feeds: the URLs of pages that a site calls its own.
//!
//! Only a few elements matter, so tags are found without a parser for XML.

use std::borrow::Cow;

/// Maximum number of URLs that are kept: they only tell the host.
const URLS_MAX: usize = 100;
/// Bytes at the start that are read. The addresses of the site come first in a feed, and all
/// entries of a sitemap are alike.
const LENGTH_MAX: usize = 64 * 1024;

/// The URLs of a sitemap, or the home page of a feed; empty for other XML.
pub(crate) fn own_urls(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(&text[..text.len().min(LENGTH_MAX)]);
    let mut tags = tags(&text);
    match tags.next().map(|tag| tag.name) {
        // sitemaps.org.
        Some("urlset" | "sitemapindex") => {
            tags.filter(|tag| tag.name == "loc").map(|tag| tag.url()).take(URLS_MAX).collect()
        }
        // RSS 2.0: the first `link` is that of the channel.
        Some("rss") => {
            tags.find(|tag| tag.name == "link").map(|tag| tag.url()).into_iter().collect()
        }
        // RFC 4287 section 4.2.7.2: the default relation is `alternate`.
        Some("feed") => {
            let mut links = tags.filter(|tag| tag.name == "link");
            let link = links.find(|tag| tag.attribute("rel").is_none_or(|rel| rel == "alternate"));
            let url = link.and_then(|tag| tag.attribute("href"));
            url.map(|it| unescaped(it).into_owned()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    /// The text up to the next tag.
    text: &'a str,
}

impl<'a> Tag<'a> {
    fn url(&self) -> String {
        unescaped(self.text.trim()).into_owned()
    }

    /// The value of an attribute, as written.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        while let Some((before, after)) = rest.split_once('=') {
            let quote = after.trim_start().chars().next().filter(|it| matches!(it, '"' | '\''))?;
            let (value, next) = after.trim_start()[1..].split_once(quote)?;
            if before.trim() == name {
                return Some(value);
            }
            rest = next;
        }
        None
    }
}

/// The start tags of a text, without declarations and comments.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let pieces = text.split('<').skip(1).filter(|piece| !piece.starts_with(['?', '!', '/']));
    pieces.filter_map(|piece| {
        let (tag, text) = piece.split_once('>')?;
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let cut = tag.find(|it: char| it.is_ascii_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(cut);
        Some(Tag { name, attributes, text })
    })
}

/// The text without the escapes that URLs need (XML section 4.6).
fn unescaped(text: &str) -> Cow<'_, str> {
    if text.contains('&') { text.replace("&amp;", "&").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_or_feed_tells_the_urls_of_its_site() {
        let rows: &[(&str, &[&str])] = &[
            (
                "<?xml version='1.0'?><urlset><url><loc> https://a.example/ </loc>\
                 <lastmod>2026</lastmod></url><url><loc>https://a.example/b?x=1&amp;y</loc></url>",
                &["https://a.example/", "https://a.example/b?x=1&y"],
            ),
            (
                "<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap>",
                &["https://a.example/s.xml"],
            ),
            (
                "<rss><channel><title>x</title><link>https://a.example/</link><item>\
                 <link>https://b.example/</link>",
                &["https://a.example/"],
            ),
            (
                "<feed><link rel='self' href='https://a.example/feed.xml'/>\
                 <link href='https://a.example/'/><link href='https://b.example/'/>",
                &["https://a.example/"],
            ),
            ("<note><loc>https://a.example/</loc><link>https://a.example/</link></note>", &[]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(own_urls(text.as_bytes()), *expected, "{text}");
        }
        let long = "<urlset>".to_owned() + &"<loc>https://a.example/</loc>".repeat(10_000);
        assert_eq!(own_urls(long.as_bytes()).len(), URLS_MAX);
    }
}
