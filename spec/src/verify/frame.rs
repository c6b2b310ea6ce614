//! What each register holds while the verifier goes through a block.
//!
//! A borrow is not ended by an instruction: it ends when its holder is moved, changed or overwritten. So each register
//! has an *age*, which rises whenever that happens, and a borrow remembers the age its holder had; it
//! is live as long as the two agree. Nothing has to be searched when a holder goes.
//!
//! A borrow always names its *root*, the register that owns: borrowing from a borrowed reference borrows from what that
//! one borrows from, and borrowing from a lent one gives a lent one (what the caller
//! holds stays for the whole call).

use super::holds::binding;
use crate::instruction::Reg;
use crate::layout::{RegType, TypeDef};
use crate::module::{Function, Hold, Module, State};

/// What went wrong, in words.
pub(crate) type Step<T = ()> = Result<T, String>;

#[derive(Clone, Copy, Default)]
struct Slot {
    state: Option<State>,
    /// How often what it holds was moved, changed or overwritten.
    age: u32,
    /// For a borrow: the age of its root when it was made.
    borrowed_at: u32,
    /// How many open lists have this register as the index of their missing element.
    pins: u32,
}

/// The registers of one function.
#[derive(Clone)]
pub(crate) struct Frame<'m> {
    module: &'m Module,
    function: &'m Function,
    slots: Vec<Slot>,
    /// Registers that were written since the block's start.
    touched: Vec<Reg>,
    /// How many registers hold what must be given up.
    bound: usize,
}

impl<'m> Frame<'m> {
    /// All registers empty.
    pub(crate) fn new(module: &'m Module, function: &'m Function) -> Self {
        let slots = vec![Slot::default(); function.registers.len()];
        Frame { module, function, slots, touched: Vec::new(), bound: 0 }
    }

    pub(super) fn module(&self) -> &'m Module {
        self.module
    }

    pub(super) fn function(&self) -> &'m Function {
        self.function
    }

    /// How many registers hold what must be given up.
    pub(super) fn bound(&self) -> usize {
        self.bound
    }

    /// Starts a block with these states (which [`super::entries`] has checked).
    pub(crate) fn enter(&mut self, entry: &[(Reg, State)]) {
        for reg in std::mem::take(&mut self.touched) {
            self.slots[usize::from(reg.0)] = Slot::default();
        }
        self.bound = 0;
        for &(reg, state) in entry {
            self.put(reg, Some(state));
        }
        for &(_, state) in entry {
            if let Hold::OpenItem(at) = state.hold {
                self.slots[usize::from(at.0)].pins += 1;
            }
        }
    }

    /// The register's type.
    pub(super) fn reg_type(&self, reg: Reg) -> RegType {
        self.function.registers[usize::from(reg.0)]
    }

    /// What the register holds; nothing, if it is a borrow whose holder has gone.
    pub(crate) fn get(&self, reg: Reg) -> Option<State> {
        let slot = self.slots.get(usize::from(reg.0))?;
        let state = slot.state?;
        match state.hold {
            Hold::Borrowed(root) if self.slots[usize::from(root.0)].age != slot.borrowed_at => None,
            _ => Some(state),
        }
    }

    /// The variant that a data register is known to hold: by its state, or because its type has only one.
    pub(super) fn variant(&self, reg: Reg, state: State) -> Option<u8> {
        let one = || match self.reg_type(reg) {
            RegType::Ref(t) => {
                matches!(self.module.typ(t), Some(TypeDef::Data(variants)) if variants.len() == 1).then_some(0)
            }
            _ => None,
        };
        state.variant.or_else(one)
    }

    /// Whether what a register with this state holds must be given up.
    pub(super) fn binds(&self, reg: Reg, state: State) -> bool {
        binding(self.module, self.reg_type(reg), self.variant(reg, state), state.hold)
    }

    /// Some register that holds what must be given up and for which `keep` is false.
    pub(super) fn find_bound(&self, keep: impl Fn(Reg) -> bool) -> Option<Reg> {
        self.touched.iter().copied().find(|&r| !keep(r) && self.get(r).is_some_and(|s| self.binds(r, s)))
    }

    /// Every register that holds something, in order.
    pub(crate) fn states(&self) -> Vec<(Reg, State)> {
        let mut held: Vec<_> = self.touched.iter().filter_map(|&r| Some((r, self.get(r)?))).collect();
        held.sort_unstable_by_key(|(r, _)| *r);
        held.dedup_by_key(|(r, _)| *r);
        held
    }

    // ── Changes ──────────────────────────────────────────────────────────────────

    /// Replaces a state, and keeps the count of what must be given up.
    fn put(&mut self, reg: Reg, state: Option<State>) {
        let index = usize::from(reg.0);
        let before = self.slots[index].state.is_some_and(|s| self.binds(reg, s));
        let after = state.is_some_and(|s| self.binds(reg, s));
        self.bound = self.bound + usize::from(after) - usize::from(before);
        if let Some(State { hold: Hold::Borrowed(root), .. }) = state {
            self.slots[index].borrowed_at = self.slots[usize::from(root.0)].age;
        }
        if self.slots[index].state.is_none() {
            self.touched.push(reg);
        }
        self.slots[index].state = state;
    }

    /// Ends every borrow from the register.
    fn end_borrows(&mut self, reg: Reg) {
        let age = &mut self.slots[usize::from(reg.0)].age;
        *age = age.wrapping_add(1);
    }

    /// The register holds something that can be looked at.
    pub(super) fn read(&self, reg: Reg) -> Step<State> {
        let state = self.get(reg).ok_or_else(|| self.why_empty(reg))?;
        match state.hold {
            Hold::Token(_) => Err(format!("r{} holds a token, not a value", reg.0)),
            Hold::OpenField(_) | Hold::OpenItem(_) => Err(format!("r{} is open: a part of it is missing", reg.0)),
            _ => Ok(state),
        }
    }

    fn why_empty(&self, reg: Reg) -> String {
        match self.slots.get(usize::from(reg.0)).and_then(|s| s.state) {
            Some(State { hold: Hold::Borrowed(root), .. }) => {
                format!("r{} was borrowed from r{}, which has since been moved or changed", reg.0, root.0)
            }
            _ => format!("r{} is empty", reg.0),
        }
    }

    /// Moves an owned reference out.
    pub(super) fn take(&mut self, reg: Reg) -> Step<State> {
        let state = self.read(reg)?;
        if !matches!(state.hold, Hold::Owned | Hold::Unique) {
            return Err(format!("r{} is not owned, so it cannot be given away", reg.0));
        }
        self.put(reg, None);
        self.end_borrows(reg);
        Ok(state)
    }

    /// Uses up a token.
    pub(super) fn spend(&mut self, reg: Reg) -> Step<u32> {
        match self.get(reg) {
            Some(State { hold: Hold::Token(size), .. }) => {
                self.put(reg, None);
                Ok(size)
            }
            Some(_) => Err(format!("r{} is no token", reg.0)),
            None => Err(self.why_empty(reg)),
        }
    }

    /// The register holds a unique reference, which is about to be changed.
    pub(super) fn edit(&mut self, reg: Reg) -> Step {
        let state = self.read(reg)?;
        if state.hold != Hold::Unique {
            return Err(format!("r{} is not unique, so it cannot be changed in place", reg.0));
        }
        self.end_borrows(reg);
        Ok(())
    }

    /// An owned reference becomes unique.
    pub(super) fn make_unique(&mut self, reg: Reg) -> Step {
        let state = self.read(reg)?;
        if !matches!(state.hold, Hold::Owned | Hold::Unique) {
            return Err(format!("r{} is not owned, so it cannot become unique", reg.0));
        }
        self.put(reg, Some(State { hold: Hold::Unique, ..state }));
        self.end_borrows(reg);
        Ok(())
    }

    /// A unique reference may now have other owners.
    pub(super) fn share(&mut self, reg: Reg) {
        if let Some(state) = self.get(reg).filter(|s| s.hold == Hold::Unique) {
            // The cell stays where it is: borrows from it live on.
            self.put(reg, Some(State { hold: Hold::Owned, ..state }));
        }
    }

    /// A unique holder becomes open.
    pub(super) fn open(&mut self, reg: Reg, hold: Hold) -> Step {
        self.edit(reg)?;
        if let Hold::OpenItem(at) = hold {
            self.slots[usize::from(at.0)].pins += 1;
        }
        if let Some(state) = self.get(reg) {
            self.put(reg, Some(State { hold, ..state }));
        }
        Ok(())
    }

    /// A holder that is open in just this way becomes unique.
    pub(super) fn close(&mut self, reg: Reg, hold: Hold) -> Step {
        let state = self.get(reg).ok_or_else(|| self.why_empty(reg))?;
        if state.hold != hold {
            return Err(format!("r{} is not open at this place", reg.0));
        }
        if let Hold::OpenItem(at) = hold {
            let pins = &mut self.slots[usize::from(at.0)].pins;
            *pins = pins.saturating_sub(1);
        }
        self.put(reg, Some(State { hold: Hold::Unique, ..state }));
        Ok(())
    }

    /// Writes a register: what it held must not have to be given up.
    pub(super) fn write(&mut self, reg: Reg, state: State) -> Step {
        if self.get(reg).is_some_and(|s| self.binds(reg, s)) {
            return Err(format!("r{} still holds something, which would be lost", reg.0));
        }
        self.unpinned(reg)?;
        // A borrow's age is noted by `put`, so the older ones from this register end first.
        self.end_borrows(reg);
        self.put(reg, Some(state));
        Ok(())
    }

    /// The register is not the index of a missing element.
    pub(super) fn unpinned(&self, reg: Reg) -> Step {
        match self.slots[usize::from(reg.0)].pins {
            0 => Ok(()),
            _ => Err(format!("r{} is the index of a list's missing element, so it cannot change", reg.0)),
        }
    }

    /// What borrowing from the register gives.
    pub(super) fn lend(&self, reg: Reg) -> Step<State> {
        let hold = match self.read(reg)?.hold {
            Hold::Owned | Hold::Unique => Hold::Borrowed(reg),
            hold => hold,
        };
        Ok(State::of(hold))
    }
}
