//! What native code and the machine share while native code runs.

/// One for each container, filled in before native code is entered; its place in the container is in `Machine`.
///
/// Pointers are null when no native code runs.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Activation {
    /// Where the next exit record is written.
    pub cursor: *mut u64,
    /// Registers for a single instruction that is done out of line.
    pub scratch: *mut u64,
    /// Fuel, when native code stopped.
    pub fuel: i64,
    /// What a helper gave that was called through the bridge.
    pub result: u64,
    /// Why an out-of-line instruction failed (`Trap`'s number), or 0.
    pub trap: u64,
    /// For each function the address of its code, or 0.
    pub functions: *const usize,
    /// For each layout the address of the code of its closures' function, or 0.
    pub closures: *const usize,
    /// The container's literals.
    pub literals: *const u32,
    /// The container's constants.
    pub globals: *const u64,
    /// Which constants are filled.
    pub ready: *const u8,
    /// The world's key for hashes.
    pub hash_seed: u64,
    /// The world's clock.
    pub clock: i64,
    /// What else the machine's own handlers need of the world.
    pub senses: *const u8,
}

impl Activation {
    /// Of a container that runs no native code.
    pub const IDLE: Activation = Activation {
        cursor: std::ptr::null_mut(),
        scratch: std::ptr::null_mut(),
        fuel: 0,
        result: 0,
        trap: 0,
        functions: std::ptr::null(),
        closures: std::ptr::null(),
        literals: std::ptr::null(),
        globals: std::ptr::null(),
        ready: std::ptr::null(),
        hash_seed: 0,
        clock: 0,
        senses: std::ptr::null(),
    };
}
