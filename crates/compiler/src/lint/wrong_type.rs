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
    let by_author = authors_types(cx.plan, key, target);
    let (served_as, help) = if by_author.is_empty() {
        if !media_type::has_wrong_type(path, file_use) {
            return None;
        }
        let served_as = media_type::by_name(path)?;
        (served_as, rename(served_as, file_use))
    } else {
        let is_accepted = |value: &&str| media_type::is_accepted(&essence(value), file_use);
        if by_author.iter().any(is_accepted) {
            return None;
        }
        (by_author[0], correct(file_use))
    };
    let what = match file_use {
        FileUse::Script => "a script",
        FileUse::StyleSheet => "a style sheet",
    };
    let shown = cx.folder.display(path);
    let message = format!("browsers block `{shown}` as {what}: it is served as `{served_as}`");
    Some(text.diagnostic(Lint::WrongType, reference.span.clone(), message, help))
}

/// The values of `Content-Type` that `_headers` sets for a key. If it has no route of its own,
/// those for any path of the file.
fn authors_types<'a>(plan: &'a Plan, key: &str, target: usize) -> Vec<&'a str> {
    let Ok(file) = plan.files.binary_search_by_key(&target, |it| it.file) else {
        return Vec::new();
    };
    let variants = plan.files[file].variants.as_slice();
    let variants = match variants {
        [_] => variants,
        _ => exact_variant(plan, key, file).map_or(variants, std::slice::from_ref),
    };
    let fields = variants.iter().flat_map(|it| &it.fields);
    fields.filter(|it| it.is("Content-Type")).map(|it| it.value.as_str()).collect()
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
