//! Addresses and names that the local CA may issue certificates for. Clients enforce this by the
//! name constraints of its certificate (RFC 5280 section 4.2.1.10).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

/// Ranges of addresses, with the length of their prefix. Shared addresses (100.64.0.0/10, RFC 6598)
/// are left out: many customers of a provider share them.
const RANGES: [(IpAddr, u8); 8] = [
    // Private (RFC 1918), link-local (RFC 3927) and loopback.
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    // Unique local (RFC 4193) and link-local.
    (IpAddr::V6(Ipv6Addr::new(0xFC00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xFE80, 0, 0, 0, 0, 0, 0, 0)), 10),
];
/// Domains that no public site can have (RFC 6762, RFC 6761), with all names below them.
const DOMAINS: [&str; 2] = ["local", "localhost"];

/// Suffixes of host names that no public site has, so that the CA may certify a name below them.
const PRIVATE_SUFFIXES: [&str; 8] = [
    // For networks at home (RFC 8375), and for private use (ICANN, resolution 2024.07.29.06).
    ".home.arpa",
    ".internal",
    // Not delegated, since private networks have them (RFC 6762 appendix G; ICANN, resolution
    // 2018.02.04.12).
    ".corp",
    ".home",
    ".intranet",
    ".lan",
    ".private",
    // What resolvers of Linux give to a machine without a domain.
    ".localdomain",
];

/// Whether the CA may certify an address.
pub(super) fn is_permitted_address(address: IpAddr) -> bool {
    RANGES.iter().any(|&(start, length)| match (start, address) {
        (IpAddr::V4(start), IpAddr::V4(address)) => {
            (start.to_bits() ^ address.to_bits()) >> (32 - length) == 0
        }
        (IpAddr::V6(start), IpAddr::V6(address)) => {
            (start.to_bits() ^ address.to_bits()) >> (128 - length) == 0
        }
        _ => false,
    })
}

/// The name constraints of a CA that may also certify this host name.
pub(super) fn name_constraints(host_name: Option<&str>) -> NameConstraints {
    let names = DOMAINS.into_iter().chain(host_name).map(str::to_owned);
    let ranges = RANGES.map(|(start, length)| CidrSubnet::from_addr_prefix(start, length));
    NameConstraints {
        permitted_subtrees: names
            .map(GeneralSubtree::DnsName)
            .chain(ranges.map(GeneralSubtree::IpAddress))
            .collect(),
        excluded_subtrees: Vec::new(),
    }
}

/// What the CA may have for a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OwnHostName {
    /// A constraint, with the name in the form of a certificate.
    Permitted(String),
    /// Nothing, because it may be the name of a public site.
    Public(String),
    /// Nothing, because it may be a top-level domain.
    TopLevel(String),
    /// Nothing, because it is not needed or not a name that a site can have.
    None,
}

impl OwnHostName {
    /// The name that the CA may certify.
    pub(super) fn permitted(self) -> Option<String> {
        match self {
            Self::Permitted(name) => Some(name),
            Self::Public(_) | Self::TopLevel(_) | Self::None => None,
        }
    }
}

/// What the CA may have for a host name, which may be from the network (DHCP). A constraint permits
/// all names below it, too, so a machine that is called `dev` must not get a CA for every site
/// below that top-level domain. Those consist of letters only, or begin with `xn--`.
pub(super) fn own_host_name(host_name: &str) -> OwnHostName {
    let name = host_name.strip_suffix('.').unwrap_or(host_name).to_ascii_lowercase();
    let labels: Vec<&str> = name.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_below_other = DOMAINS.contains(&last);
    let is_number = last.bytes().all(|it| it.is_ascii_digit());
    let may_be_top_level = labels.len() == 1
        && (last.starts_with("xn--") || last.bytes().all(|it| it.is_ascii_alphabetic()));
    let is_name = name.len() <= 253 && labels.iter().all(|it| is_label(it));
    if !is_name || is_below_other || is_number {
        return OwnHostName::None;
    }
    if may_be_top_level {
        return OwnHostName::TopLevel(name);
    }
    let is_suffix = PRIVATE_SUFFIXES.iter().any(|it| it[1..] == name);
    let is_private = labels.len() == 1 || PRIVATE_SUFFIXES.iter().any(|it| name.ends_with(it));
    if is_private && !is_suffix { OwnHostName::Permitted(name) } else { OwnHostName::Public(name) }
}

/// The name of this machine by multicast DNS, from its host name.
pub(super) fn local_name(host_name: &str) -> Option<String> {
    let label = host_name.split('.').next()?.to_ascii_lowercase();
    (is_label(&label) && !DOMAINS.contains(&label.as_str())).then(|| format!("{label}.local"))
}

/// Whether it is a label of a host name (RFC 1123 section 2.1).
fn is_label(text: &str) -> bool {
    let is_valid = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_valid)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_and_local_addresses_are_permitted() {
        let rows = [
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("9.255.255.255", false),
            ("11.0.0.0", false),
            ("172.15.255.255", false),
            ("172.16.0.0", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("192.168.1.2", true),
            ("192.169.0.0", false),
            ("169.254.3.4", true),
            ("127.0.0.1", true),
            ("100.64.0.1", false),
            ("8.8.8.8", false),
            ("0.0.0.0", false),
            ("::1", true),
            ("::2", false),
            ("::", false),
            ("fc00::1", true),
            ("fdff::1", true),
            ("fe00::1", false),
            ("fe80::1", true),
            ("febf::1", true),
            ("fec0::1", false),
            ("2001:db8::1", false),
            ("::ffff:10.0.0.1", false),
        ];
        for (address, expected) in rows {
            let ip = address.parse().expect("it is an address");
            assert_eq!(is_permitted_address(ip), expected, "{address}");
        }
    }

    #[test]
    fn a_host_name_is_permitted_unless_public_sites_may_be_below_it() {
        let long = "a".repeat(64);
        let permitted = |it: &str| OwnHostName::Permitted(it.to_owned());
        let public = |it: &str| OwnHostName::Public(it.to_owned());
        let top_level = |it: &str| OwnHostName::TopLevel(it.to_owned());
        let none = OwnHostName::None;
        let rows: &[(&str, OwnHostName, Option<&str>)] = &[
            ("Laptop-7", permitted("laptop-7"), Some("laptop-7.local")),
            ("NAS.lan.", permitted("nas.lan"), Some("nas.local")),
            ("a.b.home.arpa", permitted("a.b.home.arpa"), Some("a.local")),
            ("pc.internal", permitted("pc.internal"), Some("pc.local")),
            ("pc.localdomain", permitted("pc.localdomain"), Some("pc.local")),
            ("home.arpa", public("home.arpa"), Some("home.local")),
            ("a.notlan", public("a.notlan"), Some("a.local")),
            ("a.lan.example", public("a.lan.example"), Some("a.local")),
            ("pc1.fritz.box", public("pc1.fritz.box"), Some("pc1.local")),
            ("www.example.com.", public("www.example.com"), Some("www.local")),
            ("dev", top_level("dev"), Some("dev.local")),
            ("lan", top_level("lan"), Some("lan.local")),
            ("Laptop.", top_level("laptop"), Some("laptop.local")),
            ("xn--p1ai", top_level("xn--p1ai"), Some("xn--p1ai.local")),
            ("mac.local", none.clone(), Some("mac.local")),
            ("a.localhost", none.clone(), Some("a.local")),
            ("localhost", none.clone(), None),
            ("local", none.clone(), None),
            ("10.0.0.1", none.clone(), Some("10.local")),
            ("7", none.clone(), Some("7.local")),
            ("my_pc", none.clone(), None),
            ("-a1", none.clone(), None),
            ("a..b1", none.clone(), Some("a.local")),
            ("", none.clone(), None),
            ("ä1", none.clone(), None),
            (&long, none, None),
        ];
        for (name, host_name, local) in rows {
            assert_eq!(own_host_name(name), *host_name, "{name}");
            assert_eq!(local_name(name).as_deref(), *local, "{name}");
        }
    }
}
