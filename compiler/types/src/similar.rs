//! Names that a reader may have meant.

/// The most names a message offers.
const MOST: usize = 3;

/// Those candidates that differ from `name` by case or by a few letters, best first.
pub(crate) fn similar<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Vec<String> {
    let lower = name.to_lowercase();
    let budget = (name.chars().count() / 3).max(1);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        if candidate == name || candidate.starts_with('_') {
            continue;
        }
        let distance = if candidate.to_lowercase() == lower { 0 } else { distance(name, candidate, budget) };
        // A name of one letter is near to every other: say nothing.
        if distance <= budget && (distance == 0 || distance < candidate.chars().count()) {
            found.push((distance, candidate));
        }
    }
    found.sort_unstable();
    found.dedup_by(|a, b| a.1 == b.1);
    found.into_iter().take(MOST).map(|(_, c)| c.to_owned()).collect()
}

/// The number of letters to add, remove, change or swap; more than `limit` is not counted exactly.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut row: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1; width];
        for (j, y) in b.iter().enumerate() {
            let mut best = (row[j] + usize::from(x != y)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            next[j + 1] = best;
        }
        before = std::mem::replace(&mut row, next);
    }
    row[width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["length", "last", "Length", "width"];
        assert_eq!(similar("lenght", names), ["length", "Length"]);
        assert_eq!(similar("LENGTH", names), ["Length", "length"]);
        assert!(similar("zebra", names).is_empty());
    }
}
