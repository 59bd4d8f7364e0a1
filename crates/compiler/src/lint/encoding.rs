//! Texts in an encoding that no parser here reads. Browsers show some of them, so they must not be
//! skipped in silence.

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    parse::{Text, encoding::wide_encoding},
};

/// Reports a page, style sheet or script in UTF-16 or UTF-32.
pub(crate) fn lint(text: &Text<'_>) -> Option<Diagnostic> {
    let name = wide_encoding(text.bytes)?;
    let message = format!("this file is in {name}, so its content cannot be checked");
    let help = "save the file as UTF-8";
    Some(Diagnostic::of_file(Lint::UnsupportedEncoding, text.file().clone(), message, help))
}
