//! This file owns by which addresses others on the network reach this machine, and which of them to
//! recommend. It asks the system, and sends nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use if_addrs::Interface;

/// The addresses that a browser elsewhere on the network can be given, the best one first.
pub(super) fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let found = interfaces.iter().filter(|it| is_up(it)).map(Interface::ip).collect();
    // Addresses that are for documentation only (RFC 5737, RFC 3849): they lie behind the default
    // route, if there is one.
    let far = [
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    ];
    let routed: Vec<IpAddr> = far.into_iter().filter_map(address_towards).collect();
    ranked(found, &routed)
}

/// Whether somebody may be at the other end: the network of containers that do not run is none.
#[cfg(unix)]
fn is_up(interface: &Interface) -> bool {
    interface.is_oper_up()
}

/// Windows tells more, and not always, so that only what is down for sure is left out.
#[cfg(not(unix))]
fn is_up(interface: &Interface) -> bool {
    use if_addrs::IfOperStatus::{Down, LowerLayerDown, NotPresent};

    !matches!(interface.oper_status, Down | LowerLayerDown | NotPresent)
}

/// The address that this machine would have in a packet to another one. To connect a UDP socket
/// only chooses it; nothing is sent.
fn address_towards(other: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match other {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    // The number of a port that discards what it gets (RFC 863); any would do.
    socket.connect(SocketAddr::new(other, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The addresses that can stand in a URL for others, the best one first: IPv4 before IPv6, which
/// is longer to type, and before both what leads out of this network.
fn ranked(mut found: Vec<IpAddr>, routed: &[IpAddr]) -> Vec<IpAddr> {
    found.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_unspecified(),
        // One that is for a link only needs the name of an interface, for which a browser's URL has
        // no place.
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unspecified() && !ip.is_unicast_link_local(),
    });
    found.sort_by_key(|ip| {
        let is_makeshift = matches!(ip, IpAddr::V4(ip) if ip.is_link_local());
        (is_makeshift, ip.is_ipv6(), !routed.contains(ip), *ip)
    });
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_use_is_ranked_by_how_likely_it_is_to_work() {
        let rows: &[(&[&str], &[&str], &[&str])] = &[
            (&[], &[], &[]),
            (&["127.0.0.1", "::1", "fe80::1", "0.0.0.0", "::"], &[], &[]),
            (&["10.0.0.2", "192.168.1.5"], &["192.168.1.5"], &["192.168.1.5", "10.0.0.2"]),
            (&["10.0.0.2", "10.0.0.1", "10.0.0.2"], &[], &["10.0.0.1", "10.0.0.2"]),
            (&["fd00::1", "172.17.0.1"], &["fd00::1"], &["172.17.0.1", "fd00::1"]),
            (&["fd00::1", "2001:db8::7"], &["2001:db8::7"], &["2001:db8::7", "fd00::1"]),
            (&["169.254.3.4", "fd00::1"], &[], &["fd00::1", "169.254.3.4"]),
            (&["169.254.3.4"], &[], &["169.254.3.4"]),
            (&["10.0.0.2"], &["192.0.2.9"], &["10.0.0.2"]),
        ];
        let addresses = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().expect("it is an address")).collect()
        };
        for (found, routed, expected) in rows {
            let ranked = ranked(addresses(found), &addresses(routed));
            assert_eq!(ranked, addresses(expected), "{found:?}");
        }
    }
}
