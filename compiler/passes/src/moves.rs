//! Parallel moves: all at once, as a sequence.
//!
//! The usual worklist (Boissinot and others 2009, algorithm 1): a target that nobody reads any more is written
//! first; when only circles are left, one value waits in a scratch register.

use codex_spec::instruction::Reg;

/// Orders moves `(target, source)`, each target once, so that each source is read before it is written.
/// `scratch` gives a register for the type of the given one.
pub(crate) fn sequence(moves: &[(Reg, Reg)], mut scratch: impl FnMut(Reg) -> Reg) -> Vec<(Reg, Reg)> {
    let mut left: Vec<(Reg, Reg)> = moves.iter().copied().filter(|(to, from)| to != from).collect();
    let mut out = Vec::with_capacity(left.len() + 1);
    while !left.is_empty() {
        let ready = left.iter().position(|(to, _)| !left.iter().any(|(_, from)| from == to));
        match ready {
            Some(i) => out.push(left.swap_remove(i)),
            None => {
                let (_, from) = left[0];
                let wait = scratch(from);
                out.push((wait, from));
                left.iter_mut().filter(|m| m.1 == from).for_each(|m| m.1 = wait);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(moves: &[(u16, u16)]) -> Vec<u64> {
        let regs: Vec<(Reg, Reg)> = moves.iter().map(|&(a, b)| (Reg(a), Reg(b))).collect();
        let mut state: Vec<u64> = (0..16).collect();
        for (to, from) in sequence(&regs, |_| Reg(15)) {
            state[to.0 as usize] = state[from.0 as usize];
        }
        state
    }

    #[test]
    fn circles_and_chains_end_as_if_all_moved_at_once() {
        for moves in [
            &[(0, 1), (1, 0)][..],
            &[(0, 1), (1, 2), (2, 0)],
            &[(0, 1), (2, 1), (1, 0)],
            &[(3, 2), (2, 1), (1, 0)],
            &[(0, 1), (1, 0), (2, 3), (3, 2), (4, 2)],
            &[(5, 5)],
        ] {
            let state = run(moves);
            for &(to, from) in moves {
                assert_eq!(state[to as usize], u64::from(from), "{moves:?}");
            }
        }
    }
}
