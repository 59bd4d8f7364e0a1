//! Fuzz target for lists of entity tags; the rules are in `crates/oracle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chapbook_oracle::entity_tags::run(data));
