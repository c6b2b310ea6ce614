//! The tree of containers, kept: by number, six bits at a time from the top. A branch above one container is that container.
//!
//! A container that changed costs its own hash and those of the branches above it, eleven at most.

use super::{DIGIT, StateHash, finish, start};
use crate::state::Sink;

/// The hashes of containers, and of the branches above them.
#[derive(Debug, Default)]
pub(crate) struct Containers {
    top: Node,
}

#[derive(Debug, Default)]
enum Node {
    #[default]
    Nothing,
    One(u64, StateHash),
    Branch(Box<Branch>),
}

/// At least two containers, which differ in the bits from this branch's on.
#[derive(Debug, Default)]
struct Branch {
    /// By digit.
    children: Vec<(u8, Node)>,
    hash: Option<StateHash>,
}

/// The shift of the first digit.
const TOP: u32 = 60;

fn digit(id: u64, shift: u32) -> u8 {
    (id >> shift & ((1 << DIGIT) - 1)) as u8
}

impl Containers {
    /// Sets a container's hash.
    pub(crate) fn set(&mut self, id: u64, hash: StateHash) {
        self.top.set(id, hash, TOP);
    }

    /// Takes a container out, if it is there.
    pub(crate) fn remove(&mut self, id: u64) {
        self.top.remove(id, TOP);
    }

    /// Whether it has none.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.top, Node::Nothing)
    }

    /// The hash of all of them; none if there are none.
    pub(crate) fn root(&mut self) -> Option<StateHash> {
        (!self.is_empty()).then(|| self.top.hash())
    }
}

impl Node {
    fn set(&mut self, id: u64, hash: StateHash, shift: u32) {
        match self {
            Node::Branch(branch) => branch.set(id, hash, shift),
            Node::One(other, of_other) if *other != id => {
                let mut branch = Branch::default();
                branch.set(*other, *of_other, shift);
                branch.set(id, hash, shift);
                *self = Node::Branch(Box::new(branch));
            }
            Node::One(..) | Node::Nothing => *self = Node::One(id, hash),
        }
    }

    fn remove(&mut self, id: u64, shift: u32) {
        match self {
            Node::One(only, _) if *only == id => *self = Node::Nothing,
            Node::One(..) | Node::Nothing => {}
            Node::Branch(branch) => {
                branch.remove(id, shift);
                if let [(_, only @ Node::One(..))] = branch.children.as_mut_slice() {
                    *self = std::mem::take(only);
                }
            }
        }
    }

    fn hash(&mut self) -> StateHash {
        match self {
            Node::Nothing => StateHash::default(),
            Node::One(_, hash) => *hash,
            Node::Branch(branch) => branch.hash(),
        }
    }
}

impl Branch {
    fn set(&mut self, id: u64, hash: StateHash, shift: u32) {
        self.hash = None;
        let digit = digit(id, shift);
        let place = self.children.partition_point(|&(other, _)| other < digit);
        if self.children.get(place).is_none_or(|&(other, _)| other != digit) {
            self.children.insert(place, (digit, Node::Nothing));
        }
        self.children[place].1.set(id, hash, shift.saturating_sub(DIGIT));
    }

    fn remove(&mut self, id: u64, shift: u32) {
        let digit = digit(id, shift);
        let Ok(place) = self.children.binary_search_by_key(&digit, |&(other, _)| other) else { return };
        self.hash = None;
        self.children[place].1.remove(id, shift.saturating_sub(DIGIT));
        if matches!(self.children[place].1, Node::Nothing) {
            self.children.remove(place);
        }
    }

    fn hash(&mut self) -> StateHash {
        if let Some(hash) = self.hash {
            return hash;
        }
        let mut h = start("containers");
        for (digit, child) in &mut self.children {
            h.number((*digit).into());
            h.raw(&child.hash());
        }
        *self.hash.insert(finish(&h))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The same tree, made at once: what `spec/hash.md` says.
    fn made(containers: &[(u64, StateHash)], shift: u32) -> StateHash {
        if let [(_, only)] = containers {
            return *only;
        }
        let mut h = start("containers");
        for group in containers.chunk_by(|a, b| digit(a.0, shift) == digit(b.0, shift)) {
            h.number(digit(group[0].0, shift).into());
            h.raw(&made(group, shift.saturating_sub(DIGIT)));
        }
        finish(&h)
    }

    #[test]
    fn a_tree_that_is_kept_has_the_root_of_one_that_is_made() {
        let mut state = 3u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        };
        let (mut tree, mut all) = (Containers::default(), BTreeMap::new());
        for round in 0..3000u64 {
            // Small numbers, close ones, and ones that differ in the first bits only.
            let id = match draw() % 4 {
                0 => draw() % 5,
                1 => (1 << 40) + draw() % 300,
                2 => draw() << 30,
                _ => ((draw() % 16) << 60) + draw() % 2,
            };
            // Now and then so few are left that branches fold.
            if draw() % 5 < if round / 300 % 2 == 0 { 1 } else { 4 } {
                let id = all.range(id..).next().map_or(id, |(&id, _)| id);
                tree.remove(id);
                all.remove(&id);
            } else {
                let hash = *blake3::hash(&draw().to_le_bytes()).as_bytes();
                tree.set(id, hash);
                all.insert(id, hash);
            }
            if draw() % 3 == 0 {
                let list: Vec<_> = all.iter().map(|(&id, &hash)| (id, hash)).collect();
                assert_eq!(tree.root(), (!list.is_empty()).then(|| made(&list, TOP)), "round {round}");
            }
        }
    }
}
