//! Startup message of the server: a line for each URL, and on a terminal also the title of the
//! site, and how to share and stop it.

use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anstream::AutoStream;
use anstyle::Style;

use super::{
    local_name::local_name,
    qr_code::qr_code,
    title::{cut, printable},
};

/// Columns before the values of the startup message.
const VALUE_AT: usize = 9;
/// Maximum number of lines for URLs of other machines at a terminal, which IPv6 would fill.
const URLS_MAX: usize = 3;
/// What to check if another device does not get the page.
const UNREACHABLE: [&str; 2] =
    ["If a phone cannot connect, a firewall", "or a guest network blocks it."];

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    /// The size of the terminal that is stdout; the usual one if it is not known.
    fn of_stdout() -> Self {
        let size = terminal_size::terminal_size_of(io::stdout());
        size.map_or(Self { columns: 80, rows: 24 }, |(width, height)| Self {
            columns: width.0.into(),
            rows: height.0.into(),
        })
    }

    /// The number of lines that a text takes.
    fn lines_of(self, text: &str) -> usize {
        let plain = anstream::adapter::strip_str(text).to_string();
        let columns = self.columns.max(1);
        plain.lines().map(|line| line.chars().count().div_ceil(columns).max(1)).sum()
    }
}

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
}

/// The URL of the home page, which has this path, at an address.
pub(super) fn url(address: SocketAddr, path: &str) -> String {
    format!("http://{}{path}", reachable(address))
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
    /// The URL for this machine.
    fn url(&self) -> String {
        url(self.address, self.home)
    }

    /// The URLs for other machines.
    fn shared_urls(&self) -> Vec<String> {
        let addresses = self.shared.unwrap_or_default();
        addresses.iter().map(|address| url(*address, self.home)).collect()
    }

    /// The URL with the name of this machine, if the network knows it.
    fn named_url(&self) -> Option<String> {
        let addresses: Vec<IpAddr> = self.shared?.iter().map(SocketAddr::ip).collect();
        let port = self.shared?.first()?.port();
        local_name(&addresses).map(|name| format!("http://{name}:{port}{}", self.home))
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
        print(AutoStream::always(io::stdout()), &how_to_connect(best, size, used, !is_dumb));
    }

    /// The message for a program: one line for each URL.
    fn for_programs(&self) -> String {
        let own = self.url();
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
        let mut text = format!("Listening on {strong}{}{strong:#}\n\n", self.url());
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
                let shown = if urls.len() > URLS_MAX { URLS_MAX - 1 } else { urls.len() };
                urls.iter().take(shown).zip(names).for_each(|(url, name)| row(name, url));
                if shown < urls.len() {
                    row("", &format!("and {} other addresses", urls.len() - shown));
                }
            }
        }
        row("Stop", "Ctrl-C");
        text
    }
}

/// The QR code of a URL if it fits below the lines that are used, and what to check if a device
/// cannot connect: beside the code, or above it.
fn how_to_connect(url: &str, size: Size, used: usize, may_have_code: bool) -> String {
    // One row is blank, and one is for the cursor.
    let rows = size.rows.saturating_sub(used + 2);
    let code = |rows| qr_code(url, size.columns, rows).filter(|_| may_have_code);
    let [first, second] = UNREACHABLE;
    if let Some(code) = code(rows).filter(|it| it.columns + 2 + first.len() <= size.columns) {
        let middle = code.lines.len() / 2;
        let line = |(number, line): (usize, &String)| match number {
            _ if number + 1 == middle => format!("{line}  {first}\n"),
            _ if number == middle => format!("{line}  {second}\n"),
            _ => format!("{line}\n"),
        };
        return format!("\n{}", code.lines.iter().enumerate().map(line).collect::<String>());
    }
    let above = format!("\n  {first} {second}\n");
    let rows = rows.saturating_sub(size.lines_of(&above));
    match code(rows) {
        Some(code) => format!("{above}\n{}\n", code.lines.join("\n")),
        None => above,
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
        Welcome { title, home: "/", address, origin: None, shared }
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
    fn the_code_fits_below_the_addresses_and_the_sentence_is_beside_or_above_it() {
        const URL: &str = "http://192.168.100.200:8080/";
        // Columns, rows, lines that are used; lines and columns of the code.
        let rows = [
            (80, 24, 7, 16, true),
            (120, 40, 7, 18, true),
            (80, 24, 8, 2, false),
            (40, 24, 7, 3, false),
            (40, 40, 7, 21, false),
            (34, 20, 7, 4, false),
        ];
        for (columns, rows, used, expected, is_beside) in rows {
            let size = Size { columns, rows };
            let text = how_to_connect(URL, size, used, true);
            let plain = stripped(&text);
            assert_eq!(size.lines_of(&text), expected, "{columns}x{rows}: {plain}");
            assert!(used + expected < rows, "{columns}x{rows}: {plain}");
            let beside =
                plain.lines().any(|line| line.ends_with("   or a guest network blocks it."));
            assert_eq!(beside, is_beside, "{columns}x{rows}: {plain}");
            assert!(plain.contains("If a phone cannot connect, a firewall"), "{plain}");
            assert!(!how_to_connect(URL, size, used, false).contains('█'));
        }
    }

    #[test]
    fn the_url_works_on_this_machine() {
        let rows = [
            ("127.0.0.1:80", "/", "http://127.0.0.1:80/"),
            ("0.0.0.0:8080", "/", "http://127.0.0.1:8080/"),
            ("[::]:8080", "/", "http://[::1]:8080/"),
            ("192.168.1.5:8080", "/repo/", "http://192.168.1.5:8080/repo/"),
        ];
        for (address, path, expected) in rows {
            assert_eq!(url(address.parse().expect("it is an address"), path), expected);
        }
    }
}
