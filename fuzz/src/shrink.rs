//! Makes a failing program smaller: lines and whole blocks are left out as long as it still fails.
//!
//! It works on the laid-out text, where a block begins at the end of a line and ends on a line of its own with
//! the same indentation; so it serves any program, not only generated ones.

/// The smallest program found for which `fails` holds; at most `tries` programs are tried.
pub fn shrink(text: &str, tries: usize, fails: impl Fn(&str) -> bool) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut left = tries;
    loop {
        let before = lines.len();
        let mut at = 0;
        while at < lines.len() && left > 0 {
            let end = end_of_block(&lines, at);
            // The whole block, its first and last line only, or this line.
            let whole: Vec<usize> = (at..=end).collect();
            let candidates = if end > at { vec![whole, vec![at, end], vec![at]] } else { vec![whole] };
            let shorter = candidates.into_iter().find_map(|without| {
                left = left.saturating_sub(1);
                let kept: Vec<String> =
                    (0..lines.len()).filter(|i| !without.contains(i)).map(|i| lines[i].clone()).collect();
                fails(&joined(&kept)).then_some(kept)
            });
            match shorter {
                Some(kept) => lines = kept,
                None => at += 1,
            }
        }
        if lines.len() == before || left == 0 {
            return joined(&lines);
        }
    }
}

fn joined(lines: &[String]) -> String {
    lines.iter().flat_map(|l| [l.as_str(), "\n"]).collect()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The last line of the block that begins on this line; the line itself if none does.
fn end_of_block(lines: &[String], at: usize) -> usize {
    let inside = indentation(&lines[at]);
    let next = lines[at + 1..].iter().position(|l| !l.is_empty() && indentation(l) <= inside);
    match next {
        Some(n) if n > 0 && lines[at + 1 + n].trim_start().starts_with(['}', ']', ')']) => at + 1 + n,
        Some(n) => at + n,
        None => lines.len() - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let text = "fn a() {\n  print(1)\n}\nfn main() {\n  if true {\n    print(2)\n  }\n  print(3)\n}\n";
        let small = shrink(text, 100, |t| t.contains("fn main") && t.contains("print(2)") && t.contains("\n}"));
        assert_eq!(small, "fn main() {\n    print(2)\n}\n");
    }
}
