//! Scripts and style sheets with a media type that browsers do not accept for them. Every response
//! has `X-Content-Type-Options: nosniff`, and browsers block them then (Fetch standard, "should
//! response to request be blocked due to nosniff?").

use super::{context::LintContext, file_use::FileUse};
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{
        Text,
        reference::{LoadedAs, Reference},
    },
    render::media_type,
    routing::plan::{Plan, PlannedRoute, Variant},
};

/// Checks the media type of a file that a reference loads by this key.
pub(crate) fn lint(
    cx: LintContext<'_>,
    text: &Text<'_>,
    reference: &Reference,
    key: &str,
    target: usize,
    loaded_as: LoadedAs,
) -> Option<Diagnostic> {
    let file_use = FileUse::of(loaded_as)?;
    let path = cx.folder.files[target].path.as_str();
    let variants = variants(cx.plan, key, target);
    let mut rejected = variants.iter().map(|variant| rejected_type(variant, path, file_use));
    // If the key has no route of its own, one accepted type is enough.
    let first = rejected.next()??;
    if rejected.any(|it| it.is_none()) {
        return None;
    }
    let (served_as, help) = match first {
        RejectedType::ByName(served_as) => (served_as, rename(served_as, file_use)),
        RejectedType::ByAuthor(value) => (value, correct(file_use)),
    };
    let what = match file_use {
        FileUse::Script => "a script",
        FileUse::StyleSheet => "a style sheet",
    };
    let shown = cx.folder.display(path);
    let message = format!("browsers block `{shown}` as {what}: it is served as `{served_as}`");
    Some(text.diagnostic(Lint::WrongType, reference.span.clone(), message, help))
}

/// The variant that answers at a key; all variants of the file if the key has no route of its own.
fn variants<'a>(plan: &'a Plan, key: &str, target: usize) -> &'a [Variant] {
    let Ok(file) = plan.files.binary_search_by_key(&target, |it| it.file) else { return &[] };
    match plan.files[file].variants.as_slice() {
        one @ [_] => one,
        all => exact_variant(plan, key, file).map_or(all, std::slice::from_ref),
    }
}

/// A media type with which browsers block a file.
enum RejectedType<'a> {
    /// The name of the file determines it.
    ByName(&'a str),
    /// The author set it in `_headers`.
    ByAuthor(&'a str),
}

/// The media type of a variant, unless browsers accept it.
fn rejected_type<'a>(
    variant: &'a Variant,
    path: &str,
    file_use: FileUse,
) -> Option<RejectedType<'a>> {
    let value = |name: &str| variant.fields.iter().rfind(|it| it.is(name)).map(|it| &it.value);
    if let Some(value) = value("Content-Type") {
        let is_accepted = media_type::is_accepted(&essence(value), file_use);
        return (!is_accepted).then_some(RejectedType::ByAuthor(value));
    }
    // A file that is compressed already, such as `app.js.gz`, has the type of its content.
    let is_compressed = value("Content-Encoding").is_some();
    let stem = path.rsplit_once('.').map(|(stem, _)| stem).filter(|_| is_compressed);
    let path = stem.unwrap_or(path);
    let is_wrong = media_type::has_wrong_type(path, file_use);
    media_type::by_name(path).filter(|_| is_wrong).map(RejectedType::ByName)
}

/// The variant of a planned file that answers at this key.
fn exact_variant<'a>(plan: &'a Plan, key: &str, file: usize) -> Option<&'a Variant> {
    let PlannedRoute::Resource(index) = plan.exact.get(key)? else { return None };
    let first: usize = plan.files[..file].iter().map(|it| it.variants.len()).sum();
    plan.files[file].variants.get(index.checked_sub(first)?)
}

/// A media type without its parameters, in lower case.
fn essence(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn rename(served_as: &str, file_use: FileUse) -> &'static str {
    match file_use {
        FileUse::Script if served_as == "application/json" => {
            "import it with `with { type: \"json\" }`, or rename the file to end with `.js` if it \
             is a script"
        }
        FileUse::Script => {
            "rename the file to end with `.js`, or set `Content-Type: text/javascript` for it in \
             `_headers`"
        }
        FileUse::StyleSheet => {
            "rename the file to end with `.css` if it is CSS, or set `Content-Type: text/css` for \
             it in `_headers`; other languages must be compiled to CSS"
        }
    }
}

fn correct(file_use: FileUse) -> &'static str {
    match file_use {
        FileUse::Script => "set `Content-Type: text/javascript` for it in `_headers`",
        FileUse::StyleSheet => "set `Content-Type: text/css` for it in `_headers`",
    }
}
