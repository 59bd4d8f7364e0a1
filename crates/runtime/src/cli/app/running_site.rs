//! Site that another chapbook process serves on this machine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::{
    cli::http_get::{HttpUrl, get},
    site::{IDENTITY_KEY, Identity},
};

/// Time limit of a request, which delays the start of the server.
const LIMIT: Duration = Duration::from_millis(200);

/// The identity of the site at a port of this machine; `None` if no chapbook listens there.
pub(super) fn identity_at(port: u16) -> Option<Identity> {
    let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
    let path = str::from_utf8(IDENTITY_KEY).ok()?;
    let answer = get(&HttpUrl::at(address, path), LIMIT).ok().filter(|it| it.status == 200)?;
    serde_json::from_slice(&answer.content).ok()
}
