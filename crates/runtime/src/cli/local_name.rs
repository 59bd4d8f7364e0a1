//! Name of this machine on the network, `HOST.local`, if the system announces it by multicast DNS.

use std::{
    net::{IpAddr, Ipv4Addr, UdpSocket},
    time::{Duration, Instant},
};

/// Address and port of multicast DNS (RFC 6762 section 3).
const GROUP: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 0, 251), 5353);
/// How long to wait for the responder of this machine, which takes a millisecond.
const LIMIT: Duration = Duration::from_millis(100);
/// Maximum length of a host name (RFC 1035 section 2.3.4).
const LABEL_MAX: usize = 63;

/// The name, if a responder of this machine answers for it with one of these addresses.
pub(super) fn local_name(addresses: &[IpAddr]) -> Option<String> {
    let host_name = host_name()?;
    let label = host_name.split('.').next().filter(|it| is_label(it))?;
    let answer = ask(&query(label))?;
    let is_ours = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => answer.windows(4).any(|it| it == ip.octets()),
        IpAddr::V6(_) => false,
    };
    addresses.iter().any(is_ours).then(|| format!("{label}.local"))
}

/// Whether it is a host name that a URL can contain.
fn is_label(text: &str) -> bool {
    let is_valid = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    !text.is_empty() && text.len() <= LABEL_MAX && text.bytes().all(is_valid)
}

/// The host name of this machine.
#[cfg(unix)]
pub(super) fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// The host name of this machine.
#[cfg(not(unix))]
pub(super) fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// A query for the IPv4 address of `LABEL.local`, to be answered to the port that it is from
/// (section 6.7).
fn query(label: &str) -> Vec<u8> {
    const HEADER: [u8; 12] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    const NAME_END_TYPE_A_CLASS_IN: [u8; 5] = [0, 0, 1, 0, 1];
    let mut query = HEADER.to_vec();
    for label in [label, "local"] {
        query.push(u8::try_from(label.len()).unwrap_or_default());
        query.extend_from_slice(label.as_bytes());
    }
    query.extend(NAME_END_TYPE_A_CLASS_IN);
    query
}

/// Sends a query to the responder of this machine, and returns its answer.
fn ask(query: &[u8]) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // The query does not leave this machine, so no other one with this name can answer.
    socket.set_multicast_ttl_v4(0).ok()?;
    socket.send_to(query, GROUP).ok()?;
    let deadline = Instant::now() + LIMIT;
    let mut buffer = [0; 1500];
    loop {
        let remaining = deadline.saturating_duration_since(Instant::now());
        socket.set_read_timeout(Some(remaining).filter(|it| !it.is_zero())?.into()).ok()?;
        let (length, sender) = socket.recv_from(&mut buffer).ok()?;
        let packet = &buffer[..length];
        // The first bit of the flags marks a response.
        if sender.port() == GROUP.1 && packet.get(2).is_some_and(|it| it & 0x80 != 0) {
            return Some(packet.get(12..)?.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_one_question() {
        let expected = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x04demo\x05local\0\0\x01\0\x01";
        assert_eq!(query("demo"), expected);
    }

    #[test]
    fn a_label_is_safe_in_a_url() {
        let long = "x".repeat(64);
        let rows = [("demo-1", true), ("", false), ("a b", false), ("ä", false), (&long, false)];
        for (text, expected) in rows {
            assert_eq!(is_label(text), expected, "{text}");
        }
    }
}
