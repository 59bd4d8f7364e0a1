//! Validity of a certificate: from when and until when it can be used.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::{CertificateDer, UnixTime};
use time::OffsetDateTime;
use webpki::{EndEntityCert, Error, KeyUsage};

/// Seconds of a day.
pub(super) const DAY: u64 = 24 * 60 * 60;

/// From when and until when a certificate can be used, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: u64,
    pub(super) not_after: u64,
}

impl Validity {
    /// The validity that a certificate states.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let certificate = EndEntityCert::try_from(certificate)?;
        // webpki tells a limit only if it is exceeded, and checks that before anything else.
        let error_at = |time| {
            let usage = KeyUsage::server_auth();
            let time = UnixTime::since_unix_epoch(time);
            certificate.verify_for_usage(&[], &[], &[], time, usage, None, None).err()
        };
        let not_before = match error_at(Duration::ZERO) {
            Some(Error::CertNotValidYet { not_before, .. }) => not_before.as_secs(),
            _ => 0,
        };
        match error_at(Duration::from_secs(u64::MAX)) {
            Some(Error::CertExpired { not_after, .. }) => {
                Ok(Self { not_before, not_after: not_after.as_secs() })
            }
            Some(error) => Err(error),
            None => Ok(Self { not_before, not_after: u64::MAX }),
        }
    }
}

/// The time in seconds since 1970; 0 for a clock before it.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// The time in a certificate; the last one that it can have if the clock is far in the future.
pub(super) fn at(seconds: u64) -> OffsetDateTime {
    const LAST: i64 = 253_402_300_799;
    let seconds = i64::try_from(seconds).unwrap_or(LAST).min(LAST);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The date of a time, such as 2026-11-29.
pub(super) fn date(seconds: u64) -> String {
    let time =
        i64::try_from(seconds).ok().and_then(|it| OffsetDateTime::from_unix_timestamp(it).ok());
    time.map_or_else(|| "a date after the year 9999".to_owned(), |it| it.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_year_month_and_day() {
        let rows = [
            (0, "1970-01-01"),
            (DAY * 365 * 56, "2025-12-18"),
            (u64::MAX, "a date after the year 9999"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(date(seconds), expected);
        }
    }
}
