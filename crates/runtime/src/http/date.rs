//! Dates of HTTP (RFC 9110 section 5.6.7): the `Date` field of responses, and the dates of
//! preconditions.

use std::{
    io::Write,
    time::{Duration, UNIX_EPOCH},
};

/// The end of the year 9999, the latest time of an IMF-fixdate, in seconds since 1970.
const SECONDS_MAX: u64 = 253_402_300_799;

const LENGTH: usize = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n".len();

/// The `Date` field with the empty line that ends a head. It is formatted at most once a second.
#[derive(Debug, Clone)]
pub struct DateField {
    seconds: u64,
    text: [u8; LENGTH],
}

impl DateField {
    /// The field for this time, in seconds since 1970. Times after the year 9999 are clamped.
    #[must_use]
    pub fn new(seconds: u64) -> Self {
        let mut field = Self { seconds, text: [b' '; LENGTH] };
        field.format();
        field
    }

    /// Formats the field again if this time, in seconds since 1970, is another one.
    pub fn update(&mut self, seconds: u64) {
        if self.seconds != seconds {
            self.seconds = seconds;
            self.format();
        }
    }

    fn format(&mut self) {
        let time = UNIX_EPOCH + Duration::from_secs(self.seconds.min(SECONDS_MAX));
        let date = httpdate::HttpDate::from(time);
        let mut text = &mut self.text[..];
        // An IMF-fixdate always has 29 characters, so it fits.
        let _ = write!(text, "Date: {date}\r\n\r\n");
    }

    /// `Date: ...` with its line end and the empty line.
    pub(super) fn last_line(&self) -> &[u8] {
        &self.text
    }
}

/// The seconds since 1970 of a date in any of the three formats of RFC 9110 section 5.6.7; `None`
/// for any other value, because a field with an invalid date is ignored.
pub(super) fn parse(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_time_is_formatted_as_an_imf_fixdate() {
        let rows = [
            (0, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
            (784_111_777, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
            (2_147_483_648, "Date: Tue, 19 Jan 2038 03:14:08 GMT\r\n"),
            (SECONDS_MAX, "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
            (u64::MAX, "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
        ];
        let mut field = DateField::new(1);
        for (seconds, expected) in rows {
            field.update(seconds);
            assert_eq!(field.last_line(), [expected.as_bytes(), b"\r\n"].concat());
        }
    }

    #[test]
    fn all_three_formats_of_a_date_are_parsed() {
        let rows: &[(&str, Option<u64>)] = &[
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 01 Mar 2020 25:00:00 GMT", None),
            ("not-a-date", None),
            ("4102444800", None),
            ("Thu, 01 Jan -0001 00:00:00 GMT", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text.as_bytes()), *expected, "{text}");
        }
    }
}
