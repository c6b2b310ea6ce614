//! Lays out the nest: on one line what fits there, else one item on each line.
//!
//! A line is broken only where the newline rule cannot read a separator into the break: between
//! the items of brackets, and before operators that can only continue what came before.

use codex_diagnostics::Span;

use super::nest::{Group, Item, Node, Text};
use super::spacing::{space, spell, verbatim};
use crate::token::{Kind, Token};

const WIDTH: usize = 100;
const STEP: usize = 2;

/// Operators before which a long line is broken, loosest first.
const BREAKS: &[&[Kind]] =
    &[&[Kind::Pipe], &[Kind::Or], &[Kind::And], &[Kind::Concat], &[Kind::Plus], &[Kind::Times, Kind::Divide]];

pub(super) struct Printer<'t, 's> {
    text: &'t Text<'s>,
    out: String,
    column: usize,
    /// Comments that stand at the end of the line being written.
    pending: Vec<Span>,
    /// The two tokens written last, if they are in the run being written.
    last: Option<Kind>,
    before: Option<Kind>,
    in_lambda: bool,
}

impl<'t, 's> Printer<'t, 's> {
    pub(super) fn new(text: &'t Text<'s>) -> Self {
        Printer { text, out: String::new(), column: 0, pending: Vec::new(), last: None, before: None, in_lambda: false }
    }

    /// A whole file.
    pub(super) fn module(mut self, items: &[Item]) -> String {
        self.lines(items, 0, None);
        let end = self.text.tokens.len() - 1;
        self.comments_before(end, 0, !self.out.is_empty());
        self.flush_comments(0);
        let length = self.out.trim_end().len();
        self.out.truncate(length);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    // ── Lines ───────────────────────────────────────────────────────────────────────────

    fn token(&self, index: usize) -> Token {
        self.text.tokens[index]
    }

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(at) => self.column = text[at + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn flush_comments(&mut self, indent: usize) {
        for (n, span) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            if n > 0 {
                self.out.push('\n');
                self.out.extend(std::iter::repeat_n(' ', indent));
            } else if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
                self.out.push(' ');
            }
            self.comment(span);
        }
    }

    fn comment(&mut self, span: Span) {
        let comment = &self.text.source[span.start as usize..span.end as usize];
        self.out.push_str(comment.trim_end());
    }

    /// Ends the line and begins one with this indentation.
    fn newline(&mut self, indent: usize) {
        self.flush_comments(indent);
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.last = None;
        self.before = None;
    }

    /// An empty line, without space at its end.
    fn blank(&mut self) {
        self.flush_comments(0);
        self.out.push('\n');
    }

    /// The comments on lines of their own before a token. The place they begin at is the start
    /// of a line; so is that where they end, unless there are none.
    fn comments_before(&mut self, token: usize, indent: usize, mut begun: bool) {
        let text = self.text;
        for &span in &text.leading[token] {
            if begun {
                if text.blank_before(span.start) {
                    self.blank();
                }
                self.newline(indent);
            }
            self.comment(span);
            begun = true;
        }
    }

    /// Items on lines of their own. `around` is the group they stand in.
    fn lines(&mut self, items: &[Item], indent: usize, around: Option<&Group>) {
        let text = self.text;
        let in_brackets = around.is_some_and(|g| self.token(g.open).kind != Kind::LBrace);
        for (n, item) in items.iter().enumerate() {
            let Some(first) = item.nodes.first().map(Node::first) else {
                continue;
            };
            let begun = n > 0 || around.is_some();
            if n > 0 && text.blank_before(text.start_of(first)) {
                self.blank();
            }
            if begun {
                self.newline(indent);
            }
            self.comments_before(first, indent, false);
            if !text.leading[first].is_empty() {
                if text.blank_before(text.tokens[first].span.start) && !in_brackets {
                    self.blank();
                }
                self.newline(indent);
            }
            self.statement(&item.nodes, indent);
            if in_brackets && around.is_some_and(|g| g.commas) {
                self.write(",");
            }
            if let Some(comma) = item.comma {
                self.pending.extend(&text.leading[comma]);
                self.pending.extend(&text.trailing[comma]);
            }
        }
    }

    // ── Statements ──────────────────────────────────────────────────────────────────────

    /// A run of tokens and groups, at a place where it begins a line or follows a bracket.
    fn statement(&mut self, nodes: &[Node], indent: usize) {
        if let [Node::Token(doc), rest @ ..] = nodes
            && self.token(*doc).kind == Kind::Doc
            && !rest.is_empty()
        {
            self.doc(self.token(*doc), *doc, indent);
            return self.statement(rest, indent);
        }
        let outer = std::mem::take(&mut self.in_lambda);
        let end = nodes.last().map_or(0, Node::last);
        self.last = None;
        self.before = None;
        let kept = nodes.iter().skip(1).any(|n| self.is_pipe_on_line(n));
        match self.flat_nodes(nodes, end, WIDTH.saturating_sub(self.column)) {
            Some(line) if !kept => self.whole(&line, nodes),
            _ => match self.split(nodes, indent, end) {
                Some(at) => {
                    self.broken(&nodes[..at], indent, end);
                    self.newline(indent + STEP);
                    self.statement(&nodes[at..], indent + STEP);
                }
                None => self.broken(nodes, indent, end),
            },
        }
        self.in_lambda = outer;
    }

    /// Where the right side of a definition, or the body of an arm, goes to a line of its own:
    /// when it fits there as a whole, when the writer put it there, or when its first line fits
    /// nowhere else.
    fn split(&self, nodes: &[Node], indent: usize, end: usize) -> Option<usize> {
        let at = self.sign(nodes)? + 1;
        let (head, right) = nodes.split_at_checked(at)?;
        let first = self.token(right.first()?.first());
        let commented = right.iter().any(|n| {
            let after = n.last() != end && !self.text.trailing[n.last()].is_empty();
            after || !self.text.leading[n.first()].is_empty()
        });
        let commented = commented || !self.text.trailing[head[at - 1].last()].is_empty();
        let piped = right.iter().any(|n| matches!(n, Node::Token(i) if self.token(*i).kind == Kind::Pipe));
        if commented || piped || right.iter().any(|n| self.has_lines(n)) || self.flat_nodes(head, end, WIDTH).is_none()
        {
            return None;
        }
        let room = WIDTH.saturating_sub(indent + STEP);
        let alone = self.flat_nodes(right, end, room).is_some();
        (alone || first.line_start() || !self.begins_well(nodes, end)).then_some(at)
    }

    /// Whether a node is a text over several lines.
    fn has_lines(&self, node: &Node) -> bool {
        let (first, last) = match node {
            Node::Token(i) if self.token(*i).kind == Kind::Text => (*i, *i),
            Node::Quoted(first, last) => (*first, *last),
            _ => return false,
        };
        let (start, end) = (self.token(first).span.start, self.token(last).span.end);
        self.text.source[start as usize..end as usize].contains('\n')
    }

    /// The first sign of a run after which its right side may go to the next line.
    fn sign(&self, nodes: &[Node]) -> Option<usize> {
        let declares = nodes
            .iter()
            .take(3)
            .any(|n| matches!(n, Node::Token(i) if matches!(self.token(*i).kind, Kind::Fn | Kind::On | Kind::Lambda)));
        nodes.iter().position(|n| match n {
            Node::Token(i) => match self.token(*i).kind {
                Kind::Assign | Kind::Becomes => true,
                Kind::Arrow => !declares,
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether what stands before the first block, or else before the last bracket, fits on
    /// the line.
    fn begins_well(&self, nodes: &[Node], end: usize) -> bool {
        let is_block = |n: &Node| matches!(n, Node::Group(g) if self.token(g.open).kind == Kind::LBrace);
        let is_group = |n: &Node| matches!(n, Node::Group(_));
        let cut = nodes.iter().position(is_block).or_else(|| nodes.iter().rposition(is_group));
        let room = WIDTH.saturating_sub(self.column + 2);
        self.flat_nodes(&nodes[..cut.unwrap_or(nodes.len())], end, room).is_some()
    }

    /// Writes what has been found to fit on the line.
    fn whole(&mut self, line: &str, nodes: &[Node]) {
        self.write(line);
        self.last = nodes.last().map(|n| self.token(n.last()).kind);
        self.before = None;
        if let Some(node) = nodes.last() {
            self.pending.extend(&self.text.trailing[node.last()]);
        }
    }

    /// A `▷` that the writer put at the start of a line stays there.
    fn is_pipe_on_line(&self, node: &Node) -> bool {
        matches!(node, Node::Token(i) if self.token(*i).kind == Kind::Pipe && self.token(*i).line_start())
    }

    fn broken(&mut self, nodes: &[Node], indent: usize, end: usize) {
        let breaks = self.breaks(nodes, end);
        let chained = nodes.iter().any(|n| matches!(n, Node::Token(i) if self.token(*i).kind == Kind::Else));
        let deeper = if breaks.is_some() { indent + STEP } else { indent };
        let mut inner = indent;
        for (n, node) in nodes.iter().enumerate() {
            let kind = self.token(node.first()).kind;
            let before_operator =
                breaks.is_some_and(|set| n > 0 && matches!(node, Node::Token(_)) && set.contains(&kind));
            // A comment before the operator breaks the line by itself.
            if before_operator && self.text.leading[node.first()].is_empty() {
                self.newline(deeper);
                inner = deeper;
            }
            match node {
                Node::Token(i) => self.single(*i, if before_operator { indent } else { inner }, n == 0),
                Node::Quoted(open, close) => self.text_with_values(*open, *close, inner, n == 0),
                Node::Group(group) => {
                    // A block belongs to the statement, not to the line its brace stands on.
                    let brace = self.token(group.open).kind == Kind::LBrace;
                    let indent = if brace { indent } else { inner };
                    self.group(group, &nodes[n + 1..], indent, chained, n == 0);
                }
            }
        }
    }

    /// The operators to break a statement at: those the writer broke it at, or else the
    /// loosest ones if what comes before its first block does not fit.
    fn breaks(&self, nodes: &[Node], end: usize) -> Option<&'static [Kind]> {
        let operators = |set: &'static [Kind]| {
            nodes.iter().skip(1).filter_map(move |n| match n {
                Node::Token(i) if set.contains(&self.token(*i).kind) => Some(*i),
                _ => None,
            })
        };
        if nodes.iter().skip(1).any(|n| self.is_pipe_on_line(n)) {
            return Some(BREAKS[0]);
        }
        let commented = |n: &Node| {
            !self.text.leading[n.first()].is_empty() || n.last() != end && !self.text.trailing[n.last()].is_empty()
        };
        if nodes.iter().skip(1).any(commented) {
            return None;
        }
        let block = nodes
            .iter()
            .position(|n| matches!(n, Node::Group(g) if self.token(g.open).kind == Kind::LBrace && !g.items.is_empty() || self.must_break(g)));
        let head = &nodes[..block.unwrap_or(nodes.len())];
        let huggable = matches!(head.last(), Some(Node::Group(g)) if block.is_none() && self.hugs(g));
        let head = if huggable { &head[..head.len() - 1] } else { head };
        let room = WIDTH.saturating_sub(self.column);
        if self.flat_nodes(head, end, room).is_some()
            || head.iter().any(|n| matches!(n, Node::Group(g) if self.has_comment(g)))
        {
            return None;
        }
        BREAKS.iter().copied().find(|set| operators(set).next().is_some())
    }

    /// Space, and what must come between the last token and this one.
    fn lead(&mut self, index: usize, indent: usize, first: bool) {
        let kind = self.token(index).kind;
        if first {
            return;
        }
        let text = self.text;
        if !self.pending.is_empty() || !text.leading[index].is_empty() {
            let (last, before) = (self.last, self.before);
            self.newline(indent + STEP);
            self.comments_before(index, indent + STEP, false);
            if !text.leading[index].is_empty() {
                self.newline(indent + STEP);
            }
            (self.last, self.before) = (last, before);
        } else if self.last.is_some_and(|last| space(self.before, last, kind, self.in_lambda)) {
            self.write(" ");
        }
    }

    fn single(&mut self, index: usize, indent: usize, first: bool) {
        self.lead(index, indent, first);
        let token = self.token(index);
        match token.kind {
            Kind::Doc | Kind::ModuleDoc => return self.doc(token, index, indent),
            Kind::Lambda => self.in_lambda = true,
            Kind::Arrow => self.in_lambda = false,
            _ => {}
        }
        let written = self.spelled(token);
        self.write(&written);
        self.wrote(index);
    }

    fn spelled(&self, token: Token) -> String {
        match token.kind {
            Kind::Text => verbatim(&token, self.text.source),
            _ => spell(&token, self.text.source).to_owned(),
        }
    }

    fn wrote(&mut self, index: usize) {
        self.before = self.last;
        self.last = Some(self.token(index).kind);
        self.pending.extend(&self.text.trailing[index]);
    }

    /// Each line of a doc comment, and the line break after it.
    fn doc(&mut self, token: Token, index: usize, indent: usize) {
        let lines: Vec<&str> = token.text(self.text.source).lines().map(str::trim).collect();
        for (n, line) in lines.iter().enumerate() {
            if n > 0 {
                self.newline(indent);
            }
            self.write(line);
        }
        self.pending.extend(&self.text.trailing[index]);
        if self.token(index).kind == Kind::Doc {
            // What it documents follows; comments between are kept by the token after.
            let next = index + 1;
            self.comments_before(next, indent, true);
            self.newline(indent);
        }
    }

    // ── Groups ──────────────────────────────────────────────────────────────────────────

    /// A group within a statement; `rest` is what follows it there.
    fn group(&mut self, group: &Group, rest: &[Node], indent: usize, chained: bool, first: bool) {
        self.lead(group.open, indent, first);
        let brace = self.token(group.open).kind == Kind::LBrace;
        let room = WIDTH.saturating_sub(self.column + self.tail(rest));
        let whole =
            if brace && chained && !group.items.is_empty() { None } else { self.flat_group(group, group.close, room) };
        let outer = std::mem::take(&mut self.in_lambda);
        match whole {
            Some(line) => {
                self.write(&line);
                self.pending.extend(&self.text.trailing[group.close]);
            }
            None if brace => self.block(group, indent),
            None if self.hugs(group) => self.hug(group, indent),
            None => self.list(group, indent),
        }
        self.in_lambda = outer;
        self.before = None;
        self.last = Some(self.token(group.close).kind);
    }

    /// How much of the line what follows a group needs: tokens up to the next group.
    fn tail(&self, rest: &[Node]) -> usize {
        let mut width = 0;
        for node in rest {
            match node {
                Node::Token(i) if self.token(*i).kind != Kind::Else => {
                    width += 1 + self.spelled(self.token(*i)).chars().count();
                }
                Node::Group(g) if self.token(g.open).kind == Kind::LBrace => return width + 2,
                _ => return width,
            }
            if width > WIDTH {
                return width;
            }
        }
        width
    }

    fn opening(&mut self, group: &Group) {
        let written = self.spelled(self.token(group.open));
        self.write(&written);
        self.pending.extend(&self.text.trailing[group.open]);
    }

    fn closing(&mut self, group: &Group, indent: usize) {
        if !self.text.leading[group.close].is_empty() {
            self.comments_before(group.close, indent + STEP, true);
        }
        self.newline(indent);
        let written = self.spelled(self.token(group.close));
        self.write(&written);
        self.pending.extend(&self.text.trailing[group.close]);
    }

    /// `{`, a line for each statement, `}`.
    fn block(&mut self, group: &Group, indent: usize) {
        self.opening(group);
        self.lines(&group.items, indent + STEP, Some(group));
        self.closing(group, indent);
    }

    /// `(`, a line for each item, `)`.
    fn list(&mut self, group: &Group, indent: usize) {
        self.block(group, indent);
    }

    /// Whether the last item ends with a block that may stay on the line of the bracket.
    fn hugs(&self, group: &Group) -> bool {
        let Some((last, others)) = group.items.split_last() else {
            return false;
        };
        let chained = last.nodes.iter().any(|n| matches!(n, Node::Token(i) if self.token(*i).kind == Kind::Else));
        let ends_with_block = !chained
            && match last.nodes.last() {
                Some(Node::Group(g)) => {
                    self.token(g.open).kind == Kind::LBrace || last.nodes.len() == 1 && others.is_empty()
                }
                _ => false,
            };
        let plain = |item: &Item| {
            item.comma.is_none_or(|c| self.text.leading[c].is_empty() && self.text.trailing[c].is_empty())
        };
        let room = WIDTH.saturating_sub(self.column);
        ends_with_block
            && self.text.trailing[group.open].is_empty()
            && self.text.leading[group.close].is_empty()
            && group.items.iter().all(plain)
            && others.iter().all(|item| self.flat_nodes(&item.nodes, usize::MAX, room).is_some())
            && self.flat_nodes(&last.nodes[..last.nodes.len() - 1], usize::MAX, room).is_some()
            && last.nodes.last().is_some_and(|n| self.text.leading[n.first()].is_empty())
    }

    /// `f(a, λ x → {` … `})`
    fn hug(&mut self, group: &Group, indent: usize) {
        self.opening(group);
        for (n, item) in group.items.iter().enumerate() {
            if n > 0 {
                self.write(", ");
            }
            let end = item.nodes.last().map_or(0, Node::last);
            (self.last, self.before) = (None, None);
            match self.flat_nodes(&item.nodes, end, WIDTH) {
                Some(line) if n + 1 < group.items.len() => self.write(&line),
                _ => self.sequence(&item.nodes, indent),
            }
        }
        let written = self.spelled(self.token(group.close));
        self.write(&written);
        self.pending.extend(&self.text.trailing[group.close]);
    }

    /// Nodes one after the other, without breaks between them.
    fn sequence(&mut self, nodes: &[Node], indent: usize) {
        for (n, node) in nodes.iter().enumerate() {
            match node {
                Node::Token(i) => self.single(*i, indent, n == 0),
                Node::Quoted(open, close) => self.text_with_values(*open, *close, indent, n == 0),
                Node::Group(group) => self.group(group, &nodes[n + 1..], indent, false, n == 0),
            }
        }
    }

    // ── One line ────────────────────────────────────────────────────────────────────────

    /// Whether a block cannot be on one line, however short it is.
    fn must_break(&self, group: &Group) -> bool {
        if self.token(group.open).kind != Kind::LBrace {
            return group
                .items
                .iter()
                .flat_map(|i| &i.nodes)
                .any(|n| matches!(n, Node::Group(g) if self.must_break(g)));
        }
        let Some(first) = group.items.first().and_then(|i| i.nodes.first()) else {
            return self.has_comment(group);
        };
        self.token(first.first()).line_start() || group.items.len() > 1 && !group.commas || self.has_comment(group)
    }

    fn has_comment(&self, group: &Group) -> bool {
        let inside = group.open + 1..group.close;
        !self.text.trailing[group.open].is_empty()
            || !self.text.leading[group.close].is_empty()
            || inside.clone().any(|i| !self.text.leading[i].is_empty() || !self.text.trailing[i].is_empty())
    }

    /// The nodes on one line, if they fit in `room` and have no comments but before the first
    /// and after the last, which is token `end`.
    fn flat_nodes(&self, nodes: &[Node], end: usize, room: usize) -> Option<String> {
        let mut flat = Flat {
            printer: self,
            line: String::new(),
            room,
            width: 0,
            last: None,
            before: None,
            in_lambda: false,
            end,
        };
        flat.nodes(nodes)?;
        Some(flat.line)
    }

    fn flat_group(&self, group: &Group, end: usize, room: usize) -> Option<String> {
        let mut flat = Flat {
            printer: self,
            line: String::new(),
            room,
            width: 0,
            last: None,
            before: None,
            in_lambda: false,
            end,
        };
        flat.group(group, true)?;
        Some(flat.line)
    }

    // ── Texts ───────────────────────────────────────────────────────────────────────────

    fn text_with_values(&mut self, open: usize, close: usize, indent: usize, first: bool) {
        self.lead(open, indent, first);
        let written = self.quoted(open, close);
        self.write(&written);
        self.wrote(close);
    }

    /// A text with interpolation: its characters as they are, the expressions in one spelling.
    fn quoted(&self, open: usize, close: usize) -> String {
        let (source, tokens) = (self.text.source, self.text.tokens);
        let mut out = String::new();
        let (mut last, mut before, mut in_lambda) = (None, None, false);
        let mut end = tokens[open].span.start;
        for token in &tokens[open..=close] {
            if token.kind == Kind::Sep {
                continue;
            }
            let gap = &source[end as usize..token.span.start as usize];
            if gap.contains('\n') || gap.contains(';') {
                // An expression over several lines stays as it was laid out.
                out.push_str(gap.trim_end_matches([' ', '\t']).trim_end_matches('\r'));
                out.push_str(&gap[gap.trim_end_matches([' ', '\t']).len()..]);
            } else if last.is_some_and(|last| space(before, last, token.kind, in_lambda)) {
                out.push(' ');
            }
            match token.kind {
                Kind::Lambda => in_lambda = true,
                Kind::Arrow => in_lambda = false,
                _ => {}
            }
            match token.kind {
                Kind::Chunk | Kind::Text => out.push_str(&verbatim(token, source)),
                _ => out.push_str(spell(token, source)),
            }
            before = last;
            last = Some(token.kind);
            end = token.span.end;
        }
        out
    }
}

/// Writes nodes on one line, and gives up when that is not possible.
struct Flat<'p, 't, 's> {
    printer: &'p Printer<'t, 's>,
    line: String,
    room: usize,
    width: usize,
    last: Option<Kind>,
    before: Option<Kind>,
    in_lambda: bool,
    /// The token after which comments may stand.
    end: usize,
}

impl Flat<'_, '_, '_> {
    fn nodes(&mut self, nodes: &[Node]) -> Option<()> {
        for (n, node) in nodes.iter().enumerate() {
            let first = n == 0 && self.line.is_empty();
            match node {
                Node::Token(i) => self.token(*i, first)?,
                Node::Quoted(open, close) => {
                    let written = self.printer.quoted(*open, *close);
                    if written.contains('\n') {
                        return None;
                    }
                    self.piece(*open, &written, first)?;
                    self.done(*close)?;
                }
                Node::Group(group) => self.group(group, first)?,
            }
        }
        Some(())
    }

    fn add(&mut self, text: &str) -> Option<()> {
        self.width += text.chars().count();
        self.line.push_str(text);
        (self.width <= self.room).then_some(())
    }

    fn token(&mut self, index: usize, first: bool) -> Option<()> {
        let token = self.printer.token(index);
        let written = self.printer.spelled(token);
        if written.contains('\n') || matches!(token.kind, Kind::Doc) {
            return None;
        }
        self.piece(index, &written, first)?;
        match token.kind {
            Kind::Lambda => self.in_lambda = true,
            Kind::Arrow => self.in_lambda = false,
            _ => {}
        }
        self.done(index)
    }

    fn piece(&mut self, index: usize, written: &str, first: bool) -> Option<()> {
        let text = self.printer.text;
        if !first && !text.leading[index].is_empty() {
            return None;
        }
        let kind = text.tokens[index].kind;
        if self.last.is_some_and(|last| space(self.before, last, kind, self.in_lambda)) {
            self.add(" ")?;
        }
        self.add(written)
    }

    fn done(&mut self, index: usize) -> Option<()> {
        let text = self.printer.text;
        self.before = self.last;
        self.last = Some(text.tokens[index].kind);
        (index == self.end || text.trailing[index].is_empty()).then_some(())
    }

    fn group(&mut self, group: &Group, first: bool) -> Option<()> {
        let printer = self.printer;
        if printer.must_break(group) {
            return None;
        }
        let open = printer.token(group.open);
        let padded = matches!(open.kind, Kind::LBrace | Kind::OpenQuote) && !group.items.is_empty();
        self.piece(group.open, &printer.spelled(open), first)?;
        self.done(group.open)?;
        let outer = std::mem::take(&mut self.in_lambda);
        if padded {
            self.add(" ")?;
        }
        for (n, item) in group.items.iter().enumerate() {
            if n > 0 {
                self.add(", ")?;
            }
            if let Some(comma) = item.comma
                && !(printer.text.leading[comma].is_empty() && printer.text.trailing[comma].is_empty())
            {
                return None;
            }
            (self.last, self.before) = (None, None);
            if item.nodes.first().is_some_and(|x| !printer.text.leading[x.first()].is_empty()) {
                return None;
            }
            self.nodes(&item.nodes)?;
        }
        if padded {
            self.add(" ")?;
        }
        if !printer.text.leading[group.close].is_empty() {
            return None;
        }
        self.add(&printer.spelled(printer.token(group.close)))?;
        self.in_lambda = outer;
        self.last = None;
        self.done(group.close)
    }
}
