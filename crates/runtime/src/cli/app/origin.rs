//! Origin of a site: the host and the port under which browsers keep its data.

use std::ops::RangeInclusive;

use chapbook_format::digest;

/// Ports of sites. Ephemeral ports begin at 32768 on Linux, and at 49152 elsewhere.
const PORTS: RangeInclusive<u16> = 20000..=32767;
/// Maximum number of ports to try.
const PORTS_TRIED_MAX: usize = 32;

/// The port that a site with this name has unless another program uses it.
pub(super) fn port(name: &str) -> u16 {
    let [first, second, ..] = digest::of(name.as_bytes());
    let count = PORTS.end() - PORTS.start() + 1;
    PORTS.start() + u16::from_be_bytes([first, second]) % count
}

/// The ports to try for a site with this name, in this order.
pub(super) fn ports(name: &str) -> impl Iterator<Item = u16> {
    let first = port(name);
    (first..=*PORTS.end()).chain(*PORTS.start()..first).take(PORTS_TRIED_MAX)
}

/// The host of a site with this name: browsers resolve it to this machine (RFC 6761 section 6.3).
pub(in crate::cli) fn host(name: &str) -> String {
    format!("{name}.localhost")
}

/// The URL of the home page, which has this path, at the site's own host.
pub(in crate::cli) fn url(name: &str, port: u16, home: &str) -> String {
    format!("http://{}:{port}{home}", host(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_has_the_same_port_always() {
        assert_eq!(port("greetings-from-a-chapbook"), port("greetings-from-a-chapbook"));
        let names = (0..1000).map(|number| format!("site-{number}"));
        let ports: BTreeSet<u16> = names.map(|name| port(&name)).collect();
        assert!(ports.iter().all(|port| PORTS.contains(port)));
        assert!(ports.len() > 900, "{}", ports.len());
    }

    #[test]
    fn the_next_ports_follow_and_wrap_around() {
        for name in ["a", "b", "c"] {
            let tried: Vec<u16> = ports(name).collect();
            assert_eq!(tried[0], port(name));
            assert_eq!(tried.len(), PORTS_TRIED_MAX);
            let follows = |pair: &[u16]| pair[1] == pair[0] + 1 || pair == [32767, 20000];
            assert!(tried.windows(2).all(follows), "{tried:?}");
        }
    }

    #[test]
    fn the_host_is_the_name() {
        assert_eq!(url("my-demo", 20001, "/repo/"), "http://my-demo.localhost:20001/repo/");
    }
}
