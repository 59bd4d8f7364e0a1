//! Facts about a site as an app, from its manifest and its home page.

use std::{ffi::OsStr, path::Path};

use url::Url;

use super::{
    site_files::SiteFiles,
    web_manifest::{IconPurpose, WebManifest},
};
use crate::{
    parse::html::{AppLinks, app_links},
    routing::Mount,
    site_folder::SiteFolder,
};

/// Maximum number of characters of a text.
const TEXT_MAX: usize = 1000;
const HOME: &str = "index.html";
/// Where a manifest is found that no page links: the names of generators.
const MANIFESTS: [&str; 3] = ["manifest.webmanifest", "site.webmanifest", "manifest.json"];
/// Browsers request it if a page declares no icon.
const FAVICON: &str = "favicon.ico";

/// Facts about a site as an app. The texts have no control characters and no white space at
/// their ends.
#[derive(Debug, Default)]
pub struct AppFacts {
    /// The `id` of the manifest.
    pub id: Option<String>,
    /// The `short_name` of the manifest.
    pub short_name: Option<String>,
    /// The `name` of the manifest, else its `short_name`, else the title of the home page.
    pub name: Option<String>,
    /// The description in the manifest, else that of the home page.
    pub description: Option<String>,
    /// The `version` of the manifest.
    pub version: Option<String>,
    /// The icons, those of the manifest first.
    pub icons: Vec<DeclaredIcon>,
}

/// A file of the site that is declared to be an icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredIcon {
    /// Its path within the site.
    pub path: String,
    /// What it can be used for.
    pub purpose: IconPurpose,
}

impl AppFacts {
    /// The facts about the site in a folder that was walked. What cannot be read is missing, and is
    /// reported by a lint.
    pub(crate) fn read(folder: &SiteFolder, mount: &Mount) -> Self {
        let files = &SiteFiles::new(folder, mount);
        let links = files.text(HOME).map(|page| app_links(&page)).unwrap_or_default();
        let home = files.url_of("");
        let base = home.as_ref().and_then(|home| match &links.base {
            Some(base) => home.join(base).ok(),
            None => Some(home.clone()),
        });
        let (manifest_url, manifest) = manifest(files, &links, base.as_ref()).unzip();
        let manifest = manifest.unwrap_or_default();
        let short_name = manifest.short_name.map(|it| plain(&it));
        let mut icons = Vec::new();
        let mut add = |base: Option<&Url>, url: &str, purpose| {
            let path = base.and_then(|base| files.path_of(&base.join(url).ok()?));
            let icon = path.map(|path| DeclaredIcon { path, purpose });
            icons.extend(icon.filter(|icon| !icons.contains(icon)));
        };
        manifest.icons.iter().for_each(|it| add(manifest_url.as_ref(), &it.url, it.purpose));
        links.icons.iter().for_each(|it| add(base.as_ref(), it, IconPurpose::Any));
        add(home.as_ref(), FAVICON, IconPurpose::Any);
        Self {
            id: manifest.id.map(|it| plain(&it)),
            name: manifest.name.map(|it| plain(&it)).or_else(|| short_name.clone()),
            short_name,
            description: manifest.description.or(links.description).map(|it| plain(&it)),
            version: manifest.version.map(|it| plain(&it)),
            icons,
        }
        .with_title(links.title)
    }

    /// What the manifest calls the site, best first. An `id` is a URL (section 1.7), which names
    /// the site only if it is one word: `/` or `/index.html?source=pwa` is the id of many.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let id = self.id.as_deref().map(|id| id.trim_matches('/'));
        let is_word = |id: &&str| {
            let is_part = |it: char| it.is_alphanumeric() || "-._~".contains(it);
            id.chars().all(is_part) && Path::new(id).extension() != Some(OsStr::new("html"))
        };
        id.filter(is_word).into_iter().chain(self.short_name.as_deref())
    }

    fn with_title(mut self, title: Option<String>) -> Self {
        self.name = self.name.or_else(|| title.map(|it| plain(&it)));
        for text in [
            &mut self.id,
            &mut self.short_name,
            &mut self.name,
            &mut self.description,
            &mut self.version,
        ] {
            text.take_if(|text| text.is_empty());
        }
        self
    }
}

/// The manifest that the home page links, with its URL. If the page links none, one at the root
/// of the site, because some frameworks add the link by a script.
fn manifest(
    files: &SiteFiles<'_>,
    links: &AppLinks,
    base: Option<&Url>,
) -> Option<(Url, WebManifest)> {
    let read = |path: &str| WebManifest::read(&files.text(path)?);
    if let Some(link) = &links.manifest {
        let url = base?.join(link).ok()?;
        let manifest = read(&files.path_of(&url)?)?;
        return Some((url, manifest));
    }
    MANIFESTS.iter().find_map(|path| {
        let manifest = read(path).filter(|manifest| manifest.is_certain)?;
        Some((files.url_of(path)?, manifest))
    })
}

/// A text on one line, without control characters, cut to a length.
fn plain(text: &str) -> String {
    let text: String =
        text.chars().map(|it| if it.is_control() { ' ' } else { it }).take(TEXT_MAX).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::walk::walk;

    /// The files of a site, and the mount.
    type Site = (&'static [(&'static str, &'static str)], &'static str);

    fn read(root: &Path, mount: &Mount) -> AppFacts {
        let folder = walk(SiteFolder::at(root), false).unwrap();
        AppFacts::read(&folder, mount)
    }

    fn facts((files, mount): Site) -> AppFacts {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        read(&root, &mount.parse().unwrap())
    }

    #[test]
    fn names_come_from_the_manifest_and_then_from_the_title() {
        const TITLE: &str = "<title>Title</title><meta name=description content=Page>";
        const LINKED: &str = "<title>Title</title><link rel=manifest href=a/m.json>";
        let rows: [(Site, [Option<&str>; 5]); 10] = [
            ((&[], "/"), [None; 5]),
            ((&[(HOME, "")], "/"), [None; 5]),
            ((&[(HOME, TITLE)], "/"), [None, None, Some("Title"), Some("Page"), None]),
            (
                (&[(HOME, LINKED), ("a/m.json", r#"{"id": "x", "short_name": "S"}"#)], "/"),
                [Some("x"), Some("S"), Some("S"), None, None],
            ),
            (
                (
                    &[(HOME, LINKED), ("a/m.json", r#"{"name": "N\n\u0000", "version": "2"}"#)],
                    "/r/",
                ),
                [None, None, Some("N"), None, Some("2")],
            ),
            ((&[(HOME, LINKED), ("a/m.json", "{")], "/"), [None, None, Some("Title"), None, None]),
            // A page that links a manifest has no other.
            (
                (&[(HOME, LINKED), ("manifest.json", r#"{"short_name": "S"}"#)], "/"),
                [None, None, Some("Title"), None, None],
            ),
            (
                (&[(HOME, TITLE), ("manifest.json", r#"{"short_name": "S"}"#)], "/"),
                [None, Some("S"), Some("S"), Some("Page"), None],
            ),
            (
                (&[(HOME, TITLE), ("manifest.json", r#"{"index.html": {"name": "S"}}"#)], "/"),
                [None, None, Some("Title"), Some("Page"), None],
            ),
            (
                (&[(HOME, "<link rel=manifest href=/r/m><title>T</title>"), ("m", "{}")], "/r/"),
                [None, None, Some("T"), None, None],
            ),
        ];
        for (site, expected) in rows {
            let facts = facts(site);
            let found = [&facts.id, &facts.short_name, &facts.name, &facts.description];
            let found = found.into_iter().chain([&facts.version]).map(Option::as_deref);
            assert_eq!(found.collect::<Vec<_>>(), expected, "{site:?}");
        }
    }

    #[test]
    fn icons_are_files_of_the_site() {
        const MANIFEST: &str = r#"{"icons": [{"src": "i.png"}, {"src": "/r/%C3%A4.png"},
            {"src": "https://example.org/no.png"}, {"src": "../../no.png"}, {"src": "http://["}]}"#;
        let rows: [(Site, &[&str]); 4] = [
            ((&[(HOME, "<link rel=icon href='a.png?v=1'>")], "/"), &["a.png", "favicon.ico"]),
            ((&[(HOME, "<link rel=icon href=/favicon.ico#x>")], "/"), &["favicon.ico"]),
            (
                (
                    &[
                        (
                            HOME,
                            "<base href=/r/sub/><link rel=manifest href=m><link rel=icon href=b>",
                        ),
                        ("sub/m", MANIFEST),
                    ],
                    "/r/",
                ),
                &["sub/i.png", "ä.png", "sub/b", "favicon.ico"],
            ),
            (
                (&[(HOME, "<base href=//cdn.example/><link rel=icon href=b.png>")], "/"),
                &["favicon.ico"],
            ),
        ];
        for (site, expected) in rows {
            let facts = facts(site);
            let paths: Vec<_> = facts.icons.iter().map(|it| it.path.as_str()).collect();
            assert_eq!(paths, expected, "{site:?}");
        }
    }

    #[test]
    fn an_id_names_the_site_if_it_is_one_word() {
        let rows = [
            ("com.example.notes", Some("com.example.notes")),
            ("/notes/", Some("notes")),
            ("/", Some("")),
            ("/?source=pwa", None),
            ("/index.html", None),
            ("/a/b", None),
            ("https://example.org/", None),
        ];
        for (id, expected) in rows {
            let facts = AppFacts { id: Some(id.to_owned()), ..AppFacts::default() };
            assert_eq!(facts.names().next(), expected, "{id}");
        }
    }

    #[test]
    fn a_text_is_short_and_on_one_line() {
        let long = "x ".repeat(10_000);
        assert_eq!(plain(&long).chars().count(), TEXT_MAX - 1);
        assert_eq!(plain(" a\r\nb\u{0}\u{7f}c\u{85} "), "a b c");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("site")).unwrap();
        fs::write(folder.path().join("secret"), "<title>Secret</title>").unwrap();
        symlink("../secret", folder.path().join("site/index.html")).unwrap();
        let facts = read(&folder.path().join("site"), &Mount::default());
        assert_eq!(facts.name, None);
    }
}
