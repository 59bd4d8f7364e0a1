//! Writes the table of media types by file extension, from `mime_guess` and `media_types.txt`.
//!
//! The table is text without pointers: a table of `&str` would be relocated at each start of a
//! position-independent executable.

use std::{collections::BTreeMap, env, fs, io, path::Path};

/// The corrections to `mime_guess`; the file explains its columns.
const CORRECTIONS: &str = "media_types.txt";

/// Writes one line per extension, sorted: the extension, a tab, the media type, and if text has
/// another media type, a tab and that one.
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={CORRECTIONS}");
    let extensions = mime_guess::get_extensions("*", "*").unwrap_or_default();
    let mut media_types = BTreeMap::new();
    for extension in extensions {
        if let Some(media_type) = mime_guess::from_ext(extension).first() {
            media_types.insert((*extension).to_owned(), media_type.essence_str().to_owned());
        }
    }
    media_types.extend(corrections(&fs::read_to_string(CORRECTIONS)?)?);
    let line = |(extension, value)| format!("{extension}\t{value}\n");
    let text: String = media_types.iter().map(line).collect();
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("media_types.txt"), text)
}

/// The extension and the rest of the line of each correction.
fn corrections(text: &str) -> io::Result<Vec<(String, String)>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let correction = |line: &str| {
        let mut columns = line.split_whitespace();
        let (extension, media_type, of_text) = (columns.next()?, columns.next()?, columns.next()?);
        // The source is for readers, and must be there.
        columns.next()?;
        let value = match of_text {
            "-" => media_type.to_owned(),
            of_text => format!("{media_type}\t{of_text}"),
        };
        Some((extension.to_owned(), value))
    };
    let invalid = |line: &str| {
        let message = format!("{CORRECTIONS}: `{line}` does not have four columns");
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    lines.map(|line| correction(line).ok_or_else(|| invalid(line))).collect()
}
