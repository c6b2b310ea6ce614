//! Where things are in the machine that runs native code, and what it offers out of line.

/// Byte offsets from the container that native code gets as its context, numbers of the heap's format, and helpers.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    /// Of the container's [`crate::Activation`].
    pub activation: i32,
    /// Of the address of the heap's first byte.
    pub heap_base: i32,
    /// Of the fuel that bulk work in the heap owes.
    pub heap_debt: i32,
    /// From the heap's base: the head of the list of dead cells.
    pub dead_head: i32,
    /// From the heap's base: the heads of the free lists, 4 bytes each, by size class.
    pub free_heads: i32,
    /// Cells of at most so many units have a class of their own, with the number of their units.
    pub exact_classes: u32,
    /// What is out of line.
    pub helpers: Helpers,
    /// A bug to put into the code, for tests of the tests.
    pub seed: Seed,
}

/// Addresses of functions with the C calling convention. The first argument is always the container.
#[derive(Clone, Copy, Debug)]
pub struct Helpers {
    /// `(container, fuel, words) → fuel`: runs one loaded instruction on the scratch registers. `i64::MIN` is a trap.
    pub step: usize,
    /// `(container, reference)`: the last owner of a cell is gone.
    pub die: usize,
    /// `(container, units, upper half of the header) → reference`: a record's cell, or 0 when memory is out.
    pub allocate: usize,
    /// `(container, reference)`: gives up what a record holds, whose cell becomes a token.
    pub hollow: usize,
    /// `(container, token)`: frees a token.
    pub free_token: usize,
    /// `(container, a, b) → 0 or 1`: whether two texts or bytes are equal. This and all below may owe fuel.
    pub equal: usize,
    /// `(container, a, b) → order`: compares them.
    pub order: usize,
    /// `(container, a, needle, from) → offset`: finds one in another.
    pub find: usize,
    /// `(container, state, value) → state`: mixes bytes into a hash.
    pub hash: usize,
    /// `(container, slots, hash, start) → slot`: one probe of a hash index.
    pub probe: usize,
}

/// A bug in code generation that tests put in to see that they notice it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum Seed {
    #[default]
    None,
    NoFuelAtLoops,
    FuelPaidTwice,
    FirstRegisterLostAtStops,
    NoOverflowCheck,
    BoundsOffByOne,
    DupForgotten,
    TrapAtNextInstruction,
    NanNotCanonical,
    FreeListNotUnlinked,
    BranchesSwapped,
    UniqueNotTested,
    StaleHeapBase,
}
