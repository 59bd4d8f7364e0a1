//! Fuzz target for Windows executables to pack into; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::base::run(data));
