//! The rule file `_headers`: response fields for paths.

use chapbook_format::ContentCoding;

use super::{
    Pattern,
    lines::{RuleError, lines, words},
    reserved_fields,
};
use crate::{
    diagnostics::FileDiagnostics,
    lints::Lint,
    parse::{Span, Text},
};

/// The name of the file.
pub(crate) const FILE: &str = "_headers";

/// The rules, with the text of the file for later diagnostics.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    /// The rules, in file order.
    pub(crate) rules: Vec<HeaderRule>,
    file: String,
    bytes: Vec<u8>,
}

impl Headers {
    /// Parses the file. Invalid lines become diagnostics.
    pub(crate) fn parse(file: String, bytes: Vec<u8>) -> (Self, FileDiagnostics) {
        let (rules, diagnostics) = parse(&Text::new(file.clone(), &bytes));
        (Self { rules, file, bytes }, diagnostics)
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> Text<'_> {
        Text::new(self.file.clone(), &self.bytes)
    }
}

/// A path and the fields for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    /// The paths that it applies to.
    pub(crate) path: Pattern,
    /// The position of the path.
    pub(crate) span: Span,
    /// The fields, in file order.
    pub(crate) fields: Vec<Field>,
    /// The position of the `Content-Encoding`, if it is one of the fields.
    pub(crate) content_encoding: Option<Span>,
    /// Whether there is a line below the path, valid or not.
    pub(crate) has_lines: bool,
}

impl HeaderRule {
    fn new(path: Pattern, span: Span) -> Self {
        Self { path, span, fields: Vec::new(), content_encoding: None, has_lines: false }
    }

    fn push(&mut self, field: Field, span: Span) {
        if field.is(CONTENT_ENCODING) {
            self.content_encoding = Some(span);
        }
        self.fields.push(field);
    }
}

/// A response field set by the site's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The name as written.
    pub(crate) name: String,
    /// The value without surrounding white space.
    pub(crate) value: String,
}

impl Field {
    /// Whether it has this name; field names are case-insensitive (RFC 9110 section 5.1).
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Maximum bytes of fields that the rules can add to one response. By default nginx as a reverse
/// proxy rejects heads of more than 4 KiB, and the server's own fields need some of them.
pub(crate) const FIELDS_BYTES_MAX: usize = 3 * 1024;

/// Maximum number of fields of a rule. More are above [`FIELDS_BYTES_MAX`], unless they override
/// each other, and the time to join them is quadratic.
const FIELDS_MAX: usize = 1000;

/// Maximum number of rules, since each is matched with every path. Cloudflare Pages allows 100.
const RULES_MAX: usize = 1000;

/// The field that says that a file is precompressed. Linting checks whether that is true.
pub(crate) const CONTENT_ENCODING: &str = "Content-Encoding";

/// The content coding that a value of `Content-Encoding` names, if identity can be decoded from it.
/// Names are case-insensitive, and `x-gzip` is `gzip` (RFC 9110 section 8.4.1).
pub(crate) fn content_coding(value: &str) -> Option<ContentCoding> {
    match value.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => Some(ContentCoding::Gzip),
        "br" => Some(ContentCoding::Brotli),
        _ => None,
    }
}

fn parse(text: &Text<'_>) -> (Vec<HeaderRule>, FileDiagnostics) {
    const CODE: Lint = Lint::InvalidHeader;
    let mut rules: Vec<HeaderRule> = Vec::new();
    let mut diagnostics = FileDiagnostics::default();
    let mut report = |RuleError { span, message, help }| {
        let build = || text.diagnostic(CODE, span, message, help);
        diagnostics.push_with(CODE, CODE.severity(), build);
    };
    let content = match std::str::from_utf8(text.bytes) {
        Ok(content) => content,
        Err(error) => {
            report(RuleError::not_utf_8(error));
            return (rules, diagnostics);
        }
    };
    let mut owner = Owner::Nothing;
    for (start, line) in lines(content) {
        let trimmed = line.trim_start_matches([' ', '\t']);
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if trimmed.len() == line.len() {
            owner = match parse_path(start, line) {
                Ok((_, span)) if rules.len() == RULES_MAX => {
                    let message = format!("there are more than {RULES_MAX} rules");
                    report(RuleError::new(span, message, "combine rules with `*`"));
                    break;
                }
                Ok((path, span)) => {
                    rules.push(HeaderRule::new(path, span));
                    Owner::Path
                }
                Err(error) => {
                    report(error);
                    Owner::InvalidPath
                }
            };
            continue;
        }
        if let (Owner::Path, Some(rule)) = (owner, rules.last_mut()) {
            rule.has_lines = true;
        }
        let field_start = start + line.len() - trimmed.len();
        let field = parse_field(field_start, trimmed);
        match (field, owner, rules.last_mut()) {
            (Ok(_), Owner::Path, Some(rule)) if rule.fields.len() == FIELDS_MAX => {
                let message = format!("this rule has more than {FIELDS_MAX} fields");
                report(RuleError::new(rule.span.clone(), message, "remove fields from the rule"));
                // The rest of its fields needs no message of its own.
                owner = Owner::InvalidPath;
            }
            (Ok(field), Owner::Path, Some(rule)) => {
                rule.push(field, field_start..field_start + trimmed.trim_end().len());
            }
            (Err(error), ..) => report(error),
            (Ok(_), Owner::Nothing, _) => {
                let help = "write the path on a line above it, without indentation";
                report(RuleError::new(start..start + line.len(), "this field has no path", help));
            }
            (Ok(_), ..) => {}
        }
    }
    (rules, diagnostics)
}

/// What the fields on the following lines belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// No path precedes them.
    Nothing,
    /// A valid path.
    Path,
    /// An invalid path; the fields are checked and ignored.
    InvalidPath,
}

fn parse_path(start: usize, line: &str) -> Result<(Pattern, Span), RuleError> {
    const HELP: &str = "write a path such as `/assets/*`, with its fields indented below it";
    let mut words = words(start, line);
    let (first, second) = (words.next(), words.next());
    let Some(word) = first else {
        return Err(RuleError::new(start..start + line.len(), "expected a path", HELP));
    };
    if let Some(second) = second {
        let message = format!("unexpected `{}` after the path", second.text);
        return Err(RuleError::new(second.span, message, HELP));
    }
    match Pattern::parse(word.text) {
        Ok(pattern) => Ok((pattern, word.span)),
        Err(message) => Err(RuleError::new(word.span, message, HELP)),
    }
}

fn parse_field(start: usize, line: &str) -> Result<Field, RuleError> {
    let line_span = start..start + line.trim_end().len();
    if line.starts_with('!') {
        let help = "leave the field out of the rule that adds it";
        return Err(RuleError::new(line_span, "removing a field (`!`) is not supported", help));
    }
    let Some((name, value)) = line.split_once(':') else {
        return Err(RuleError::new(line_span, "this field has no `:`", "write `Name: value`"));
    };
    let name_span = start..start + name.len();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        let help = "use letters, digits and `-`, without a space before the `:`";
        return Err(RuleError::new(name_span, format!("invalid field name `{name}`"), help));
    }
    if let Some(reason) = reserved_fields::reason(name) {
        let message = format!("cannot set `{name}`: {reason}");
        return Err(RuleError::new(name_span, message, "remove this field"));
    }
    let value_start = start + name.len() + 1;
    let trimmed = value.trim_matches([' ', '\t']);
    let is_allowed = |it: char| it == ' ' || it == '\t' || it.is_ascii_graphic();
    if let Some((at, _)) = value.char_indices().find(|(_, it)| !is_allowed(*it)) {
        let span = value_start + at..value_start + at + 1;
        let help = "a value is one line of ASCII; percent-encode other characters";
        return Err(RuleError::new(span, "invalid character in a field value", help));
    }
    if trimmed.is_empty() {
        let help = "add a value, or remove the field";
        return Err(RuleError::new(name_span, format!("`{name}` has no value"), help));
    }
    if name.eq_ignore_ascii_case(CONTENT_ENCODING) && content_coding(trimmed).is_none() {
        let message = format!("cannot set `{name}` to `{trimmed}`");
        let help =
            "use `gzip` or `br` for a file in that format; other files are compressed anyway";
        return Err(RuleError::new(name_span, message, help));
    }
    Ok(Field { name: name.to_owned(), value: trimmed.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Text<'_> {
        Text::new("site/_headers".to_owned(), bytes)
    }

    #[test]
    fn fields_are_indented_below_their_path() {
        let (rules, diagnostics) = parse(&text(
            b"# all\n/*\n  X-Frame-Options: DENY\n\tLink: </a>; rel=preload:x\n\n\
              /a/b # one\n  A: b",
        ));
        assert_eq!(diagnostics.listed(), []);
        let shown: Vec<(&Pattern, Vec<(&str, &str)>)> = rules
            .iter()
            .map(|rule| {
                let fields = rule.fields.iter().map(|it| (it.name.as_str(), it.value.as_str()));
                (&rule.path, fields.collect())
            })
            .collect();
        let all = Pattern::Below("/".to_owned());
        let one = Pattern::Exact("/a/b".to_owned());
        assert_eq!(
            shown,
            [
                (&all, vec![("X-Frame-Options", "DENY"), ("Link", "</a>; rel=preload:x")]),
                (&one, vec![("A", "b")]),
            ]
        );
    }

    #[test]
    fn response_fields_with_names_like_those_of_requests_are_allowed() {
        let names = [
            "X-Basic-Auth-Hint",
            "Accept",
            "Accept-CH",
            "Accept-Encoding",
            "Accept-Patch",
            "Accept-Post",
            "Access-Control-Allow-Origin",
            "Authentication-Info",
            "Cache-Control",
            "CDN-Cache-Control",
            "Cross-Origin-Opener-Policy",
            "Netlify-Vary",
            "Origin-Agent-Cluster",
            "Pragma",
            "Referrer-Policy",
            "Set-Cookie",
            "Via",
            "WWW-Authenticate",
        ];
        for name in names {
            let file = format!("/a\n  {name}: x");
            let (rules, diagnostics) = parse(&text(file.as_bytes()));
            assert_eq!((rules.len(), diagnostics.listed()), (1, &[][..]), "{name}");
        }
    }

    #[test]
    fn the_numbers_of_rules_and_fields_are_limited() {
        let rows = [("/a\n", "  X: y\n", FIELDS_MAX), ("", "/a\n  X: y\n", RULES_MAX)];
        for (start, repeated, max) in rows {
            for (count, expected) in [(max, 0), (max + 1, 1), (5 * max, 1)] {
                let bytes = start.to_owned() + &repeated.repeat(count);
                let (_, diagnostics) = parse(&text(bytes.as_bytes()));
                assert_eq!(diagnostics.listed().len(), expected, "{repeated:?} {count}");
            }
        }
    }

    #[test]
    fn unsupported_lines_are_errors_with_their_position() {
        let rows: &[(&[u8], usize, &str)] = &[
            (b"  X: y", 1, "this field has no path"),
            (b"a\n  X: y", 1, "a path must begin with `/`"),
            (b"https://x/a\n  X: y", 1, "rules for a single host are not supported"),
            (b"/a /b\n  X: y", 1, "unexpected `/b` after the path"),
            (b"/:id\n  X: y", 1, "placeholders"),
            (b"/a\n  X", 2, "this field has no `:`"),
            (b"/a\n  X :y", 2, "invalid field name `X `"),
            (b"/a\n  X:", 2, "`X` has no value"),
            (b"/a\n  ! X", 2, "removing a field (`!`) is not supported"),
            (b"/a\n  X: a\rY: b", 2, "invalid character in a field value"),
            (b"/a\n  X: caf\xc3\xa9", 2, "invalid character in a field value"),
            (b"/a\n  X: \x00", 2, "invalid character in a field value"),
            (b"/a\n  content-length: 1", 2, "cannot set `content-length`"),
            (b"/a\n  Transfer-Encoding: chunked", 2, "cannot set `Transfer-Encoding`"),
            (b"/a\n  Connection: close", 2, "cannot set `Connection`"),
            (b"/a\n  ETag: \"x\"", 2, "cannot set `ETag`"),
            (b"/a\n  Content-Encoding: zstd", 2, "cannot set `Content-Encoding` to `zstd`"),
            (b"/a\n  content-encoding: gzip, br", 2, "cannot set `content-encoding` to"),
            (b"/a\n  X: \xff", 2, "not UTF-8"),
            (b"/a\n  basic-auth: u:p", 2, "cannot set `basic-auth`: Netlify reads it"),
            (b"/a\n  Authorization: Bearer x", 2, "it would publish a secret"),
            (b"/a\n  Cookie: a=b", 2, "it would publish a secret"),
            (b"/a\n  Host: example.com", 2, "it is a request field"),
            (b"/a\n  Origin: *", 2, "it is a request field"),
            (b"/a\n  Referer: no-referrer", 2, "it is a request field"),
            (b"/a\n  If-None-Match: x", 2, "it is a request field"),
            (b"/a\n  Accept-Language: en", 2, "it is a request field"),
            (b"/a\n  Access-Control-Request-Method: GET", 2, "it is a request field"),
        ];
        for (bytes, line, message) in rows {
            let (_, diagnostics) = parse(&text(bytes));
            let (shown, diagnostics) = (bytes.escape_ascii(), diagnostics.listed());
            assert_eq!(diagnostics.len(), 1, "{shown}: {diagnostics:?}");
            assert_eq!(diagnostics[0].position.line, *line, "{shown}");
            let found = &diagnostics[0].message;
            assert!(found.contains(message), "{shown}: {found}");
        }
    }
}
