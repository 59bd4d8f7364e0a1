//! Validating `NAME.json` with `NAME.schema.json` (JSON Schema draft 2020-12 unless the schema
//! declares another draft). Nothing is fetched from the network.

use std::{borrow::Cow, io, panic, thread};

use boon::{
    CompileError, Compiler, ErrorKind, InstanceLocation, InstanceToken, SchemaIndex, Schemas,
    UrlLoader, ValidationError,
};
use serde_json::{Value, json};
use url::Url;

use chapbook_format::path;

use super::{
    schema_budget::{self, DETAILED_COST_MAX},
    schema_documents::{BASE_URL, Documents, Resources},
};
use crate::{
    diagnostic::Diagnostic,
    diagnostics::{FileDiagnostics, LISTED_IN_FILE_MAX},
    lints::Lint,
    parse::{
        Span, Text,
        json::{self, PointerToken},
    },
    site_folder::SiteFolder,
};

/// Loads schemas that another schema refers to. They must be files of the site.
struct SchemaLoader {
    documents: Documents,
}

impl UrlLoader for SchemaLoader {
    fn load(&self, url: &str) -> Result<Value, Box<dyn std::error::Error>> {
        match self.documents.get(url) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(error)) => Err(error.as_str().into()),
            None => Err("the site contains no such schema".into()),
        }
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
    fn url(&self) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{BASE_URL}{}", path::encode(self.path)))
    }
}

/// The URL of a schema that accepts what another one does not. Its errors are not kept.
const NEGATION: &str = "http://negation.invalid/";

/// Compiles the schema at a URL, or its negation.
fn compile(
    url: &Url,
    is_negated: bool,
    documents: &Documents,
    schemas: &mut Schemas,
) -> Result<SchemaIndex, Box<CompileError>> {
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(SchemaLoader { documents: documents.clone() }));
    if is_negated {
        compiler.add_resource(NEGATION, json!({ "not": { "$ref": url.as_str() } }))?;
        return Ok(compiler.compile(NEGATION, schemas)?);
    }
    Ok(compiler.compile(url.as_str(), schemas)?)
}

/// The diagnostic about a file that is not used for validation, or not validated.
fn over_budget(text: &Text<'_>, verb: &str, reason: &str) -> Diagnostic {
    let message = format!("`{}` is not {verb}: {reason}", text.file());
    let help = "simplify the schema, or validate the file with another tool";
    Diagnostic::of_file(Lint::SchemaBudget, text.file().clone(), message, help)
}

/// The value of a JSON text, for validation. Reports a text whose value would take too much
/// memory.
pub(crate) fn value(text: &Text<'_>) -> Result<Value, Box<Diagnostic>> {
    if json::is_within_limit(text.bytes) {
        json::parse(text)
    } else {
        Err(Box::new(over_budget(text, "checked", "its values would take too much memory")))
    }
}

/// Reports the violations of a schema. An invalid schema has none; [`lint_schema`] reports it.
pub(crate) fn validate(
    document: &Text<'_>,
    value: &Value,
    schema: Schema<'_>,
    diagnostics: &mut FileDiagnostics,
) {
    // A text belongs to one thread.
    let [one, other] = [document, schema.text].map(|text| (text.file().clone(), text.bytes));
    let Schema { path, folder, .. } = schema;
    let work = || {
        let (document, text) = (Text::new(one.0, one.1), Text::new(other.0, other.1));
        let mut found = FileDiagnostics::default();
        validate_here(&document, value, Schema { text: &text, path, folder }, &mut found);
        found
    };
    match on_large_stack(work) {
        Ok(mut found) => diagnostics.append(&mut found),
        Err(error) => diagnostics.push(over_budget(document, "validated", &error.to_string())),
    }
}

/// Reports the errors of a schema itself.
pub(crate) fn lint_schema(schema: Schema<'_>, value: Value, diagnostics: &mut FileDiagnostics) {
    let (file, bytes) = (schema.text.file().clone(), schema.text.bytes);
    let Schema { path, folder, .. } = schema;
    let work = || {
        let text = Text::new(file, bytes);
        let mut found = FileDiagnostics::default();
        lint_schema_here(Schema { text: &text, path, folder }, value, &mut found);
        found
    };
    match on_large_stack(work) {
        Ok(mut found) => diagnostics.append(&mut found),
        Err(error) => diagnostics.push(over_budget(schema.text, "used", &error.to_string())),
    }
}

/// Runs a validation on a thread with a large stack: each schema that is applied inside another one
/// takes up to 6 KB of it.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    const STACK_SIZE: usize = 8 << 20;
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, work)?;
        // Only in build scripts and tests: the executable aborts on panic.
        Ok(thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic)))
    })
}

fn validate_here(
    document: &Text<'_>,
    value: &Value,
    schema: Schema<'_>,
    diagnostics: &mut FileDiagnostics,
) {
    let Ok(url) = schema.url() else { return };
    let Ok(keywords) = self::value(schema.text) else { return };
    let Ok(documents) = Documents::load(&url, keywords, schema.folder) else { return };
    let resources = Resources::of(&documents);
    let cost = schema_budget::cost(&resources, url.as_str(), value);
    let has_details = cost.is_ok_and(|cost| cost <= DETAILED_COST_MAX);
    let mut schemas = Schemas::new();
    let Ok(index) = compile(&url, !has_details, &documents, &mut schemas) else { return };
    if let Err(excess) = cost {
        return diagnostics.push(over_budget(document, "validated", &excess.to_string()));
    }
    let result = schemas.validate(value, index);
    let help = format!("change the value, or the schema `{}`", schema.text.file());
    match result {
        Err(error) if has_details => {
            leaves(&error, document, Lint::SchemaViolation, &help, diagnostics);
        }
        Ok(()) if !has_details => {
            let message = "the document violates the schema; it is too large to name the values";
            let file = document.file().clone();
            diagnostics.push(Diagnostic::of_file(Lint::SchemaViolation, file, message, help));
        }
        _ => {}
    }
}

fn lint_schema_here(schema: Schema<'_>, value: Value, diagnostics: &mut FileDiagnostics) {
    let Ok(url) = schema.url() else { return };
    match Documents::load(&url, value, schema.folder) {
        Err(reason) => diagnostics.push(over_budget(schema.text, "used", reason)),
        Ok(documents) => {
            if let Err(error) = compile(&url, false, &documents, &mut Schemas::new()) {
                schema_errors(schema.text, &error, diagnostics);
            }
        }
    }
}

fn schema_errors(schema: &Text<'_>, error: &CompileError, diagnostics: &mut FileDiagnostics) {
    let help = "see https://json-schema.org/understanding-json-schema for the keywords";
    let code = Lint::InvalidSchema;
    if let CompileError::ValidationError { src, .. } = error {
        return leaves(src, schema, code, help, diagnostics);
    }
    let (message, help) = match error {
        CompileError::LoadUrlError { url, src } => {
            (format!("cannot load the schema `{url}`: {src}"), "copy the schema into the site")
        }
        error => (format!("invalid JSON Schema: {error}"), help),
    };
    let message = message.replace(BASE_URL, "").replace('\n', " ");
    diagnostics.push(Diagnostic::of_file(code, schema.file().clone(), message, help));
}

/// Reports the leaves of the tree of causes. The inner nodes only repeat that there is an error.
fn leaves(
    error: &ValidationError<'_, '_>,
    text: &Text<'_>,
    code: Lint,
    help: &str,
    diagnostics: &mut FileDiagnostics,
) {
    let mut leaves = Vec::new();
    let mut pointers = Vec::new();
    let mut errors = vec![error];
    let mut unlisted = 0;
    while let Some(error) = errors.pop() {
        errors.extend(error.causes.iter().rev());
        if !error.causes.is_empty() {
            continue;
        }
        if leaves.len() < LISTED_IN_FILE_MAX {
            pointers.push(pointer(&error.instance_location));
            leaves.push(error);
        } else {
            unlisted += 1;
        }
    }
    diagnostics.add_unlisted(code, code.severity(), unlisted);
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
    diagnostics.extend(located.into_iter().map(diagnostic));
}

/// The pointer to the value that an error is about.
fn pointer<'p>(location: &'p InstanceLocation<'_>) -> Vec<PointerToken<'p>> {
    let tokens = location.tokens.iter().map(|token| match token {
        InstanceToken::Prop(name) => PointerToken::Member(Cow::Borrowed(&**name)),
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
mod tests;
