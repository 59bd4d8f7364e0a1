//! What a web app manifest says about the app (W3C Web Application Manifest, section 1).

use serde_json::Value;

use crate::parse::json;

/// Maximum number of icons of a manifest. Those for many devices have about twenty.
const ICONS_MAX: usize = 64;

/// The facts in a manifest. URLs are as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct WebManifest {
    pub(super) id: Option<String>,
    pub(super) short_name: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// Not in the standard, but common.
    pub(super) version: Option<String>,
    pub(super) icons: Vec<ManifestIcon>,
    /// Whether it is a web app manifest and not another file of this name: build tools and browser
    /// extensions have a `manifest.json`, too.
    pub(super) is_certain: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct ManifestIcon {
    pub(super) url: String,
    pub(super) purpose: IconPurpose,
}

/// What an icon can be used for, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IconPurpose {
    /// Any use.
    Any,
    /// Its edge may be cut off, so it has a wide margin.
    Maskable,
    /// A silhouette.
    Monochrome,
}

impl IconPurpose {
    fn of(icon: &Value) -> Self {
        let purpose = icon.get("purpose").and_then(Value::as_str).unwrap_or_default();
        let has = |keyword: &str| {
            purpose.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(keyword))
        };
        match () {
            () if has("any") => Self::Any,
            () if has("maskable") => Self::Maskable,
            () if has("monochrome") => Self::Monochrome,
            () => Self::Any,
        }
    }
}

impl WebManifest {
    /// `None` if the text is not a JSON object, or takes too much memory.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let manifest: Value =
            json::is_within_limit(text).then(|| serde_json::from_slice(text).ok()).flatten()?;
        manifest.as_object()?;
        let member = |name: &str| {
            let text = manifest.get(name).and_then(Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let listed = manifest.get("icons").and_then(Value::as_array);
        let icons = listed.into_iter().flatten().take(ICONS_MAX).filter_map(|icon| {
            let url = icon.get("src").and_then(Value::as_str)?.to_owned();
            Some(ManifestIcon { url, purpose: IconPurpose::of(icon) })
        });
        let icons: Vec<_> = icons.collect();
        let short_name = member("short_name");
        let is_extension = manifest.get("manifest_version").is_some();
        Some(Self {
            is_certain: !is_extension && (!icons.is_empty() || short_name.is_some()),
            id: member("id"),
            short_name,
            name: member("name"),
            description: member("description"),
            version: member("version"),
            icons,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_a_manifest_are_read() {
        let text = br#"{"id": "/", "name": " Long name ", "short_name": "", "version": "1.2",
            "description": 7, "icons": [{"src": "a.png"}, {"src": "b.png", "purpose": "maskable"},
            {"src": "c.png", "purpose": "monochrome MASKABLE any"}, 7, {"src": 7},
            {"src": "d.png", "purpose": "monochrome"}, {"src": "e.png", "purpose": "other"}]}"#;
        let manifest = WebManifest::read(text).unwrap();
        let icons: Vec<_> = manifest.icons.iter().map(|it| (it.url.as_str(), it.purpose)).collect();
        let (any, maskable) = (IconPurpose::Any, IconPurpose::Maskable);
        let expected = [("a.png", any), ("b.png", maskable), ("c.png", any)];
        assert_eq!(icons[..3], expected);
        assert_eq!(icons[3..], [("d.png", IconPurpose::Monochrome), ("e.png", any)]);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!((manifest.id, manifest.name), (some("/"), some("Long name")));
        assert_eq!((manifest.short_name, manifest.description), (None, None));
        assert_eq!(manifest.version, some("1.2"));
    }

    #[test]
    fn other_files_of_the_name_are_told_apart() {
        let rows: [(&str, Option<bool>); 9] = [
            (r#"{"short_name": "A"}"#, Some(true)),
            ("\u{feff}{\"icons\": [{\"src\": \"a.png\"}]}", Some(true)),
            (r#"{"name": "A", "version": "1"}"#, Some(false)),
            (r#"{"index.html": {"file": "assets/index-1.js", "isEntry": true}}"#, Some(false)),
            (r#"{"manifest_version": 3, "name": "A", "short_name": "A"}"#, Some(false)),
            (r#"{"icons": {"16": "a.png"}}"#, Some(false)),
            ("[]", None),
            ("{", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let manifest = WebManifest::read(text.as_bytes());
            assert_eq!(manifest.map(|it| it.is_certain), expected, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(WebManifest::read(deep.as_bytes()), None);
        let many = format!(r#"{{"icons": [{}]}}"#, vec![r#"{"src": "a"}"#; 1000].join(","));
        assert_eq!(WebManifest::read(many.as_bytes()).unwrap().icons.len(), ICONS_MAX);
    }
}
