//! Name of the output of `pack` without `--output`, made of the site's title or folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_compiler::{home_title, pack::ExecutableFormat};

/// Maximum number of characters of a name that is made of a title.
const LENGTH_MAX: usize = 40;
/// The name if neither the title nor the folder has a letter or a digit.
const FALLBACK: &str = "site";

/// The file to write for a site folder, in the current folder.
pub(super) fn default_output(folder: &Path, format: ExecutableFormat) -> PathBuf {
    let extension = if format == ExecutableFormat::Pe { ".exe" } else { "" };
    let title = home_title(folder).unwrap_or_default();
    // The path may be `.` or `..`.
    let absolute = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let folder_name = absolute.file_name().unwrap_or_default().to_string_lossy();
    let mut names = [title.as_str(), archive_stem(&folder_name), FALLBACK].into_iter().map(slug);
    let name = names.find(|it| !it.is_empty()).unwrap_or_default();
    let output = PathBuf::from(format!("{name}{extension}"));
    // A site without a title in the folder `dist`.
    if output.is_dir() { PathBuf::from(format!("{name}-site{extension}")) } else { output }
}

/// The name of an archive without its extensions.
fn archive_stem(name: &str) -> &str {
    let extensions = [".zip", ".tar.gz", ".tgz", ".tar"];
    extensions.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name)
}

/// The letters and digits of a text in lower case, with a hyphen for whatever is between them.
/// Words that would make it too long are left out.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
        let word = word.to_lowercase();
        let length = slug.chars().count() + 1 + word.chars().count();
        if slug.is_empty() {
            slug = word.chars().take(LENGTH_MAX).collect();
        } else if length <= LENGTH_MAX {
            slug = format!("{slug}-{word}");
        } else {
            break;
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_words_of_the_title() {
        let long = "x".repeat(100);
        let rows = [
            ("Greetings from a chapbook", "greetings-from-a-chapbook"),
            ("My  docs — v2.0!", "my-docs-v2-0"),
            ("Kürbis & Co", "kürbis-co"),
            ("../../etc/passwd", "etc-passwd"),
            (
                "one two three four five six seven eight nine",
                "one-two-three-four-five-six-seven-eight",
            ),
            (long.as_str(), &long[..LENGTH_MAX]),
            ("— ! —", ""),
            ("", ""),
        ];
        for (title, expected) in rows {
            assert_eq!(slug(title), expected, "{title}");
        }
    }

    #[test]
    fn an_archive_is_named_without_its_extension() {
        let rows = [("report.zip", "report"), ("site.tar.gz", "site"), ("dist", "dist")];
        for (name, expected) in rows {
            assert_eq!(archive_stem(name), expected);
        }
    }
}
