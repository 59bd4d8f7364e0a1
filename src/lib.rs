//! Chapbook: a website in one executable.
//!
//! Every route, field and byte of a response is decided when the site is compiled; serving is a
//! look-up in a perfect hash and a write. ARCHITECTURE.md describes the layout. Imports go one way:
//! `cli -> server -> http -> site -> chapbook_format`, and `limits` is a leaf.

pub mod cli;
pub mod http;
pub mod limits;
pub mod server;
pub mod site;
