//! This file owns `_headers`: its lines, and which fields an author may set. Which answers they
//! become part of is not its to know.

use super::{Mistake, Pattern, lines, words};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{Span, Text},
};

/// The name of the file.
pub(crate) const FILE: &str = "_headers";

/// The rules with their text, to say something about them later.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    /// The rules, in their order.
    pub(crate) rules: Vec<Rule>,
    file: String,
    bytes: Vec<u8>,
}

impl Headers {
    /// Reads the file, and says what is wrong with the lines that can't be followed.
    pub(crate) fn parse(file: String, bytes: Vec<u8>) -> (Self, Vec<Diagnostic>) {
        let (rules, wrong) = parse(&Text::new(file.clone(), &bytes));
        (Self { rules, file, bytes }, wrong)
    }

    /// The text that the rules stand in.
    pub(crate) fn text(&self) -> Text<'_> {
        Text::new(self.file.clone(), &self.bytes)
    }
}

/// A path and the fields for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The paths that it is for, and where that is written.
    pub(crate) path: Pattern,
    pub(crate) span: Span,
    /// The fields, in their order.
    pub(crate) fields: Vec<Field>,
    /// Whether there is a line below the path, be it right or wrong.
    pub(crate) has_lines: bool,
}

/// A field as its author writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Field {
    /// Whether it has this name, whose case means nothing (RFC 9110 section 5.1).
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The most bytes of fields that the rules may add to one answer: nginx in front gives up on a head
/// of more than 4 KiB unless it is told otherwise, and ours needs some of them.
pub(crate) const FIELDS_BYTES_MAX: usize = 3 * 1024;

/// The most rules: each is looked at for every path. Cloudflare Pages takes a hundred.
const RULES_MAX: usize = 1000;

/// Fields that say how an answer is made, sent or checked, each with the reason.
const OURS: [(&[&str], &str); 7] = [
    (
        &["Content-Length", "Transfer-Encoding", "Trailer", "TE"],
        "it says where an answer ends, and a wrong one breaks the connection",
    ),
    (
        &["Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "HTTP2-Settings"],
        "it is about the connection, which every answer is told for itself",
    ),
    (
        &["Content-Encoding", "Content-Range", "Accept-Ranges", "Vary"],
        "it follows from the codings and ranges that the site is answered in",
    ),
    (
        &["ETag", "Last-Modified"],
        "it is made from the content, so that a client is never shown what is stale",
    ),
    (
        &["Content-MD5", "Digest", "Content-Digest", "Repr-Digest"],
        "it would be the same for every coding and range, and right for one of them at most",
    ),
    (
        &["Age", "Warning"],
        "it is a cache's to say, and would make others take every answer for stale",
    ),
    (
        &["Date", "Location", "Allow", "Status", "Retry-After"],
        "it is decided when a request is answered",
    ),
];

fn parse(text: &Text<'_>) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut rules: Vec<Rule> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut wrong = |mistake: Mistake| {
        let Mistake { span, what, help } = mistake;
        diagnostics.push(text.diagnostic(Lint::InvalidHeader, span, what, help));
    };
    let whole = match std::str::from_utf8(text.bytes) {
        Ok(whole) => whole,
        Err(error) => {
            let span = error.valid_up_to()..error.valid_up_to() + 1;
            wrong(mistake(span, "this is not UTF-8", "save the file as UTF-8"));
            return (rules, diagnostics);
        }
    };
    let mut place = Place::Nowhere;
    for (start, line) in lines(whole) {
        let trimmed = line.trim_start_matches([' ', '\t']);
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if trimmed.len() == line.len() {
            place = match path_of(start, line) {
                Ok((_, span)) if rules.len() == RULES_MAX => {
                    let what = format!("there are more than {RULES_MAX} rules");
                    wrong(mistake(span, what, "let some of them be for more paths, with `*`"));
                    break;
                }
                Ok((path, span)) => {
                    rules.push(Rule { path, span, fields: Vec::new(), has_lines: false });
                    Place::BelowPath
                }
                Err(mistake) => {
                    wrong(mistake);
                    Place::BelowMistake
                }
            };
            continue;
        }
        if let (Place::BelowPath, Some(rule)) = (place, rules.last_mut()) {
            rule.has_lines = true;
        }
        match (field_of(start + line.len() - trimmed.len(), trimmed), place, rules.last_mut()) {
            (Ok(field), Place::BelowPath, Some(rule)) => rule.fields.push(field),
            (Err(mistake), ..) => wrong(mistake),
            (Ok(_), Place::Nowhere, _) => {
                let help = "write the path above it, at the start of its line";
                wrong(mistake(start..start + line.len(), "this field is for no path", help));
            }
            (Ok(_), ..) => {}
        }
    }
    (rules, diagnostics)
}

/// What a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    BelowPath,
    /// What is below a path that can't be followed is judged, and belongs to nothing.
    BelowMistake,
}

fn mistake(span: Span, what: impl Into<String>, help: &'static str) -> Mistake {
    Mistake { span, what: what.into(), help }
}

fn path_of(start: usize, line: &str) -> Result<(Pattern, Span), Mistake> {
    const HELP: &str = "write a path such as `/assets/*` here, and its fields indented below it";
    let mut words = words(start, line);
    let (first, more) = (words.next(), words.next());
    let Some(word) = first else {
        return Err(mistake(start..start + line.len(), "there is no path here", HELP));
    };
    if let Some(more) = more {
        let what = format!("`{}` behind the path has no meaning", more.text);
        return Err(mistake(more.span, what, HELP));
    }
    match Pattern::parse(word.text) {
        Ok(pattern) => Ok((pattern, word.span)),
        Err(why) => Err(mistake(word.span, why, HELP)),
    }
}

fn field_of(start: usize, line: &str) -> Result<Field, Mistake> {
    let whole = start..start + line.trim_end().len();
    if line.starts_with('!') {
        let help = "leave the field out of the rule that adds it";
        return Err(mistake(whole, "taking a field away (`!`) is not supported", help));
    }
    let Some((name, value)) = line.split_once(':') else {
        return Err(mistake(whole, "there is no `:` in this field", "write `Name: value`"));
    };
    let name_span = start..start + name.len();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        let help = "a name holds letters, digits and `-`, without a blank before the `:`";
        return Err(mistake(name_span, format!("`{name}` is no name of a field"), help));
    }
    let ours = OURS.iter().find(|(names, _)| names.iter().any(|it| it.eq_ignore_ascii_case(name)));
    if let Some((_, why)) = ours {
        let what = format!("`{name}` can't be set");
        return Err(mistake(name_span, what, why));
    }
    let value_start = start + name.len() + 1;
    let shown = value.trim_matches([' ', '\t']);
    let is_plain = |it: char| it == ' ' || it == '\t' || it.is_ascii_graphic();
    if let Some((at, _)) = value.char_indices().find(|(_, it)| !is_plain(*it)) {
        let span = value_start + at..value_start + at + 1;
        let help = "a value is one line of ASCII; write other text percent-encoded";
        return Err(mistake(span, "this character can't stand in a field", help));
    }
    if shown.is_empty() {
        return Err(mistake(
            name_span,
            format!("`{name}` has no value"),
            "write one, or remove it",
        ));
    }
    Ok(Field { name: name.to_owned(), value: shown.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Text<'_> {
        Text::new("site/_headers".to_owned(), bytes)
    }

    #[test]
    fn fields_stand_indented_below_their_path() {
        let (rules, diagnostics) = parse(&text(
            b"# all\n/*\n  X-Frame-Options: DENY\n\tLink: </a>; rel=preload:x\n\n\
              /a/b # one\n  A: b",
        ));
        assert_eq!(diagnostics, []);
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
    fn what_is_not_supported_is_an_error_with_its_line() {
        let rows: &[(&[u8], usize, &str)] = &[
            (b"  X: y", 1, "for no path"),
            (b"a\n  X: y", 1, "begins with `/`"),
            (b"https://x/a\n  X: y", 1, "one host"),
            (b"/a /b\n  X: y", 1, "no meaning"),
            (b"/:id\n  X: y", 1, "placeholders"),
            (b"/a\n  X", 2, "no `:`"),
            (b"/a\n  X :y", 2, "no name of a field"),
            (b"/a\n  X:", 2, "no value"),
            (b"/a\n  ! X", 2, "taking a field away"),
            (b"/a\n  X: a\rY: b", 2, "can't stand in a field"),
            (b"/a\n  X: caf\xc3\xa9", 2, "can't stand in a field"),
            (b"/a\n  X: \x00", 2, "can't stand in a field"),
            (b"/a\n  content-length: 1", 2, "`content-length` can't be set"),
            (b"/a\n  Transfer-Encoding: chunked", 2, "can't be set"),
            (b"/a\n  Connection: close", 2, "can't be set"),
            (b"/a\n  ETag: \"x\"", 2, "can't be set"),
            (b"/a\n  X: \xff", 2, "not UTF-8"),
        ];
        for (bytes, line, what) in rows {
            let (_, diagnostics) = parse(&text(bytes));
            let shown = bytes.escape_ascii();
            assert_eq!(diagnostics.len(), 1, "{shown}: {diagnostics:?}");
            assert_eq!(diagnostics[0].position.line, *line, "{shown}");
            assert!(diagnostics[0].message.contains(what), "{shown}: {}", diagnostics[0].message);
        }
    }
}
