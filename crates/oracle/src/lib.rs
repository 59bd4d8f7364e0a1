//! Fuzz targets: each uses arbitrary bytes as input from a client or author, and panics if the
//! result violates a rule.
//!
//! The rules are a second, slow implementation of the RFCs, independent of the server. The tests
//! run the targets with mutated seeds, and the fuzzer in `fuzz/` runs them guided by coverage. Only
//! tests link this crate.

#![expect(clippy::missing_panics_doc, reason = "a panic reports a violated rule")]
#![expect(clippy::must_use_candidate, reason = "only tests use this crate")]

pub mod accept_encoding;
pub mod archive;
pub mod base;
pub mod code_signature;
pub mod connection;
pub mod conversation;
pub mod entity_tags;
pub mod exchange;
pub mod forgery;
mod framing;
pub mod head;
pub mod long_payload;
pub mod model;
pub mod path;
pub mod payload;
pub mod query;
pub mod range;
pub mod response;
pub mod rng;
pub mod rules;
mod seeds;
pub mod tls;
pub mod windows_resources;

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct FuzzTarget {
    /// The name on the command line of the fuzzer.
    pub name: &'static str,
    /// Runs the target with an input. Panics if a rule is violated.
    pub run: fn(&[u8]),
    /// The initial inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Pieces to insert when mutating an input.
    pub pieces: &'static [&'static [u8]],
}

/// All targets.
pub const TARGETS: [FuzzTarget; 16] = [
    FuzzTarget {
        name: "head",
        run: head::run,
        seeds: seeds::requests,
        pieces: seeds::REQUEST_PIECES,
    },
    FuzzTarget { name: "path", run: path::run, seeds: seeds::paths, pieces: seeds::PATH_PIECES },
    FuzzTarget {
        name: "query",
        run: query::run,
        seeds: seeds::queries,
        pieces: seeds::PATH_PIECES,
    },
    FuzzTarget {
        name: "range",
        run: range::run,
        seeds: seeds::ranges,
        pieces: seeds::VALUE_PIECES,
    },
    FuzzTarget {
        name: "entity_tags",
        run: entity_tags::run,
        seeds: seeds::entity_tags,
        pieces: seeds::VALUE_PIECES,
    },
    FuzzTarget {
        name: "accept_encoding",
        run: accept_encoding::run,
        seeds: seeds::codings,
        pieces: seeds::VALUE_PIECES,
    },
    FuzzTarget {
        name: "connection",
        run: connection::run,
        seeds: seeds::connections,
        pieces: seeds::REQUEST_PIECES,
    },
    FuzzTarget { name: "payload", run: payload::run, seeds: seeds::edits, pieces: &[b"\0\0\x01"] },
    FuzzTarget {
        name: "forged_payload",
        run: forgery::run,
        seeds: seeds::forgeries,
        pieces: seeds::NUMBER_PIECES,
    },
    FuzzTarget {
        name: "headers_file",
        run: rules::run_headers,
        seeds: seeds::headers,
        pieces: seeds::RULE_PIECES,
    },
    FuzzTarget {
        name: "redirects_file",
        run: rules::run_redirects,
        seeds: seeds::redirects,
        pieces: seeds::RULE_PIECES,
    },
    FuzzTarget {
        name: "elf_base",
        run: base::run,
        seeds: || vec![base::elf()],
        pieces: seeds::NUMBER_PIECES,
    },
    FuzzTarget {
        name: "pe_base",
        run: base::run,
        seeds: || vec![base::pe(true), base::pe(false)],
        pieces: seeds::NUMBER_PIECES,
    },
    FuzzTarget {
        name: "macho_base",
        run: base::run,
        seeds: || vec![base::macho(true), base::macho(false)],
        pieces: seeds::NUMBER_PIECES,
    },
    FuzzTarget {
        name: "archive",
        run: archive::run,
        seeds: archive::seeds,
        pieces: archive::PIECES,
    },
    FuzzTarget { name: "tls", run: tls::run, seeds: tls::seeds, pieces: tls::PIECES },
];
