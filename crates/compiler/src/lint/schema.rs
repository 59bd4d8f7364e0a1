//! Validating `NAME.json` with `NAME.schema.json` (JSON Schema draft 2020-12 unless the schema
//! declares another draft). Nothing is fetched from the network.

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
        json::{self, PointerToken},
    },
    walk::SiteFolder,
};

/// Loads schemas that another schema refers to. They must be files of the site.
struct SchemaLoader {
    folder: SiteFolder,
}

/// The base URL of the schemas. It is removed from messages.
const BASE_URL: &str = "http://site.invalid/";

impl UrlLoader for SchemaLoader {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        let path = url.strip_prefix(BASE_URL).unwrap_or(url);
        let path = percent_encoding::percent_decode_str(path).decode_utf8()?;
        let file = self.folder.files.iter().find(|file| file.path == path);
        let file = file.ok_or("the site contains no such schema")?;
        let mut bytes = Vec::new();
        self.folder.read(file, &mut bytes)?;
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// A schema of the site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema<'a> {
    /// The text of the schema.
    pub(crate) text: &'a Text<'a>,
    /// The path within the site, to which references in the schema are relative.
    pub(crate) path: &'a str,
    /// The folder with the other schemas.
    pub(crate) folder: &'a SiteFolder,
}

impl Schema<'_> {
    fn compile(
        &self,
        value: Value,
        schemas: &mut Schemas,
    ) -> Result<SchemaIndex, Box<CompileError>> {
        let url = format!("{BASE_URL}{}", path::encode(self.path));
        let folder = self.folder.filtered(|file| file.path.ends_with(".schema.json"));
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(SchemaLoader { folder }));
        compiler.add_resource(&url, value)?;
        Ok(compiler.compile(&url, schemas)?)
    }
}

/// The violations of a schema. An invalid schema has none; [`lint_schema`] reports it.
pub(crate) fn validate(document: &Text<'_>, value: &Value, schema: Schema<'_>) -> Vec<Diagnostic> {
    let mut schemas = Schemas::new();
    let Ok(keywords) = json::parse(schema.text) else { return Vec::new() };
    let Ok(index) = schema.compile(keywords, &mut schemas) else { return Vec::new() };
    let Err(error) = schemas.validate(value, index) else { return Vec::new() };
    let help = format!("change the value, or the schema `{}`", schema.text.file());
    leaves(&error, document, Lint::SchemaViolation, &help)
}

/// The errors of a schema itself.
pub(crate) fn lint_schema(schema: Schema<'_>, value: &Value) -> Vec<Diagnostic> {
    match schema.compile(value.clone(), &mut Schemas::new()) {
        Ok(_) => Vec::new(),
        Err(error) => schema_errors(schema.text, &error),
    }
}

fn schema_errors(schema: &Text<'_>, error: &CompileError) -> Vec<Diagnostic> {
    let help = "see https://json-schema.org/understanding-json-schema for the keywords";
    let code = Lint::InvalidSchema;
    if let CompileError::ValidationError { src, .. } = error {
        return leaves(src, schema, code, help);
    }
    let (message, help) = match error {
        CompileError::LoadUrlError { url, src } => {
            (format!("cannot load the schema `{url}`: {src}"), "copy the schema into the site")
        }
        error => (format!("invalid JSON Schema: {error}"), help),
    };
    let message = message.replace(BASE_URL, "").replace('\n', " ");
    vec![Diagnostic::of_file(code, schema.file(), message, help)]
}

/// Diagnostics about the leaves of the tree of causes. The inner nodes only repeat that there is an
/// error.
fn leaves(
    error: &ValidationError<'_, '_>,
    text: &Text<'_>,
    code: Lint,
    help: &str,
) -> Vec<Diagnostic> {
    let mut leaves = Vec::new();
    let mut pointers = Vec::new();
    let mut errors = vec![error];
    while let Some(error) = errors.pop() {
        errors.extend(error.causes.iter().rev());
        if error.causes.is_empty() {
            pointers.push(pointer(&error.instance_location));
            leaves.push(error);
        }
    }
    let spans = json::locate(text.bytes, &pointers);
    let diagnostic = |(error, span): (&ValidationError<'_, '_>, Span)| {
        let value = display(&error.instance_location);
        let reason = error.kind.to_string().replace('\n', " ");
        // ECMA-262 has look-around and back references, which the regex crate does not support.
        if matches!(error.kind, ErrorKind::Format { want: "regex", .. })
            && reason.contains("not supported")
        {
            let message = format!("cannot check {value}: unsupported regular expression");
            let help = "this schema is not applied; write the pattern without look-around";
            return text.diagnostic(code, span, message, help).as_warning();
        }
        let message = format!("{value} violates the schema: {reason}");
        text.diagnostic(code, span, message, help)
    };
    // serde_json sorts the members of an object by name.
    let mut located: Vec<_> = leaves.into_iter().zip(spans).collect();
    located.sort_by_key(|(_, span)| span.start);
    located.into_iter().map(diagnostic).collect()
}

/// The pointer to the value that an error is about.
fn pointer(location: &InstanceLocation<'_>) -> Vec<PointerToken> {
    let tokens = location.tokens.iter().map(|token| match token {
        InstanceToken::Prop(name) => PointerToken::Member(name.to_string()),
        InstanceToken::Item(index) => PointerToken::Element(*index),
    });
    tokens.collect()
}

/// The pointer as it is displayed, without escapes.
fn display(location: &InstanceLocation<'_>) -> String {
    if location.tokens.is_empty() {
        return "the document".to_owned();
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
    fn every_violation_has_its_position() {
        let schema = br#"{
            "type": "object", "required": ["title"],
            "properties": {
                "year": {"type": "integer", "maximum": 2100},
                "tags": {"items": {"type": "string"}}
            }
        }"#;
        let book = b"{\n  \"year\": 19250,\n  \"tags\": [\"a\",\n    7]\n}";
        let schema = Text::new("book.schema.json".to_owned(), schema);
        let folder = &SiteFolder::default();
        let schema = Schema { text: &schema, path: "book.schema.json", folder };
        let text = Text::new("book.json".to_owned(), book);
        let found = validate(&text, &serde_json::from_slice(book).unwrap(), schema);
        let mut positions: Vec<(usize, usize)> =
            found.iter().map(|it| (it.position.line, it.position.column)).collect();
        positions.sort_unstable();
        assert_eq!(positions, [(1, 1), (2, 11), (4, 5)], "{found:#?}");
        assert!(found.iter().all(|it| it.code == Lint::SchemaViolation));
    }

    #[test]
    fn schemas_themselves_are_linted() {
        let linted = |text: &str| {
            let value = serde_json::from_str(text).unwrap();
            let text = Text::new("book.schema.json".to_owned(), text.as_bytes());
            let folder = &SiteFolder::default();
            lint_schema(Schema { text: &text, path: "x.schema.json", folder }, &value)
        };
        for text in [r#"{"type": "nonsense"}"#, r#"{"$ref": "http://example.com/other.json"}"#] {
            let errors = linted(text);
            assert!(!errors.is_empty(), "{text}");
            assert!(errors.iter().all(|it| it.code == Lint::InvalidSchema), "{errors:?}");
        }
        assert_eq!(linted("{}"), []);
    }
}
