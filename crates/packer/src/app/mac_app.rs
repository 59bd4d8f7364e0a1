//! The files of an app for macOS besides its executable. A signature seals them.

use chapbook_format::digest::{self, Hash};

use super::{icns, icon::Icon, version};

/// What the folder of an app says about it.
#[derive(Debug, Clone, Copy)]
pub struct MacApp<'a> {
    /// The name that the desktop shows.
    pub name: &'a str,
    /// The name of the site, a host label.
    pub label: &'a str,
    /// Its version, which should begin with up to three numbers.
    pub version: Option<&'a str>,
    /// The name of the executable.
    pub executable: &'a str,
    /// The oldest version of macOS that starts the executable.
    pub system_min: Option<&'a str>,
    /// Its icon.
    pub icon: &'a Icon,
    /// Whether its executable is signed.
    pub is_signed: bool,
}

/// What the signature of the executable of an app says about the files around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The identifier of the app.
    pub(crate) identifier: String,
    /// The hash of `Info.plist`.
    pub(crate) info: Hash,
    /// The hash of `CodeResources`.
    pub(crate) resources: Hash,
}

/// The files of an app.
#[derive(Debug)]
pub struct MacAppFiles {
    /// The path within the folder, and the bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// What the signature says about them.
    pub seal: Seal,
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"
"http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
"#;

/// Which files are sealed, as `codesign` writes it: `rules` before macOS 10.9.5, and then `rules2`.
const RULES: &str = "\
<key>rules</key>
<dict>
<key>^Resources/</key><true/>
<key>^version.plist$</key><true/>
</dict>
<key>rules2</key>
<dict>
<key>.*\\.dSYM($|/)</key><dict><key>weight</key><real>11</real></dict>
<key>^(.*/)?\\.DS_Store$</key>
<dict><key>omit</key><true/><key>weight</key><real>2000</real></dict>
<key>^.*</key><true/>
<key>^Info\\.plist$</key>
<dict><key>omit</key><true/><key>weight</key><real>20</real></dict>
<key>^PkgInfo$</key>
<dict><key>omit</key><true/><key>weight</key><real>20</real></dict>
</dict>
";

impl MacApp<'_> {
    /// The files and their seal.
    #[must_use]
    pub fn files(&self) -> MacAppFiles {
        // The domain is the one that browsers see; nothing can be registered below it.
        let identifier = format!("localhost.{}", self.label);
        let icon = icns::encode(self.icon);
        let info = self.info(&identifier).into_bytes();
        let resources = resources(&icon).into_bytes();
        let (info_hash, resources_hash) = (digest::of(&info), digest::of(&resources));
        let mut files = vec![
            ("Contents/Info.plist", info),
            ("Contents/PkgInfo", b"APPL????".to_vec()),
            ("Contents/Resources/icon.icns", icon),
        ];
        if self.is_signed {
            files.push(("Contents/_CodeSignature/CodeResources", resources));
        }
        let files = files.into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
        let seal = Seal { identifier, info: info_hash, resources: resources_hash };
        MacAppFiles { files, seal }
    }

    fn info(&self, identifier: &str) -> String {
        let version = version::numbers(self.version.unwrap_or_default());
        let version = version[..3].iter().map(u16::to_string).collect::<Vec<_>>().join(".");
        let texts = [
            ("CFBundleDisplayName", Some(self.name)),
            ("CFBundleExecutable", Some(self.executable)),
            ("CFBundleIconFile", Some("icon")),
            ("CFBundleIdentifier", Some(identifier)),
            ("CFBundleInfoDictionaryVersion", Some("6.0")),
            ("CFBundleName", Some(self.name)),
            ("CFBundlePackageType", Some("APPL")),
            ("CFBundleShortVersionString", Some(&version)),
            ("CFBundleVersion", Some(&version)),
            ("LSMinimumSystemVersion", self.system_min),
        ];
        let lines = texts.into_iter().filter_map(|(key, text)| {
            let text = escaped(text?);
            Some(format!("<key>{key}</key><string>{text}</string>\n"))
        });
        let lines: String = lines.collect();
        // The window is that of a browser, so the dock has no icon that waits for one.
        let flags = ["LSUIElement", "NSHighResolutionCapable"];
        let flags = flags.map(|key| format!("<key>{key}</key><true/>\n")).concat();
        format!("{XML}<dict>\n{lines}{flags}</dict>\n</plist>\n")
    }
}

/// The list of sealed files, with the hash of each. Those of versions before 10.9.5 are SHA-1, and
/// are not read if there are others.
fn resources(icon: &[u8]) -> String {
    let hash = base64(&digest::of(icon));
    format!(
        "{XML}<dict>\n<key>files</key><dict/>\n<key>files2</key>\n<dict>\n\
         <key>Resources/icon.icns</key>\n<dict><key>hash2</key><data>{hash}</data></dict>\n\
         </dict>\n{RULES}</dict>\n</plist>\n"
    )
}

/// A text in XML, without the characters that XML does not allow.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '\u{FFFE}' | '\u{FFFF}' => {}
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Base64 with padding (RFC 4648 section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().map_or(0, usize::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digit = |shift: usize| char::from(DIGITS[bits >> shift & 63]);
        let digits = [18, 12, 6, 0].map(digit);
        text.extend(&digits[..=chunk.len()]);
        text.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let rows =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (bytes, expected) in rows {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn any_name_is_valid_xml() {
        let rows = [
            ("A & B", "A &amp; B"),
            ("<b>\"'", "&lt;b&gt;\"'"),
            ("]]>", "]]&gt;"),
            ("a\u{0}\u{1B}\n\u{FFFF}b", "ab"),
        ];
        for (name, expected) in rows {
            assert_eq!(escaped(name), expected);
        }
    }
}
