//! Whole programs: what is emitted verifies, means the same, and holds no ownership instruction that could be left out.

mod common;

use codex_passes::Options;
use codex_spec::instruction::Inst;
use codex_spec::module::{Function, Module};
use codex_spec::verify::verify;

const TREES: &str = r#"
type Tree {
  Leaf
  Node(Tree, Int, Tree)
}

fn insert(t: Tree, k: Int) → Tree {
  match t {
    Leaf → Node(Leaf, k, Leaf)
    Node(l, v, r) → if k < v { Node(insert(l, k), v, r) } else if k > v { Node(l, v, insert(r, k)) } else { t }
  }
}

fn sum(t: Tree) → Int {
  match t {
    Leaf → 0
    Node(l, v, r) → sum(l) + v + sum(r)
  }
}

fn main() {
  var t = Leaf
  for i ∈ 0..50 { t ≔ insert(t, (i × 37) % 50) }
  let kept = t
  t ≔ insert(t, 1000)
  print(sum(kept))
  print(sum(t))
}
"#;

const LISTS: &str = r#"
type Cell { x: Int, name: Text }

fn changed(cells: List[Cell], by: Int) → List[Cell] {
  var all = cells
  for i ∈ 0..list.length(all) {
    all[i].x += by
    if all[i].x > 5 { all[i].name ≔ "large {all[i].x}" }
  }
  all
}

fn main() {
  var grid = [[1, 2], [3, 4]]
  let before = grid
  for i ∈ 0..2 {
    for j ∈ 0..2 { grid[i][j] ≔ grid[i][j] × 10 + i }
  }
  print(before)
  print(grid)
  let cells = [Cell(x: 1, name: "a"), Cell(x: 7, name: "b")]
  print(changed(cells, 2))
  print(cells)
  var counts: Map[Text, Int] = [:]
  for word ∈ text.split("a b a c b a", " ") { counts ≔ map.insert(counts, word, map.get_or(counts, word, 0) + 1) }
  print(map.entries(counts) ▷ list.sort_by(λ (word, n) → (-n, word)) ▷ list.map(λ (word, n) → "{word}{n}"))
}
"#;

fn corpus() -> Vec<(String, String)> {
    let mut all = vec![("trees".to_owned(), TREES.to_owned()), ("lists".to_owned(), LISTS.to_owned())];
    all.extend(common::programs("tests/language"));
    all.extend(common::programs("examples"));
    all.extend(common::programs("benches/peers/programs"));
    assert!(all.len() > 60, "only {} programs", all.len());
    all
}

#[test]
fn every_program_verifies_with_and_without_optimisation() {
    for (name, text) in corpus() {
        for optimise in [true, false] {
            if let Err(error) = verify(common::module(&text, optimise)) {
                panic!("{name} (optimise: {optimise}): {error}");
            }
        }
    }
}

#[test]
fn simplified_programs_mean_the_same() {
    for (name, text) in [("trees", TREES), ("lists", LISTS)] {
        let built = common::evaluated(common::core(text).0);
        let simplified = common::evaluated(codex_passes::simplify(common::core(text).0, &Options::default()));
        assert!(!built.stdout().is_empty(), "{name} prints nothing");
        assert_eq!(built.stdout(), simplified.stdout(), "{name}");
    }
}

/// For each block: whether some path from it leaves the function. The others end in a trap, where everything
/// may be left behind (rule 14 of spec/ownership.md): nothing in them has to be given up.
fn leaving(function: &Function) -> Vec<bool> {
    let mut leaves = vec![false; function.blocks.len()];
    loop {
        let before = leaves.clone();
        for (b, block) in function.blocks.iter().enumerate() {
            let Some(last) = block.code.last() else { continue };
            leaves[b] |= matches!(last, Inst::Return { .. } | Inst::TailCall { .. } | Inst::TailCallValue { .. });
            last.for_each_target(|target| leaves[b] |= before[target.index()]);
        }
        if leaves == before {
            return leaves;
        }
    }
}

/// Calls `f` with each place of an instruction for which `matches` holds, in blocks from which control can leave.
fn for_each_place(module: &Module, matches: impl Fn(&Inst) -> bool, mut f: impl FnMut(usize, usize, usize)) {
    for (n, function) in module.functions.iter().enumerate() {
        let leaves = leaving(function);
        for (b, block) in function.blocks.iter().enumerate().filter(|(b, _)| leaves[*b]) {
            for (at, _) in block.code.iter().enumerate().filter(|(_, i)| matches(i)) {
                f(n, b, at);
            }
        }
    }
}

/// The seeded bugs: a `dup`, `drop`, `unique` or `free_token` forgotten, and a `drop` done twice. The
/// verifier must see each of them; that it does also shows that none of these instructions is superfluous where the function
/// may still return.
#[test]
fn every_ownership_instruction_is_needed() {
    for text in [TREES, LISTS] {
        let module = common::module(text, true);
        assert!(verify(module.clone()).is_ok());
        let counts = |i: &Inst| {
            matches!(i, Inst::Dup { .. } | Inst::Drop { .. } | Inst::MakeUnique { .. } | Inst::FreeToken { .. })
        };
        let mut seeded = 0;
        for_each_place(&module, counts, |n, b, at| {
            let mut broken = module.clone();
            let inst = broken.functions[n].blocks[b].code.remove(at);
            assert!(verify(broken).is_err(), "without {inst:?} at {n}.{b}.{at} the module still verifies");
            seeded += 1;
        });
        for_each_place(
            &module,
            |i| matches!(i, Inst::Drop { .. }),
            |n, b, at| {
                let mut broken = module.clone();
                let code = &mut broken.functions[n].blocks[b].code;
                code.insert(at, code[at].clone());
                assert!(verify(broken).is_err(), "a drop done twice at {n}.{b}.{at} verifies");
                seeded += 1;
            },
        );
        assert!(seeded > 10, "only {seeded} bugs were seeded");
    }
}
