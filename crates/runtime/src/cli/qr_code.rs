//! URL as a QR code of text, two rows of modules in each line.

use anstyle::{Ansi256Color, Style};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

/// Columns before the code.
const INDENTATION: usize = 2;
/// Widths of the margin in modules: the one of the standard, and one that cameras accept.
const MARGINS: [usize; 2] = [4, 2];
/// Black on white, as the standard requires, whatever the colours of the terminal are. Without
/// `NO_COLOR`, too: on a background that is not known, the code could not be read.
const STYLE: Style = Style::new()
    .fg_color(Some(anstyle::Color::Ansi256(Ansi256Color(16))))
    .bg_color(Some(anstyle::Color::Ansi256(Ansi256Color(231))));

/// A code for a terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TerminalCode {
    pub(super) lines: Vec<String>,
    /// The number of columns of each line, with those before the code.
    pub(super) columns: usize,
}

/// The code with the widest margin that fits; `None` if it does not fit.
pub(super) fn qr_code(url: &str, columns: usize, rows: usize) -> Option<TerminalCode> {
    // The lowest level of error correction makes the smallest code, and a display has no dirt.
    let code = QrCode::with_error_correction_level(url, EcLevel::L).ok()?;
    let fits = |margin: &usize| {
        let width = code.width() + 2 * margin;
        width + INDENTATION <= columns && width.div_ceil(2) <= rows
    };
    let margin = MARGINS.into_iter().find(fits)?;
    let mut renderer = code.render::<Dense1x2>();
    // The foreground is black, so that half a block is a dark module.
    renderer.dark_color(Dense1x2::Dark).light_color(Dense1x2::Light).quiet_zone(false);
    let inner = renderer.build();
    let blank = " ".repeat(margin);
    let empty = " ".repeat(code.width() + 2 * margin);
    let lines = inner.lines().map(|line| format!("{blank}{line}{blank}"));
    let margin_lines = std::iter::repeat_n(empty, margin / 2);
    let all = margin_lines.clone().chain(lines).chain(margin_lines);
    let lines = all.map(|line| format!("  {STYLE}{line}{STYLE:#}")).collect();
    Some(TerminalCode { lines, columns: code.width() + 2 * margin + INDENTATION })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_as_large_as_its_space_allows() {
        const URL: &str = "http://192.168.100.200:8080/";
        // 25 modules, in half as many lines.
        let rows = [
            (80, 40, Some((33, 17))),
            (35, 17, Some((33, 17))),
            (34, 17, Some((29, 15))),
            (80, 16, Some((29, 15))),
            (31, 15, Some((29, 15))),
            (30, 15, None),
            (80, 14, None),
        ];
        for (columns, lines, expected) in rows {
            let code = qr_code(URL, columns, lines);
            let size = code.as_ref().map(|code| {
                let plain = anstream::adapter::strip_str(&code.lines[0]).to_string();
                assert_eq!(plain.chars().count(), code.columns);
                (code.columns - INDENTATION, code.lines.len())
            });
            assert_eq!(size, expected, "{columns}, {lines}");
        }
    }

    #[test]
    fn the_margin_is_light_and_the_corner_dark() {
        let code = qr_code("http://10.0.0.2:8080/", 80, 24).expect("it fits").lines;
        let plain: Vec<String> =
            code.iter().map(|it| anstream::adapter::strip_str(it).to_string()).collect();
        assert!(plain[0].trim().is_empty() && plain[1].trim().is_empty(), "{plain:?}");
        assert!(plain[2].starts_with("      █▀▀▀▀▀█ "), "{plain:?}");
        assert!(code[2].contains("\u{1b}[38;5;16m") && code[2].contains("\u{1b}[48;5;231m"));
    }
}
