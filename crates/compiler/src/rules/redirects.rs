//! This file owns `_redirects`: its lines, and what each may ask for. Where a redirect leads, and
//! whether anything is there, is not its to know.

use url::Url;

use super::{Mistake, Pattern, Word, lines, words};
use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{Span, Text},
};

/// The name of the file.
pub(crate) const FILE: &str = "_redirects";

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The paths that it is for, and where that is written.
    pub(crate) from: Pattern,
    pub(crate) from_span: Span,
    /// Where it leads, and where that is written.
    pub(crate) to: Destination,
    pub(crate) to_span: Span,
    /// How it leads there.
    pub(crate) status: Status,
}

/// Where a redirect leads: a reference that is percent-encoded as a `Location` field needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To one place.
    Fixed(String),
    /// To a place that the rest of the path stands in, between these two.
    Splat(String, String),
}

/// How a request is led on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// By telling the client, with this status code (RFC 9110 section 15.4).
    Told(u16),
    /// By answering with what is there, which the client doesn't see.
    Answered,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "301" => Self::Told(301),
            "302" => Self::Told(302),
            "303" => Self::Told(303),
            "307" => Self::Told(307),
            "308" => Self::Told(308),
            "200" => Self::Answered,
            _ => return None,
        })
    }
}

/// The most rules with `*`: they are looked at one by one for every path that nothing answers at.
/// Cloudflare Pages takes a hundred.
const BELOW_MAX: usize = 1000;

/// The placeholder for what `*` stands for.
const SPLAT: &str = ":splat";

/// Reads the lines, and says what is wrong with those that can't be followed.
pub(crate) fn parse(text: &Text<'_>) -> (Vec<Redirect>, Vec<Diagnostic>) {
    let mut redirects = Vec::new();
    let mut below = 0;
    let mut diagnostics = Vec::new();
    let wrong =
        |Mistake { span, what, help }| text.diagnostic(Lint::InvalidRedirect, span, what, help);
    match std::str::from_utf8(text.bytes) {
        Ok(whole) => {
            for (start, line) in lines(whole) {
                let words: Vec<Word<'_>> = words(start, line).collect();
                match line_of(&words) {
                    Ok(Some(redirect)) if matches!(redirect.from, Pattern::Below(_)) => {
                        below += 1;
                        if below <= BELOW_MAX {
                            redirects.push(redirect);
                        } else if below == BELOW_MAX + 1 {
                            diagnostics.push(wrong(too_many(&redirect)));
                        }
                    }
                    Ok(redirect) => redirects.extend(redirect),
                    Err(mistake) => diagnostics.push(wrong(mistake)),
                }
            }
        }
        Err(error) => diagnostics.push(wrong(Mistake {
            span: error.valid_up_to()..error.valid_up_to() + 1,
            what: "this is not UTF-8".to_owned(),
            help: "save the file as UTF-8",
        })),
    }
    (redirects, diagnostics)
}

fn too_many(redirect: &Redirect) -> Mistake {
    Mistake {
        span: redirect.from_span.clone(),
        what: format!("there are more than {BELOW_MAX} rules with `*`"),
        help: "write rules for single paths, of which there may be any number",
    }
}

const GRAMMAR: &str = "write `/from /to 301`, or another of 302, 303, 307 and 308";

fn mistake(word: &Word<'_>, what: impl Into<String>, help: &'static str) -> Mistake {
    Mistake { span: word.span.clone(), what: what.into(), help }
}

fn line_of(words: &[Word<'_>]) -> Result<Option<Redirect>, Mistake> {
    let (from, to, status) = match words {
        [] => return Ok(None),
        [only] => return Err(mistake(only, "the line names no place to go to", GRAMMAR)),
        [from, to] => (from, to, None),
        [from, to, status] => (from, to, Some(status)),
        [_, _, _, more, ..] => {
            let what = format!("`{}` is not supported: a rule has no conditions", more.text);
            return Err(mistake(more, what, GRAMMAR));
        }
    };
    if let Some((name, _)) = to.text.split_once('=').filter(|_| !is_reference(to.text)) {
        let what = format!("a rule for one value of the query (`{name}`) is not supported");
        return Err(mistake(to, what, GRAMMAR));
    }
    let pattern = Pattern::parse(from.text).map_err(|why| mistake(from, why, GRAMMAR))?;
    let how = match status {
        None => Status::Told(301),
        Some(word) => Status::parse(word.text).ok_or_else(|| wrong_status(word))?,
    };
    let destination = destination(to, &pattern, how)?;
    Ok(Some(Redirect {
        from: pattern,
        from_span: from.span.clone(),
        to: destination,
        to_span: to.span.clone(),
        status: how,
    }))
}

fn wrong_status(word: &Word<'_>) -> Mistake {
    let (what, help) = if word.text.contains('=') {
        ("a rule under a condition is not supported", GRAMMAR)
    } else if word.text.ends_with('!') {
        ("a rule that overrides a file (`!`) is not supported", "remove the file or the rule")
    } else if word.text == "404" {
        (
            "a rule for what is not found is not supported",
            "name the page `404.html`: it answers for everything in its folder that is not found",
        )
    } else {
        ("this is none of the statuses 301, 302, 303, 307, 308 and 200", GRAMMAR)
    };
    mistake(word, format!("`{}`: {what}", word.text), help)
}

fn is_reference(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://")
}

fn destination(to: &Word<'_>, from: &Pattern, how: Status) -> Result<Destination, Mistake> {
    if !is_reference(to.text) {
        return Err(mistake(to, "a place to go to begins with `/` or `https://`", GRAMMAR));
    }
    if to.text.starts_with("//") {
        let help = "write the scheme too: `https://...`";
        return Err(mistake(to, "`//` begins the name of another host", help));
    }
    if to.text.contains(['\\', '*']) || to.text.chars().any(char::is_control) {
        let help = "write `:splat` for what `*` stands for, and `/` between folders";
        return Err(mistake(to, "`\\` and `*` have no meaning here", help));
    }
    if how == Status::Answered && !to.text.starts_with('/') {
        let help = "use 301, 302, 307 or 308 to send the reader there";
        return Err(mistake(to, "another host's content can't be answered with", help));
    }
    let place = located(to)?;
    let Some((before, after)) = place.split_once(SPLAT) else {
        return Ok(Destination::Fixed(place));
    };
    if before.contains(['?', '#']) {
        let help = "put it into the path: in a query, a reader could add parts of their own";
        return Err(mistake(to, "`:splat` is not supported behind `?` or `#`", help));
    }
    match from {
        Pattern::Below(_) if how == Status::Answered => {
            let help = "name one page that answers for all, such as `/index.html`";
            Err(mistake(to, "`:splat` is not supported with 200", help))
        }
        Pattern::Below(_) if !after.contains(SPLAT) => {
            Ok(Destination::Splat(before.to_owned(), after.to_owned()))
        }
        Pattern::Below(_) => Err(mistake(to, "`:splat` is supported once", GRAMMAR)),
        Pattern::Exact(_) => {
            let help = "end the first path with `/*`, so that there is something to put in";
            Err(mistake(to, "`:splat` stands for what `*` stands for, and there is none", help))
        }
    }
}

/// A place as a `Location` field needs it. What stands before its path names a host, which nothing
/// of a request may become part of.
fn located(to: &Word<'_>) -> Result<String, Mistake> {
    const HELP: &str = "encode the bytes of UTF-8, and write `%` itself as `%25`";
    let is_named = |segment: &str| segment.len() > 1 && segment.starts_with(':');
    let placeholder = |path: &str| path.replace(SPLAT, "").split('/').any(is_named);
    if to.text.starts_with('/') {
        let path = to.text.split(['?', '#']).next().unwrap_or_default();
        if path::text_key(path).is_none() {
            return Err(mistake(to, "this place is percent-encoded wrongly", HELP));
        }
        if placeholder(path) {
            let help = "only `:splat` is, once";
            return Err(mistake(to, "this placeholder is not supported here", help));
        }
        return Ok(path::encode_rest(to.text).into_owned());
    }
    let (_, behind) = to.text.split_once("://").unwrap_or_default();
    let host = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let url = Url::parse(to.text).ok().filter(|url| !host.is_empty() && url.has_host());
    let Some(url) = url.filter(|_| !host.contains(SPLAT)) else {
        let help = "write the name of the host behind `://`, and `:splat` behind its `/` only";
        return Err(mistake(to, "this names no host", help));
    };
    if placeholder(url.path()) {
        let help = "only `:splat` is, once, behind the `/` that ends the host";
        return Err(mistake(to, "this placeholder is not supported here", help));
    }
    Ok(String::from(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Redirect, String> {
        let text = Text::new("site/_redirects".to_owned(), line.as_bytes());
        let (mut redirects, diagnostics) = parse(&text);
        match diagnostics.into_iter().next() {
            Some(diagnostic) => Err(diagnostic.message),
            None => Ok(redirects.remove(0)),
        }
    }

    #[test]
    fn a_line_is_a_path_a_place_and_perhaps_a_status() {
        let fixed = |it: &str| Destination::Fixed(it.to_owned());
        let splat = |it: &str, end: &str| Destination::Splat(it.to_owned(), end.to_owned());
        let rows = [
            ("/a /b", fixed("/b"), "301"),
            ("/a\t/b?x=y#z   308 # why", fixed("/b?x=y#z"), "308"),
            ("/a https://example.com 302", fixed("https://example.com/"), "302"),
            (
                "/a https://b\u{fc}cher.example/\u{e4}?\u{e4}",
                fixed("https://xn--bcher-kva.example/%C3%A4?%C3%A4"),
                "301",
            ),
            ("/a /caf\u{e9}%20x 303", fixed("/caf%C3%A9%20x"), "303"),
            ("/a/* /b/:splat 307", splat("/b/", ""), "307"),
            ("/a/* https://x.org/:splat.html", splat("https://x.org/", ".html"), "301"),
            ("/a/* /b", fixed("/b"), "301"),
            ("/* /index.html 200", fixed("/index.html"), "200"),
        ];
        for (line, to, status) in rows {
            let redirect = parsed(line).unwrap();
            assert_eq!(redirect.to, to, "{line}");
            assert_eq!(Some(redirect.status), Status::parse(status), "{line}");
        }
    }

    #[test]
    fn what_is_not_supported_is_an_error() {
        let rows = [
            ("/a", "no place to go to"),
            ("a /b", "a path begins with `/`"),
            ("https://example.com/a /b", "one host"),
            ("/a b", "a place to go to begins with"),
            ("/a //evil.example", "another host"),
            ("/a /b\\c", "no meaning"),
            ("/a /b 301!", "overrides a file"),
            ("/a /b 404", "not found"),
            ("/a /b 418", "none of the statuses"),
            ("/a /b 301 Country=de", "no conditions"),
            ("/a /b Country=de", "under a condition"),
            ("/a id=:id /b/:id", "one value of the query"),
            ("/a/:id /b", "placeholders"),
            ("/a/* /b/:id", "this placeholder"),
            ("/a/* https://:splat/", "no host"),
            ("/a/* https://example.com:splat", "no host"),
            ("/a/* https:///:splat", "no host"),
            ("/a https://", "no host"),
            ("/a /%zz", "percent-encoded wrongly"),
            ("/a/* /%ff/:splat", "percent-encoded wrongly"),
            ("/a/* /:splat/:splat", "once"),
            ("/a /b/:splat", "there is none"),
            ("/a/* /b?q=:splat", "behind `?`"),
            ("/a/* /b/:splat 200", "not supported with 200"),
            ("/a https://example.com/ 200", "another host's content"),
        ];
        for (line, what) in rows {
            let said = parsed(line).unwrap_err();
            assert!(said.contains(what), "{line}: {said}");
        }
    }

    #[test]
    fn rules_with_a_star_are_bounded() {
        let lines: Vec<String> = (0..=BELOW_MAX).map(|it| format!("/a{it}/* /b\n")).collect();
        for (count, expected) in [(BELOW_MAX, 0), (BELOW_MAX + 1, 1)] {
            let lines = lines[..count].concat();
            let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
            assert_eq!(parse(&text).1.len(), expected, "{count}");
        }
    }

    #[test]
    fn every_line_is_judged_by_itself() {
        let text = b"# moved\n\n/a /b\n/c\n  /d /e 308\nf /g\n";
        let text = Text::new("site/_redirects".to_owned(), text);
        let (redirects, diagnostics) = parse(&text);
        assert_eq!(redirects.len(), 2);
        let lines: Vec<usize> = diagnostics.iter().map(|it| it.position.line).collect();
        assert_eq!(lines, [4, 6]);
    }
}
