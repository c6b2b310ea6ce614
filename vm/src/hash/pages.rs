//! The tree of a heap's pages, kept: a page that changed costs its own hash and those of the nodes above it.

use super::{FAN_OUT, PAGE, StateHash, leaf};

/// The hashes of pages, and of the nodes above them.
#[derive(Debug, Default)]
pub(crate) struct PageTree {
    /// Pages first; the last level has one node. Without pages there is no level.
    levels: Vec<Vec<StateHash>>,
    /// Pages of other hashes since the last look at the root.
    touched: Vec<u32>,
}

/// The hash of a page; the last one of a heap ends with its last cell.
pub(crate) fn page(bytes: &[u8]) -> StateHash {
    debug_assert!(bytes.len() <= PAGE);
    leaf("page", bytes)
}

impl PageTree {
    /// How many pages it has.
    pub(crate) fn len(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Is of another size. New pages have no hash: each of them has to be set.
    pub(crate) fn resize(&mut self, pages: usize) {
        if pages == self.len() {
            return;
        }
        let mut size = pages;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].resize(size, StateHash::default());
            if size <= 1 {
                self.levels.truncate(level + 1);
                break;
            }
            size = size.div_ceil(FAN_OUT);
        }
        self.touched.retain(|&page| (page as usize) < pages);
        self.touched.extend(pages.checked_sub(1).map(|last| last as u32));
    }

    /// Sets a page's hash, and says whether it was another one.
    pub(crate) fn set(&mut self, page: usize, hash: StateHash) -> bool {
        let place = &mut self.levels[0][page];
        let other = *place != hash;
        if other {
            *place = hash;
            self.touched.push(page as u32);
        }
        other
    }

    /// The hash of all of them.
    pub(crate) fn root(&mut self) -> StateHash {
        let mut touched: Vec<usize> = self.touched.drain(..).map(|page| page as usize).collect();
        touched.sort_unstable();
        for above in 1..self.levels.len() {
            touched.iter_mut().for_each(|node| *node /= FAN_OUT);
            touched.dedup();
            let (below, levels) = self.levels[above - 1..].split_first_mut().expect("there is a level below");
            for &node in &touched {
                let children = &below[node * FAN_OUT..below.len().min((node + 1) * FAN_OUT)];
                levels[0][node] = leaf("node", children.as_flattened());
            }
        }
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::pages;

    #[test]
    fn a_tree_that_is_kept_has_the_root_of_one_that_is_made() {
        let mut bytes: Vec<u8> = Vec::new();
        let mut tree = PageTree::default();
        let mut state = 7u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..200 {
            let before = bytes.len();
            match round % 10 {
                0 => bytes.resize(before + draw(300 * PAGE), 3),
                5 if round > 100 => bytes.truncate(before - draw(before / 2 + 1)),
                _ => {}
            }
            let mut stale: Vec<usize> = Vec::new();
            let pages_now = bytes.len().div_ceil(PAGE);
            for _ in 0..draw(20).min(bytes.len()) {
                let at = draw(bytes.len());
                bytes[at] ^= draw(256) as u8;
                stale.push(at / PAGE);
            }
            stale.extend(before.min(bytes.len()) / PAGE..pages_now);
            tree.resize(pages_now);
            for page_number in stale {
                let end = bytes.len().min((page_number + 1) * PAGE);
                if page_number < pages_now {
                    tree.set(page_number, page(&bytes[page_number * PAGE..end]));
                }
            }
            assert_eq!(tree.root(), pages(&bytes), "round {round}, {} bytes", bytes.len());
        }
    }
}
