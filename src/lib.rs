//! Chapbook: a website bound into one executable.
//!
//! Every route, field and byte of an answer is decided when the site is bound; serving is a look-up
//! in a perfect hash and a write. ARCHITECTURE.md is the tour of the house; imports go one way:
//! `cli -> server -> http -> site -> chapbook_format`, and `limits` is a leaf.

pub mod cli;
pub mod http;
pub mod limits;
pub mod server;
pub mod site;
