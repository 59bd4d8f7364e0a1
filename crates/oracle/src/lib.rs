//! What must hold whatever the bytes: each target takes any bytes at all, puts them where a client
//! or an author would, and panics where the outcome breaks a rule that was read from the RFC once
//! more, slowly. The tests run them with seeds, and the fuzzer in `fuzz/` with coverage.
//!
//! This crate owns the rules and the seeds; it knows no sockets, and nothing links it but tests.

#![expect(clippy::missing_panics_doc, reason = "a panic is how a broken rule is told")]
#![expect(clippy::must_use_candidate, reason = "there is nothing here but what tests ask for")]

pub mod accept_encoding;
pub mod connection;
pub mod conversation;
pub mod entity_tags;
pub mod exchange;
pub mod forgery;
pub mod head;
pub mod model;
pub mod numbers;
pub mod path;
pub mod payload;
pub mod range;
pub mod response;
pub mod rules;
mod seeds;

/// Something that takes any bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called on the command line of the fuzzer.
    pub name: &'static str,
    /// Panics where a rule is broken.
    pub run: fn(&[u8]),
    /// Bytes that make a good beginning.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What other bytes are often made of.
    pub pieces: &'static [&'static [u8]],
}

/// All targets.
pub const TARGETS: [Target; 10] = [
    Target { name: "head", run: head::run, seeds: seeds::requests, pieces: seeds::OF_REQUESTS },
    Target { name: "path", run: path::run, seeds: seeds::paths, pieces: seeds::OF_PATHS },
    Target { name: "range", run: range::run, seeds: seeds::ranges, pieces: seeds::OF_VALUES },
    Target {
        name: "entity_tags",
        run: entity_tags::run,
        seeds: seeds::entity_tags,
        pieces: seeds::OF_VALUES,
    },
    Target {
        name: "accept_encoding",
        run: accept_encoding::run,
        seeds: seeds::codings,
        pieces: seeds::OF_VALUES,
    },
    Target {
        name: "connection",
        run: connection::run,
        seeds: seeds::connections,
        pieces: seeds::OF_REQUESTS,
    },
    Target { name: "payload", run: payload::run, seeds: seeds::edits, pieces: &[b"\0\0\x01"] },
    Target {
        name: "forged_payload",
        run: forgery::run,
        seeds: seeds::forgeries,
        pieces: seeds::OF_NUMBERS,
    },
    Target {
        name: "headers_file",
        run: rules::run_headers,
        seeds: seeds::headers,
        pieces: seeds::OF_RULES,
    },
    Target {
        name: "redirects_file",
        run: rules::run_redirects,
        seeds: seeds::redirects,
        pieces: seeds::OF_RULES,
    },
];
