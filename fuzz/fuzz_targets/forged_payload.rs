//! See `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::forgery::run(data));
