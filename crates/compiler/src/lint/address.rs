//! Resolving URL references as browsers do.

use std::borrow::Cow;

use chapbook_format::path;
use url::Url;

/// The host of the site while references are resolved; it cannot exist (RFC 6761).
const HOST: &str = "site.invalid";

/// The target of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// On the site: the key of the path, and the fragment as written.
    OnSite { key: Cow<'a, str>, fragment: Option<Cow<'a, str>> },
    /// On the site, but the path is not percent-encoded UTF-8; the path as written.
    Undecodable(String),
    /// On another host.
    OtherHost,
    /// Another scheme, such as `mailto:` or `data:`.
    OtherScheme,
    /// Not a URL.
    Malformed,
}

/// The base URL of the references of one file.
#[derive(Debug)]
pub(crate) struct BaseUrl {
    /// The key of the file.
    file_key: String,
    /// The length of the part of the key before its last slash.
    folder_length: usize,
    /// The base URL, for references that need a URL parser.
    url: Option<Url>,
    /// Whether the page has a `base` element.
    is_set: bool,
}

impl BaseUrl {
    /// The base URL of a file that is served at this key, with the `href` of its `base` element.
    pub(crate) fn new(file_key: String, base: Option<&str>) -> Self {
        let url = Url::parse(&format!("http://{HOST}{}", path::encode(&file_key))).ok();
        let set = base.and_then(|base| url.as_ref()?.join(base).ok());
        // HTML section 4.2.3: a base without a host is ignored.
        let set = set.filter(Url::has_host);
        let is_set = set.is_some();
        let folder_length = file_key.rfind('/').unwrap_or_default();
        Self { file_key, folder_length, url: set.or(url), is_set }
    }

    /// Whether the page has a `base` element.
    pub(crate) fn is_set(&self) -> bool {
        self.is_set
    }

    /// Resolves a reference.
    pub(crate) fn resolve<'a>(&self, reference: &'a str) -> Address<'a> {
        let plain = if self.is_set { None } else { self.resolve_plain(reference) };
        plain.unwrap_or_else(|| self.resolve_any(reference))
    }

    /// Resolves a path without escapes; `None` for other references. Parsing every reference as a
    /// URL would be most of the work of linting a large site.
    fn resolve_plain<'a>(&self, reference: &'a str) -> Option<Address<'a>> {
        let end = reference.bytes().position(|byte| !is_plain(byte));
        let (path, rest) = reference.split_at(end.unwrap_or(reference.len()));
        if !matches!(rest.as_bytes().first(), None | Some(b'?' | b'#')) {
            return None;
        }
        let hash = memchr::memchr(b'#', rest.as_bytes());
        let fragment = hash.map(|hash| &rest[hash + 1..]);
        // Browsers encode and drop some characters of a fragment.
        if fragment.is_some_and(|it| !it.bytes().all(|byte| byte.is_ascii_graphic())) {
            return None;
        }
        let fragment = fragment.map(Cow::Borrowed);
        let key = match path {
            "" => Cow::Owned(self.file_key.clone()),
            _ if path.starts_with("//") => return None,
            _ if may_have_dot_segment(path) => Cow::Owned(self.join(path)),
            _ if path.starts_with('/') => Cow::Borrowed(path),
            _ => Cow::Owned([self.folder(), "/", path].concat()),
        };
        Some(Address::OnSite { key, fragment })
    }

    /// The folder of the file, without a slash at the end.
    fn folder(&self) -> &str {
        &self.file_key[..self.folder_length]
    }

    /// Joins a relative or absolute path to the base (RFC 3986 sections 5.2.3 and 5.2.4).
    fn join(&self, path: &str) -> String {
        let folder = if path.starts_with('/') { "" } else { self.folder() };
        let mut key = String::with_capacity(folder.len() + 1 + path.len());
        key.push_str(folder);
        let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
        while let Some(segment) = segments.next() {
            let is_last = segments.peek().is_none();
            match segment {
                ".." => key.truncate(key.rfind('/').unwrap_or(0)),
                "." => {}
                segment => {
                    key.push('/');
                    key.push_str(segment);
                    continue;
                }
            }
            if is_last {
                key.push('/');
            }
        }
        key
    }

    fn resolve_any<'a>(&self, reference: &'a str) -> Address<'a> {
        let resolved = match &self.url {
            Some(base) => base.join(reference),
            None => Url::parse(reference),
        };
        let Ok(url) = resolved else { return Address::Malformed };
        if !matches!(url.scheme(), "http" | "https") {
            return Address::OtherScheme;
        }
        if url.host_str() != Some(HOST) {
            return Address::OtherHost;
        }
        let encoded = url.path();
        match path::text_key(encoded) {
            Some(key) => Address::OnSite {
                key: Cow::Owned(key),
                fragment: url.fragment().map(|it| Cow::Owned(it.to_owned())),
            },
            None => Address::Undecodable(encoded.to_owned()),
        }
    }
}

/// Whether a byte of a path is literal: not decoded, encoded, removed or the end of a scheme.
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = path::letters_digits_and(b"-._~!$&'()*+,;=@/");
    PLAIN[usize::from(byte)]
}

/// Whether a segment starts with a dot, as `.` and `..` do.
fn may_have_dot_segment(path: &str) -> bool {
    let path = path.as_bytes();
    memchr::memchr_iter(b'.', path).any(|dot| dot == 0 || path[dot - 1] == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(base: &BaseUrl, reference: &str) -> String {
        match base.resolve(reference) {
            Address::OnSite { key, fragment: None } => key.into_owned(),
            Address::OnSite { key, fragment: Some(fragment) } => format!("{key} # {fragment}"),
            Address::Undecodable(path) => format!("undecodable {path}"),
            Address::OtherHost => "other host".to_owned(),
            Address::OtherScheme => "other scheme".to_owned(),
            Address::Malformed => "malformed".to_owned(),
        }
    }

    #[test]
    fn references_are_resolved_as_in_browsers() {
        let rows = [
            ("", "/a/b.html"),
            ("#x", "/a/b.html # x"),
            ("?q", "/a/b.html"),
            ("?q#x", "/a/b.html # x"),
            ("c", "/a/c"),
            ("c.html?x=/../y#z", "/a/c.html # z"),
            ("./c", "/a/c"),
            (".", "/a/"),
            ("..", "/"),
            ("../", "/"),
            ("../c/", "/c/"),
            ("../../../c", "/c"),
            ("c/../d/./e", "/a/d/e"),
            ("c//d", "/a/c//d"),
            ("/", "/"),
            ("/c/../../d", "/d"),
            ("/c..d/.e", "/c..d/.e"),
            ("/c#", "/c # "),
            ("%63", "/a/c"),
            ("c d", "/a/c d"),
            ("caf\u{e9}", "/a/caf\u{e9}"),
            ("caf%C3%A9", "/a/caf\u{e9}"),
            ("c\\d", "/a/c/d"),
            ("c\nd", "/a/cd"),
            ("%2e%2e/c", "/c"),
            ("caf%E9", "undecodable /a/caf%E9"),
            ("100%", "undecodable /a/100%"),
            ("a%2Fb", "undecodable /a/a%2Fb"),
            ("//other.example/x", "other host"),
            ("https://other.example/x", "other host"),
            ("HTTP://other.example", "other host"),
            ("http:c", "/a/c"),
            ("http:/c", "/c"),
            ("mailto:a@b.example", "other scheme"),
            ("data:,x", "other scheme"),
            ("javascript:void(0)", "other scheme"),
            ("c:d", "other scheme"),
            ("./c:d", "/a/c:d"),
            ("http://", "malformed"),
            ("https://[", "malformed"),
        ];
        let base = BaseUrl::new("/a/b.html".to_owned(), None);
        for (reference, expected) in rows {
            assert_eq!(resolved(&base, reference), expected, "{reference:?}");
        }
    }

    #[test]
    fn plain_references_are_resolved_as_by_the_url_parser() {
        let bases = ["/index.html", "/a/b.html", "/a b/c.html", "/d\u{e9}/e/f.html"];
        let atoms = ["", "/", "a", "..", ".", "?q", "#f", "x.html", "a;b=c", "~", "...", "*"];
        for base in bases.map(|it| BaseUrl::new(it.to_owned(), None)) {
            for one in atoms {
                for two in atoms {
                    for three in atoms {
                        let reference = format!("{one}{two}/{three}");
                        if let Some(plain) = base.resolve_plain(&reference) {
                            assert_eq!(plain, base.resolve_any(&reference), "{reference}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_page_can_set_its_base_url() {
        let rows = [
            ("/x/", "c", "/x/c"),
            ("sub/", "c", "/a/sub/c"),
            ("/x/y", "#f", "/x/y # f"),
            ("https://other.example/", "c", "other host"),
            ("https://other.example/", "http://site.invalid/c", "/c"),
            ("http://", "c", "/a/c"),
            ("data:,x", "c", "/a/c"),
            ("javascript:x", "c", "/a/c"),
        ];
        for (base, reference, expected) in rows {
            let base = BaseUrl::new("/a/b.html".to_owned(), Some(base));
            assert_eq!(resolved(&base, reference), expected, "{base:?}");
        }
    }
}
