//! Types as the reader writes them.

use crate::arena::{Arena, Node};
use crate::typed::Ty;
use crate::world::World;

/// How deep a type is shown; what is deeper is `…`.
const DEPTH: u32 = 6;

/// The type as source; what is not known is `_`.
pub(crate) fn show(arena: &Arena<'_>, world: &World<'_>, ty: Ty) -> String {
    let mut out = String::new();
    write(arena, world, ty, DEPTH, &mut out);
    out
}

fn write(arena: &Arena<'_>, world: &World<'_>, ty: Ty, depth: u32, out: &mut String) {
    if depth == 0 {
        out.push('…');
        return;
    }
    let list = |items: &[Ty], out: &mut String| {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            write(arena, world, *item, depth - 1, out);
        }
    };
    match arena.peek(ty) {
        Node::Int => out.push_str("Int"),
        Node::Float => out.push_str("Float"),
        Node::Bool => out.push_str("Bool"),
        Node::Text => out.push_str("Text"),
        Node::Bytes => out.push_str("Bytes"),
        Node::Never | Node::Error | Node::Var(..) | Node::Link(_) => out.push('_'),
        Node::AnyLink => out.push_str("Link"),
        Node::Container(id) => out.push_str(world.container(id).decl.name.name.as_str()),
        Node::Reply(of) => {
            out.push_str("Reply[");
            list(&[of], out);
            out.push(']');
        }
        Node::Rigid(r) => out.push_str(arena.rigids[r as usize].name.as_str()),
        Node::List(item) => {
            out.push_str("List[");
            list(&[item], out);
            out.push(']');
        }
        Node::Tuple(items) => {
            out.push('(');
            list(arena.items(items), out);
            out.push(')');
        }
        Node::Fn(params, result) => {
            out.push_str("fn(");
            list(arena.items(params), out);
            out.push_str(") → ");
            write(arena, world, result, depth - 1, out);
        }
        Node::Data(id, args) => {
            out.push_str(world.data[id.index()].decl.name.name.as_str());
            let args = arena.items(args);
            if !args.is_empty() {
                out.push('[');
                list(args, out);
                out.push(']');
            }
        }
    }
}
