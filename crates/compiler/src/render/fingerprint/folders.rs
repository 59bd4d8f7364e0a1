//! Which folders contain fingerprinted names.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    hash::{self, Alphabet, Certainty},
    name::Name,
};
use crate::site_folder::SiteFolder;

/// Folders in which every file is named after its content: `SvelteKit`, Next, Astro and Nuxt.
const CERTAIN: [&str; 4] = ["_app/immutable", "_next/static", "_astro", "_nuxt"];

/// Files in these folders that are not named after their content.
const EXCEPTIONS: [&str; 1] = ["_nuxt/builds/latest.json"];

/// Folders that bundlers divide by type, such as `assets/js` and `assets/css`.
const DIVIDED: [&str; 2] = ["assets", "static"];

/// A folder of fonts and pictures that Angular writes beside its scripts.
const MEDIA: &str = "media";

/// The fingerprinted names of a site.
#[derive(Debug, Default)]
pub(in super::super) struct Fingerprints {
    /// The folders whose names have hashes, without a slash at the end, and the alphabets of these.
    hashed: BTreeSet<(String, Alphabet)>,
    /// The folders whose names have MD5 hashes rather than UUIDs.
    with_md5: BTreeSet<String>,
}

impl Fingerprints {
    /// Finds the folders with fingerprinted names.
    pub(in super::super) fn of(folder: &SiteFolder) -> Self {
        let mut evidence: BTreeMap<(&str, Alphabet), Evidence<'_>> = BTreeMap::new();
        let mut long: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for file in &folder.files {
            let (folder, name) = split(&file.path);
            let Some(name) = Name::parse(name) else { continue };
            let (hashes, uuids) = long.entry(folder).or_default();
            *hashes += usize::from(name.has_md5());
            *uuids += usize::from(name.is_hash_or_uuid());
            if !name.is_bundled() {
                continue;
            }
            for (text, alphabet, certainty) in name.short_hashes() {
                let of_folder = evidence.entry((folder, alphabet)).or_default();
                of_folder.candidates.insert(text);
                if certainty >= Certainty::Likely {
                    of_folder.likely.insert(text);
                }
            }
        }
        let mut hashed = BTreeSet::new();
        for ((folder, alphabet), evidence) in evidence {
            if evidence.is_sufficient(alphabet, has_segment(folder, "assets")) {
                let (parent, _) = split(folder);
                if DIVIDED.contains(&split(parent).1) {
                    hashed.insert((parent.to_owned(), alphabet));
                }
                hashed.insert((folder.to_owned(), alphabet));
            }
        }
        let has_md5 =
            |(_, (hashes, uuids)): &(&str, (usize, usize))| hashes >= uuids && *hashes > 0;
        let with_md5 = long.into_iter().filter(has_md5).map(|(it, _)| it.to_owned()).collect();
        Self { hashed, with_md5 }
    }

    /// The `Cache-Control` of the file at a path.
    pub(in super::super) fn cache_control(&self, path: &str) -> &'static str {
        if self.is_fingerprinted(path) { "max-age=31536000, immutable" } else { "no-cache" }
    }

    fn is_fingerprinted(&self, path: &str) -> bool {
        let (folder, name) = split(path);
        let Some(name) = Name::parse(name) else { return false };
        if CERTAIN.iter().any(|it| has_segment(folder, it)) {
            return !EXCEPTIONS.iter().any(|it| format!("/{path}").ends_with(&format!("/{it}")));
        }
        let (certain, is_bundled) = (Certainty::Certain, name.is_bundled());
        let hexadecimal = name.hexadecimal();
        hexadecimal == certain
            || hexadecimal == Certainty::Likely && is_bundled
            || name.is_in_search_index()
            || name.is_hash_or_uuid() && self.with_md5.contains(folder)
            || name.short_hashes().any(|(text, alphabet, certainty)| {
                // A folder of scripts may contain pictures of products, too.
                let is_chosen = !is_bundled && split(folder).1 != MEDIA;
                let is_name = is_chosen && hash::may_be_name(text, alphabet);
                match certainty {
                    Certainty::Never => false,
                    Certainty::Certain if is_bundled && alphabet != Alphabet::Hexadecimal => true,
                    _ => self.is_hashed(folder, alphabet) && !is_name,
                }
            })
    }

    /// Whether names in a folder, or in one that it is in, have hashes. The root of the site may
    /// contain other sites.
    fn is_hashed(&self, folder: &str, alphabet: Alphabet) -> bool {
        let is_hashed = |folder: &str| self.hashed.contains(&(folder.to_owned(), alphabet));
        let (parent, last) = split(folder);
        let mut ancestor = parent;
        while !ancestor.is_empty() {
            if is_hashed(ancestor) {
                return true;
            }
            ancestor = split(ancestor).0;
        }
        is_hashed(folder) || last == MEDIA && is_hashed(parent)
    }
}

/// What the names in a folder have at the place of a hash.
#[derive(Debug, Default)]
struct Evidence<'a> {
    candidates: BTreeSet<&'a str>,
    /// The candidates that are unlikely to be words or names.
    likely: BTreeSet<&'a str>,
}

impl Evidence<'_> {
    /// Whether the names have hashes. Of random hashes, nine of ten are likely ones in hexadecimal
    /// digits, and a little more than half in the other alphabets.
    fn is_sufficient(&self, alphabet: Alphabet, is_in_assets: bool) -> bool {
        let (likely, candidates) = (self.likely.len(), self.candidates.len());
        let (likely_min, per_likely) = match alphabet {
            // Eight capital letters or digits at the end of a script's name are rare.
            Alphabet::Base32 => (1, 6),
            Alphabet::Hexadecimal | Alphabet::Base64 if is_in_assets => (1, 6),
            Alphabet::Hexadecimal | Alphabet::Base64 => (2, 4),
        };
        likely >= likely_min
            && likely * per_likely >= candidates
            && (candidates > 1 || is_in_assets)
    }
}

/// The path of the folder without a slash at the end, and the name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Whether a folder is or is in one with this name or path.
fn has_segment(folder: &str, segment: &str) -> bool {
    format!("/{folder}/").contains(&format!("/{segment}/"))
}

#[cfg(test)]
mod tests {

    use chapbook_format::digest;

    use super::*;

    /// The names among these paths that are fingerprinted.
    fn fingerprinted<'a>(paths: &[&'a str]) -> Vec<&'a str> {
        let folder = SiteFolder::of_paths(paths);
        let fingerprints = Fingerprints::of(&folder);
        let is_fingerprinted = |path: &&str| {
            let value = fingerprints.cache_control(path);
            assert!(value == "no-cache" || value == "max-age=31536000, immutable", "{value}");
            value != "no-cache"
        };
        paths.iter().copied().filter(is_fingerprinted).collect()
    }

    /// Names that are certain without their neighbours.
    #[test]
    fn a_name_alone_is_fingerprinted_if_it_is_certain() {
        let rows = [
            ("app.3f2a9c1b.js", true),
            ("main.8e5d4c2a.chunk.css", true),
            ("runtime~main.a1b2c3d4.js", true),
            ("base.27e20196a850.css", true),
            ("logo-d41d8cd98f00b204e9800998ecf8427e.png", true),
            ("logo.b2c4e6f8.png", true),
            ("index-BxK3f9aZ.js", true),
            ("index-BxK3f9aZ.js.map", true),
            ("index-BxK3f9aZ.js.gz", true),
            ("app-5QXJV7ZK.js", true),
            ("vendor.3f2a9c1b.js.LICENSE.txt", true),
            ("pagefind/fragment/en_4338105.pf_fragment", true),
            ("pagefind/pagefind.en_6b13a2ca6c.pf_meta", true),
            ("pagefind/pagefind-entry.json", false),
            ("index-lboVNCGP.js", false),
            ("index-document.js", false),
            ("app.internal.js", false),
            ("deadbeef.js", false),
            ("app.deadbeef.js", false),
            ("music-decade80.mp3", false),
            ("menu-cafe2024.png", false),
            ("fiat-500e2019.jpg", false),
            ("chapter-section1.png", false),
            ("report-20240131.pdf", false),
            ("jquery-3.7.1.min.js", false),
            ("photo-IMG20240.jpg", false),
            ("photo-Canon5D2.jpg", false),
            ("photo-IPHONE7S.jpg", false),
            ("photo-iPhone8S.jpg", false),
            ("photo-BxK3f9aZ.jpg", false),
            ("app-VERSION2.js", false),
            ("lib-ES6UTILS.js", false),
            ("lib-iOS17v2b.js", false),
            ("lib-v2_1-RC2.js", false),
            ("the-iPhone15.png", false),
            ("the-Figure2B.png", false),
            ("my-JavaScript.js", false),
            ("english-week-1-a.mp3", false),
            ("menu-3-mar-24.pdf", false),
            ("set-A1_b2-C3.csv", false),
            ("map-z3-x4-y2.png", false),
            ("avatar-550e8400-e29b-41d4-a716-446655440000.png", false),
            ("avatar-550e8400e29b41d4a716446655440000.png", false),
            ("user-507f1f77bcf86cd799439011.jpg", false),
            ("3f2a9c1b.js", false),
            ("post-3f2a9c1b.html", false),
            ("sw-3f2a9c1b.js", false),
            ("site-3f2a9c1b.webmanifest", false),
            ("book.json", false),
            ("LICENSE", false),
            (".3f2a9c1b", false),
        ];
        for (path, expected) in rows {
            assert_eq!(fingerprinted(&[path]).len(), usize::from(expected), "{path}");
        }
    }

    /// A kind of site, the names that are fingerprinted, and those that are not.
    type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

    const FOLDERS: [Row; 15] = [
        (
            "Vite",
            &["assets/index-lboVNCGP.js", "assets/About-CsUDhMuy.css", "assets/a-DGGf_ITb.js"],
            &[
                "favicon.svg",
                "assets/index-document.js",
                "assets/the-iPhone8S.png",
                "assets/english-week-1-a.mp3",
                "assets/fonts/Calibre-Web-Bold.woff2",
            ],
        ),
        (
            "Vite, with one unusual hash",
            &["assets/index-C_9s-x2a.js"],
            &["assets/index-Canon5D2.css", "assets/vendor.js"],
        ),
        (
            "Rollup",
            &["dist/index-lboVNCGP.js", "dist/vendor-CsUDhMuy.js", "dist/logo-DGGf_ITb.png"],
            &["dist/index.js"],
        ),
        (
            "VitePress",
            &[
                "assets/app.DtZ4b7Xm.js",
                "assets/de_start.md.K9wQ2LfV.js",
                "assets/de_start.md.K9wQ2LfV.lean.js",
                "assets/chunks/theme.fssRt_Po.js",
                "assets/inter-roman-latin.Di8DUHz1.woff2",
            ],
            &["hashmap.json", "vp-icons.css"],
        ),
        (
            "Docusaurus",
            &[
                "assets/js/main.c94d02b7.js",
                "assets/js/17896441.7c2b1f0e.js",
                "assets/js/c4f5d8e4.fab61207.js",
                "assets/js/c4f5d8e4.17896441.js",
                "assets/css/styles.fab61207.css",
                "assets/images/logo-fa1c257c6f561c5cb347611a3ce9d97d.png",
            ],
            &[
                "assets/js/readme.20240131.js",
                "img/logo-fab61207.png",
                "img/logo-550e8400e29b41d4a716446655440000.png",
            ],
        ),
        (
            "Angular",
            &[
                "main-5QXJV7ZK.js",
                "styles-5INURTSO.css",
                "chunk-MZRWTSQP.js",
                "media/a-KXAPLQTE.woff2",
            ],
            &["ngsw.json", "photos/photo-IPHONE7S.jpg"],
        ),
        (
            "Vite, with products",
            &["assets/index-lboVNCGP.js", "assets/a-CsUDhMuy.css", "assets/logo-DGGf_ITb.png"],
            &[
                "assets/foo-MacBookM.png",
                "assets/my-GoPro12B.jpg",
                "assets/lens-Nikon1J5.png",
                "assets/lib-Covid19A.js",
            ],
        ),
        (
            "esbuild, with words",
            &["dist/app-5QXJV7ZK.js", "dist/chunk-MZRWTSQP.js"],
            &["dist/app-SETTINGS.js", "dist/app-VERSION2.js", "dist/lib-ES6UTILS.js"],
        ),
        (
            "webpack, with words and numbers",
            &["assets/js/main.c94d02b7.js", "assets/images/a.3f2a9c1b.png"],
            &[
                "assets/js/menu.cafe2024.js",
                "assets/images/photo-10234567.jpg",
                "assets/images/avatar-550e8400e29b41d4a716446655440000.png",
            ],
        ),
        (
            "MD5 hashes, one of which may be a UUID",
            &[
                "img/a-fa1c257c6f561c5cb347611a3ce9d97d.png",
                "img/b-550e8400e29b41d4a716446655440000.png",
            ],
            &["users/550e8400e29b41d4a716446655440000.png"],
        ),
        (
            "Doxygen",
            &[],
            &[
                "dir_d44c64559bbebec7f509842c48db8b23.js",
                "dir_d44c64559bbebec7f509842c48db8b23_dep.svg",
            ],
        ),
        (
            "folders of bundlers",
            &[
                "_app/immutable/chunks/lboVNCGP.js",
                "docs/_next/static/chunks/08mika-44sn50.js",
                "_next/static/x7Kd93mQpZbTfUe2LsVnA/_buildManifest.js",
                "_astro/ec.8zarh.js",
                "_nuxt/entry.css",
            ],
            &["_app/version.json", "_nuxt/builds/latest.json", "_astro/index.html"],
        ),
        (
            "words",
            &[],
            &["assets/index-document.js", "assets/user-settings.css", "assets/a-OpenType.js"],
        ),
        (
            "one likely hash among words",
            &[],
            &["js/lib-EOS5DMk4.js", "js/index-document.js", "js/main-timeline.js"],
        ),
        ("two products", &[], &["photo-EOS5DMk4.jpg", "photo-BMWi3REx.jpg"]),
    ];

    #[test]
    fn the_names_of_a_folder_are_evaluated_together() {
        for (name, expected, others) in FOLDERS {
            assert_eq!(fingerprinted(&[expected, others].concat()), expected, "{name}");
        }
    }

    /// Builds with five scripts and style sheets and a picture, which have random hashes.
    #[test]
    fn nearly_all_random_hashes_are_recognized() {
        const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let alphabets: [(&[u8], &str, &str); 3] = [
            (b"0123456789abcdef", "static/js/main.", "static/media/logo."),
            (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "main-", "media/logo-"),
            (BASE64, "assets/index-", "assets/logo-"),
        ];
        for (alphabet, script, picture) in alphabets {
            let (builds, mut found) = (500, 0);
            for build in 0..builds {
                let path = |(number, extension): (u64, &&str)| {
                    let hash = digest::of(&[build * 8 + number].map(u64::to_le_bytes).concat());
                    let character =
                        |byte: &u8| char::from(alphabet[*byte as usize % alphabet.len()]);
                    let hash: String = hash[..8].iter().map(character).collect();
                    let start = if *extension == "png" { picture } else { script };
                    format!("{start}{hash}.{extension}")
                };
                let extensions = ["js", "js", "js", "css", "js", "png"];
                let paths: Vec<String> = (0..).zip(&extensions).map(path).collect();
                found += fingerprinted(&paths.iter().map(String::as_str).collect::<Vec<_>>()).len();
            }
            let percent = found as u64 * 100 / (builds * 6);
            assert!(percent >= 95, "{script}: {percent} %");
        }
    }
}
