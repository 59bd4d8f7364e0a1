//! Writes the table of media types by file extension, from `mime_guess`.
//!
//! The table is text without pointers: a table of `&str` would be relocated at each start of a
//! position-independent executable.

use std::{collections::BTreeSet, env, fs, io, iter, path::Path};

/// Writes one line per extension: the extension, a tab, the media type. The first line is empty.
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let extensions = mime_guess::get_extensions("*", "*").unwrap_or_default();
    let line = |extension: &&str| {
        let media_type = mime_guess::from_ext(extension).first()?;
        Some(format!("{extension}\t{}\n", media_type.essence_str()))
    };
    let lines: BTreeSet<String> = extensions.iter().filter_map(line).collect();
    let text: String = iter::once("\n".to_owned()).chain(lines).collect();
    let folder = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    fs::write(Path::new(&folder).join("media_types.txt"), text)
}
