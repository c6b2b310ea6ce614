//! The blocks of a loop.

use codex_spec::instruction::BlockId;
use codex_spec::module::Function;

/// For each block of a function: whether it is in the loop of this head, that is, whether a back-edge to the head can be reached from
/// it without passing the head.
pub fn loop_blocks(function: &Function, head: BlockId) -> Vec<bool> {
    let mut predecessors = vec![Vec::new(); function.blocks.len()];
    for (n, block) in (0..).map(BlockId).zip(&function.blocks) {
        if let Some(end) = block.code.last() {
            end.for_each_target(|to| predecessors[to.index()].push(n));
        }
    }
    let mut inside = vec![false; function.blocks.len()];
    inside[head.index()] = true;
    let mut work: Vec<BlockId> = predecessors[head.index()].iter().copied().filter(|&from| from >= head).collect();
    while let Some(from) = work.pop() {
        if !std::mem::replace(&mut inside[from.index()], true) {
            work.extend(&predecessors[from.index()]);
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_in_a_loop() {
        let source = "type t0 text type t1 bytes entry f0 function f0 () i64 { registers i64
            b0: const r0, 0 jump b1
            b1: r0 word jump b2
            b2: r0 word jump b3
            b3: r0 word jump_lt_imm r0, 3, b2, b4
            b4: r0 word jump b5
            b5: r0 word jump_lt_imm r0, 5, b5, b6
            b6: r0 word jump_lt_imm r0, 9, b1, b7
            b7: r0 word return r0 }";
        let module = codex_spec::text::assemble(source).unwrap();
        let blocks = |head| {
            let inside = loop_blocks(&module.functions[0], BlockId(head));
            (0..).zip(inside).filter_map(|(n, inside)| inside.then_some(n)).collect::<Vec<u32>>()
        };
        assert_eq!(blocks(2), [2, 3]);
        assert_eq!(blocks(5), [5]);
        assert_eq!(blocks(1), [1, 2, 3, 4, 5, 6]);
    }
}
