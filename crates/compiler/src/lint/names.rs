//! This file owns the verdict over the names of a site's files: whether something answers at `/`,
//! and whether every disk can tell them apart.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::{diagnostic::Diagnostic, lints::Lint, walk::Source};

/// Judges the names.
pub(crate) fn judge(source: &Source) -> Vec<Diagnostic> {
    let mut diagnostics = clashes(source);
    diagnostics.extend(emptiness(source));
    diagnostics
}

fn emptiness(source: &Source) -> Option<Diagnostic> {
    if source.files.iter().any(|file| file.path == "index.html") {
        return None;
    }
    let (message, help) = if source.files.is_empty() {
        let left_out = source.omitted > 0 || !source.diagnostics.is_empty();
        let message = if left_out {
            "the folder holds no file that could be bound"
        } else {
            "the folder is empty"
        };
        (message, "put an `index.html` into it, or name another folder")
    } else {
        (
            "the site has no `index.html`, so nothing would answer at `/`",
            "name the folder that holds `index.html`, often `dist`, `build` or `public`",
        )
    };
    Some(Diagnostic::of_file(Lint::EmptySite, source.display("index.html"), message, help))
}

/// Names that differ in case only are one file on the disks of Windows and macOS, where one of the
/// two would be gone after a copy. A folder is a name, too.
fn clashes(source: &Source) -> Vec<Diagnostic> {
    let mut firsts: HashMap<String, &str> = HashMap::new();
    let mut said: HashSet<&str> = HashSet::new();
    let mut diagnostics = Vec::new();
    for file in &source.files {
        let folders = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
        for path in folders.chain([file.path.as_str()]) {
            match firsts.entry(path.to_lowercase()) {
                Entry::Vacant(free) => {
                    free.insert(path);
                }
                Entry::Occupied(first) if *first.get() != path => {
                    // What lies in a folder that clashes needs no word of its own.
                    if said.insert(path) {
                        diagnostics.push(clash(source, first.get(), path));
                    }
                    break;
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    diagnostics
}

fn clash(source: &Source, first: &str, second: &str) -> Diagnostic {
    let [first, second] = [first, second].map(|it| source.display(it));
    let message = format!("`{first}` and `{second}` are one name on Windows and macOS");
    let help = "rename one of them, or one is lost when the site is copied there";
    Diagnostic::of_file(Lint::CaseClash, second, message, help)
}
