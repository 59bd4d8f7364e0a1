//! `chapbook serve`: the server and its startup message.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc};

use clap::{Args, ValueEnum};

use super::{
    app::{self, Launch, Place, WindowArguments},
    authoring::{FolderArgument, Preview},
    boolean::boolean,
    browser,
    failure::Failure,
    help,
    host::{self, Host},
    https::{Https, HttpsArguments},
    listened::Listened,
    network,
    output::warn,
    port_holder,
    secret_link::SecretArguments,
    signals,
    title::{cut, without_controls},
    variable,
    welcome::Welcome,
};
use crate::{
    http::{Gate, Secret},
    limits,
    server::{Addresses, ListenError, LogFormat, Port, Server, ServerOptions, Stop},
};

/// Ports to try without `--port`: the first free one is used.
const PORTS: std::ops::RangeInclusive<u16> = 8080..=8099;

/// Maximum number of characters of the features that other devices lack.
const SECURE_FEATURES_MAX: usize = 500;

// Every option can also be set by a variable: `CHAPBOOK_` and its name. A test checks this.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) folder: FolderArgument,
    /// IP address to listen on [default: localhost]
    #[arg(long, value_name = "ADDR", env = "CHAPBOOK_HOST", hide_env = true)]
    host: Option<Host>,
    /// Listen on all addresses, and print every URL and a QR code
    #[arg(
        long,
        env = "CHAPBOOK_LAN",
        hide_env = true,
        value_parser = boolean
    )]
    lan: bool,
    /// Port, 0 for any free one [default: first free from 8080]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "CHAPBOOK_PORT",
        hide_env = true,
        allow_negative_numbers = true,
        value_parser = port
    )]
    port: Option<u16>,
    /// Open the site in the browser
    #[arg(
        long,
        env = "CHAPBOOK_OPEN",
        hide_env = true,
        value_parser = boolean
    )]
    open: bool,
    #[command(flatten)]
    app: WindowArguments,
    #[command(flatten)]
    https: HttpsArguments,
    #[command(flatten)]
    secret: SecretArguments,
    /// Reload pages in the browser when the folder changes
    #[cfg(feature = "pack")]
    #[arg(
        long,
        env = "CHAPBOOK_RELOAD",
        hide_env = true,
        value_parser = boolean
    )]
    reload: bool,
    /// Number of worker threads, 0 for one per core
    #[arg(
        long,
        value_name = "N",
        env = "CHAPBOOK_WORKERS",
        hide_env = true,
        help_heading = help::TUNING,
        default_value_t = 0,
        value_parser = workers
    )]
    workers: usize,
    /// Maximum number of concurrent connections
    #[arg(
        long,
        value_name = "N",
        env = "CHAPBOOK_MAX_CONNECTIONS",
        hide_env = true,
        help_heading = help::TUNING,
        default_value_t = NonZeroUsize::new(limits::CONNECTIONS_MAX).unwrap_or(NonZeroUsize::MIN),
        value_parser = max_connections
    )]
    max_connections: NonZeroUsize,
    /// Log each response to stdout as `common`, `combined` or `json`
    #[arg(
        long,
        value_name = "FORMAT",
        env = "CHAPBOOK_LOG",
        hide_env = true,
        help_heading = help::TUNING,
        hide_possible_values = true
    )]
    log: Option<Log>,
    /// Print only errors and warnings
    #[arg(
        short,
        long,
        env = "CHAPBOOK_QUIET",
        hide_env = true,
        value_parser = boolean
    )]
    quiet: bool,
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "a port is a number from 0 to 65535")
}

fn workers(text: &str) -> Result<usize, String> {
    let max = limits::WORKERS_MAX;
    let number = text.parse().ok().filter(|it| *it as u64 <= max);
    number.ok_or_else(|| format!("the number of workers is from 0 to {max}"))
}

fn max_connections(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "the number of connections is 1 or more".to_owned())
}

impl Arguments {
    /// Whether pages reload when their folder changes.
    #[cfg_attr(
        not(feature = "pack"),
        expect(clippy::unused_self, reason = "there is no folder without the feature")
    )]
    fn reloads(&self) -> bool {
        #[cfg(feature = "pack")]
        return self.reload;
        #[cfg(not(feature = "pack"))]
        return false;
    }
}

/// Format of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Log {
    /// Common Log Format
    Common,
    /// Common Log Format with referrer and user agent
    Combined,
    /// One JSON object per line
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

/// Serves until a signal requests a shutdown.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let is_app = arguments.app.is_app();
    let has_origin = is_app || arguments.app.origin;
    check(arguments, has_origin)?;
    let site = arguments.folder.preview(arguments.quiet, arguments.reloads())?;
    let launch = is_app.then(|| launch(arguments, &site)).transpose()?;
    let Some((server, is_inherited)) = server(arguments, launch.as_ref())? else { return Ok(()) };
    let stop = Stop::default();
    signals::stop_on_signal(&stop)
        .map_err(|error| Failure::error(format_args!("cannot install signal handlers: {error}")))?;
    arguments.folder.keep_serving();
    let address = server.address();
    if !is_inherited && launch.is_none() && arguments.port.is_none() {
        warn_of_other_port(address);
    }
    let is_shown =
        !arguments.quiet || arguments.https.is_requested() || arguments.secret.is_requested();
    let shared = is_shown.then(|| network::shared_addresses(&server.addresses()));
    let mut shared = shared.flatten();
    let secret = arguments.secret.make(shared.as_deref(), is_app, is_inherited)?;
    let home = match &secret {
        None => site.home().to_owned(),
        Some(secret) => site.home().to_owned() + &secret.query(),
    };
    let origin = has_origin.then(|| app::origin_url(&site.identity().name, address.port(), &home));
    let https = https(arguments, &site, (address, shared.as_deref()), has_origin)?;
    if arguments.lan && https.is_none() {
        warn_of_plain_http(site.secure_features());
    }
    if let (Some(https), Some(shared)) = (&https, &mut shared) {
        https.rank(shared);
    }
    let (title, shared) = (site.title(), shared.as_deref());
    let secure = https.as_ref().map(|it| &it.urls);
    let origin = origin.as_deref();
    let welcome = Welcome { title, home: &home, address, origin, shared, secure };
    if !arguments.quiet {
        welcome.print();
    }
    if arguments.open && launch.is_none() {
        browser::open(&origin.map_or_else(|| welcome.own_url(), str::to_owned));
    }
    let opened = launch.map(|it| it.open(address.port(), &stop)).transpose()?;
    let options = ServerOptions {
        workers: NonZeroUsize::new(arguments.workers),
        connections_max: arguments.max_connections,
        log: arguments.log.map(Log::format),
        activity: opened.as_ref().map(|it| Arc::clone(&it.activity)),
        tls: https.as_ref().map(|it| it.config.clone()),
        gate: gate(https, secret),
    };
    let outcome = site.run(server, options, &stop);
    if let Some(opened) = opened {
        opened.close();
    }
    outcome.map_err(|error| Failure::error(format_args!("cannot continue serving: {error}")))
}

/// Checks which options are combined.
fn check(arguments: &Arguments, has_origin: bool) -> Result<(), Failure> {
    // Not declared as a conflict to clap, which would treat `CHAPBOOK_LAN=0` as `--lan`.
    if arguments.lan && arguments.host.is_some() {
        return Err(Failure::usage(
            "--host (or CHAPBOOK_HOST) and --lan (or CHAPBOOK_LAN) cannot be combined; remove one",
        ));
    }
    if let Some(Host::Address(address)) = &arguments.host
        && has_origin
        && !host::is_reached_by_name(*address)
    {
        return Err(Failure::usage(format_args!(
            "--app, --kiosk and --origin use the name of the site, which leads to localhost and \
             not to {address}; remove --host (or CHAPBOOK_HOST), or use --lan"
        )));
    }
    arguments.secret.check(arguments.quiet, arguments.open)?;
    arguments.https.check()
}

/// What the server needs for HTTPS, if that is requested. Prints the warnings about it.
fn https(
    arguments: &Arguments,
    site: &Preview,
    (address, shared): (SocketAddr, Option<&[SocketAddr]>),
    has_origin: bool,
) -> Result<Option<Https>, Failure> {
    let origin = has_origin.then(|| app::origin_host(&site.identity().name));
    let listened = Listened { address, shared, origin: origin.as_deref(), home: site.home() };
    let https = arguments.https.prepare(&listened)?;
    https.iter().flat_map(|it| &it.warnings).for_each(warn);
    Ok(https)
}

/// What requests need besides a route, if anything.
fn gate(https: Option<Https>, secret: Option<Secret>) -> Option<Gate> {
    match (https, secret) {
        (None, None) => None,
        (https, secret) => Some(Gate { secret, ..https.map(|it| it.gate).unwrap_or_default() }),
    }
}

/// The site as an app.
fn launch(arguments: &Arguments, site: &Preview) -> Result<Launch, Failure> {
    Launch::new(site.identity(), site.title(), site.home(), &arguments.app)
}

/// The server, and whether its sockets are inherited; `None` if another process serves the same app
/// already, which is opened then.
fn server(
    arguments: &Arguments,
    launch: Option<&Launch>,
) -> Result<Option<(Server, bool)>, Failure> {
    let is_given = arguments.host.is_some() || arguments.lan || arguments.port.is_some();
    match Server::inherit()? {
        // The inherited sockets have an address, and another one must not be ignored silently.
        Some(_) if is_given => {
            return Err(Failure::usage(
                "--host, --lan and --port cannot be combined with socket activation; remove them \
                 (and their variables), or start without the socket unit",
            ));
        }
        Some(server) => return Ok(Some((server, true))),
        None => {}
    }
    let addresses = match &arguments.host {
        None if arguments.lan => Addresses::All,
        None | Some(Host::Localhost) => Addresses::Loopback,
        Some(Host::Address(address)) => Addresses::One(*address),
    };
    let failed = |error| not_listening(arguments, error);
    let Some(launch) = launch else {
        let port = arguments.port.map_or(Port::FirstFreeOf(PORTS), Port::Exactly);
        return Ok(Some((Server::listen(&addresses, port).map_err(failed)?, false)));
    };
    match launch.listen(&addresses, arguments.port).map_err(failed)? {
        Place::Here(server) => Ok(Some((server, false))),
        Place::Elsewhere(port) => launch.open_elsewhere(port).map(|()| None),
    }
}

/// Names the process that has the first port, if another one is used.
fn warn_of_other_port(address: SocketAddr) {
    let (first, port) = (*PORTS.start(), address.port());
    if port == first {
        return;
    }
    let holder = port_holder::described(SocketAddr::new(address.ip(), first));
    let holder = holder.map(|it| format!(" by {it}")).unwrap_or_default();
    warn(format_args!("port {first} is in use{holder}; using {port} instead"));
}

/// Names the features of the site that other devices do not have over plain HTTP.
fn warn_of_plain_http(secure_features: Option<&str>) {
    let Some(features) = secure_features else { return };
    let features = cut(&without_controls(features), SECURE_FEATURES_MAX);
    let advice = if cfg!(feature = "tls") { "; add --https" } else { "" };
    warn(format_args!("other devices lack these features over plain HTTP: {features}{advice}"));
}

/// The failure to listen, with the variables that the address is from.
fn not_listening(arguments: &Arguments, error: ListenError) -> Failure {
    let error = match error.occupied() {
        Some(address) => error.with_holder(port_holder::described(address)),
        None => error,
    };
    let host = arguments.host.as_ref().and_then(|_| variable::source("host", None));
    let port = arguments.port.and_then(|_| variable::source("port", Some('p')));
    let variables: Vec<String> = host.into_iter().chain(port).collect();
    match variables.join(" and ") {
        none if none.is_empty() => Failure::error(error),
        variables => Failure::error(format_args!("{error} (the address is from {variables})")),
    }
}
