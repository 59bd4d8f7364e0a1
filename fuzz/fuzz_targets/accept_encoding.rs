//! Fuzz target for `Accept-Encoding` fields; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::accept_encoding::run(data));
