//! Startup message of the server: a line for each URL, and on a terminal also the title of the
//! site, and how to share and stop it.

use std::{
    env,
    fmt::{Display, Write as _},
    io::{self, IsTerminal, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anstream::AutoStream;
use anstyle::Style;

use super::{
    how_to_connect::{UNREACHABLE, UNTRUSTED, how_to_connect},
    local_name::local_name,
    screen_size::Size,
    secure_urls::{SecureUrls, TrustPage},
    title::{cut, printable},
};

/// Columns before the values of the startup message.
const VALUE_AT: usize = 9;
/// Maximum number of lines for URLs of other machines at a terminal, which IPv6 would fill.
const URLS_MAX: usize = 3;

/// Content of the startup message.
#[derive(Debug)]
pub(super) struct Welcome<'a> {
    /// The title of the site.
    pub(super) title: Option<&'a str>,
    /// The path of the home page.
    pub(super) home: &'a str,
    /// The address for this machine.
    pub(super) address: SocketAddr,
    /// The URL at the site's own host, if it is shown.
    pub(super) origin: Option<&'a str>,
    /// The addresses for other machines, the best one first; `None` if only this machine can
    /// connect.
    pub(super) shared: Option<&'a [SocketAddr]>,
    /// What HTTPS changes; `None` without it.
    pub(super) secure: Option<&'a SecureUrls>,
}

/// The address to connect to. The unspecified address becomes the loopback address, because not
/// every system can connect to the former.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Welcome<'_> {
    /// The URL of the home page at a host and port.
    fn url(&self, host: impl Display) -> String {
        let scheme = if self.secure.is_some() { "https" } else { "http" };
        format!("{scheme}://{host}{}", self.home)
    }

    /// The URL for this machine.
    fn listening_url(&self) -> String {
        self.url(reachable(self.address))
    }

    /// The URL for a browser on this machine. Browsers treat `localhost` as secure without the CA.
    pub(super) fn own_url(&self) -> String {
        let is_local = reachable(self.address).ip().is_loopback();
        if let Some(url) = self.certified_url() {
            return url;
        }
        match self.trust_page() {
            Some(_) if is_local => {
                format!("http://localhost:{}{}", self.address.port(), self.home)
            }
            _ => self.listening_url(),
        }
    }

    /// The URL with the DNS name that the certificate is for, if it is not for an address.
    fn certified_url(&self) -> Option<String> {
        let name = self.secure?.name.as_ref()?;
        Some(self.url(format_args!("{name}:{}", self.address.port())))
    }

    fn trust_page(&self) -> Option<&TrustPage> {
        self.secure?.trust.as_ref()
    }

    /// The URLs for other machines, the best one first.
    fn shared_urls(&self) -> Vec<String> {
        let Some(addresses @ [_, ..]) = self.shared else { return Vec::new() };
        let by_address = addresses.iter().map(|it| self.url(reachable(*it)));
        self.certified_url().into_iter().chain(by_address).collect()
    }

    /// The URL with the name of this machine, if the network knows it.
    fn named_url(&self) -> Option<String> {
        let addresses: Vec<IpAddr> = self.shared?.iter().map(SocketAddr::ip).collect();
        let port = self.shared?.first()?.port();
        local_name(&addresses).map(|name| self.url(format_args!("{name}:{port}")))
    }

    /// Prints the message to stdout. A closed pipe is not an error.
    pub(super) fn print(&self) {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return print(AutoStream::never(stdout), &self.for_programs());
        }
        let size = Size::of_stdout();
        let text = self.for_terminal(size, self.named_url());
        let used = size.lines_of(&text);
        print(AutoStream::auto(stdout), &text);
        let urls = self.shared_urls();
        let Some(best) = urls.first() else { return };
        // A terminal without escape sequences cannot show a code on a background that is known.
        let is_dumb = env::var_os("TERM").is_some_and(|it| it == "dumb");
        let advice = self.advice();
        let text = how_to_connect(best, &advice, size, used, !is_dumb);
        print(AutoStream::always(io::stdout()), &text);
    }

    /// The message for a program: one line for each URL.
    fn for_programs(&self) -> String {
        let own = self.listening_url();
        let origin = self.origin.map(str::to_owned);
        let shared = self.shared_urls().into_iter().filter(|it| *it != own);
        let mut text = format!("Listening on {own}\n");
        for url in origin.into_iter().chain(shared) {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "Listening on {url}");
        }
        text
    }

    /// The message for a terminal, without the QR code.
    fn for_terminal(&self, size: Size, named_url: Option<String>) -> String {
        let (strong, weak) = (Style::new().bold(), Style::new().dimmed());
        let mut text = format!("Listening on {strong}{}{strong:#}\n\n", self.own_url());
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "  {weak}{name:<7}{weak:#}{value}");
        };
        if let Some(title) = self.title.map(printable).filter(|title| !title.is_empty()) {
            let title = cut(&title, size.columns.saturating_sub(VALUE_AT));
            row("Site", &format!("{strong}{title}{strong:#}"));
        }
        if let Some(origin) = self.origin {
            row("Name", origin);
        }
        let mut urls = self.shared_urls();
        // Not the first one: not every device resolves the name.
        if let Some(url) = named_url {
            urls.insert(1.min(urls.len()), url);
        }
        match self.shared {
            None => row("Share", "use --lan to share it on your network"),
            Some([]) => row("Share", "this machine has no network address"),
            Some(_) => {
                let names = std::iter::once("Share").chain(std::iter::repeat(""));
                // One line less for URLs keeps the space for the QR code.
                let max = URLS_MAX - usize::from(self.trust_page().is_some());
                let shown = if urls.len() > max { max - 1 } else { urls.len() };
                urls.iter().take(shown).zip(names).for_each(|(url, name)| row(name, url));
                if shown < urls.len() {
                    row("", &format!("and {} other addresses", urls.len() - shown));
                }
            }
        }
        if let (Some(page), Some([first, ..])) = (self.trust_page(), self.shared) {
            row("Trust", &format!("http://{first}{}", page.path));
        }
        row("Stop", "Ctrl-C");
        text
    }

    /// What to know before a phone connects.
    fn advice(&self) -> Vec<&str> {
        let Some(page) = self.trust_page() else { return UNREACHABLE.to_vec() };
        let fingerprint = page.fingerprint.iter().map(String::as_str);
        UNREACHABLE.into_iter().chain(UNTRUSTED).chain(fingerprint).collect()
    }
}

fn print(stream: AutoStream<io::Stdout>, text: &str) {
    let mut stdout = stream.lock();
    // A closed pipe is not an error.
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().expect("it is an address")).collect()
    }

    fn welcome<'a>(title: Option<&'a str>, shared: Option<&'a [SocketAddr]>) -> Welcome<'a> {
        let address = "127.0.0.1:8080".parse().expect("it is an address");
        Welcome { title, home: "/", address, origin: None, shared, secure: None }
    }

    fn stripped(styled: &str) -> String {
        anstream::adapter::strip_str(styled).to_string()
    }

    #[test]
    fn a_pipe_gets_a_line_for_each_url() {
        let rows: &[(Option<&[&str]>, &str)] = &[
            (None, "Listening on http://127.0.0.1:8080/\n"),
            (Some(&[]), "Listening on http://127.0.0.1:8080/\n"),
            (Some(&["127.0.0.1:8080"]), "Listening on http://127.0.0.1:8080/\n"),
            (
                Some(&["10.0.0.2:8080"]),
                "Listening on http://127.0.0.1:8080/\nListening on http://10.0.0.2:8080/\n",
            ),
        ];
        for (shared, expected) in rows {
            let shared = shared.map(addresses);
            assert_eq!(welcome(Some("A site"), shared.as_deref()).for_programs(), *expected);
        }
    }

    #[test]
    fn a_terminal_shows_title_url_how_to_share_and_how_to_stop() {
        type Row<'a> = (Option<&'a str>, Option<&'a [&'a str]>, &'a [&'a str]);
        let rows: &[Row<'_>] = &[
            (
                Some("A site"),
                None,
                &["Site   A site", "Share  use --lan to share it", "Stop   Ctrl-C"],
            ),
            (None, Some(&[]), &["Share  this machine has no network address", "Stop   Ctrl-C"]),
            (
                None,
                Some(&["10.0.0.2:80", "10.0.0.3:80"]),
                &[
                    "Share  http://10.0.0.2:80/",
                    "       http://demo.local:80/",
                    "       http://10.0.0.3:80/",
                    "Ctrl-C",
                ],
            ),
            (
                Some("A title with many words that is longer than the terminal is wide"),
                Some(&["10.0.0.2:80", "10.0.0.3:80", "[fd00::1]:80", "[fd00::2]:80"]),
                &["Site   A title with many words that i…\n", "         and 3 other addresses"],
            ),
        ];
        for (title, shared, expected) in rows {
            let shared = shared.map(addresses);
            let named_url =
                shared.as_ref().filter(|it| !it.is_empty()).map(|_| "http://demo.local:80/".into());
            let size = Size { columns: 40, rows: 24 };
            let welcome = welcome(*title, shared.as_deref());
            let text = stripped(&welcome.for_terminal(size, named_url));
            assert!(text.starts_with("Listening on http://127.0.0.1:8080/\n\n  S"), "{text}");
            for words in *expected {
                assert!(text.contains(words), "{words}: {text}");
            }
        }
    }

    #[test]
    fn the_url_works_on_this_machine() {
        let none: Option<&SecureUrls> = None;
        let (own, local) = (with_name(None), with_local_ca());
        let named = with_name(Some("nas.example"));
        let rows = [
            ("127.0.0.1:80", "/", none, "http://127.0.0.1:80/"),
            ("0.0.0.0:8080", "/", none, "http://127.0.0.1:8080/"),
            ("[::]:8080", "/", none, "http://[::1]:8080/"),
            ("192.168.1.5:8080", "/repo/", none, "http://192.168.1.5:8080/repo/"),
            ("0.0.0.0:8080", "/repo/", Some(&own), "https://127.0.0.1:8080/repo/"),
            ("0.0.0.0:8080", "/repo/", Some(&local), "http://localhost:8080/repo/"),
            ("192.168.1.5:8080", "/", Some(&local), "https://192.168.1.5:8080/"),
            ("127.0.0.1:8080", "/a/", Some(&named), "https://nas.example:8080/a/"),
        ];
        for (address, home, secure, expected) in rows {
            let address = address.parse().expect("it is an address");
            let welcome =
                Welcome { title: None, home, address, origin: None, shared: None, secure };
            assert_eq!(welcome.own_url(), expected);
        }
    }

    fn with_local_ca() -> SecureUrls {
        let half = ["AA"; 16].join(":");
        let trust = TrustPage { path: "/trust", fingerprint: [half.clone(), half] };
        SecureUrls { trust: Some(trust), name: None }
    }

    fn with_name(name: Option<&str>) -> SecureUrls {
        SecureUrls { trust: None, name: name.map(str::to_owned) }
    }

    #[test]
    fn the_name_of_the_certificate_comes_first() {
        let secure = with_name(Some("nas.example"));
        let shared = addresses(&["10.0.0.2:8080"]);
        let welcome = Welcome { secure: Some(&secure), ..welcome(None, Some(&shared)) };
        let expected = ["https://nas.example:8080/", "https://10.0.0.2:8080/"];
        assert_eq!(welcome.shared_urls(), expected);
        let text = welcome.for_terminal(Size { columns: 80, rows: 24 }, None);
        assert!(stripped(&text).contains("Share  https://nas.example:8080/\n"), "{text}");
    }

    #[test]
    fn with_the_local_ca_all_of_it_fits_24_lines() {
        let secure = with_local_ca();
        let size = Size { columns: 80, rows: 24 };
        let all = ["192.168.100.200:8080", "10.0.0.2:8080", "10.0.0.3:8080"];
        for count in 1..=3 {
            let shared = addresses(&all[..count]);
            let welcome = Welcome { secure: Some(&secure), ..welcome(Some("Site"), Some(&shared)) };
            let expected = "Listening on https://127.0.0.1:8080/\nListening on https://192.168.";
            assert!(welcome.for_programs().starts_with(expected));
            let text = welcome.for_terminal(size, Some("https://demo.local:8080/".to_owned()));
            let used = size.lines_of(&text);
            let best = &welcome.shared_urls()[0];
            let all = text + &how_to_connect(best, &welcome.advice(), size, used, true);
            let plain = stripped(&all);
            assert!(size.lines_of(&plain) < 24 && plain.contains('█'), "{plain}");
            for expected in [
                "Listening on http://localhost:8080/\n",
                "  Share  https://192.168.100.200:8080/\n",
                "  Trust  http://192.168.100.200:8080/trust\n",
                "  Accept the warning on a phone: most works then;\n",
                "  AA:AA:",
            ] {
                assert!(plain.contains(expected), "{expected}: {plain}");
            }
        }
        let narrow = Size { columns: 60, rows: 24 };
        let shared = addresses(&all[..1]);
        let welcome = Welcome { secure: Some(&secure), ..welcome(None, Some(&shared)) };
        let text = how_to_connect("https://10.0.0.2:80/", &welcome.advice(), narrow, 6, true);
        assert!(text.starts_with("\n  If a phone cannot connect, a firewall or a "), "{text}");
        assert_eq!(narrow.lines_of(&text), 7, "{text}");
    }
}
