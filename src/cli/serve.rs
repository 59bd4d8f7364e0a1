//! `chapbook serve`: serves the site inside, or a folder, until it is stopped.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
};

use clap::{Args, ValueEnum};

#[cfg(feature = "pack")]
use super::folder;
use super::{
    browser, network, signals, warn,
    welcome::{self, Welcome},
};
use crate::{
    limits,
    server::{Addresses, InheritError, ListenError, LogFormat, Options, Port, Server, Stop},
    site::{LoadError, Site},
};

/// The port that is tried first, and the last one that is tried where it is taken.
const PORTS: std::ops::RangeInclusive<u16> = 8080..=8099;

/// The flags of `serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder to compile and serve instead of the site inside
    #[cfg(feature = "pack")]
    #[arg(value_name = "FOLDER")]
    pub(super) folder: Option<std::path::PathBuf>,
    /// Address to listen on: an IP address, or `localhost` [default: localhost]
    #[arg(long, value_name = "ADDR", env = "CHAPBOOK_HOST")]
    host: Option<Host>,
    /// Let others in: listen on all addresses, and print every URL and a QR code
    #[arg(
        long,
        env = "CHAPBOOK_LAN",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    lan: bool,
    /// Port to listen on, 0 for any free one [default: 8080, or the next free one up to 8099]
    #[arg(long, value_name = "N", env = "CHAPBOOK_PORT")]
    port: Option<u16>,
    /// Open the site in the browser
    #[arg(
        long,
        env = "CHAPBOOK_OPEN",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    open: bool,
    /// Number of worker loops, 0 for one per core
    #[arg(long, value_name = "N", env = "CHAPBOOK_WORKERS", default_value_t = 0)]
    workers: usize,
    /// Most connections at a time
    #[arg(
        long,
        value_name = "N",
        env = "CHAPBOOK_MAX_CONNECTIONS",
        default_value_t = NonZeroUsize::new(limits::CONNECTIONS_MAX).unwrap_or(NonZeroUsize::MIN)
    )]
    max_connections: NonZeroUsize,
    /// Print a line for each answer
    #[arg(long, value_name = "FORMAT", env = "CHAPBOOK_LOG")]
    log: Option<Log>,
    /// Print nothing but problems
    #[arg(
        long,
        env = "CHAPBOOK_QUIET",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    quiet: bool,
}

/// How an answer is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Log {
    /// Common Log Format
    Common,
    /// The same with referring page and user agent
    Combined,
    /// A JSON object
    Json,
}

impl Log {
    fn format(self) -> LogFormat {
        match self {
            Self::Common => LogFormat::Common,
            Self::Combined => LogFormat::Combined,
            Self::Json => LogFormat::Json,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
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
        let address = bare.parse().map_err(|_| "give an IP address, or `localhost`".to_owned())?;
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

/// Why there is no serving.
#[derive(Debug)]
pub(super) enum ServeError {
    #[cfg(feature = "pack")]
    Folder(folder::FolderError),
    Inside(LoadError),
    Listen(ListenError),
    Inherit(InheritError),
    /// Sockets were handed over, and the command line asks for others.
    TwoMasters,
    /// One address is asked for, and all of them.
    OneAndAll,
    Signals(io::Error),
    Loop(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "pack")]
            Self::Folder(error) => error.fmt(f),
            Self::Inside(error) => error.fmt(f),
            Self::Listen(error) => error.fmt(f),
            Self::Inherit(error) => error.fmt(f),
            Self::TwoMasters => f.write_str(
                "the service manager hands over sockets, so --host, --lan and --port have nothing \
                 to say; leave them out, or start without its socket",
            ),
            Self::OneAndAll => f.write_str(
                "--host asks for one address and --lan for all of them; leave one of both out",
            ),
            Self::Signals(error) => write!(f, "cannot listen for signals: {error}"),
            Self::Loop(error) => write!(f, "cannot go on serving: {error}"),
        }
    }
}

impl ServeError {
    /// Whether the command line asks for what cannot be.
    pub(super) fn is_wrong_usage(&self) -> bool {
        matches!(self, Self::TwoMasters | Self::OneAndAll)
    }
}

/// Listens, says where, and serves until a signal asks for the end.
pub(super) fn run(arguments: &Arguments) -> Result<(), ServeError> {
    // Not for clap to see: it takes `CHAPBOOK_LAN=0` for `--lan`.
    if arguments.lan && arguments.host.is_some() {
        return Err(ServeError::OneAndAll);
    }
    #[cfg(feature = "pack")]
    let site = match &arguments.folder {
        Some(folder) => folder::load(folder, arguments.quiet).map_err(ServeError::Folder)?,
        None => Site::load().map_err(ServeError::Inside)?,
    };
    #[cfg(not(feature = "pack"))]
    let site = Site::load().map_err(ServeError::Inside)?;
    let (server, is_inherited) = match Server::inherit().map_err(ServeError::Inherit)? {
        // Whoever opened the sockets decided where, and one of both would be wrong in silence.
        Some(_) if arguments.host.is_some() || arguments.lan || arguments.port.is_some() => {
            return Err(ServeError::TwoMasters);
        }
        Some(server) => (server, true),
        None => (listen(arguments).map_err(ServeError::Listen)?, false),
    };
    let stop = Stop::default();
    signals::stop_on_signal(&stop).map_err(ServeError::Signals)?;
    let address = server.address();
    if !is_inherited && arguments.port.is_none() && address.port() != *PORTS.start() {
        warn(&format_args!("port {} is taken, so this is {}", PORTS.start(), address.port()));
    }
    let url = welcome::url(address);
    if !arguments.quiet {
        let shared = urls_for_others(&server.addresses());
        Welcome { title: site.title(), url: url.clone(), shared }.say();
    }
    if arguments.open || browser::is_started_by_click() {
        browser::open(url);
    }
    let options = Options {
        workers: NonZeroUsize::new(arguments.workers),
        connections_max: arguments.max_connections,
        log: arguments.log.map(Log::format),
    };
    server.run(site, options, &stop).map_err(ServeError::Loop)
}

fn listen(arguments: &Arguments) -> Result<Server, ListenError> {
    let addresses = match &arguments.host {
        None if arguments.lan => Addresses::All,
        None | Some(Host::Localhost) => Addresses::Loopback,
        Some(Host::Address(address)) => Addresses::One(*address),
    };
    let port = arguments.port.map_or(Port::FirstFreeOf(PORTS), Port::Exactly);
    Server::listen(&addresses, port)
}

/// The URLs that others on the network can use, the best first; `None` where only this machine can
/// connect.
fn urls_for_others(listened: &[SocketAddr]) -> Option<Vec<String>> {
    let open: Vec<SocketAddr> =
        listened.iter().copied().filter(|it| !it.ip().is_loopback()).collect();
    if open.is_empty() {
        return None;
    }
    let known = network::addresses();
    let addresses_at = |at: SocketAddr| -> Vec<SocketAddr> {
        if !at.ip().is_unspecified() {
            return vec![at];
        }
        let of_family = known.iter().filter(|ip| ip.is_ipv4() == at.is_ipv4());
        of_family.map(|ip| SocketAddr::new(*ip, at.port())).collect()
    };
    Some(open.into_iter().flat_map(addresses_at).map(welcome::url).collect())
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
