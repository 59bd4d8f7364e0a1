//! Output folders of site generators: the names that they have by default, and finding those that
//! contain a site.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Maximum number of folders that a message lists.
pub(crate) const LISTED_MAX: usize = 3;
/// Maximum number of entries of a folder that are searched, so that a search stays short.
const ENTRIES_MAX: usize = 1000;

/// Output folders of any project, the most common first. These names are for output only, so no
/// site has a page in them beside the files of a project.
pub(crate) const COMMON: &[&str] = &[
    // Vite, Astro, Angular, Parcel, Trunk.
    "dist",
    // Create React App, Docusaurus, SvelteKit, Middleman, Antora, Flutter.
    "build",
    // Next.js.
    "out",
    // Jekyll, Eleventy, Quarto, Hakyll.
    "_site",
    // VitePress and VuePress, whose output is in the folder of the sources.
    "docs/.vitepress/dist",
    ".vitepress/dist",
    "docs/.vuepress/dist",
    "src/.vuepress/dist",
    // Nuxt.
    ".output/public",
    // Sphinx and Jupyter Book.
    "_build/html",
    "docs/_build/html",
    // bookdown.
    "_book",
    // Storybook, last because it shows parts of another site.
    "storybook-static",
];

/// Output folders of one generator, whose names folders of other projects and sites have as well.
const SPECIFIC: &[&str] = &["public", "site", "book", "target/doc"];

/// The folder of the project that this folder is the output of, by its name.
#[must_use]
pub fn project_folder(output: &Path) -> Option<&Path> {
    let names = COMMON.iter().filter(|name| output.ends_with(name));
    let length = names.map(|name| Path::new(name).components().count()).max()?;
    output.ancestors().nth(length)
}

/// Whether this folder has an `index.html`.
pub(crate) fn is_site(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

/// The folders with an `index.html` in this folder, or one level further down if there are none;
/// at most [`LISTED_MAX`].
pub(crate) fn nested(folder: &Path) -> Vec<PathBuf> {
    let children = folders_in(folder);
    let sites = |folders: &mut dyn Iterator<Item = PathBuf>| {
        folders.filter(|it| is_site(it)).take(LISTED_MAX).collect::<Vec<_>>()
    };
    let found = sites(&mut children.iter().cloned());
    if !found.is_empty() {
        return found;
    }
    let grandchildren = children.iter().take(ENTRIES_MAX).flat_map(|it| folders_in(it));
    sites(&mut grandchildren.take(ENTRIES_MAX))
}

/// The folders to propose in place of one that is missing or empty: those beside it with a similar
/// name, then those with the name of an output folder. Each contains a site.
pub(crate) fn instead_of(missing: &Path) -> Vec<PathBuf> {
    // For `app/dist/browser`, the folder `app` is searched. The empty path is the current folder.
    let is_searched = |path: &&Path| {
        let is_output = COMMON.iter().any(|output| path.ends_with(output));
        path.as_os_str().is_empty() || (path.is_dir() && !is_output)
    };
    let Some(beside) = missing.ancestors().skip(1).find(is_searched) else { return Vec::new() };
    let name = missing.file_name().map(|it| it.to_string_lossy().to_lowercase());
    let is_similar = |path: &PathBuf| {
        let (Some(name), Some(other)) = (&name, path.file_name()) else { return false };
        strsim::jaro_winkler(name, &other.to_string_lossy().to_lowercase()) > 0.85
    };
    let similar = folders_in(beside).into_iter().filter(is_similar);
    let outputs = COMMON.iter().chain(SPECIFIC).map(|name| beside.join(name));
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in similar.chain(outputs) {
        let is_other = folder != missing && !found.contains(&folder);
        if is_other && (is_site(&folder) || folders_in(&folder).iter().any(|it| is_site(it))) {
            found.push(folder);
        }
    }
    found.truncate(LISTED_MAX);
    found
}

/// The folders in a folder, by name, without those of packages and of version control.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(listed) else { return Vec::new() };
    let entries = entries.take(ENTRIES_MAX).filter_map(Result::ok);
    let names = entries.filter(|it| it.path().is_dir()).map(|it| it.file_name());
    let is_visible = |name: &std::ffi::OsString| {
        !name.to_string_lossy().starts_with('.') && name != "node_modules"
    };
    let mut paths: Vec<PathBuf> = names.filter(is_visible).map(|it| folder.join(it)).collect();
    paths.sort();
    paths
}

/// Folders as a list, such as "`build`, `out` or `public`".
pub(crate) fn list<T: AsRef<str>>(folders: &[T]) -> String {
    let quoted: Vec<String> = folders.iter().map(|it| format!("`{}`", it.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// A path as it would be typed on the command line, with the separator of URLs as in the paths of
/// diagnostics.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(pages: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for page in pages {
            let path = folder.path().join(page);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders can be made");
            fs::write(path, "").expect("files can be written");
        }
        folder
    }

    #[test]
    fn folders_with_a_site_are_proposed_for_a_missing_one() {
        let rows: &[(&[&str], &str, &[&str])] = &[
            (&["build/index.html"], "dist", &["build"]),
            (&["dist/app/index.html", "src/index.html"], "build", &["dist"]),
            (&["dist/app/browser/index.html"], "build", &[]),
            (&["dist/a.css", "build/index.html"], "dist/app", &["build"]),
            (&["target/doc/demo/index.html"], "doc", &["target/doc"]),
            (&["my-site/index.html"], "mysite", &["my-site"]),
            (&["other/index.html"], "dist", &[]),
            (&["public/index.html", "dist/index.html"], "a/b/c", &["dist", "public"]),
            (&[], "dist", &[]),
        ];
        for (pages, missing, expected) in rows {
            let folder = folder(pages);
            let expected: Vec<PathBuf> = expected.iter().map(|it| folder.path().join(it)).collect();
            assert_eq!(instead_of(&folder.path().join(missing)), expected, "{pages:?} {missing}");
        }
    }

    #[test]
    fn the_shallowest_nested_sites_are_found() {
        let rows: &[(&[&str], &[&str])] = &[
            (&["app/index.html", "app/deep/index.html", "b/c/index.html"], &["app"]),
            (&["app/browser/index.html", "app/licenses.txt"], &["app/browser"]),
            (&["a/index.html", "b/index.html"], &["a", "b"]),
            (&["node_modules/x/index.html", ".git/index.html"], &[]),
            (&["a/b/c/index.html"], &[]),
        ];
        for (pages, expected) in rows {
            let folder = folder(pages);
            let expected: Vec<PathBuf> = expected.iter().map(|it| folder.path().join(it)).collect();
            assert_eq!(nested(folder.path()), expected, "{pages:?}");
        }
    }

    #[test]
    fn folders_are_listed_in_words() {
        let rows: &[(&[&str], &str)] =
            &[(&[], ""), (&["a"], "`a`"), (&["a", "b", "c"], "`a`, `b` or `c`")];
        for (folders, expected) in rows {
            assert_eq!(list(folders), *expected);
        }
    }
}
