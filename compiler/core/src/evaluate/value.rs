//! Values of the evaluator: trees with shared parts. A change copies what is shared and changes the rest in place.

use std::rc::Rc;

use super::Stop;

/// A value.
#[derive(Clone, Debug, Default)]
pub(crate) enum Val {
    /// Not set, moved out, or an element that was taken out.
    #[default]
    Nothing,
    Int(i64),
    Float(f64),
    /// A variant without fields.
    Tag(u32),
    /// A record, a list or a function value.
    Node(Rc<Node>),
    /// Text or bytes.
    Raw(Rc<Vec<u8>>),
}

/// A cell with parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The layout of a record or function value, 0 for a list.
    pub(crate) layout: u32,
    /// The variant.
    pub(crate) tag: u32,
    pub(crate) items: Vec<Val>,
}

impl Drop for Node {
    /// Without recursion: a list may be a million deep.
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.items);
        while let Some(item) = waiting.pop() {
            if let Val::Node(node) = item
                && let Some(mut node) = Rc::into_inner(node)
            {
                waiting.append(&mut node.items);
            }
        }
    }
}

fn broken<T>(wanted: &str, found: &Val) -> Result<T, Stop> {
    let found = match found {
        Val::Nothing => "nothing",
        Val::Int(_) => "an integer",
        Val::Float(_) => "a float",
        Val::Tag(_) => "a variant without fields",
        Val::Node(_) => "a cell",
        Val::Raw(_) => "text or bytes",
    };
    Err(Stop::Broken(format!("{wanted} expected, {found} found")))
}

impl Val {
    pub(crate) fn raw(bytes: Vec<u8>) -> Val {
        Val::Raw(Rc::new(bytes))
    }
    pub(crate) fn list(items: Vec<Val>) -> Val {
        Val::Node(Rc::new(Node { layout: 0, tag: 0, items }))
    }
    pub(crate) fn cell(layout: u32, tag: u32, items: Vec<Val>) -> Val {
        Val::Node(Rc::new(Node { layout, tag, items }))
    }
    pub(crate) fn int(&self) -> Result<i64, Stop> {
        match self {
            Val::Int(n) => Ok(*n),
            other => broken("an integer", other),
        }
    }
    pub(crate) fn float(&self) -> Result<f64, Stop> {
        match self {
            Val::Float(n) => Ok(*n),
            other => broken("a float", other),
        }
    }
    pub(crate) fn bytes(&self) -> Result<&[u8], Stop> {
        match self {
            Val::Raw(bytes) => Ok(bytes),
            other => broken("text or bytes", other),
        }
    }
    pub(crate) fn text(&self) -> Result<&str, Stop> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Stop::Broken("a text that is not UTF-8".into()))
    }
    pub(crate) fn node(&self) -> Result<&Node, Stop> {
        match self {
            Val::Node(node) => Ok(node),
            other => broken("a cell", other),
        }
    }
    pub(crate) fn tag(&self) -> Result<u32, Stop> {
        match self {
            Val::Tag(tag) => Ok(*tag),
            Val::Node(node) => Ok(node.tag),
            other => broken("a record or variant", other),
        }
    }
    /// The cell for change: its own, or a copy.
    pub(crate) fn node_mut(&mut self) -> Result<&mut Node, Stop> {
        match self {
            Val::Node(node) => Ok(Rc::make_mut(node)),
            other => broken("a cell", other),
        }
    }
    /// The bytes for change: their own, or a copy.
    pub(crate) fn bytes_mut(&mut self) -> Result<&mut Vec<u8>, Stop> {
        match self {
            Val::Raw(bytes) => Ok(Rc::make_mut(bytes)),
            other => broken("text or bytes", other),
        }
    }
}
