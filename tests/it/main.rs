//! The one integration binary: each module holds the promises of one part of the outside.

/// Starting the executable and talking to it.
mod harness;

/// That the core asks for no memory.
mod allocation;
/// What the command line says and with which code it ends.
mod command_line;
/// Every case of the conformance table, against the executable and against the core.
mod conformance;
/// What a connection does when its time is over, without a clock.
mod deadlines;
/// What the documents show, and that it is true.
mod documents;
/// What must hold between any two answers.
mod properties;
/// Answers over real sockets: keep-alive, large contents, clients that misbehave, stopping.
mod serving;
/// What `build.rs` says to a site, and what becomes of the next build when the site changes.
mod site_build;
/// Fixture sites, one for each mistake, and what is said about it.
mod site_mistakes;
