//! The allocator of the process.
//!
//! A compiler allocates millions of small nodes and is done soon, so the allocator is mimalloc, and what is freed stays with
//! the process: given back to the host, most of it would be asked for again by the next phase, and each page then costs a fault.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of `mimalloc.h`, which the crate gives no name; the number is the same in versions 2 and 3.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
/// As the delay: never.
const NEVER: std::ffi::c_long = -1;

/// Keeps freed memory in the process.
pub(crate) fn keep_what_is_freed() {
    // SAFETY: the call writes one entry of the allocator's table of options, and is made before there is a second thread; an
    // unknown number is ignored, and any value is a valid delay.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, NEVER) }
}
