//! Whether text is in UTF-8, for the parameter `charset`.
//!
//! Some encodings, such as ISO-2022-JP, use ASCII bytes only, so their text is valid UTF-8 as well.
//! A file in one of them declares it, and a `charset` in the field would override that.

use super::sample::Sample;
use crate::parse::encoding::is_iso_2022_jp;

/// The number of bytes in which browsers look for a declaration (HTML standard, section 13.2.3.2).
const PRESCAN_BYTES: usize = 1024;

/// Beginnings of the labels of encodings that use ASCII bytes only. Browsers support ISO-2022-JP,
/// and feed readers support some of the others.
const ASCII_BYTES_ONLY: [&str; 6] =
    ["iso-2022-", "csiso2022", "hz", "utf-7", "unicode-1-1-utf-7", "csunicode11utf7"];

/// Whether text of this media type is in UTF-8.
pub(super) fn is_utf_8(media_type: &str, sample: &Sample<'_>) -> bool {
    if sample.is_ascii { !is_in_ascii_bytes(media_type, &sample.start) } else { sample.is_utf_8 }
}

/// Whether these ASCII bytes are text in another encoding than ASCII.
fn is_in_ascii_bytes(media_type: &str, bytes: &[u8]) -> bool {
    let start = std::str::from_utf8(&bytes[..bytes.len().min(PRESCAN_BYTES)]).unwrap_or_default();
    let declared = match media_type {
        "text/html" => in_markup(start).or_else(|| in_xml_declaration(start)),
        "text/css" => in_charset_rule(start),
        _ => in_xml_declaration(start),
    };
    let Some(label) = declared else { return is_iso_2022_jp(bytes) };
    let label = label.trim().to_ascii_lowercase();
    ASCII_BYTES_ONLY.iter().any(|it| label.starts_with(it))
}

/// The label in `@charset "label";` (CSS Syntax, section 3.2).
fn in_charset_rule(text: &str) -> Option<&str> {
    text.strip_prefix("@charset \"")?.split_once("\";").map(|(label, _)| label)
}

/// The label in `<?xml version="1.0" encoding="label"?>`.
fn in_xml_declaration(text: &str) -> Option<&str> {
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let mut attributes = Attributes { rest: declaration };
    attributes.find_map(|(name, value)| (name == "encoding").then_some(value))
}

/// The label in a `<meta>`, found as browsers do (HTML standard, "prescan a byte stream").
fn in_markup(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = &comment[comment.find("-->")?..];
            continue;
        }
        let tag = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        if !tag.starts_with(|it: char| it.is_ascii_alphabetic()) {
            rest = if tag.starts_with(['!', '?']) { &tag[tag.find('>')?..] } else { tag };
            continue;
        }
        let name_length = tag.find(|it: char| it.is_ascii_whitespace() || "/>".contains(it))?;
        let (name, after) = tag.split_at(name_length);
        let mut attributes = Attributes { rest: after };
        let is_meta = rest.len() - tag.len() == 1 && name.eq_ignore_ascii_case("meta");
        let label = if is_meta { in_meta(&mut attributes) } else { None };
        if label.is_some() {
            return label;
        }
        attributes.by_ref().for_each(drop);
        rest = attributes.rest;
    }
    None
}

fn in_meta<'a>(attributes: &mut Attributes<'a>) -> Option<&'a str> {
    let (mut charset, mut content, mut is_content_type) = (None, None, false);
    for (name, value) in attributes {
        match name.to_ascii_lowercase().as_str() {
            "charset" => charset = charset.or(Some(value)),
            "content" => content = content.or(Some(value)),
            "http-equiv" => is_content_type |= value.eq_ignore_ascii_case("content-type"),
            _ => {}
        }
    }
    charset.or_else(|| in_content(content.filter(|_| is_content_type)?))
}

/// The label in `text/html; charset=label`.
fn in_content(content: &str) -> Option<&str> {
    let at = content.to_ascii_lowercase().find("charset")? + "charset".len();
    let value = content[at..].trim_start().strip_prefix('=')?.trim_start();
    value.trim_matches(['"', '\'']).split([';', ' ', '"', '\'']).next()
}

/// The attributes of a tag: names and values. Without a value, it is empty.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let is_space = |it: char| it.is_ascii_whitespace();
        let rest = self.rest.trim_start_matches(|it| is_space(it) || it == '/');
        self.rest = rest;
        if rest.starts_with('>') {
            return None;
        }
        let is_end = |it| is_space(it) || "/>=".contains(it);
        let length = rest.char_indices().skip(1).find(|(_, it)| is_end(*it))?.0;
        let (name, rest) = rest.split_at(length);
        let Some(value) = rest.trim_start_matches(is_space).strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(is_space);
        let quote = value.chars().next().filter(|it| "\"'".contains(*it));
        let (value, rest) = match quote {
            Some(quote) => value[1..].split_once(quote)?,
            None => value.split_at(value.find(|it| is_space(it) || it == '>')?),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_encoding_of_ascii_bytes_is_not_utf_8() {
        let rows: &[(&str, &str, bool)] = &[
            ("text/html", "<meta charset=iso-2022-jp>", false),
            ("text/html", "<meta charset=\" ISO-2022-JP \">", false),
            ("text/html", "<META name=x\nCharset='csISO2022JP'/>", false),
            ("text/html", "<!DOCTYPE html><html lang=ja><head><meta charset=iso-2022-jp>", false),
            (
                "text/html",
                "<meta http-equiv=Content-Type content='text/html; charset=ISO-2022-JP'>",
                false,
            ),
            ("text/html", "<meta content='a; charset = utf-7' http-equiv=content-type>", false),
            ("text/html", "<meta charset=hz-gb-2312>", false),
            ("text/html", "<?xml version=\"1.0\" encoding=\"iso-2022-jp\"?><html>", false),
            ("text/html", "<p>\x1b$BF|K\\\x1b(B", false),
            ("text/html", "<meta charset=utf-8><p>\x1b[31mred\x1b[0m \x1b$B", true),
            ("text/html", "<meta charset=utf-8><meta charset=iso-2022-jp>", true),
            ("text/html", "<!-- <meta charset=iso-2022-jp> -->", true),
            ("text/html", "<p title='<meta charset=iso-2022-jp>'>", true),
            ("text/html", "<meta name=charset content='charset=iso-2022-jp'>", true),
            ("text/html", "<metal charset=iso-2022-jp>", true),
            ("text/html", "</meta charset=iso-2022-jp>", true),
            ("text/html", "<meta charset=windows-1252>", true),
            ("text/html", "<meta charset=iso-2022-jp><p>caf\u{e9}", true),
            ("text/html", "<p>iso-2022-jp", true),
            ("text/html", "<", true),
            ("text/html", "<meta charset=iso-2022-jp", true),
            ("text/xml", "<?xml version='1.0' encoding='ISO-2022-JP'?><rss/>", false),
            ("text/xml", "<?xml version='1.0' encoding='UTF-8'?><rss/>", true),
            ("text/xml", "<rss encoding='iso-2022-jp'/>", true),
            ("text/css", "@charset \"iso-2022-jp\";", false),
            ("text/css", "@charset \"utf-8\"; /* \x1b$B */", true),
            ("text/css", "/* @charset \"iso-2022-jp\"; */", true),
            ("text/plain", "\x1b$B%F%9%H\x1b(B", false),
            ("text/plain", "\x1b[1mbold\x1b(B", true),
        ];
        for (media_type, text, expected) in rows {
            assert_eq!(is_utf_8(media_type, &Sample::of(text.as_bytes())), *expected, "{text:?}");
        }
        assert!(!is_utf_8("text/html", &Sample::of(b"caf\xe9")));
        let late = format!("{}<meta charset=iso-2022-jp>", " ".repeat(PRESCAN_BYTES));
        assert!(is_utf_8("text/html", &Sample::of(late.as_bytes())));
    }
}
