//! `chapbook probe`: a health check for supervisors that can only run a command.

use std::{
    env,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use clap::Args;

use super::{
    boolean::boolean,
    build::load_site,
    failure::Failure,
    http_get::{HttpUrl, get},
    output::print_line,
};

/// Port of a server without `--port` that is started first.
const PORT: u16 = 8080;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// URL to request [default: by `CHAPBOOK_HOST` and `CHAPBOOK_PORT`]
    #[arg(value_name = "URL")]
    url: Option<HttpUrl>,
    /// Time limit in seconds
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = seconds)]
    timeout: u64,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  chapbook probe                          request http://127.0.0.1:8080/
  chapbook probe http://127.0.0.1:9000/   request another URL";
pub(super) const NOTES: &str = "\
Exits with status 0 if the answer is a success or a redirect, such as that to HTTPS, and with 1
otherwise. It does not speak TLS.";

fn seconds(text: &str) -> Result<u64, &'static str> {
    let number = text.parse().ok().filter(|it| (1..=3600).contains(it));
    number.ok_or("the time limit is from 1 to 3600 seconds")
}

/// Requests the URL. Fails unless the answer is a success or a redirect.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let url = match &arguments.url {
        Some(url) => url.clone(),
        None => default_url().map_err(Failure::usage)?,
    };
    let answer = get(&url, Duration::from_secs(arguments.timeout))
        .map_err(|error| Failure::error(format_args!("cannot get {url}: {error}")))?;
    // The server has a secret link, and this is its answer to everyone else.
    let is_secret = answer.status == 403 && arguments.url.is_none() && has_secret();
    if !(200..400).contains(&answer.status) && !is_secret {
        return Err(Failure::error(format_args!("{url} answers with {}", answer.status)));
    }
    print_line(format_args!("{url} answers with {}", answer.status));
    Ok(())
}

/// Whether the server that was started with the same variables has a secret link.
fn has_secret() -> bool {
    env::var("CHAPBOOK_SECRET").is_ok_and(|it| boolean(&it) == Ok(true))
}

/// The URL of the server that was started with the same variables.
fn default_url() -> Result<HttpUrl, String> {
    let variable = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
    let port = match variable("CHAPBOOK_PORT") {
        None => PORT,
        Some(port) => match port.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err(format!("cannot probe port {port} of CHAPBOOK_PORT; give a URL")),
        },
    };
    let host = variable("CHAPBOOK_HOST").unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(&host);
    let ip = match bare.parse() {
        // A wildcard address stands for every address of this machine.
        Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        Ok(ip) => ip,
        // `localhost`, or not set.
        Err(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    // A site that cannot be loaded is not served, which the request will show.
    let mount = load_site().ok().and_then(|site| site.info().mount);
    Ok(HttpUrl::at(SocketAddr::new(ip, port), mount.unwrap_or("/")))
}
