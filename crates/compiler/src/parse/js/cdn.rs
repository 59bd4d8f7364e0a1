//! Public content delivery networks, and which of their URLs name something that a page loads.

use crate::parse::reference::LoadedAs;

/// What the paths of a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paths {
    /// Files with an extension.
    Files,
    /// Files with an extension, and packages such as `/lib@1`, for which the host chooses a file.
    /// Its packages are below this path.
    Packages(&'static str),
    /// Modules, with or without an extension.
    Modules,
    /// Files with an extension, and whatever is below one of these paths.
    Below(&'static [&'static str], LoadedAs),
}

/// The hosts by what they serve. Only hosts that serve files for any site: a URL on another host
/// may be a link.
const HOSTS: &[(Paths, &[&str])] = &[
    // Files of npm packages and GitHub repositories.
    (Paths::Packages("/"), &["unpkg.com", "www.unpkg.com", "cdn.unpkg.com", "npm.elemecdn.com"]),
    (
        Paths::Packages("/npm/"),
        &[
            "cdn.jsdelivr.net",
            "fastly.jsdelivr.net",
            "gcore.jsdelivr.net",
            "testingcf.jsdelivr.net",
            "quantil.jsdelivr.net",
            "cdn.jsdmirror.com",
        ],
    ),
    (
        Paths::Files,
        &[
            "cdn.statically.io",
            "cdn.rawgit.com",
            "rawgit.com",
            "rawcdn.githack.com",
            "raw.githack.com",
            "registry.npmmirror.com",
        ],
    ),
    // The same, converted to modules.
    (
        Paths::Modules,
        &["esm.sh", "cdn.esm.sh", "esm.run", "cdn.skypack.dev", "cdn.pika.dev", "jspm.dev"],
    ),
    (Paths::Files, &["ga.jspm.io", "jspm.io"]),
    // Collections of libraries.
    (
        Paths::Files,
        &[
            "cdnjs.cloudflare.com",
            "ajax.googleapis.com",
            "ajax.aspnetcdn.com",
            "ajax.microsoft.com",
            "cdn.bootcdn.net",
            "cdn.bootcss.com",
            "cdn.staticfile.net",
            "cdn.staticfile.org",
            "lib.baomitu.com",
            "lf3-cdn-tos.bytecdntp.com",
            "lf6-cdn-tos.bytecdntp.com",
            "lf9-cdn-tos.bytecdntp.com",
            "yastatic.net",
            "use.typekit.net",
        ],
    ),
    // Hosts of one library, which its documentation names.
    (
        Paths::Files,
        &[
            "code.jquery.com",
            "stackpath.bootstrapcdn.com",
            "maxcdn.bootstrapcdn.com",
            "netdna.bootstrapcdn.com",
            "use.fontawesome.com",
            "kit.fontawesome.com",
            "pro.fontawesome.com",
            "ka-f.fontawesome.com",
            "cdn.plot.ly",
            "d3js.org",
            "cdn.datatables.net",
            "cdn.mathjax.org",
            "cdn.bokeh.org",
            "cdn.ckeditor.com",
            "cdn.quilljs.com",
            "cdn.socket.io",
            "code.highcharts.com",
            "cdn.amcharts.com",
            "cdn.anychart.com",
            "cdn.ampproject.org",
            "cdn.polyfill.io",
            "polyfill.io",
            "polyfill-fastly.io",
            "polyfill-fastly.net",
            "cdn.babylonjs.com",
            "api.mapbox.com",
            "js.arcgis.com",
        ],
    ),
    // The compiler of Tailwind, at the root and below version numbers.
    (Paths::Below(&["/"], LoadedAs::Script), &["cdn.tailwindcss.com"]),
    // Libraries of Google for service workers and models; the rest of the host is storage for
    // anything.
    (Paths::Files, &["storage.googleapis.com", "www.gstatic.com"]),
    // Scripts of services, which their documentation asks sites to load.
    (
        Paths::Files,
        &[
            "player.vimeo.com",
            "platform.twitter.com",
            "connect.facebook.net",
            "www.google-analytics.com",
            "static.cloudflareinsights.com",
        ],
    ),
    (Paths::Below(&["/gtag/js", "/gtm.js"], LoadedAs::Script), &["www.googletagmanager.com"]),
    (Paths::Below(&["/recaptcha/api.js"], LoadedAs::Script), &["www.google.com"]),
    (Paths::Below(&["/maps/api/js"], LoadedAs::Script), &["maps.googleapis.com"]),
    (Paths::Below(&["/gsi/client"], LoadedAs::Script), &["accounts.google.com"]),
    (Paths::Below(&["/iframe_api", "/player_api"], LoadedAs::Script), &["www.youtube.com"]),
    // Fonts: style sheets without an extension, and the font files.
    (
        Paths::Below(&["/css", "/icon"], LoadedAs::StyleSheet),
        &["fonts.googleapis.com", "fonts.bunny.net", "fonts.loli.net", "fonts.cdnfonts.com"],
    ),
    (Paths::Files, &["fonts.gstatic.com", "gstatic.loli.net"]),
];

/// What a URL on another host names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExternalUrl<'a> {
    /// The host as written, without a port.
    host: &'a str,
    /// The path, without the query and the fragment.
    path: &'a str,
}

impl<'a> ExternalUrl<'a> {
    /// Parses a URL with a scheme of HTTP or none; `None` for a path and for text that only starts
    /// with a URL.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = ["https:", "http:"].iter().find_map(|scheme| {
            text.get(..scheme.len()).filter(|it| it.eq_ignore_ascii_case(scheme))?;
            text.get(scheme.len()..)
        });
        let rest = rest.unwrap_or(text).strip_prefix("//")?;
        // A space or a markup character makes it prose or a template of another language.
        let is_of_url =
            |it: char| !it.is_whitespace() && !it.is_control() && !"<>\"'`".contains(it);
        if !rest.chars().all(is_of_url) {
            return None;
        }
        let rest = rest.split(['?', '#']).next()?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.split(':').next()?;
        let is_host = !host.is_empty() && !host.contains('@');
        is_host.then_some(Self { host, path })
    }

    /// Whether it is on a public content delivery network.
    pub(super) fn is_on_known_host(&self) -> bool {
        self.paths().next().is_some()
    }

    /// What the paths of its host name.
    fn paths(&self) -> impl Iterator<Item = Paths> {
        let is_host = |host: &&str| host.eq_ignore_ascii_case(self.host);
        HOSTS.iter().filter(move |(_, hosts)| hosts.iter().any(is_host)).map(|(paths, _)| *paths)
    }

    /// What a page loads it as if it is on a public content delivery network and names a script, a
    /// style sheet, a WebAssembly module or a font.
    pub(super) fn on_known_host(&self) -> Option<LoadedAs> {
        self.paths().find_map(|paths| self.by_extension().or_else(|| self.by_path(paths)))
    }

    /// What a page loads it as by the extension of its path.
    pub(super) fn by_extension(&self) -> Option<LoadedAs> {
        by_extension(self.path)
    }

    fn by_path(&self, paths: Paths) -> Option<LoadedAs> {
        match paths {
            Paths::Files => None,
            Paths::Packages(below) => {
                let package = self.path.strip_prefix(below)?;
                // The default file of a package as a module.
                let package = package.strip_suffix("/+esm").unwrap_or(package);
                is_package(package).then_some(LoadedAs::Script)
            }
            // With a slash at the end it is the prefix of other URLs.
            Paths::Modules => {
                let is_module = self.path.len() > 1 && !self.path.ends_with('/');
                is_module.then_some(LoadedAs::Script)
            }
            Paths::Below(starts, loaded_as) => {
                let path = if self.path.is_empty() { "/" } else { self.path };
                starts.iter().any(|start| path.starts_with(start)).then_some(loaded_as)
            }
        }
    }
}

/// What a page loads a URL as by the extension of its path.
pub(super) fn by_extension(url: &str) -> Option<LoadedAs> {
    let name = url.split(['?', '#']).next()?.rsplit('/').next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let is = |known: &[&str]| known.iter().any(|it| it.eq_ignore_ascii_case(extension));
    match extension {
        _ if stem.is_empty() => None,
        _ if is(&["js", "mjs", "cjs"]) => Some(LoadedAs::Script),
        _ if is(&["css"]) => Some(LoadedAs::StyleSheet),
        _ if is(&["wasm", "woff", "woff2", "ttf", "otf", "eot"]) => Some(LoadedAs::Other),
        _ => None,
    }
}

/// Whether a path is the name of an npm package and perhaps a version: `lib`, `@scope/lib@1.2`.
fn is_package(path: &str) -> bool {
    let name = match path.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, name)) if !scope.is_empty() => name,
            _ => return false,
        },
        None => path,
    };
    let (name, version) = name.split_once('@').unwrap_or((name, "latest"));
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let is_of_version = |it: char| is_of_name(it) || "^~+".contains(it);
    !name.is_empty()
        && !version.is_empty()
        && name.chars().all(is_of_name)
        && version.chars().all(is_of_version)
}
