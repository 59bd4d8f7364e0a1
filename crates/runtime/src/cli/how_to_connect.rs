//! QR code of a URL for phones, with advice beside it.

use super::{qr_code::qr_code, screen_size::Size};

/// What to check if another device does not get the page.
pub(super) const UNREACHABLE: [&str; 2] =
    ["If a phone cannot connect, a firewall", "or a guest network blocks it."];
/// What works without the local CA and with it, before its fingerprint.
pub(super) const UNTRUSTED: [&str; 2] = [
    "Accept the warning on a phone: most works then;",
    "service workers need the CA. Its fingerprint:",
];

/// The QR code of a URL if it fits below the lines that are used, and the advice: beside the code,
/// or above it.
pub(super) fn how_to_connect(
    url: &str,
    advice: &[&str],
    size: Size,
    used: usize,
    may_have_code: bool,
) -> String {
    // One row is blank, and one is for the cursor.
    let rows = size.rows.saturating_sub(used + 2);
    let code = |rows| qr_code(url, size.columns, rows).filter(|_| may_have_code);
    let width = advice.iter().map(|it| it.len()).max().unwrap_or_default();
    if let Some(code) = code(rows).filter(|it| it.columns + 2 + width <= size.columns) {
        let begin = (code.lines.len() / 2).saturating_sub(advice.len().div_ceil(2));
        let line = |(number, line): (usize, &String)| match number
            .checked_sub(begin)
            .and_then(|it| advice.get(it))
        {
            Some(text) => format!("{line}  {text}\n"),
            None => format!("{line}\n"),
        };
        return format!("\n{}", code.lines.iter().enumerate().map(line).collect::<String>());
    }
    // Sentences of two lines become one; the fingerprint stays in two.
    let sentences = advice.chunks(2).take(2).map(|it| it.join(" "));
    let fingerprint = advice.iter().skip(4).map(|it| (*it).to_owned());
    let lines: Vec<String> = sentences.chain(fingerprint).collect();
    let above = format!("\n  {}\n", lines.join("\n  "));
    let rows = rows.saturating_sub(size.lines_of(&above));
    match code(rows) {
        Some(code) => format!("{above}\n{}\n", code.lines.join("\n")),
        None => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let text = how_to_connect(URL, &UNREACHABLE, size, used, true);
            let plain = anstream::adapter::strip_str(&text).to_string();
            assert_eq!(size.lines_of(&text), expected, "{columns}x{rows}: {plain}");
            assert!(used + expected < rows, "{columns}x{rows}: {plain}");
            let beside =
                plain.lines().any(|line| line.ends_with("   or a guest network blocks it."));
            assert_eq!(beside, is_beside, "{columns}x{rows}: {plain}");
            assert!(plain.contains("If a phone cannot connect, a firewall"), "{plain}");
            assert!(!how_to_connect(URL, &UNREACHABLE, size, used, false).contains('█'));
        }
    }
}
