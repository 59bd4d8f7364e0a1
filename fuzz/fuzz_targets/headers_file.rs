//! Fuzz target for `_headers` files; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::rules::run_headers(data));
