//! Startup message of the server: a line for each URL, and on a terminal also the title of the
//! site, and how to share and stop it.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use qrcode::{QrCode, render::unicode::Dense1x2};

use super::title::printable;

/// Content of the startup message.
#[derive(Debug)]
pub(super) struct Welcome<'a> {
    /// The title of the site.
    pub(super) title: Option<&'a str>,
    /// The URL for this machine.
    pub(super) url: String,
    /// The URLs for other machines, the best one first; `None` if only this machine can connect.
    pub(super) shared: Option<Vec<String>>,
}

/// The URL of the home page, which has this path, at an address. The unspecified address becomes
/// the loopback address, because not every system can connect to the former.
pub(super) fn url(address: SocketAddr, path: &str) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}{path}", SocketAddr::new(ip, address.port()))
}

impl Welcome<'_> {
    /// Prints the message to stdout. A closed pipe is not an error.
    pub(super) fn print(&self) {
        let stdout = io::stdout();
        let text = if stdout.is_terminal() {
            self.for_terminal(AutoStream::choice(&stdout) != ColorChoice::Never)
        } else {
            self.for_programs()
        };
        let mut stdout = AutoStream::auto(stdout).lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// The message for a program: one line for each URL.
    fn for_programs(&self) -> String {
        let others = self.shared.iter().flatten().filter(|it| **it != self.url);
        std::iter::once(&self.url).chain(others).fold(String::new(), |mut text, url| {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "Listening on {url}");
            text
        })
    }

    /// The message for a terminal.
    fn for_terminal(&self, is_coloured: bool) -> String {
        let (strong, weak) = (Style::new().bold(), Style::new().dimmed());
        let mut text = format!("Listening on {strong}{}{strong:#}\n\n", self.url);
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "  {weak}{name:<7}{weak:#}{value}");
        };
        if let Some(title) = self.title.map(printable).filter(|title| !title.is_empty()) {
            row("Site", &format!("{strong}{title}{strong:#}"));
        }
        match self.shared.as_deref() {
            None => row("Share", "use --lan to share it on your network"),
            Some([]) => row("Share", "this machine has no network address"),
            Some(urls) => {
                for (url, name) in
                    urls.iter().zip(std::iter::once("Share").chain(std::iter::repeat("")))
                {
                    row(name, url);
                }
            }
        }
        row("Stop", "Ctrl-C");
        let best = self.shared.as_ref().and_then(|urls| urls.first());
        if let Some(code) = best.and_then(|url| qr_code(url, is_coloured)) {
            let _ = write!(text, "\n{code}");
        }
        text
    }
}

/// The URL as a QR code. With colours it is dark on light, as the standard requires. Without
/// colours it is dark on light if the terminal has a dark background, as most have.
fn qr_code(url: &str, is_coloured: bool) -> Option<String> {
    let code = QrCode::new(url).ok()?;
    let (dark, light) = if is_coloured {
        (Dense1x2::Dark, Dense1x2::Light)
    } else {
        (Dense1x2::Light, Dense1x2::Dark)
    };
    let text = code.render::<Dense1x2>().dark_color(dark).light_color(light).build();
    let style = Style::new()
        .fg_color(Some(AnsiColor::Black.into()))
        .bg_color(Some(AnsiColor::BrightWhite.into()));
    let lines = text.lines().map(|line| format!("  {style}{line}{style:#}\n"));
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcome<'a>(title: Option<&'a str>, shared: Option<&[&str]>) -> Welcome<'a> {
        let shared = shared.map(|urls| urls.iter().map(|&url| url.to_owned()).collect());
        Welcome { title, url: "http://127.0.0.1:8080/".to_owned(), shared }
    }

    fn stripped(styled: &str) -> String {
        anstream::adapter::strip_str(styled).to_string()
    }

    #[test]
    fn a_pipe_gets_a_line_for_each_url() {
        let rows: &[(Option<&[&str]>, &str)] = &[
            (None, "Listening on http://127.0.0.1:8080/\n"),
            (Some(&[]), "Listening on http://127.0.0.1:8080/\n"),
            (Some(&["http://127.0.0.1:8080/"]), "Listening on http://127.0.0.1:8080/\n"),
            (
                Some(&["http://10.0.0.2:8080/"]),
                "Listening on http://127.0.0.1:8080/\nListening on http://10.0.0.2:8080/\n",
            ),
        ];
        for (shared, expected) in rows {
            assert_eq!(welcome(Some("A site"), *shared).for_programs(), *expected);
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
                Some(&["http://10.0.0.2:80/", "http://10.0.0.3:80/"]),
                &["Share  http://10.0.0.2:80/", "       http://10.0.0.3:80/", "Ctrl-C", "█"],
            ),
        ];
        for (title, shared, expected) in rows {
            let text = stripped(&welcome(*title, *shared).for_terminal(false));
            assert!(text.starts_with("Listening on http://127.0.0.1:8080/\n\n  S"), "{text}");
            for words in *expected {
                assert!(text.contains(words), "{words}: {text}");
            }
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

    #[test]
    fn a_qr_code_is_square_and_has_a_margin_on_each_side() {
        for is_coloured in [true, false] {
            let code =
                stripped(&qr_code("http://192.168.100.200:8080/", is_coloured).expect("it fits"));
            let lines: Vec<Vec<char>> = code.lines().map(|line| line.chars().collect()).collect();
            // Two rows of modules are a line; 29 modules and a margin of 4.
            assert_eq!(lines.len(), 19, "{code}");
            let margins = if is_coloured { [' ', ' '] } else { ['█', '▀'] };
            assert!(lines.iter().all(|line| line.len() == 2 + 37), "{code}");
            assert!(lines.iter().all(|line| margins.contains(&line[2])), "{code}");
        }
    }
}
