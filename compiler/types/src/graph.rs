//! Strongly connected components and cycles of small directed graphs.

/// The components, each after all that it has edges to; members sorted. Without recursion, so depth is
/// no matter (Tarjan's algorithm with an explicit stack).
pub(crate) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = edges.len();
    let (mut index, mut low) = (vec![UNSEEN; n], vec![0; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut out, mut next) = (Vec::new(), Vec::new(), 0);
    let mut work: Vec<(usize, usize)> = Vec::new();
    for start in 0..n {
        if index[start] != UNSEEN {
            continue;
        }
        work.push((start, 0));
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                index[node] = next;
                low[node] = next;
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(&to) = edges[node].get(edge) {
                work.push((node, edge + 1));
                if index[to] == UNSEEN {
                    work.push((to, 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            if low[node] == index[node] {
                let from = stack.iter().rposition(|x| *x == node).unwrap_or(0);
                let mut component = stack.split_off(from);
                component.iter().for_each(|x| on_stack[*x] = false);
                component.sort_unstable();
                out.push(component);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    out
}

/// A shortest cycle through the first member of a component: its nodes in order, the first one not repeated.
pub(crate) fn cycle_in(edges: &[Vec<usize>], component: &[usize]) -> Option<Vec<usize>> {
    cycle_from(edges, component, *component.first()?)
}

/// A shortest cycle through one member of a component.
pub(crate) fn cycle_from(edges: &[Vec<usize>], component: &[usize], start: usize) -> Option<Vec<usize>> {
    let mut from: Vec<(usize, Option<usize>)> = vec![(start, None)];
    let mut at = 0;
    while at < from.len() {
        let (node, _) = from[at];
        for &to in &edges[node] {
            if to == start {
                let mut path = vec![node];
                let mut step = from[at].1;
                while let Some(i) = step {
                    path.push(from[i].0);
                    step = from[i].1;
                }
                path.reverse();
                return Some(path);
            }
            if component.binary_search(&to).is_ok() && !from.iter().any(|(x, _)| *x == to) {
                from.push((to, Some(at)));
            }
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_come_after_what_they_need() {
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![0]];
        assert_eq!(components(&edges), vec![vec![3], vec![1, 2], vec![0], vec![4]]);
        assert_eq!(cycle_in(&edges, &[1, 2]), Some(vec![1, 2]));
        assert_eq!(cycle_in(&edges, &[3]), None);
    }
}
