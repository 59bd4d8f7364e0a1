//! This file owns which URLs stand in the JSON that browsers read by themselves: web app manifests
//! and import maps. It resolves none.

use serde_json::Value;

use super::{
    json::{self, Step},
    reference::{Purpose, Reference},
};

/// The members of a manifest that hold a URL, each with the way to it, where `*` stands for every
/// element of an array (W3C Web Application Manifest, sections 1 and 3). `scope` and `id` are no
/// addresses but names, and `protocol_handlers` hold a placeholder.
const MANIFEST: [(&str, Purpose); 9] = [
    ("start_url", Purpose::Follow),
    ("icons/*/src", Purpose::Load),
    ("screenshots/*/src", Purpose::Load),
    ("shortcuts/*/url", Purpose::Follow),
    ("shortcuts/*/icons/*/src", Purpose::Load),
    ("share_target/action", Purpose::Follow),
    ("file_handlers/*/action", Purpose::Follow),
    ("note_taking/new_note_url", Purpose::Follow),
    ("related_applications/*/url", Purpose::Follow),
];

/// The URLs of a web app manifest.
pub(crate) fn references(text: &[u8], manifest: &Value) -> Vec<Reference> {
    let mut found = Finder::default();
    for (path, purpose) in MANIFEST {
        found.walk(manifest, path, purpose);
    }
    found.placed(text)
}

/// The URLs of an import map (HTML section 8.1.5.3). An address that ends with a slash is a prefix,
/// and what has no such start is none at all.
pub(crate) fn import_map(text: &[u8]) -> Vec<Reference> {
    let Ok(map) = serde_json::from_slice::<Value>(text) else { return Vec::new() };
    let mut found = Finder::default();
    let tables = map.get("scopes").and_then(Value::as_object);
    let scopes = tables.into_iter().flatten().map(|(scope, _)| Some(scope));
    for scope in std::iter::once(None).chain(scopes) {
        let (steps, table) = match scope {
            None => (vec!["imports"], map.get("imports")),
            Some(scope) => (vec!["scopes", scope], map["scopes"].get(scope)),
        };
        for (name, address) in table.and_then(Value::as_object).into_iter().flatten() {
            if address.as_str().is_some_and(|it| is_address(it) && !it.ends_with('/')) {
                let names = steps.iter().copied().chain([name.as_str()]);
                found.way = names.map(|it| Step::Member(it.to_owned())).collect();
                found.push(address, Purpose::Load);
            }
        }
    }
    found.placed(text)
}

/// Whether a module is named by its address, not by a bare name that something else resolves (HTML
/// section 8.1.6.2).
pub(crate) fn is_address(specifier: &str) -> bool {
    let starts = ["/", "./", "../", "http://", "https://"];
    starts.iter().any(|start| specifier.starts_with(start))
}

#[derive(Default)]
struct Finder {
    /// The way to the value that is looked at.
    way: Vec<Step>,
    /// The URLs, with the ways to them.
    found: Vec<(String, Purpose)>,
    ways: Vec<Vec<Step>>,
}

impl Finder {
    /// What was found, each where it is written.
    fn placed(self, text: &[u8]) -> Vec<Reference> {
        let spans = json::locate(text, &self.ways);
        let placed = self.found.into_iter().zip(spans);
        let reference = |((url, purpose), span)| Reference { url, span, purpose };
        let mut references: Vec<Reference> = placed.map(reference).collect();
        // The members of an object come by name; places are said in the order of the text.
        references.sort_by_key(|reference| reference.span.start);
        references
    }

    /// Goes the rest of the way to the URLs.
    fn walk(&mut self, value: &Value, path: &str, purpose: Purpose) {
        if path.is_empty() {
            return self.push(value, purpose);
        }
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let inner: Vec<(Step, &Value)> = match value {
            Value::Array(elements) if name == "*" => {
                let steps = (0..elements.len()).map(Step::Element);
                steps.zip(elements).collect()
            }
            Value::Object(members) => {
                let step = Step::Member(name.to_owned());
                members.get(name).map(|value| (step, value)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        for (step, value) in inner {
            self.way.push(step);
            self.walk(value, rest, purpose);
            self.way.pop();
        }
    }

    fn push(&mut self, value: &Value, purpose: Purpose) {
        if let Value::String(url) = value {
            self.found.push((url.clone(), purpose));
            self.ways.push(self.way.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_refers_to_is_found_where_it_is_written() {
        let text = br#"{
            "name": "no.png", "start_url": "/start", "scope": "/no", "id": "/no",
            "icons": [{"src": "a.png"}, {"sizes": "any", "src": "b.png"}, 7, {"src": 7}],
            "shortcuts": [{"url": "/new", "icons": [{"src": "c.png"}]}],
            "share_target": {"action": "/share"}
        }"#;
        let manifest = serde_json::from_slice(text).unwrap();
        let found = references(text, &manifest);
        let urls: Vec<&str> = found.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["/start", "a.png", "b.png", "/new", "c.png", "/share"]);
        for Reference { url, span, .. } in &found {
            assert_eq!(text[span.clone()], *format!("\"{url}\"").as_bytes());
        }
        for text in ["[]", "7", "{\"icons\": {\"16\": \"x.png\"}}"] {
            let manifest = serde_json::from_str(text).unwrap();
            assert_eq!(references(text.as_bytes(), &manifest), []);
        }
    }

    #[test]
    fn what_an_import_map_leads_to_is_found() {
        let text = br#"{"imports": {"a": "./a.js", "b/": "/b/", "c": "bare", "d": null},
            "scopes": {"/x/": {"a": "/x/a.js"}, "/y/": 7}}"#;
        let found = import_map(text);
        let urls: Vec<&str> = found.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(urls, ["./a.js", "/x/a.js"]);
        assert_eq!(import_map(b"not JSON"), []);
    }
}
