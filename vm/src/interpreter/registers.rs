//! The registers of the frame that runs.

/// The first register of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Regs(pub(crate) *mut u64);

/// Each method's contract: the register is one of the frame's, and for a getter it holds a value of that kind. The
/// verifier proves both for every operand.
#[allow(clippy::missing_safety_doc)] // said above, once for all
impl Regs {
    #[inline(always)]
    pub(crate) unsafe fn word(self, r: u16) -> u64 {
        // SAFETY: the contract.
        unsafe { *self.0.add(r as usize) }
    }
    #[inline(always)]
    pub(crate) unsafe fn int(self, r: u16) -> i64 {
        // SAFETY: the contract.
        unsafe { self.word(r) as i64 }
    }
    #[inline(always)]
    pub(crate) unsafe fn float(self, r: u16) -> f64 {
        // SAFETY: the contract.
        unsafe { f64::from_bits(self.word(r)) }
    }
    #[inline(always)]
    pub(crate) unsafe fn reference(self, r: u16) -> u32 {
        // SAFETY: the contract.
        unsafe { self.word(r) as u32 }
    }
    #[inline(always)]
    pub(crate) unsafe fn set(self, r: u16, value: u64) {
        // SAFETY: the contract.
        unsafe { *self.0.add(r as usize) = value }
    }
    #[inline(always)]
    pub(crate) unsafe fn set_int(self, r: u16, value: i64) {
        // SAFETY: the contract.
        unsafe { self.set(r, value as u64) }
    }
    /// The low byte: what a field or element of a byte keeps of a word.
    #[inline(always)]
    pub(crate) unsafe fn byte(self, r: u16) -> u8 {
        // SAFETY: the contract.
        unsafe { codex_spec::semantics::to_byte(self.int(r)) }
    }
    #[inline(always)]
    pub(crate) unsafe fn set_byte(self, r: u16, value: u8) {
        // SAFETY: the contract.
        unsafe { self.set(r, value as u64) }
    }
    #[inline(always)]
    pub(crate) unsafe fn set_float(self, r: u16, value: f64) {
        // SAFETY: the contract.
        unsafe { self.set(r, value.to_bits()) }
    }
    #[inline(always)]
    pub(crate) unsafe fn set_ref(self, r: u16, value: u32) {
        // SAFETY: the contract.
        unsafe { self.set(r, value as u64) }
    }
}

/// The `i`-th of the registers in the extra words behind a word.
///
/// # Safety
/// The word has that many.
#[inline(always)]
pub(crate) unsafe fn extra(pc: *const super::op::Word, i: usize) -> u16 {
    // SAFETY: extra words are whole, and hold eight numbers each.
    unsafe { pc.add(1).cast::<u16>().add(i).read() }
}

/// How many extra words so many registers take.
#[inline(always)]
pub(crate) const fn extra_words(registers: usize) -> usize {
    registers.div_ceil(8)
}
