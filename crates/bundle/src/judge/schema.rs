//! This file owns the verdict of `NAME.schema.json` over `NAME.json` (JSON Schema draft 2020-12
//! unless the schema says otherwise). It fetches nothing: a schema is whole, or it is an error.

use boon::{
    CompileError, Compiler, ErrorKind, InstanceLocation, InstanceToken, SchemaIndex, Schemas,
    UrlLoader, ValidationError,
};
use serde_json::Value;

use crate::{
    code::Code,
    diagnostic::Diagnostic,
    text::{
        Span, Text,
        json::{self, Step},
    },
};

/// A site is judged without a network, so that a schema that leans on another host is refused.
struct NoNetwork;

impl UrlLoader for NoNetwork {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err(format!("`{url}` is not in the site").into())
    }
}

/// The address that the schema is compiled under, which appears in no message.
const ADDRESS: &str = "http://site.invalid/schema.json";

/// Every way in which `document` breaks `schema`; nothing where the schema is none, which
/// [`judge_schema`] says of it.
pub(crate) fn judge(document: &Text<'_>, value: &Value, schema: &Text<'_>) -> Vec<Diagnostic> {
    let mut schemas = Schemas::new();
    let Ok(rules) = serde_json::from_slice(schema.bytes) else { return Vec::new() };
    let Ok(index) = compile(rules, &mut schemas) else { return Vec::new() };
    let Err(error) = schemas.validate(value, index) else { return Vec::new() };
    let mut violations = Vec::new();
    let help = format!("change the value, or the rule in `{}`", schema.file());
    collect(&error, document, Code::SchemaViolation, &help, &mut violations);
    violations
}

/// What is wrong with a schema itself.
pub(crate) fn judge_schema(schema: &Text<'_>, value: &Value) -> Vec<Diagnostic> {
    match compile(value.clone(), &mut Schemas::new()) {
        Ok(_) => Vec::new(),
        Err(error) => faults(schema, &error),
    }
}

fn compile(schema: Value, schemas: &mut Schemas) -> Result<SchemaIndex, Box<CompileError>> {
    let mut rules = Compiler::new();
    rules.use_loader(Box::new(NoNetwork));
    rules.add_resource(ADDRESS, schema)?;
    Ok(rules.compile(ADDRESS, schemas)?)
}

fn faults(schema: &Text<'_>, error: &CompileError) -> Vec<Diagnostic> {
    let help = "see https://json-schema.org/understanding-json-schema for what a schema may say";
    let code = Code::InvalidSchema;
    if let CompileError::ValidationError { src, .. } = error {
        let mut faults = Vec::new();
        collect(src, schema, code, help, &mut faults);
        return faults;
    }
    let message = error.to_string().replace(ADDRESS, "").replace('\n', " ");
    let message = format!("this is not a JSON Schema: {message}");
    vec![Diagnostic::of_file(code, schema.file(), message, help)]
}

/// Where in a text the value lies that an error is about.
fn span(text: &Text<'_>, location: &InstanceLocation<'_>) -> Span {
    let steps: Vec<Step> = location
        .tokens
        .iter()
        .map(|token| match token {
            InstanceToken::Prop(name) => Step::Member(name.to_string()),
            InstanceToken::Item(index) => Step::Element(*index),
        })
        .collect();
    json::locate(text.bytes, &steps)
}

/// The leaves of the tree of causes: what is above them only repeats that something is wrong.
fn collect(
    error: &ValidationError<'_, '_>,
    document: &Text<'_>,
    code: Code,
    help: &str,
    found: &mut Vec<Diagnostic>,
) {
    if error.causes.is_empty() {
        let place = pointer(&error.instance_location);
        let message = format!("{place} breaks the schema: {}", sentence(&error.kind));
        let span = span(document, &error.instance_location);
        found.push(document.diagnostic(code, span, message, help));
    }
    for cause in &error.causes {
        collect(cause, document, code, help, found);
    }
}

fn sentence(kind: &ErrorKind<'_, '_>) -> String {
    kind.to_string().replace('\n', " ")
}

fn pointer(location: &InstanceLocation<'_>) -> String {
    if location.tokens.is_empty() {
        return "the whole".to_owned();
    }
    let mut path = String::new();
    for token in &location.tokens {
        path.push('/');
        match token {
            InstanceToken::Prop(name) => path.push_str(name),
            InstanceToken::Item(index) => path.push_str(&index.to_string()),
        }
    }
    format!("`{path}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_violation_is_found_where_it_is_written() {
        let schema = br#"{
            "type": "object", "required": ["title"],
            "properties": {
                "year": {"type": "integer", "maximum": 2100},
                "tags": {"items": {"type": "string"}}
            }
        }"#;
        let book = b"{\n  \"year\": 19250,\n  \"tags\": [\"a\",\n    7]\n}";
        let schema = Text::new("book.schema.json".to_owned(), schema);
        let text = Text::new("book.json".to_owned(), book);
        let found = judge(&text, &serde_json::from_slice(book).unwrap(), &schema);
        let mut places: Vec<(usize, usize)> =
            found.iter().map(|it| (it.position.line, it.position.column)).collect();
        places.sort_unstable();
        assert_eq!(places, [(1, 1), (2, 11), (4, 5)], "{found:#?}");
        assert!(found.iter().all(|it| it.code == Code::SchemaViolation));
    }

    #[test]
    fn a_schema_is_judged_itself() {
        let judged = |text: &str| {
            let value = serde_json::from_str(text).unwrap();
            judge_schema(&Text::new("book.schema.json".to_owned(), text.as_bytes()), &value)
        };
        for text in [r#"{"type": "nonsense"}"#, r#"{"$ref": "http://example.com/other.json"}"#] {
            let faults = judged(text);
            assert!(!faults.is_empty(), "{text}");
            assert!(faults.iter().all(|it| it.code == Code::InvalidSchema), "{faults:?}");
        }
        assert_eq!(judged("{}"), []);
    }
}
