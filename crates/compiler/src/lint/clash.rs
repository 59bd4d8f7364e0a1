//! Names that are the same on disks that ignore letter case or Unicode normalization, so copying
//! the site there loses a file. Folders count as well.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use chapbook_format::path;
use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::{diagnostic::Diagnostic, lints::Lint, site_folder::SiteFolder};

const HELP: &str = "rename one of them: a copy of the site there would lose one";

/// The diagnostics about each pair of names.
pub(super) fn lint(folder: &SiteFolder) -> Vec<Diagnostic> {
    let mut firsts: HashMap<String, &str> = HashMap::new();
    let mut reported: HashSet<&str> = HashSet::new();
    let mut diagnostics = Vec::new();
    for file in &folder.files {
        let parents = file.path.match_indices('/').map(|(at, _)| &file.path[..at]);
        for path in parents.chain([file.path.as_str()]) {
            match firsts.entry(fold(&decompose(path))) {
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
    let file = folder.display(second);
    if fold(first) == fold(second) {
        let first = folder.display(first);
        let message = format!("`{first}` and `{file}` are the same file on Windows and macOS");
        return Diagnostic::of_file(Lint::CaseClash, file, message, HELP);
    }
    // As text, both would look the same.
    let [first, second] = [first, second].map(|it| folder.display(&path::encode(it)));
    let message = format!(
        "`{first}` and `{second}` are the same file on macOS: their Unicode normalization differs"
    );
    Diagnostic::of_file(Lint::PortableName, file, message, HELP)
}

/// The canonical decomposition of a path (Unicode Standard Annex 15, form D).
fn decompose(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return Cow::Borrowed(path);
    }
    const { DecomposingNormalizerBorrowed::new_nfd() }.normalize(path)
}

/// Simple case folding: disks fold each character to one character, so `ß` and `ss` differ.
fn fold(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    path.chars().map(fold_character).collect()
}

/// The lower case of the upper case: it joins `σ` and `ς`, which only share their upper case.
fn fold_character(character: char) -> char {
    // The letters of Turkish are left alone, as in the tables of disks.
    if matches!(character, 'ı' | 'İ') {
        return character;
    }
    let upper = single(character, character.to_uppercase());
    single(upper, upper.to_lowercase())
}

/// The character of a mapping to one character; otherwise the original.
fn single(original: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(character), None) => character,
        _ => original,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_disk_cannot_distinguish_are_reported_once() {
        use Lint::{CaseClash, PortableName};
        type Row = (&'static [&'static str], &'static [(Lint, &'static str)]);
        let rows: &[Row] = &[
            (&["a.txt", "b.txt"], &[]),
            (&["A.txt", "a.txt"], &[(CaseClash, "site/a.txt")]),
            (&["Docs/a", "docs/b", "docs/c"], &[(CaseClash, "site/docs")]),
            (&["É", "é"], &[(CaseClash, "site/é")]),
            (&["ΟΔΟΣ", "οδος", "οδοσ"], &[(CaseClash, "site/οδος"), (CaseClash, "site/οδοσ")]),
            (&["ß", "ss", "i", "ı"], &[]),
            (&["cafe\u{301}", "caf\u{e9}"], &[(PortableName, "site/caf\u{e9}")]),
            (&["CAFE\u{301}", "caf\u{e9}"], &[(PortableName, "site/caf\u{e9}")]),
            (&["u\u{308}/a", "\u{fc}/b", "\u{fc}/c"], &[(PortableName, "site/\u{fc}")]),
            (&["\u{1112}\u{1161}", "\u{d558}"], &[(PortableName, "site/\u{d558}")]),
            (
                &["cafe\u{301}", "CAFE\u{301}", "caf\u{e9}"],
                &[(CaseClash, "site/CAFE\u{301}"), (PortableName, "site/caf\u{e9}")],
            ),
        ];
        for (paths, expected) in rows {
            let folder = SiteFolder::of_paths(paths);
            let diagnostics = lint(&folder);
            let found: Vec<(Lint, &str)> =
                diagnostics.iter().map(|it| (it.code, &*it.file)).collect();
            assert_eq!(found, *expected, "{paths:?}");
        }
    }
}
