//! Files that help to install the CA on a phone, which are served over plain HTTP: a page with the
//! steps, the certificate and the profile.

use super::{authority::Authority, certificate_form::CertificateForm, profile::escaped};
use crate::http::WellKnownFile;

/// The path of the page.
pub const TRUST_PATH: &str = "/.well-known/chapbook/ca";
const CERTIFICATE_PATH: &str = "/.well-known/chapbook/ca.cer";
const PROFILE_PATH: &str = "/.well-known/chapbook/ca.mobileconfig";
const STYLE: &str = include_str!("trust_page.css");

/// The files for a CA. `home` is the path of the home page of the site, and `is_kept` whether the
/// CA will be the same after the next start.
#[must_use]
pub fn trust_files(authority: &Authority, home: &str, is_kept: bool) -> Vec<WellKnownFile> {
    let file = |key, media_type, content| WellKnownFile { key, media_type, content };
    let form = |form: CertificateForm| form.of(authority);
    vec![
        file(TRUST_PATH, "text/html; charset=utf-8", page(authority, home, is_kept).into_bytes()),
        file(CERTIFICATE_PATH, "application/x-x509-ca-cert", form(CertificateForm::Der)),
        file(PROFILE_PATH, "application/x-apple-aspen-config", form(CertificateForm::Profile)),
    ]
}

fn page(authority: &Authority, home: &str, is_kept: bool) -> String {
    let fingerprint = authority.fingerprint().to_string();
    // Eight bytes fit a narrow phone, and four of these lines are easy to compare.
    let pairs: Vec<&str> = fingerprint.split(':').collect();
    let parts: Vec<String> =
        pairs.chunks(8).map(|part| format!("<b>{}</b>", part.join(":"))).collect();
    let kept = if is_kept {
        ""
    } else {
        "The machine could not keep the CA: after its next start, you have to install another one."
    };
    let host = authority.host_name().map(|it| format!(", and <code>{}</code>", escaped(it)));
    format!(
        include_str!("trust_page.html"),
        style = STYLE,
        name = escaped(authority.name()),
        home = escaped(home),
        kept = kept,
        fingerprint = parts.join(":<wbr>"),
        host = host.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn the_page_has_the_name_the_fingerprint_and_the_links_and_loads_nothing() {
        let authority = Authority::generate(Some("nas1.lan"), SystemTime::now()).unwrap();
        let page = page(&authority, "/repo/", false);
        let shown = page.replace("<b>", "").replace("</b>", "").replace("<wbr>", "");
        assert!(shown.contains(&authority.fingerprint().to_string()), "{page}");
        for expected in [
            authority.name(),
            "href=\"/repo/\"",
            CERTIFICATE_PATH,
            PROFILE_PATH,
            "<code>nas1.lan</code>",
            "you have to install another one.",
            "name constraints</i>: most devices\nreject",
        ] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        for loaded in ["src=", "http:", "https:", "<script", "@import", "url("] {
            assert!(!page.contains(loaded), "{loaded}");
        }
        assert!(!page.split("</style>").nth(1).unwrap().contains('{'), "{page}");
    }

    #[test]
    fn the_files_have_their_media_types() {
        let authority = Authority::generate(None, SystemTime::now()).unwrap();
        let files = trust_files(&authority, "/", true);
        let types: Vec<_> = files.iter().map(|it| (it.key, it.media_type)).collect();
        let expected = [
            ("/.well-known/chapbook/ca", "text/html; charset=utf-8"),
            ("/.well-known/chapbook/ca.cer", "application/x-x509-ca-cert"),
            ("/.well-known/chapbook/ca.mobileconfig", "application/x-apple-aspen-config"),
        ];
        assert_eq!(types, expected);
        assert_eq!(files[1].content, authority.certificate().as_ref());
        assert!(files.iter().all(|it| !it.content.is_empty()));
    }
}
