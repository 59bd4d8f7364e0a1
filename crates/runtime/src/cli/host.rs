//! Host that a server listens on, as an option of the command line.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Value of `--host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Localhost,
    Address(IpAddr),
}

impl std::str::FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(Self::Localhost);
        }
        let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
        let address =
            bare.parse().map_err(|_| "a host is an IP address, or `localhost`".to_owned())?;
        Ok(Self::Address(address))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Localhost => f.write_str("localhost"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Whether a server at this address gets the requests for the name of its site.
pub(super) fn is_reached_by_name(address: IpAddr) -> bool {
    address.is_unspecified() || address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_an_address_or_localhost() {
        let rows: &[(&str, Option<&str>)] = &[
            ("localhost", Some("localhost")),
            ("LOCALHOST", Some("localhost")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("0.0.0.0", Some("0.0.0.0")),
            ("::1", Some("::1")),
            ("[::1]", Some("::1")),
            ("example.com", None),
            ("127.0.0.1:80", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let host = text.parse::<Host>().ok().map(|it| it.to_string());
            assert_eq!(host.as_deref(), *expected, "{text}");
        }
    }
}
