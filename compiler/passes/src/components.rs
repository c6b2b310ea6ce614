//! Strongly connected components of the call graph: functions that call each other in a circle.
//!
//! Tarjan, 'Depth-First Search and Linear Graph Algorithms' (1972), with a stack of its own.

use codex_core::ir::Program;

/// For each function the number of its component.
pub(crate) fn of_calls(program: &Program) -> Vec<u32> {
    let callees: Vec<Vec<u32>> = program
        .functions
        .iter()
        .map(|f| f.blocks.iter().flat_map(|b| &b.insts).filter_map(|i| i.callee()).map(|f| f.0).collect())
        .collect();
    components(&callees)
}

/// No number yet.
const NONE: u32 = u32::MAX;

fn components(next: &[Vec<u32>]) -> Vec<u32> {
    let n = next.len();
    let (mut index, mut low, mut component) = (vec![NONE; n], vec![0; n], vec![NONE; n]);
    let (mut clock, mut found) = (0, 0);
    let mut open: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, usize)> = Vec::new();
    for start in 0..n as u32 {
        if index[start as usize] != NONE {
            continue;
        }
        path.push((start, 0));
        while let Some((v, edge)) = path.pop() {
            let at = v as usize;
            if edge == 0 {
                (index[at], low[at]) = (clock, clock);
                clock += 1;
                open.push(v);
            } else {
                // Back from the callee before this edge.
                let callee = next[at][edge - 1] as usize;
                if component[callee] == NONE {
                    low[at] = low[at].min(low[callee]);
                }
            }
            if let Some(&callee) = next[at].get(edge) {
                path.push((v, edge + 1));
                if index[callee as usize] == NONE {
                    path.push((callee, 0));
                }
            } else if low[at] == index[at] {
                while let Some(member) = open.pop() {
                    component[member as usize] = found;
                    if member == v {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn circles_are_one_component() {
        // 0 → 1 → 2 → 0, 2 → 3 → 4 → 3, 5 alone, 6 calls itself.
        let next = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![], vec![6]];
        let c = components(&next);
        assert!(c[0] == c[1] && c[1] == c[2]);
        assert!(c[3] == c[4] && c[3] != c[0]);
        assert!(c[5] != c[6] && c[5] != c[0]);
    }

    #[test]
    fn a_long_chain_does_not_recurse() {
        let next: Vec<Vec<u32>> = (1..200_001).map(|n| if n < 200_000 { vec![n] } else { vec![] }).collect();
        assert_eq!(components(&next)[0], 199_999);
    }
}
