//! Fuzz target for payloads with forged hashes; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::forgery::run(data));
