//! Files that are rarely meant to be published: private keys, key stores, files of environment
//! variables, and source maps.

use crate::{
    diagnostic::Diagnostic,
    lints::Lint,
    rules,
    site_folder::{SiteFolder, SourceFile},
};

/// The diagnostics: one for each file, and one for all source maps.
pub(super) fn lint(folder: &SiteFolder) -> Vec<Diagnostic> {
    let files = folder.files.iter();
    let mut diagnostics: Vec<Diagnostic> = files.filter_map(|it| lint_file(folder, it)).collect();
    diagnostics.extend(source_maps(folder));
    diagnostics
}

const PEM_BEGIN: &[u8] = b"-----BEGIN ";
/// Bytes that are searched for keys. A key of 16,384 bits after a chain of certificates ends
/// earlier.
const KEYS_MAX: u64 = 64 << 10;
/// Bytes that contain the first line of a key.
const LINE_MAX: u64 = 256;
/// Maximum length of a file that is searched for keys. Longer ones are read in pieces later, so
/// this would be the third time.
const SEARCHED_MAX: u64 = 1 << 20;

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Keys in a format of their own, often encrypted with a password only.
    KeyStore,
    /// `NAME=VALUE` for the processes of a server.
    Environment,
    /// Certificates or keys as text.
    Pem,
    /// Keys, or something else with the same extension.
    PerhapsKey,
    /// Text of any kind, which may quote a key: private if it begins with one.
    Text,
}

/// Extensions with the formats that they stand for.
const KINDS: [(&str, Kind); 21] = [
    // PKCS 12.
    ("p12", Kind::KeyStore),
    ("pfx", Kind::KeyStore),
    // Java and Android.
    ("jks", Kind::KeyStore),
    ("keystore", Kind::KeyStore),
    ("bks", Kind::KeyStore),
    // KeePass.
    ("kdbx", Kind::KeyStore),
    ("env", Kind::Environment),
    ("pem", Kind::Pem),
    // Presentations of Keynote have it, too.
    ("key", Kind::PerhapsKey),
    // PKCS 8.
    ("p8", Kind::PerhapsKey),
    ("pk8", Kind::PerhapsKey),
    // Certificates, which some tools write together with the key.
    ("crt", Kind::PerhapsKey),
    ("cer", Kind::PerhapsKey),
    ("cert", Kind::PerhapsKey),
    // PuTTY.
    ("ppk", Kind::PerhapsKey),
    // OpenVPN.
    ("ovpn", Kind::PerhapsKey),
    // OpenPGP.
    ("asc", Kind::PerhapsKey),
    ("gpg", Kind::PerhapsKey),
    ("pgp", Kind::PerhapsKey),
    ("txt", Kind::Text),
    ("", Kind::Text),
];

fn kind(file: &SourceFile) -> Option<Kind> {
    let extension = file.extension();
    KINDS.iter().find(|(it, _)| *it == extension).map(|(_, kind)| *kind)
}

fn lint_file(folder: &SiteFolder, file: &SourceFile) -> Option<Diagnostic> {
    const REMOVE_KEY: &str =
        "remove it from the folder; if the site was published with it, replace the key";
    // Anything but rules in them is an error.
    if rules::FILES.contains(&file.path.as_str()) {
        return None;
    }
    let shown = folder.display(&file.path);
    let (message, help) = match kind(file)? {
        Kind::KeyStore => (format!("`{shown}` is a store of private keys"), REMOVE_KEY),
        Kind::Environment => (
            format!("`{shown}` is a file of environment variables, which are often secret"),
            "remove it from the folder: everything in the folder is published",
        ),
        Kind::Pem | Kind::PerhapsKey if has_private_key(&start(folder, file, KEYS_MAX)) => {
            (format!("`{shown}` contains a private key"), REMOVE_KEY)
        }
        Kind::Text if is_private_key(&start(folder, file, LINE_MAX)) => {
            (format!("`{shown}` contains a private key"), REMOVE_KEY)
        }
        Kind::Pem => (
            format!("`{shown}` is a PEM file, though without a private key"),
            "remove it from the folder, unless it is a certificate or public key to download",
        ),
        Kind::PerhapsKey | Kind::Text => return None,
    };
    Some(Diagnostic::of_file(Lint::PrivateFile, shown, message, help))
}

/// The first bytes of a file, unless it is too long for one with keys. An unreadable file is
/// reported when it is linted.
fn start(folder: &SiteFolder, file: &SourceFile, length: u64) -> Vec<u8> {
    if file.length > SEARCHED_MAX {
        return Vec::new();
    }
    folder.start(file, length).unwrap_or_default()
}

/// Whether a text begins with a private key: in PEM (RFC 7468), which SSH and PGP use as well, or
/// in the format of `PuTTY`.
fn is_private_key(text: &[u8]) -> bool {
    const PRIVATE: [&[u8]; 2] = [b"PRIVATE KEY-----", b"PRIVATE KEY BLOCK-----"];
    let text = text.trim_ascii_start();
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let is_pem = line.starts_with(PEM_BEGIN) && {
        let line = line.trim_ascii_end();
        PRIVATE.iter().any(|end| line.ends_with(end))
    };
    is_pem || text.starts_with(b"PuTTY-User-Key-File-")
}

/// Whether a text contains a private key, perhaps after certificates.
fn has_private_key(text: &[u8]) -> bool {
    is_private_key(text)
        || memchr::memmem::find_iter(text, PEM_BEGIN).any(|at| is_private_key(&text[at..]))
}

/// The diagnostic about all source maps of scripts and style sheets.
fn source_maps(folder: &SiteFolder) -> Option<Diagnostic> {
    let maps = || folder.files.iter().filter(|file| is_source_map(file.name()));
    let first = folder.display(&maps().next()?.path);
    let message = match maps().count() {
        1 => format!("the source map `{first}` contains the source code"),
        count => format!("{count} source maps, such as `{first}`, contain the source code"),
    };
    let help = "turn source maps off in the build, unless the source code is public";
    Some(Diagnostic::of_file(Lint::PrivateFile, first, message, help))
}

/// Whether a name is that of a source map. Other files that end with `.map` belong to games.
fn is_source_map(name: &str) -> bool {
    const SOURCES: [&str; 6] = [".js", ".mjs", ".cjs", ".css", ".ts", ".wasm"];
    let name = name.to_ascii_lowercase();
    let source = name.strip_suffix(".map");
    source.is_some_and(|source| SOURCES.iter().any(|it| source.ends_with(it)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::walk;

    /// The messages about a folder with these files, each with its content.
    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, content) in files {
            fs::write(folder.path().join(name), content).expect("files can be written");
        }
        let walked =
            walk::walk(SiteFolder::at(folder.path()), false).expect("the folder can be walked");
        let root = walked.display("");
        lint(&walked).into_iter().map(|it| it.message.replace(&root, "")).collect()
    }

    #[test]
    fn private_files_are_told_by_content_or_name() {
        const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n";
        const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
        const SSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3\n";
        const PGP: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n";
        const PUBLIC: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n";
        let both = format!("{CERTIFICATE}{}", KEY.replace('\n', "\r\n"));
        let quoted = format!("A key:\n{KEY}");
        let rows: &[(&str, &str, Option<&str>)] = &[
            ("a.key", KEY, Some("`a.key` contains a private key")),
            ("A.PEM", &both, Some("`A.PEM` contains a private key")),
            ("a.crt", &both, Some("`a.crt` contains a private key")),
            ("id_rsa", SSH, Some("`id_rsa` contains a private key")),
            ("a.asc", PGP, Some("`a.asc` contains a private key")),
            ("a.ppk", "PuTTY-User-Key-File-3: x", Some("`a.ppk` contains a private key")),
            ("ca.pem", CERTIFICATE, Some("`ca.pem` is a PEM file, though without a private key")),
            ("a.p12", "x", Some("`a.p12` is a store of private keys")),
            (
                "prod.env",
                "A=b",
                Some("`prod.env` is a file of environment variables, which are often secret"),
            ),
            ("talk.key", "PK\u{3}\u{4}", None),
            ("a.crt", CERTIFICATE, None),
            ("a.asc", PUBLIC, None),
            ("id_rsa.pub", "ssh-rsa AAAA", None),
            ("deploy.txt", KEY, Some("`deploy.txt` contains a private key")),
            ("howto.txt", &quoted, None),
            ("howto.md", KEY, None),
            ("level.map", "x", None),
            ("a.js.map", "{}", Some("the source map `a.js.map` contains the source code")),
        ];
        for (name, content, expected) in rows {
            let expected: Vec<&str> = expected.iter().copied().collect();
            assert_eq!(messages(&[(name, content)]), expected, "{name}");
        }
    }

    #[test]
    fn source_maps_are_reported_together() {
        let files = [("a.js", ""), ("a.js.map", ""), ("b.css.map", ""), ("c.map", "")];
        let expected = "2 source maps, such as `a.js.map`, contain the source code";
        assert_eq!(messages(&files), [expected]);
    }
}
