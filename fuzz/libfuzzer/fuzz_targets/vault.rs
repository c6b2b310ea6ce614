#![no_main]
//! See `codex_fuzz::targets::vault`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| codex_fuzz::targets::vault(bytes));
