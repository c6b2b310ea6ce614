#![no_main]
//! See `codex_fuzz::targets::module`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| codex_fuzz::targets::module(bytes));
