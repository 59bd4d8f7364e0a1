//! Numbers of a version.

/// The numbers at the start of a version, or else 1.0.0.0.
pub(crate) fn numbers(version: &str) -> [u16; 4] {
    let mut numbers = [0; 4];
    let version = version.trim_start_matches('v');
    let end = version.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(version.len());
    let parts = version[..end].split('.').map_while(|part| part.parse().ok());
    let count = numbers.iter_mut().zip(parts).map(|(to, part)| *to = part).count();
    if count == 0 { [1, 0, 0, 0] } else { numbers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_four_numbers() {
        let rows = [
            ("1.2.3.4", [1, 2, 3, 4]),
            ("2", [2, 0, 0, 0]),
            ("v2.1", [2, 1, 0, 0]),
            ("1.2.3-beta.4", [1, 2, 3, 0]),
            ("1.2.3.4.5", [1, 2, 3, 4]),
            ("2026.70000", [2026, 0, 0, 0]),
            ("70000", [1, 0, 0, 0]),
            ("beta", [1, 0, 0, 0]),
            ("", [1, 0, 0, 0]),
            ("..", [1, 0, 0, 0]),
        ];
        for (version, expected) in rows {
            assert_eq!(numbers(version), expected, "{version}");
        }
    }
}
