//! Fuzz target for archives instead of a folder; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::archive::run(data));
