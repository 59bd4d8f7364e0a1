//! Name of the output of `pack` without `--output`, made of the site's title or folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chapbook_compiler::{hyphenated, is_generated_title, project_folder};
use chapbook_packer::ExecutableFormat;

/// The name if neither the title nor the folder has a letter or a digit.
const FALLBACK: &str = "site";

/// The file to write for the site in a folder or an archive, in the current folder.
pub(super) fn default_output(
    folder: &Path,
    title: Option<&str>,
    format: ExecutableFormat,
) -> PathBuf {
    let extension = if format == ExecutableFormat::Pe { ".exe" } else { "" };
    let title = title.filter(|it| !is_generated_title(it)).unwrap_or_default();
    let folder_name = source_name(folder);
    let mut names = [title, &folder_name, FALLBACK].into_iter().map(hyphenated);
    let name = names.find(|it| !it.is_empty()).unwrap_or_default();
    let output = PathBuf::from(format!("{name}{extension}"));
    // A site without a title in a folder beside the output.
    if output.is_dir() { PathBuf::from(format!("{name}-site{extension}")) } else { output }
}

/// The name of a folder, or of an archive without its extensions. Instead of `dist` and the like,
/// which many projects have, it is the name of the project's folder.
pub(super) fn source_name(source: &Path) -> String {
    // The path may be `.` or `..`.
    let absolute = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let project = project_folder(&absolute).and_then(Path::file_name);
    let name = project.or(absolute.file_name()).unwrap_or_default();
    archive_stem(&name.to_string_lossy()).to_owned()
}

/// The name of an archive without its extensions.
fn archive_stem(name: &str) -> &str {
    let extensions = [".zip", ".tar.gz", ".tgz", ".tar"];
    extensions.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_folder_is_named_like_its_project() {
        let rows = [
            ("/projects/notes/dist", "notes"),
            ("/projects/notes/docs/.vitepress/dist", "notes"),
            ("/projects/notes", "notes"),
            ("/dist", "dist"),
            ("/projects/notes/dist.zip", "dist"),
        ];
        for (source, expected) in rows {
            assert_eq!(source_name(Path::new(source)), expected, "{source}");
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
