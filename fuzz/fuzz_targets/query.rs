//! Fuzz target for queries of redirected requests; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::query::run(data));
