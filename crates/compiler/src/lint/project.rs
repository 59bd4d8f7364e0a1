//! Projects: a folder with the sources of a site, and the site in an output folder of it. Its own
//! files need the build, and packing it would include `node_modules`.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    output_folders::{self, COMMON},
    site_folder::SiteFolder,
};

/// A file or folder that only the root of a project has.
struct Marker {
    path: &'static str,
    /// The output folders that only generators with this marker have.
    outputs: &'static [&'static str],
    /// Whether the folders that any generator may write are output, too.
    has_common: bool,
}

/// A marker of a generator that writes its own folder by default.
const fn generator(path: &'static str, outputs: &'static [&'static str]) -> Marker {
    Marker { path, outputs, has_common: true }
}

/// A marker whose name other files have as well, so that only its own folders count.
const fn ambiguous(path: &'static str, outputs: &'static [&'static str]) -> Marker {
    Marker { path, outputs, has_common: false }
}

/// Markers that are not about JavaScript. A published site does not contain them.
const MARKERS: &[Marker] = &[
    // Rust: Trunk and rustdoc.
    generator("Cargo.toml", &["target/doc"]),
    // Ruby: Jekyll and Middleman.
    generator("Gemfile", &[]),
    // Python: the generator is one of its packages.
    generator("pyproject.toml", &["site", "output"]),
    // Go, PHP, Dart (Flutter writes `build/web`), Elm, Deno and Elixir.
    generator("go.mod", &["public"]),
    generator("composer.json", &[]),
    generator("pubspec.yaml", &[]),
    generator("elm.json", &[]),
    generator("deno.json", &[]),
    generator("mix.exs", &[]),
    // MkDocs and its successor.
    generator("mkdocs.yml", &["site", "public"]),
    generator("mkdocs.yaml", &["site", "public"]),
    generator("zensical.toml", &["site"]),
    // mdBook.
    generator("book.toml", &["book"]),
    // Hugo.
    generator("hugo.toml", &["public"]),
    generator("hugo.yaml", &["public"]),
    generator("hugo.json", &["public"]),
    generator("hugo.yml", &["public"]),
    // Hugo before 0.110, and Zola.
    ambiguous("config.toml", &["public"]),
    ambiguous("config.yaml", &["public"]),
    ambiguous("config.yml", &["public"]),
    // Jekyll and Hexo; Jupyter Book has it as well.
    ambiguous("_config.yml", &["_site", "public", "_build/html"]),
    // Gatsby; the other generators for JavaScript copy `public` as it is.
    generator("gatsby-config.js", &["public"]),
    generator("gatsby-config.ts", &["public"]),
    generator("gatsby-config.mjs", &["public"]),
    // Ionic and Stencil.
    generator("ionic.config.json", &["www"]),
    generator("stencil.config.ts", &["www"]),
    // VitePress and VuePress, in the folder of the sources.
    ambiguous(".vitepress", &[".vitepress/dist"]),
    ambiguous(".vuepress", &[".vuepress/dist"]),
    // Quarto and bookdown.
    generator("_quarto.yml", &["_book"]),
    generator("_bookdown.yml", &["_book", "docs"]),
    // Sphinx, with sources and output beside each other or in two folders.
    generator("conf.py", &["_build/html", "build/html"]),
    generator("source/conf.py", &["build/html"]),
    generator("docs/conf.py", &["docs/_build/html", "docs/build/html"]),
    generator("docs/source/conf.py", &["docs/build/html"]),
    // Pelican and Nanoc.
    generator("pelicanconf.py", &["output"]),
    generator("nanoc.yaml", &["output"]),
    // Antora and Doxygen.
    generator("antora-playbook.yml", &["build/site"]),
    ambiguous("Doxyfile", &["html", "docs/html", "doc/html"]),
    // GitLab Pages publish this folder, whatever writes it.
    ambiguous(".gitlab-ci.yml", &["public"]),
];

/// The diagnostic if the folder is a project with a built site.
pub(super) fn lint(folder: &SiteFolder) -> Option<Diagnostic> {
    let root = folder.root();
    let (marker, sites) = built_sites(root)?;
    let shown: Vec<String> = sites.iter().map(|it| folder.display(it)).collect();
    let marker = folder.display(marker);
    let message =
        format!("the folder is a project: its site is in {}", output_folders::list(&shown));
    let which = if shown.len() == 1 { "that folder" } else { "one of these folders" };
    let help =
        format!("name {which}; `{marker}` and other files here are needed for building only");
    Some(Diagnostic::of_file(Lint::NotASite, folder.name(), message, help))
}

/// What marks this folder as a project, such as `Cargo.toml`.
pub(super) fn marker(root: &Path) -> Option<&'static str> {
    let is_certain = |it: &&Marker| it.has_common && root.join(it.path).exists();
    javascript(root).or_else(|| MARKERS.iter().find(is_certain).map(|it| it.path))
}

/// The marker of a project, and the folders in it with a built site.
fn built_sites(root: &Path) -> Option<(&'static str, Vec<String>)> {
    let markers = MARKERS.iter().filter(|it| root.join(it.path).exists());
    let markers: Vec<&Marker> = markers.collect();
    let javascript = javascript(root);
    let common = javascript.or(markers.iter().find(|it| it.has_common).map(|it| it.path));
    let own = markers.iter().flat_map(|it| it.outputs.iter().map(|output| (it.path, *output)));
    let common = common.into_iter().flat_map(|path| COMMON.iter().map(move |it| (path, *it)));
    // A folder that only one generator writes says more than one that all do, except for rustdoc:
    // `dist` is the application, and `target/doc` describes its source.
    let (documentation, own): (Vec<_>, Vec<_>) = own.partition(|(_, it)| *it == "target/doc");
    let mut outputs = own.into_iter().chain(common).chain(documentation);
    outputs.find_map(|(marker, output)| {
        let sites = sites_in(root, output);
        (!sites.is_empty()).then_some((marker, sites))
    })
}

/// The folders with a site in an output folder, by their path in the project: itself, or those
/// nested in it. Crates share files beside their folders, so `target/doc` is not divided.
fn sites_in(root: &Path, output: &str) -> Vec<String> {
    let folder = root.join(output);
    if is_linked(root, output) {
        return Vec::new();
    }
    if output_folders::is_site(&folder) {
        return vec![output.to_owned()];
    }
    // Angular writes `dist/NAME/browser`. If the folder has a home page of its own, an example that
    // is published with a library would look the same.
    if output_folders::is_site(root) && output != "target/doc" {
        return Vec::new();
    }
    let nested = output_folders::nested(&folder);
    if output == "target/doc" && !nested.is_empty() {
        return vec![output.to_owned()];
    }
    let relative = |path: &PathBuf| path.strip_prefix(root).ok().map(output_folders::shown);
    nested.iter().filter_map(relative).collect()
}

/// Whether the home page of the folder itself refers to a file in the output folder, which is then
/// a part of the site, such as a bundle or a page.
fn is_linked(root: &Path, output: &str) -> bool {
    let page = read_start(&root.join("index.html"));
    let needle = format!("{output}/");
    memchr::memmem::find_iter(&page, needle.as_bytes()).any(|at| {
        let before = at.checked_sub(1).and_then(|before| page.get(before));
        before.is_some_and(|byte| b"\"'=/".contains(byte))
    })
}

/// The start of a file; empty if it cannot be read. Home pages and manifests are shorter.
fn read_start(path: &Path) -> Vec<u8> {
    const BYTES_MAX: u64 = 1 << 20;
    let mut start = Vec::new();
    let read = File::open(path).and_then(|it| it.take(BYTES_MAX).read_to_end(&mut start));
    if read.is_ok() { start } else { Vec::new() }
}

/// What marks a project in JavaScript: its packages, or a manifest with a script that builds. A
/// manifest alone does not: sites are published with it.
fn javascript(root: &Path) -> Option<&'static str> {
    if has_build_script(&root.join("package.json")) {
        return Some("package.json");
    }
    root.join("node_modules").is_dir().then_some("node_modules")
}

/// Whether a `package.json` has a script such as `build` or `docs:build`.
fn has_build_script(manifest: &Path) -> bool {
    let manifest: Option<Value> = serde_json::from_slice(&read_start(manifest)).ok();
    let scripts = manifest.as_ref().and_then(|it| it.get("scripts")?.as_object());
    let is_build = |name: &String| {
        name.split([':', '-', '.']).any(|part| ["build", "generate", "export"].contains(&part))
    };
    scripts.is_some_and(|scripts| scripts.keys().any(is_build))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SCRIPTS: &str = r#"package.json={"scripts": {"docs:build": "vitepress build docs"}}"#;
    const NO_SCRIPTS: &str = r#"package.json={"name": "demo", "scripts": {"test": "build"}}"#;

    /// The message for a folder with these files, written as `PATH` or `PATH=CONTENT`.
    fn sites(files: &[&str]) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for file in files {
            let (path, content) = file.split_once('=').unwrap_or((file, ""));
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders can be made");
            fs::write(path, content).expect("files can be written");
        }
        built_sites(folder.path()).map(|(_, sites)| sites)
    }

    #[test]
    fn a_project_is_told_by_its_markers_beside_a_built_site() {
        let rows: &[(&[&str], Option<&[&str]>)] = &[
            (&[SCRIPTS, "dist/index.html"], Some(&["dist"])),
            (&[SCRIPTS, "index.html", "build/index.html"], Some(&["build"])),
            (&[SCRIPTS, "docs/.vitepress/dist/index.html"], Some(&["docs/.vitepress/dist"])),
            (&["node_modules/a/index.js", "out/index.html"], Some(&["out"])),
            (&[SCRIPTS, "dist/app/browser/index.html"], Some(&["dist/app/browser"])),
            (&[SCRIPTS, "dist/a/index.html", "dist/b/index.html"], Some(&["dist/a", "dist/b"])),
            (&["Cargo.toml", "target/doc/demo/index.html"], Some(&["target/doc"])),
            (&["Cargo.toml", "target/doc/a/index.html", "dist/index.html"], Some(&["dist"])),
            (&["mkdocs.yml", "docs/index.md", "site/index.html"], Some(&["site"])),
            (&["hugo.toml", "public/index.html"], Some(&["public"])),
            (&["config.toml", "public/index.html"], Some(&["public"])),
            (&["Gemfile", "index.html", "_site/index.html"], Some(&["_site"])),
            (&["book.toml", "book/index.html"], Some(&["book"])),
            (&["docs/conf.py", "docs/_build/html/index.html"], Some(&["docs/_build/html"])),
            (&["pubspec.yaml", "web/index.html", "build/web/index.html"], Some(&["build/web"])),
            (&["index.md", ".vitepress/dist/index.html"], Some(&[".vitepress/dist"])),
            // Not built.
            (&[SCRIPTS, "index.html", "dist/style.css"], None),
            (&["index.html", ".vitepress/config.mts"], None),
            (&["Cargo.toml", "src/main.rs"], None),
            // A template or files that are copied as they are.
            (&[SCRIPTS, "public/index.html"], None),
            // Sites.
            (&[NO_SCRIPTS, "index.html", "dist/index.html"], None),
            (&["package.json=[", "index.html", "dist/index.html"], None),
            (&[SCRIPTS, "index.html", "book/index.html", "site/index.html"], None),
            (&[SCRIPTS, "index.html", "dist/examples/index.html"], None),
            (&["index.html", "dist/index.html", "build/index.html"], None),
            (&[SCRIPTS, "index.html=<a href=\"build/\">x</a>", "build/index.html"], None),
            (&["Gemfile", "index.html=<a href=/build/>x</a>", "build/index.html"], None),
            (&["Gemfile", "index.html=rebuild/ it", "build/index.html"], Some(&["build"])),
            (&["config.toml", "index.html", "dist/index.html"], None),
        ];
        for (files, expected) in rows {
            let found = sites(files);
            let found: Option<Vec<&str>> =
                found.as_ref().map(|it| it.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), *expected, "{files:?}");
        }
    }
}
