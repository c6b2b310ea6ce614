//! The nest of bracket groups that the formatter lays out, and where comments belong.

use codex_diagnostics::Span;

use crate::token::{Kind, Token};

/// The tokens of a file with its comments.
pub(super) struct Text<'s> {
    pub source: &'s str,
    pub tokens: &'s [Token],
    /// For each token, the comments on lines of their own before it.
    pub leading: Vec<Vec<Span>>,
    /// For each token, the comments after it on its line.
    pub trailing: Vec<Vec<Span>>,
}

impl<'s> Text<'s> {
    pub(super) fn new(source: &'s str, tokens: &'s [Token], comments: &[Span]) -> Self {
        let mut text =
            Text { source, tokens, leading: vec![Vec::new(); tokens.len()], trailing: vec![Vec::new(); tokens.len()] };
        let mut next = 0;
        let mut before: Option<usize> = None;
        for &comment in comments {
            while tokens[next].kind == Kind::Sep
                || tokens[next].kind != Kind::Eof && tokens[next].span.start < comment.start
            {
                if tokens[next].kind != Kind::Sep {
                    before = Some(next);
                }
                next += 1;
            }
            match before {
                Some(b) if !source[tokens[b].span.end as usize..comment.start as usize].contains('\n') => {
                    text.trailing[b].push(comment);
                }
                _ => text.leading[next].push(comment),
            }
        }
        text
    }

    /// Whether an empty line stands before a place.
    pub(super) fn blank_before(&self, at: u32) -> bool {
        let before = &self.source[..at as usize];
        let space = &before[before.trim_end_matches([' ', '\t', '\r', '\n', ';']).len()..];
        space.matches('\n').count() > 1
    }

    /// Where a token begins, with the comments before it.
    pub(super) fn start_of(&self, token: usize) -> u32 {
        self.leading[token].first().map_or(self.tokens[token].span.start, |c| c.start)
    }
}

/// A token or a bracket group.
pub(super) enum Node {
    Token(usize),
    /// A text with interpolation, from its opening to its closing token.
    Quoted(usize, usize),
    Group(Group),
}

/// Brackets and what is in them.
pub(super) struct Group {
    pub open: usize,
    pub close: usize,
    pub items: Vec<Item>,
    /// Whether the items are separated by commas.
    pub commas: bool,
}

/// What stands between separators.
pub(super) struct Item {
    pub nodes: Vec<Node>,
    /// The comma after it.
    pub comma: Option<usize>,
}

impl Node {
    pub(super) fn first(&self) -> usize {
        match self {
            Node::Token(i) | Node::Quoted(i, _) => *i,
            Node::Group(g) => g.open,
        }
    }
    pub(super) fn last(&self) -> usize {
        match self {
            Node::Token(i) | Node::Quoted(_, i) => *i,
            Node::Group(g) => g.close,
        }
    }
}

/// Builds the nest of a whole file.
pub(super) fn build(text: &Text) -> Vec<Item> {
    let mut at = 0;
    items(text.tokens, &mut at, false).0
}

/// Reads items up to a closing bracket or the end; brackets nest only as deep as the newline
/// pass allows.
fn items(tokens: &[Token], at: &mut usize, in_brackets: bool) -> (Vec<Item>, bool) {
    let (mut items, mut nodes, mut commas) = (Vec::new(), Vec::new(), false);
    loop {
        match tokens[*at].kind {
            Kind::Eof | Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::CloseQuote | Kind::InterpClose => break,
            // Outside of brackets there are only the commas of an import, which stays on its line.
            Kind::Comma if in_brackets => {
                commas = true;
                items.push(Item { nodes: std::mem::take(&mut nodes), comma: Some(*at) });
                *at += 1;
            }
            Kind::Sep => {
                if !nodes.is_empty() {
                    items.push(Item { nodes: std::mem::take(&mut nodes), comma: None });
                }
                *at += 1;
            }
            Kind::TextOpen => nodes.push(quoted(tokens, at)),
            kind if kind.closer().is_some() => {
                let open = *at;
                *at += 1;
                let (inner, commas) = self::items(tokens, at, true);
                nodes.push(Node::Group(Group { open, close: *at, items: inner, commas }));
                *at += 1;
            }
            _ => {
                nodes.push(Node::Token(*at));
                *at += 1;
            }
        }
    }
    if !nodes.is_empty() {
        items.push(Item { nodes, comma: None });
    }
    (items, commas)
}

fn quoted(tokens: &[Token], at: &mut usize) -> Node {
    let open = *at;
    let mut depth = 0;
    loop {
        match tokens[*at].kind {
            Kind::TextOpen => depth += 1,
            Kind::TextClose => depth -= 1,
            _ => {}
        }
        *at += 1;
        if depth == 0 {
            return Node::Quoted(open, *at - 1);
        }
    }
}
