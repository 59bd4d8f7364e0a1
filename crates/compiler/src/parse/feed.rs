//! Sitemaps and feeds: the URLs of pages that a site calls its own.

use html5gum::{Error, State};

use super::html::tokens::{self, StartTag, TokenSink};

/// Maximum number of URLs that are kept: a few are enough to find the host.
const URLS_MAX: usize = 100;
/// Bytes at the start that are parsed. The addresses of the site come first in a feed, and all
/// entries of a sitemap are alike.
const LENGTH_MAX: usize = 64 * 1024;

/// The URLs of a sitemap, or the home page of a feed; empty for other XML.
pub(crate) fn own_urls(text: &[u8]) -> Vec<String> {
    let mut parser = FeedParser::default();
    tokens::read(&text[..text.len().min(LENGTH_MAX)], &mut parser);
    parser.urls
}

/// The format, from the root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// sitemaps.org: `loc` in `urlset` or `sitemapindex`.
    Sitemap,
    /// RSS 2.0: the first `link` is that of the channel.
    Rss,
    /// RFC 4287: a `link` with an attribute.
    Atom,
    Other,
}

#[derive(Debug, Default)]
struct FeedParser {
    format: Option<Format>,
    /// The text of the current element, if it is a URL.
    text: Option<String>,
    urls: Vec<String>,
}

impl FeedParser {
    fn push(&mut self, url: &str) {
        if self.urls.len() < URLS_MAX {
            self.urls.push(url.trim().to_owned());
        }
    }
}

impl TokenSink for FeedParser {
    fn start_tag(&mut self, tag: &StartTag<'_>) -> Option<State> {
        let format = *self.format.get_or_insert(match tag.name {
            b"urlset" | b"sitemapindex" => Format::Sitemap,
            b"rss" => Format::Rss,
            b"feed" => Format::Atom,
            _ => Format::Other,
        });
        self.text = None;
        match (format, tag.name) {
            (Format::Sitemap, b"loc") => self.text = Some(String::new()),
            (Format::Rss, b"link") if self.urls.is_empty() => self.text = Some(String::new()),
            (Format::Atom, b"link") if self.urls.is_empty() => {
                let rel = tag.attribute(b"rel");
                // RFC 4287 section 4.2.7.2: the default is `alternate`.
                let is_page = rel.is_none_or(|rel| rel.value == b"alternate");
                if let Some(url) = tag.attribute(b"href").filter(|_| is_page) {
                    self.push(&String::from_utf8_lossy(url.value));
                }
            }
            _ => {}
        }
        None
    }

    fn end_tag(&mut self, _: &[u8], _: usize) {
        if let Some(url) = self.text.take() {
            self.push(&url);
        }
    }

    fn text(&mut self, text: &[u8]) {
        if let Some(url) = &mut self.text {
            url.push_str(&String::from_utf8_lossy(text));
        }
    }

    fn doctype(&mut self) {}

    fn error(&mut self, _: Error, _: usize) {}

    fn is_in_foreign_content(&self) -> bool {
        true
    }
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
