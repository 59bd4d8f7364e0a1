//! File names: a missing home page, and names that are the same on case-insensitive file systems.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use crate::{diagnostic::Diagnostic, lints::Lint, walk::SiteFolder};

/// Lints the names.
pub(crate) fn lint(folder: &SiteFolder) -> Vec<Diagnostic> {
    let mut diagnostics = clashes(folder);
    diagnostics.extend(missing_home(folder));
    diagnostics
}

fn missing_home(folder: &SiteFolder) -> Option<Diagnostic> {
    if folder.files.iter().any(|file| file.path == "index.html") {
        return None;
    }
    let (message, help) = if folder.files.is_empty() {
        let has_others = folder.omitted > 0 || !folder.diagnostics.is_empty();
        let message = if has_others {
            "the folder contains no file that can be served"
        } else {
            "the folder is empty"
        };
        (message, "add an `index.html`, or name another folder")
    } else {
        (
            "the site has no `index.html`, so nothing is served at `/`",
            "name the folder that contains `index.html`, often `dist`, `build` or `public`",
        )
    };
    Some(Diagnostic::of_file(Lint::EmptySite, folder.display("index.html"), message, help))
}

/// Names that differ only in case are one file on the disks of Windows and macOS, so copying the
/// site there loses one of them. Folders count as well.
fn clashes(folder: &SiteFolder) -> Vec<Diagnostic> {
    let mut firsts: HashMap<String, &str> = HashMap::new();
    let mut reported: HashSet<&str> = HashSet::new();
    let mut diagnostics = Vec::new();
    for file in &folder.files {
        let parents = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
        for path in parents.chain([file.path.as_str()]) {
            match firsts.entry(path.to_lowercase()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(path);
                }
                Entry::Occupied(first) if *first.get() != path => {
                    // The files in a folder that clashes are not reported themselves.
                    if reported.insert(path) {
                        diagnostics.push(clash(folder, first.get(), path));
                    }
                    break;
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    diagnostics
}

fn clash(folder: &SiteFolder, first: &str, second: &str) -> Diagnostic {
    let [first, second] = [first, second].map(|it| folder.display(it));
    let message = format!("`{first}` and `{second}` are the same file on Windows and macOS");
    let help = "rename one of them: a copy of the site there would lose one";
    Diagnostic::of_file(Lint::CaseClash, second, message, help)
}
