//! This file owns the verdict of `NAME.schema.json` over `NAME.json` (JSON Schema draft 2020-12
//! unless the schema says otherwise). It fetches nothing: a schema is whole, or it is an error.

use boon::{
    CompileError, Compiler, ErrorKind, InstanceLocation, InstanceToken, SchemaIndex, Schemas,
    UrlLoader, ValidationError,
};
use serde_json::Value;

use crate::{
    diagnostic::{Code, Diagnostic, Position},
    json::{self, Step},
};

/// A JSON text together with what it says.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The file as its author would type it.
    pub(crate) file: String,
    /// The text that positions are looked up in.
    pub(crate) text: &'a [u8],
    /// What the text says.
    pub(crate) value: Value,
}

impl Document<'_> {
    fn position(&self, location: &InstanceLocation<'_>) -> Position {
        let steps: Vec<Step> = location
            .tokens
            .iter()
            .map(|token| match token {
                InstanceToken::Prop(name) => Step::Member(name.to_string()),
                InstanceToken::Item(index) => Step::Element(*index),
            })
            .collect();
        Position::of_offset(self.text, json::locate(self.text, &steps))
    }
}

/// A site is judged without a network, so that a schema that leans on another host is refused.
struct NoNetwork;

impl UrlLoader for NoNetwork {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err(format!("`{url}` is not in the site").into())
    }
}

/// The address that the schema is compiled under, which appears in no message.
const ADDRESS: &str = "http://site.invalid/schema.json";

/// Every way in which `document` breaks `schema`, and every fault of the schema itself.
pub(crate) fn judge(document: &Document<'_>, schema: &Document<'_>) -> Vec<Diagnostic> {
    let mut schemas = Schemas::new();
    let index = match compile(schema, &mut schemas) {
        Ok(index) => index,
        Err(diagnostics) => return diagnostics,
    };
    let Err(error) = schemas.validate(&document.value, index) else { return Vec::new() };
    let mut violations = Vec::new();
    let help = format!("change the value, or the rule in `{}`", schema.file);
    collect(&error, document, Code::SchemaViolation, &help, &mut violations);
    violations
}

/// The faults of a schema for which there is nothing to judge.
pub(crate) fn judge_schema(schema: &Document<'_>) -> Vec<Diagnostic> {
    compile(schema, &mut Schemas::new()).err().unwrap_or_default()
}

fn compile(schema: &Document<'_>, schemas: &mut Schemas) -> Result<SchemaIndex, Vec<Diagnostic>> {
    let mut rules = Compiler::new();
    rules.use_loader(Box::new(NoNetwork));
    let added = rules.add_resource(ADDRESS, schema.value.clone());
    added.map_err(|error| faults(schema, &error))?;
    rules.compile(ADDRESS, schemas).map_err(|error| faults(schema, &error))
}

fn faults(schema: &Document<'_>, error: &CompileError) -> Vec<Diagnostic> {
    let help = "see https://json-schema.org/understanding-json-schema for what a schema may say";
    let code = Code::InvalidSchema;
    if let CompileError::ValidationError { src, .. } = error {
        let mut faults = Vec::new();
        collect(src, schema, code, help, &mut faults);
        return faults;
    }
    let message = error.to_string().replace(ADDRESS, "").replace('\n', " ");
    let message = format!("this is not a JSON Schema: {message}");
    vec![Diagnostic::new(code, &schema.file, Position::START, message, help)]
}

/// The leaves of the tree of causes: what is above them only repeats that something is wrong.
fn collect(
    error: &ValidationError<'_, '_>,
    document: &Document<'_>,
    code: Code,
    help: &str,
    found: &mut Vec<Diagnostic>,
) {
    if error.causes.is_empty() {
        let place = pointer(&error.instance_location);
        let message = format!("{place} breaks the schema: {}", sentence(&error.kind));
        let position = document.position(&error.instance_location);
        found.push(Diagnostic::new(code, &document.file, position, message, help));
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

    fn document<'a>(file: &str, text: &'a str) -> Document<'a> {
        let value = serde_json::from_str(text).unwrap();
        Document { file: file.to_owned(), text: text.as_bytes(), value }
    }

    #[test]
    fn every_violation_is_found_where_it_is_written() {
        let schema = r#"{
            "type": "object", "required": ["title"],
            "properties": {
                "year": {"type": "integer", "maximum": 2100},
                "tags": {"items": {"type": "string"}}
            }
        }"#;
        let book = "{\n  \"year\": 19250,\n  \"tags\": [\"a\",\n    7]\n}";
        let found = judge(&document("book.json", book), &document("book.schema.json", schema));
        let mut places: Vec<(usize, usize)> =
            found.iter().map(|it| (it.position.line, it.position.column)).collect();
        places.sort_unstable();
        assert_eq!(places, [(1, 1), (2, 11), (4, 5)], "{found:#?}");
        assert!(found.iter().all(|it| it.code == Code::SchemaViolation));
    }

    #[test]
    fn a_schema_is_judged_itself() {
        for text in [r#"{"type": "nonsense"}"#, r#"{"$ref": "http://example.com/other.json"}"#] {
            let faults = judge_schema(&document("book.schema.json", text));
            assert!(!faults.is_empty(), "{text}");
            assert!(faults.iter().all(|it| it.code == Code::InvalidSchema), "{faults:?}");
        }
        assert_eq!(judge_schema(&document("book.schema.json", "{}")), []);
    }
}
