//! Fuzz target for connections, as bytes in and bytes out; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::connection::run(data));
