//! Fuzz target for request heads; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::head::run(data));
