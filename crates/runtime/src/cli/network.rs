//! Addresses of this machine for other machines on the network. Finding them sends nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use if_addrs::Interface;

/// The addresses for other machines, the best one first; `None` if only this machine can connect.
pub(super) fn shared_addresses(listened: &[SocketAddr]) -> Option<Vec<SocketAddr>> {
    let reachable: Vec<SocketAddr> =
        listened.iter().copied().filter(|it| !it.ip().is_loopback()).collect();
    if reachable.is_empty() {
        return None;
    }
    let known = addresses();
    let concrete = |address: SocketAddr| -> Vec<SocketAddr> {
        if !address.ip().is_unspecified() {
            return vec![address];
        }
        let of_family = known.iter().filter(|ip| ip.is_ipv4() == address.is_ipv4());
        of_family.map(|ip| SocketAddr::new(*ip, address.port())).collect()
    };
    Some(reachable.into_iter().flat_map(concrete).collect())
}

/// The addresses for URLs that work on other machines, the best one first.
fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let found = interfaces.iter().filter(|it| is_up(it)).map(Interface::ip).collect();
    // Addresses for documentation (RFC 5737, RFC 3849) select the default route, if there is one.
    let remote = [
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    ];
    let routed: Vec<IpAddr> = remote.into_iter().filter_map(source_address).collect();
    ranked(found, &routed)
}

/// Whether the interface is up: the bridge of stopped containers is not.
#[cfg(unix)]
fn is_up(interface: &Interface) -> bool {
    interface.is_oper_up()
}

/// Whether the interface may be up: the status on Windows may be unknown.
#[cfg(not(unix))]
fn is_up(interface: &Interface) -> bool {
    use if_addrs::IfOperStatus::{Down, LowerLayerDown, NotPresent};

    !matches!(interface.oper_status, Down | LowerLayerDown | NotPresent)
}

/// The source address of packets to another machine. Connecting a UDP socket selects it and sends
/// nothing.
fn source_address(other: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match other {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    // The discard port (RFC 863), but any port works.
    socket.connect(SocketAddr::new(other, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The addresses that work in a URL, the best one first: IPv4 before IPv6, which is longer to type,
/// and within each the source address of the default route first.
fn ranked(mut found: Vec<IpAddr>, routed: &[IpAddr]) -> Vec<IpAddr> {
    found.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_unspecified(),
        // Link-local addresses need the name of an interface, which browsers reject in a URL.
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unspecified() && !ip.is_unicast_link_local(),
    });
    found.sort_by_key(|ip| {
        let is_link_local = matches!(ip, IpAddr::V4(ip) if ip.is_link_local());
        (is_link_local, ip.is_ipv6(), !routed.contains(ip), *ip)
    });
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_ranked_by_how_likely_they_are_to_work() {
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
