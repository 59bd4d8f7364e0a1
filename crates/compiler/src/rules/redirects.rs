//! The rule file `_redirects`: redirects and rewrites.

use chapbook_format::path;
use url::Url;

use super::{
    Pattern,
    lines::{RuleError, Word, lines, words},
};
use crate::{
    diagnostics::FileDiagnostics,
    lints::Lint,
    parse::{Span, Text},
};

/// The name of the file.
pub(crate) const FILE: &str = "_redirects";

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// The paths that it applies to.
    pub(crate) from: Pattern,
    /// The position of the pattern.
    pub(crate) from_span: Span,
    /// The target.
    pub(crate) to: Destination,
    /// The position of the target.
    pub(crate) to_span: Span,
    /// Whether it redirects or rewrites.
    pub(crate) status: RuleStatus,
    /// Whether it follows from an option or a file name and not from a line of the file.
    pub(crate) is_implied: bool,
}

/// The target of a rule: a URL reference, percent-encoded as in a `Location` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A fixed target.
    Fixed(String),
    /// A target that contains the part of the path that `*` matched, between these two strings.
    Splat(String, String),
}

/// How a rule responds to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleStatus {
    /// With a redirect that has this status code (RFC 9110 section 15.4).
    Redirect(u16),
    /// With the content of the target, as if that had been requested.
    Rewrite,
}

impl RuleStatus {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "301" => Self::Redirect(301),
            "302" => Self::Redirect(302),
            "303" => Self::Redirect(303),
            "307" => Self::Redirect(307),
            "308" => Self::Redirect(308),
            "200" => Self::Rewrite,
            _ => return None,
        })
    }
}

/// Maximum number of rules. Each takes up to a kilobyte while the site is compiled.
const RULES_MAX: usize = 200_000;

/// Maximum number of rules with `*`, since they are matched one by one for every path without a
/// route. Cloudflare Pages allows 100.
const PATTERN_RULES_MAX: usize = 1000;

/// The placeholder for what `*` matched.
const SPLAT: &str = ":splat";

/// Parses the file. Invalid lines become diagnostics.
pub(crate) fn parse(text: &Text<'_>) -> (Vec<Redirect>, FileDiagnostics) {
    const CODE: Lint = Lint::InvalidRedirect;
    let mut redirects = Vec::new();
    let mut pattern_rules = 0;
    let mut diagnostics = FileDiagnostics::default();
    let mut report = |RuleError { span, message, help }| {
        let build = || text.diagnostic(CODE, span, message, help);
        diagnostics.push_with(CODE, CODE.severity(), build);
    };
    let content = match std::str::from_utf8(text.bytes) {
        Ok(content) => content,
        Err(error) => {
            report(RuleError::not_utf_8(error));
            return (redirects, diagnostics);
        }
    };
    for (start, line) in lines(content) {
        // A longer line is invalid, whatever it contains.
        let words: Vec<Word<'_>> = words(start, line).take(WORDS_MAX).collect();
        match parse_line(&words) {
            Ok(Some(redirect)) if redirects.len() == RULES_MAX => {
                let message = format!("there are more than {RULES_MAX} rules");
                report(RuleError::new(redirect.from_span, message, "combine rules with `*`"));
                break;
            }
            Ok(Some(redirect)) if matches!(redirect.from, Pattern::Below(_)) => {
                pattern_rules += 1;
                if pattern_rules <= PATTERN_RULES_MAX {
                    redirects.push(redirect);
                } else if pattern_rules == PATTERN_RULES_MAX + 1 {
                    report(too_many(&redirect));
                }
            }
            Ok(redirect) => redirects.extend(redirect),
            Err(error) => report(error),
        }
    }
    (redirects, diagnostics)
}

/// Maximum number of words that are parsed: a path, a target, a status, and one that is too many.
const WORDS_MAX: usize = 4;

fn too_many(redirect: &Redirect) -> RuleError {
    let message = format!("there are more than {PATTERN_RULES_MAX} rules with `*`");
    let help = "use rules for single paths";
    RuleError::new(redirect.from_span.clone(), message, help)
}

const GRAMMAR: &str = "write `/from /to 301`; the status can also be 302, 303, 307 or 308";
const ENCODING: &str = "percent-encode the bytes of UTF-8, and write a literal `%` as `%25`";

fn error(word: &Word<'_>, message: impl Into<String>, help: &'static str) -> RuleError {
    RuleError::new(word.span.clone(), message, help)
}

fn parse_line(words: &[Word<'_>]) -> Result<Option<Redirect>, RuleError> {
    let (from, to, status) = match words {
        [] => return Ok(None),
        [only] => return Err(error(only, "this rule has no target", GRAMMAR)),
        [from, to] => (from, to, None),
        [from, to, status] => (from, to, Some(status)),
        [_, _, _, extra, ..] => {
            let message = format!("`{}` is not supported: rules have no conditions", extra.text);
            return Err(error(extra, message, GRAMMAR));
        }
    };
    if let Some((name, _)) = to.text.split_once('=').filter(|_| !is_reference(to.text)) {
        let message = format!("matching a query parameter (`{name}`) is not supported");
        return Err(error(to, message, GRAMMAR));
    }
    let pattern = Pattern::parse(from.text).map_err(|message| error(from, message, GRAMMAR))?;
    let status = match status {
        None => RuleStatus::Redirect(301),
        Some(word) => RuleStatus::parse(word.text).ok_or_else(|| status_error(word))?,
    };
    let destination = destination(to, &pattern, status)?;
    Ok(Some(Redirect {
        from: pattern,
        from_span: from.span.clone(),
        to: destination,
        to_span: to.span.clone(),
        status,
        is_implied: false,
    }))
}

fn status_error(word: &Word<'_>) -> RuleError {
    let (message, help) = if word.text.contains('=') {
        ("conditions are not supported", GRAMMAR)
    } else if word.text.ends_with('!') {
        ("overriding a file (`!`) is not supported", "remove the file or the rule")
    } else if word.text == "404" {
        (
            "rules with status 404 are not supported",
            "name the page `404.html`: it is sent for every missing path in its folder",
        )
    } else {
        ("the status must be 301, 302, 303, 307, 308 or 200", GRAMMAR)
    };
    error(word, format!("`{}`: {message}", word.text), help)
}

fn is_reference(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("http://") || text.starts_with("https://")
}

fn destination(
    to: &Word<'_>,
    from: &Pattern,
    status: RuleStatus,
) -> Result<Destination, RuleError> {
    if !is_reference(to.text) {
        return Err(error(to, "a target must begin with `/` or `https://`", GRAMMAR));
    }
    if to.text.starts_with("//") {
        let help = "write the scheme too: `https://...`";
        return Err(error(to, "a target that begins with `//` is on another host", help));
    }
    if to.text.contains(['\\', '*']) || to.text.chars().any(char::is_control) {
        let help = "write `:splat` for what `*` matches, and `/` between folders";
        return Err(error(to, "a target cannot contain `\\` or `*`", help));
    }
    if status == RuleStatus::Rewrite && !to.text.starts_with('/') {
        let help = "use 301, 302, 307 or 308 to redirect there";
        return Err(error(to, "200 cannot serve content of another host", help));
    }
    let location = location(to)?;
    let Some((before, after)) = location.split_once(SPLAT) else {
        return Ok(Destination::Fixed(location));
    };
    if before.contains(['?', '#']) {
        let help = "put it into the path: in a query, a request could add parameters";
        return Err(error(to, "`:splat` is not supported after `?` or `#`", help));
    }
    match from {
        Pattern::Below(_) if status == RuleStatus::Rewrite => {
            let help = "name one page that is sent for all paths, such as `/index.html`";
            Err(error(to, "`:splat` is not supported with 200", help))
        }
        Pattern::Below(_) if !after.contains(SPLAT) => {
            Ok(Destination::Splat(before.to_owned(), after.to_owned()))
        }
        Pattern::Below(_) => Err(error(to, "`:splat` is supported only once", GRAMMAR)),
        Pattern::Exact(_) => {
            let help = "end the first path with `/*`";
            Err(error(to, "`:splat` requires a `*` in the first path", help))
        }
    }
}

/// The target in the form of a `Location` field. `:splat` cannot be part of the host, which a
/// request could choose otherwise.
fn location(to: &Word<'_>) -> Result<String, RuleError> {
    let is_named = |segment: &str| segment.len() > 1 && segment.starts_with(':');
    let has_placeholder = |path: &str| path.replace(SPLAT, "").split('/').any(is_named);
    if to.text.starts_with('/') {
        let path = to.text.split(['?', '#']).next().unwrap_or_default();
        if path::text_key(path).is_none() {
            return Err(error(to, "invalid percent-encoding in the target", ENCODING));
        }
        if has_placeholder(path) {
            let help = "only `:splat` is supported, once";
            return Err(error(to, "this placeholder is not supported", help));
        }
        return Ok(path::encode_rest(to.text).into_owned());
    }
    let (_, rest) = to.text.split_once("://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let url = Url::parse(to.text).ok().filter(|url| !host.is_empty() && url.has_host());
    let Some(url) = url.filter(|_| !host.contains(SPLAT)) else {
        let help = "write the host name after `://`, and `:splat` only after the `/` that ends it";
        return Err(error(to, "the target has no valid host", help));
    };
    if has_placeholder(url.path()) {
        let help = "only `:splat` is supported, once, after the `/` that ends the host";
        return Err(error(to, "this placeholder is not supported", help));
    }
    Ok(String::from(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Redirect, String> {
        let text = Text::new("site/_redirects".to_owned(), line.as_bytes());
        let (mut redirects, diagnostics) = parse(&text);
        match diagnostics.listed().first() {
            Some(diagnostic) => Err(diagnostic.message.clone()),
            None => Ok(redirects.remove(0)),
        }
    }

    #[test]
    fn a_line_is_a_path_a_target_and_an_optional_status() {
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
            assert_eq!(Some(redirect.status), RuleStatus::parse(status), "{line}");
        }
    }

    #[test]
    fn unsupported_lines_are_errors() {
        let rows = [
            ("/a", "this rule has no target"),
            ("a /b", "a path must begin with `/`"),
            ("https://example.com/a /b", "rules for a single host are not supported"),
            ("/a b", "a target must begin with"),
            ("/a //evil.example", "is on another host"),
            ("/a /b\\c", "cannot contain `\\`"),
            ("/a /b 301!", "overriding a file"),
            ("/a /b 404", "rules with status 404"),
            ("/a /b 418", "the status must be 301"),
            ("/a /b 301 Country=de", "rules have no conditions"),
            ("/a /b Country=de", "conditions are not supported"),
            ("/a id=:id /b/:id", "matching a query parameter (`id`)"),
            ("/a/:id /b", "placeholders"),
            ("/a/* /b/:id", "this placeholder"),
            ("/a/* https://:splat/", "no valid host"),
            ("/a/* https://example.com:splat", "no valid host"),
            ("/a/* https:///:splat", "no valid host"),
            ("/a https://", "no valid host"),
            ("/a /%zz", "invalid percent-encoding"),
            ("/a/* /%ff/:splat", "invalid percent-encoding"),
            ("/a/* /:splat/:splat", "only once"),
            ("/a /b/:splat", "requires a `*`"),
            ("/a/* /b?q=:splat", "after `?`"),
            ("/a/* /b/:splat 200", "not supported with 200"),
            ("/a https://example.com/ 200", "content of another host"),
        ];
        for (line, expected) in rows {
            let message = parsed(line).unwrap_err();
            assert!(message.contains(expected), "{line}: {message}");
        }
    }

    #[test]
    fn the_number_of_rules_with_a_star_is_limited() {
        const MAX: usize = PATTERN_RULES_MAX;
        let lines: Vec<String> = (0..=MAX).map(|it| format!("/a{it}/* /b\n")).collect();
        for (count, expected) in [(MAX, 0), (MAX + 1, 1)] {
            let lines = lines[..count].concat();
            let text = Text::new("site/_redirects".to_owned(), lines.as_bytes());
            assert_eq!(parse(&text).1.listed().len(), expected, "{count}");
        }
    }

    #[test]
    fn the_number_of_rules_is_limited() {
        for (count, expected) in [(RULES_MAX, 0), (RULES_MAX + 1, 1), (2 * RULES_MAX, 1)] {
            let lines = "/a /b\n".repeat(count);
            let (redirects, diagnostics) =
                parse(&Text::new("site/_redirects".to_owned(), lines.as_bytes()));
            let found = (redirects.len(), diagnostics.listed().len());
            assert_eq!(found, (RULES_MAX, expected), "{count}");
        }
    }

    #[test]
    fn an_invalid_line_does_not_affect_the_others() {
        let text = b"# moved\n\n/a /b\n/c\n  /d /e 308\nf /g\n";
        let text = Text::new("site/_redirects".to_owned(), text);
        let (redirects, diagnostics) = parse(&text);
        assert_eq!(redirects.len(), 2);
        let lines: Vec<usize> = diagnostics.listed().iter().map(|it| it.position.line).collect();
        assert_eq!(lines, [4, 6]);
    }
}
