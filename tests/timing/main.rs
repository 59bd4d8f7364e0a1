//! Assertions on elapsed time and CPU time. They need a quiet machine, so that plain `cargo test`
//! leaves them out; `cargo test --test timing -- --test-threads 1` runs them.

#![cfg(target_os = "linux")]

#[path = "../it/harness/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with tests/it, which uses the rest")]
mod harness;

mod activity;
mod crowds;
mod idle;
mod latency;
mod starving;
mod stopping;
