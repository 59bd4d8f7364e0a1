//! The home page: whether anything is served at the mount, which is `/` by default.

use std::path::Path;

use chapbook_format::path;

use super::project;
use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    output_folders::{self, COMMON, LISTED_MAX, list},
    routing::{
        Mount,
        routes::{RouteEntry, Routes},
    },
    rules::redirects::RuleStatus,
    site_folder::SiteFolder,
};

/// The diagnostic if nothing is served at the mount.
pub(super) fn lint(folder: &SiteFolder, routes: &Routes) -> Option<Diagnostic> {
    if is_served(routes) {
        return None;
    }
    let (message, help) = if folder.files.is_empty() {
        let has_others = folder.omitted > 0 || !folder.diagnostics.is_empty();
        let message = if has_others {
            "the folder contains no file that can be served"
        } else {
            "the folder is empty"
        };
        (message.to_owned(), advice_for_empty(Path::new(folder.name())))
    } else {
        let mount = &routes.mount;
        let message = format!("the site has no `index.html`, so nothing is served at `{mount}`");
        (message, advice(folder, mount))
    };
    Some(Diagnostic::of_file(Lint::EmptySite, folder.name(), message, help))
}

/// Whether a file or a rule answers at the mount.
fn is_served(routes: &Routes) -> bool {
    match routes.find(routes.mount.key()) {
        None => false,
        Some(RouteEntry::File(_) | RouteEntry::FolderSlash(_) | RouteEntry::PageAlias(_)) => true,
        Some(RouteEntry::Redirect(index)) => {
            let rule = &routes.redirects[index];
            rule.status != RuleStatus::Rewrite || routes.rewrite_target(rule).is_some()
        }
    }
}

fn advice_for_empty(named: &Path) -> String {
    let found: Vec<String> =
        output_folders::instead_of(named).iter().map(|it| output_folders::shown(it)).collect();
    if found.is_empty() {
        return "build your site first, add an `index.html`, or name another folder".to_owned();
    }
    format!("build your site first, or name another folder, such as {}", list(&found))
}

/// What to do about files without a home page: name the folder with the site, or redirect to it.
fn advice(folder: &SiteFolder, mount: &Mount) -> String {
    let marker = project::marker(folder.root());
    let nested = shallowest_pages(folder, marker.is_some());
    let shown: Vec<String> = nested.iter().map(|it| folder.display(it)).collect();
    if let Some(marker) = marker {
        let marker = folder.display(marker);
        let others = match shown.as_slice() {
            [] => String::new(),
            shown => format!("; a site may be in {}", list(shown)),
        };
        return format!(
            "`{marker}` marks a project: build it, and name the folder that it writes{others}"
        );
    }
    let redirects = folder.display("_redirects");
    match nested.first() {
        None if has_markdown(folder) => {
            "build your site first, and name the folder with the pages".to_owned()
        }
        None => format!(
            "add an `index.html`, name the folder that contains one, or add a rule for `{mount}` \
             to `{redirects}`"
        ),
        Some(first) => {
            let (from, to) = (mount.url_path(), mount.prefixed(&path::encode(first)));
            format!("name {}, or add the rule `{from} {to}/ 302` to `{redirects}`", list(&shown))
        }
    }
}

/// Whether the files are the sources of pages.
fn has_markdown(folder: &SiteFolder) -> bool {
    let has = |extension: &str| folder.files.iter().any(|it| it.extension() == extension);
    has("md") && !has("html")
}

/// The folders with an `index.html` that are the fewest levels down, at most [`LISTED_MAX`]. Those
/// of a project that are named like output come first: others may be templates.
fn shallowest_pages(folder: &SiteFolder, is_project: bool) -> Vec<&str> {
    let pages = folder.files.iter().filter_map(|file| file.path.strip_suffix("/index.html"));
    let pages = pages.filter(|it| it.split('/').all(|segment| segment != "node_modules"));
    let mut pages: Vec<&str> = pages.collect();
    let is_output = |path: &&str| COMMON.iter().any(|it| Path::new(path).ends_with(it));
    if is_project && pages.iter().any(is_output) {
        pages.retain(is_output);
    }
    let depth = |path: &&str| path.matches('/').count();
    let least = pages.iter().map(depth).min();
    pages.retain(|it| Some(depth(it)) == least);
    pages.truncate(LISTED_MAX);
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse::Text, rules::redirects};

    fn linted(paths: &[&str], rules: &str) -> Option<Diagnostic> {
        linted_at("/", paths, rules)
    }

    fn linted_at(mount: &str, paths: &[&str], rules: &str) -> Option<Diagnostic> {
        let folder = SiteFolder::of_paths(paths);
        let (mut routes, _) = Routes::of_files(&folder, &mount.parse().unwrap());
        let text = Text::new("site/_redirects".to_owned(), rules.as_bytes());
        let (redirects, _) = redirects::parse(&text);
        routes.add(&folder, redirects, &text);
        lint(&folder, &routes)
    }

    #[test]
    fn a_site_without_an_answer_at_its_root_is_an_error() {
        let rows: &[(&[&str], &str, bool)] = &[
            (&["index.html"], "", true),
            (&["a.html"], "", false),
            (&["a/index.html"], "/ /a/ 302", true),
            (&["a/index.html"], "/ /a/", true),
            (&["a/index.html"], "/ https://example.com/", true),
            (&["a/index.html"], "/a /a/ 302", false),
            (&["a/index.html"], "/b/* /a/ 302", false),
            (&["a/index.html"], "/* /a/:splat 302", true),
            (&["app.html"], "/* /app.html 200", true),
            (&["app.html"], "/ /app.html 200", true),
            (&["app.html"], "/* /gone.html 200", false),
            (&["404.html"], "", false),
        ];
        for (paths, rules, is_served) in rows {
            assert_eq!(linted(paths, rules).is_none(), *is_served, "{paths:?} {rules}");
        }
    }

    #[test]
    fn a_mounted_site_needs_an_answer_at_its_mount() {
        assert!(linted_at("/repo/", &["index.html"], "").is_none());
        assert!(linted_at("/repo/", &["a/index.html"], "/repo/ /repo/a/ 302").is_none());
        let diagnostic = linted_at("/repo/", &["a/index.html"], "/ /repo/a/ 302").unwrap();
        assert!(diagnostic.message.ends_with("nothing is served at `/repo/`"), "{diagnostic}");
        assert!(diagnostic.help.contains("`/repo/ /repo/a/ 302`"), "{diagnostic}");
    }

    #[test]
    fn the_advice_names_the_folders_with_a_home_page() {
        let rows: &[(&[&str], &str)] = &[
            (&["a/index.html", "b/c/index.html"], "name `site/a`, or add the rule `/ /a/ 302`"),
            (&["app/browser/index.html"], "name `site/app/browser`, or"),
            (&["a b/index.html"], "name `site/a b`, or add the rule `/ /a%20b/ 302`"),
            (
                &["a/index.html", "b/index.html", "c/index.html", "d/index.html"],
                "name `site/a`, `site/b` or `site/c`, or",
            ),
            (&["a.html", "node_modules/a/index.html"], "add an `index.html`, name"),
            (&["README.md", "docs/a.md"], "build your site first"),
        ];
        for (paths, expected) in rows {
            let help = linted(paths, "").expect("nothing is served at /").help;
            assert!(help.starts_with(expected), "{paths:?}: {help}");
        }
    }
}
