//! This file owns the verdict of `NAME.schema.json` over `NAME.json` (JSON Schema draft 2020-12
//! unless the schema says otherwise). It fetches nothing: a schema is whole, or it is an error.

use boon::{
    CompileError, Compiler, ErrorKind, InstanceLocation, InstanceToken, SchemaIndex, Schemas,
    UrlLoader, ValidationError,
};
use serde_json::Value;

use chapbook_format::path;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{
        Span, Text,
        json::{self, Step},
    },
    walk::Source,
};

/// A site is judged without a network, so that a schema may lean on those of the site, and on
/// nothing else: not on another host, nor on a file that is not bound.
struct SchemasOfSite {
    source: Source,
}

/// The address that the site's schemas are compiled under, which appears in no message.
const ADDRESS: &str = "http://site.invalid/";

impl UrlLoader for SchemasOfSite {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        let path = url.strip_prefix(ADDRESS).unwrap_or(url);
        let path = percent_encoding::percent_decode_str(path).decode_utf8()?;
        let file = self.source.files.iter().find(|file| file.path == path);
        let file = file.ok_or("it is no schema of the site")?;
        let mut bytes = Vec::new();
        self.source.read(file, &mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// A schema of the site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema<'a> {
    /// Its text.
    pub(crate) text: &'a Text<'a>,
    /// Its path within the site, which its references are relative to.
    pub(crate) path: &'a str,
    /// The site.
    pub(crate) source: &'a Source,
}

impl Schema<'_> {
    fn compile(
        &self,
        value: Value,
        schemas: &mut Schemas,
    ) -> Result<SchemaIndex, Box<CompileError>> {
        let address = format!("{ADDRESS}{}", path::encode(self.path));
        let source = self.source.only(|file| file.path.ends_with(".schema.json"));
        let mut rules = Compiler::new();
        rules.use_loader(Box::new(SchemasOfSite { source }));
        rules.add_resource(&address, value)?;
        Ok(rules.compile(&address, schemas)?)
    }
}

/// Every way in which `document` breaks `schema`; nothing where the schema is none, which
/// [`judge_schema`] says of it.
pub(crate) fn judge(document: &Text<'_>, value: &Value, schema: Schema<'_>) -> Vec<Diagnostic> {
    let mut schemas = Schemas::new();
    let Ok(rules) = json::parse(schema.text) else { return Vec::new() };
    let Ok(index) = schema.compile(rules, &mut schemas) else { return Vec::new() };
    let Err(error) = schemas.validate(value, index) else { return Vec::new() };
    let help = format!("change the value, or the rule in `{}`", schema.text.file());
    leaves(&error, document, Lint::SchemaViolation, &help)
}

/// What is wrong with a schema itself.
pub(crate) fn judge_schema(schema: Schema<'_>, value: &Value) -> Vec<Diagnostic> {
    match schema.compile(value.clone(), &mut Schemas::new()) {
        Ok(_) => Vec::new(),
        Err(error) => faults(schema.text, &error),
    }
}

fn faults(schema: &Text<'_>, error: &CompileError) -> Vec<Diagnostic> {
    let help = "see https://json-schema.org/understanding-json-schema for what a schema may say";
    let code = Lint::InvalidSchema;
    if let CompileError::ValidationError { src, .. } = error {
        return leaves(src, schema, code, help);
    }
    let message = error.to_string().replace(ADDRESS, "").replace('\n', " ");
    let message = format!("this is not a JSON Schema: {message}");
    vec![Diagnostic::of_file(code, schema.file(), message, help)]
}

/// What the leaves of the tree of causes say: what is above them only repeats that something is
/// wrong.
fn leaves(
    error: &ValidationError<'_, '_>,
    text: &Text<'_>,
    code: Lint,
    help: &str,
) -> Vec<Diagnostic> {
    let mut leaves = Vec::new();
    let mut ways = Vec::new();
    let mut errors = vec![error];
    while let Some(error) = errors.pop() {
        errors.extend(error.causes.iter().rev());
        if error.causes.is_empty() {
            ways.push(way(&error.instance_location));
            leaves.push(error);
        }
    }
    let spans = json::locate(text.bytes, &ways);
    let say = |(error, span): (&ValidationError<'_, '_>, Span)| {
        let place = place(&error.instance_location);
        let sentence = error.kind.to_string().replace('\n', " ");
        // ECMA-262 knows look-around and back references, and the crate that would match them
        // doesn't.
        if matches!(error.kind, ErrorKind::Format { want: "regex", .. })
            && sentence.contains("not supported")
        {
            let message = format!("{place} is a pattern that can't be judged here");
            let help = "nothing is judged by this schema; write it without look-around";
            return text.diagnostic(code, span, message, help).as_warning();
        }
        let message = format!("{place} breaks the schema: {sentence}");
        text.diagnostic(code, span, message, help)
    };
    // The members of an object come by name; places are said in the order of the text.
    let mut placed: Vec<_> = leaves.into_iter().zip(spans).collect();
    placed.sort_by_key(|(_, span)| span.start);
    placed.into_iter().map(say).collect()
}

/// The way to the value that an error is about.
fn way(location: &InstanceLocation<'_>) -> Vec<Step> {
    let steps = location.tokens.iter().map(|token| match token {
        InstanceToken::Prop(name) => Step::Member(name.to_string()),
        InstanceToken::Item(index) => Step::Element(*index),
    });
    steps.collect()
}

/// The same as people write it.
fn place(location: &InstanceLocation<'_>) -> String {
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
        let schema = Schema { text: &schema, path: "book.schema.json", source: &Source::default() };
        let text = Text::new("book.json".to_owned(), book);
        let found = judge(&text, &serde_json::from_slice(book).unwrap(), schema);
        let mut places: Vec<(usize, usize)> =
            found.iter().map(|it| (it.position.line, it.position.column)).collect();
        places.sort_unstable();
        assert_eq!(places, [(1, 1), (2, 11), (4, 5)], "{found:#?}");
        assert!(found.iter().all(|it| it.code == Lint::SchemaViolation));
    }

    #[test]
    fn a_schema_is_judged_itself() {
        let judged = |text: &str| {
            let value = serde_json::from_str(text).unwrap();
            let text = Text::new("book.schema.json".to_owned(), text.as_bytes());
            let source = &Source::default();
            judge_schema(Schema { text: &text, path: "x.schema.json", source }, &value)
        };
        for text in [r#"{"type": "nonsense"}"#, r#"{"$ref": "http://example.com/other.json"}"#] {
            let faults = judged(text);
            assert!(!faults.is_empty(), "{text}");
            assert!(faults.iter().all(|it| it.code == Lint::InvalidSchema), "{faults:?}");
        }
        assert_eq!(judged("{}"), []);
    }
}
