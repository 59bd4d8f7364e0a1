//! Writes down which extension has which media type, as text: in a table of references each of them
//! would have to be corrected at each start of an executable that may lie at any address.

use std::io;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    write_media_types()
}

/// A line for each: the extension, a tab, the type. An empty one comes first.
#[cfg(feature = "compile")]
fn write_media_types() -> io::Result<()> {
    use std::{collections::BTreeSet, env, fs, iter, path::Path};

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

/// Who only reads what was compiled needs none.
#[cfg(not(feature = "compile"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
fn write_media_types() -> io::Result<()> {
    Ok(())
}
