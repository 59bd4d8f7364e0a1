//! What an executable of Chapbook does: the command line, the server, HTTP and TLS.
//!
//! **There is no stable API**: this is a part of Chapbook, and any version may change anything.
//!
//! The package `chapbook` adds the site, which is decided when it is compiled; serving is a look-up
//! in a perfect hash and a write. ARCHITECTURE.md describes the layout. Imports go one way: `cli ->
//! server -> http -> site -> chapbook_format`, `server` also imports `tls`, and `limits` imports
//! nothing.

pub mod cli;
pub mod http;
pub mod limits;
pub mod server;
pub mod site;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(not(feature = "tls"))]
#[path = "tls/no_tls.rs"]
pub mod tls;
