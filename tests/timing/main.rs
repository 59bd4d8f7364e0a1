//! Assertions on elapsed time and CPU time. They need an idle machine, so plain `cargo test` does
//! not run them; `cargo test --test timing -- --test-threads 1` does.

#![cfg(target_os = "linux")]

#[path = "../it/harness/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with tests/it, which uses the rest")]
mod harness;

mod activity;
mod descriptor_limit;
mod idle;
mod latency;
mod live;
mod shutdown;
mod slow_clients;
