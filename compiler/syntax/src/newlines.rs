//! The newline rule, brackets, and limits: one pass over the tokens.
//!
//! A line's end becomes a separator when the innermost open bracket is `{` or none, the token
//! before can end something, and the token after cannot continue it. `;` separates too.
//!
//! Keeps true, so that the parser can rely on it:
//! - brackets are balanced: a wrong one is reported here, and closed or dropped;
//! - separators stand only between two things: never doubled, never just inside braces;
//! - the last token is `Eof`, and there is no other;
//! - brackets nest at most [`DEEPEST`] deep, and the tree of what stands in them is at most
//!   [`TALLEST`] high, so that recursion over the tree is safe. A file that exceeds a limit
//!   is not parsed.

use codex_diagnostics::catalog as say;
use codex_diagnostics::{FileId, Span};

use crate::report::Report;
use crate::text;
use crate::token::{Kind, KindSet, Token};

/// How deep brackets may nest.
pub(crate) const DEEPEST: usize = 256;
/// How high the tree of an expression may be (an upper bound is counted: each operator,
/// keyword and bracket may add one).
pub(crate) const TALLEST: u32 = 1000;

/// Tokens that add no height to the tree.
const FLAT: KindSet = KindSet::of(&[
    Kind::Name,
    Kind::Upper,
    Kind::Int,
    Kind::Float,
    Kind::Text,
    Kind::TextOpen,
    Kind::TextClose,
    Kind::Chunk,
    Kind::True,
    Kind::False,
    Kind::Null,
    Kind::Bad,
    Kind::Underscore,
    Kind::Comma,
    Kind::Semicolon,
    Kind::Colon,
    Kind::Bar,
    Kind::RParen,
    Kind::RBracket,
    Kind::RBrace,
    Kind::CloseQuote,
    Kind::InterpClose,
    Kind::Doc,
    Kind::ModuleDoc,
    Kind::DotDot,
]);

/// Lines that begin with one of these close forgotten `(`, `[` and `⟦`.
const FRESH: KindSet = KindSet::of(&[
    Kind::Let,
    Kind::Var,
    Kind::Fn,
    Kind::Type,
    Kind::Pub,
    Kind::For,
    Kind::While,
    Kind::Return,
    Kind::Import,
    Kind::Container,
    Kind::Rules,
    Kind::Test,
]);

/// Keywords that begin an item.
const ITEMS: KindSet =
    KindSet::of(&[Kind::Fn, Kind::Type, Kind::Pub, Kind::Import, Kind::Container, Kind::Rules, Kind::Test]);

/// An open bracket, or the file.
struct Level {
    opener: Kind,
    span: Span,
    /// Tokens since the last separator or comma that may add height.
    operators: u32,
    /// The highest tree inside brackets since then.
    tallest: u32,
    /// The highest of the runs before.
    highest: u32,
}

fn on_one_line(source: &str, a: Span, b: Span) -> bool {
    let (from, to) = (a.start.min(b.start) as usize, a.start.max(b.start) as usize);
    !source[from..to].contains('\n')
}

struct Pass<'s> {
    file: FileId,
    source: &'s str,
    out: Vec<Token>,
    levels: Vec<Level>,
    /// Whether an item keyword at the very start of a line closes forgotten braces. Only
    /// tried when braces are not balanced: well-formed files may be indented in any way.
    margins: bool,
    unclosed: Vec<Span>,
    extra: Vec<(Span, Kind)>,
    /// `n++` and `n--` at the ends of lines, with what is before them.
    steps: Vec<(Span, Span)>,
    limit: Option<Limit>,
}

enum Limit {
    Depth(Span),
    Height(Span),
}

/// Applies the rule.
pub(crate) fn layout(file: FileId, source: &str, tokens: &[Token], report: &mut Report) -> Vec<Token> {
    let mut pass = run(file, source, tokens, false);
    if pass.braces_are_wrong() {
        let second = run(file, source, tokens, true);
        if second.limit.is_none() && second.mistakes() <= pass.mistakes() {
            pass = second;
        }
    }
    match pass.limit {
        Some(Limit::Depth(span)) => report.add(say::nesting_too_deep::brackets(span, DEEPEST)),
        Some(Limit::Height(span)) => report.add(say::nesting_too_deep::expression(span, TALLEST as usize)),
        None => {}
    }
    report.fatal |= pass.limit.is_some();
    pass.complain(tokens, report);
    pass.out
}

fn run<'s>(file: FileId, source: &'s str, tokens: &[Token], margins: bool) -> Pass<'s> {
    let mut pass = Pass {
        file,
        source,
        out: Vec::with_capacity(tokens.len() + tokens.len() / 4 + 1),
        levels: vec![Level { opener: Kind::Eof, span: Span::new(file, 0, 0), operators: 0, tallest: 0, highest: 0 }],
        margins,
        unclosed: Vec::new(),
        extra: Vec::new(),
        steps: Vec::new(),
        limit: None,
    };
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map(|t| t.kind);
        pass.take(token, next);
        if pass.limit.is_some() || pass.extra.len() > 20 {
            break;
        }
    }
    pass.finish();
    pass
}

impl Pass<'_> {
    fn braces_are_wrong(&self) -> bool {
        let open = |s: &Span| self.source[s.start as usize..].starts_with('{');
        let extra = |(_, kind): &(Span, Kind)| *kind == Kind::RBrace;
        self.limit.is_none() && (self.unclosed.iter().any(open) || self.extra.iter().any(extra))
    }

    /// Reports brackets, unless the lexer has already spoken about what hides their partners.
    fn complain(&self, tokens: &[Token], report: &mut Report) {
        let hidden = tokens.last().is_some_and(|t| text::is_broken(t) && t.span.end as usize == self.source.len());
        let mut spoken: Vec<Span> = report.all().iter().map(|d| d.primary.span).collect();
        let mut fresh = |span: Span| {
            let known = hidden || spoken.iter().any(|e| on_one_line(self.source, *e, span));
            spoken.push(span);
            !known
        };
        let written = |span: Span| &self.source[span.start as usize..span.end as usize];
        for &span in self.unclosed.iter().filter(|span| fresh(**span)) {
            report.add(say::unclosed_bracket::unclosed(span, written(span)));
        }
        for &(span, _) in self.extra.iter().filter(|(span, _)| fresh(*span)) {
            report.add(say::extra_bracket::extra(span, written(span)));
        }
        for &(place, span) in &self.steps {
            report.add(say::increment::increment(span, written(span), written(place)));
        }
    }

    fn mistakes(&self) -> usize {
        self.unclosed.len() + self.extra.len()
    }

    fn take(&mut self, token: &Token, next: Option<Kind>) {
        if token.line_start() {
            self.line(token, next);
        }
        match token.kind {
            Kind::Semicolon => return self.separate(token.span),
            Kind::LParen | Kind::LBracket | Kind::LBrace | Kind::OpenQuote | Kind::InterpOpen => self.open(token),
            Kind::RParen | Kind::RBracket | Kind::RBrace | Kind::CloseQuote | Kind::InterpClose => {
                if self.margins && token.kind == Kind::RBrace && token.line_start() {
                    self.close_by_indent(token);
                }
                if !self.close(token) {
                    return;
                }
            }
            Kind::Comma => self.segment(token.span),
            kind if !FLAT.has(kind) => self.top().operators += 1,
            _ => {}
        }
        self.out.push(*token);
    }

    fn top(&mut self) -> &mut Level {
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// What a line's start means.
    fn line(&mut self, token: &Token, next: Option<Kind>) {
        // `fn` before a parenthesis is a type.
        let fresh = FRESH.has(token.kind) && !(token.kind == Kind::Fn && next == Some(Kind::LParen));
        if fresh {
            while matches!(self.top().opener, Kind::LParen | Kind::LBracket | Kind::OpenQuote) {
                self.close_forgotten();
            }
            if self.margins && ITEMS.has(token.kind) && self.at_margin(token) {
                while self.levels.len() > 1 && self.top().opener == Kind::LBrace {
                    self.close_forgotten();
                }
            }
        }
        self.step();
        let before = self.out.last().map(|t| t.kind);
        if matches!(self.top().opener, Kind::LBrace | Kind::Eof)
            && before.is_some_and(Kind::can_end)
            && !token.kind.continues()
        {
            let end = self.out.last().map_or(0, |t| t.span.end);
            self.separate(Span::new(self.file, end, end));
        }
    }

    /// `n++` before a line's end would join the next line to it: a habit of other languages.
    fn step(&mut self) {
        let signs = match self.out.as_slice() {
            [.., n, plus] if plus.kind == Kind::Concat && plus.glued() && n.kind.can_end() => 1,
            [.., n, a, b]
                if a.kind == Kind::Minus && b.kind == Kind::Minus && a.glued() && b.glued() && n.kind.can_end() =>
            {
                2
            }
            _ => return,
        };
        let first = self.out.len() - signs;
        let sign = self.out[first].span.to(self.out[self.out.len() - 1].span);
        let begin = self.out[..first].iter().rposition(Token::line_start).unwrap_or(0);
        let place = self.out[begin].span.to(self.out[first - 1].span);
        self.out.truncate(first);
        self.steps.push((place, sign));
    }

    /// How far the line that holds a place is indented.
    fn indent(&self, span: Span) -> usize {
        let before = &self.source[..span.start as usize];
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        self.source[line..].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    /// When braces are not balanced: a `}` at a line's start belongs to the brace whose line
    /// is indented like it, and those within were forgotten.
    fn close_by_indent(&mut self, token: &Token) {
        let indent = self.indent(token.span);
        let within = |level: &Level| level.opener != Kind::Eof && level.opener != Kind::InterpOpen;
        let partner = self.levels.iter().rposition(|l| l.opener == Kind::LBrace && self.indent(l.span) == indent);
        let Some(partner) = partner.filter(|&p| self.levels[p..].iter().all(within)) else {
            return;
        };
        while self.levels.len() > partner + 1 {
            self.close_forgotten();
        }
    }

    fn at_margin(&self, token: &Token) -> bool {
        let start = token.span.start as usize;
        start == 0 || self.source.as_bytes()[start - 1] == b'\n'
    }

    /// Puts a separator, unless there is nothing to separate.
    fn separate(&mut self, span: Span) {
        self.segment(span);
        if !matches!(self.top().opener, Kind::LBrace | Kind::Eof) {
            // `;` within parentheses: leave it to the parser to say what is wrong.
            self.out.push(Token { span, kind: Kind::Semicolon, flags: 0, payload: 0 });
            return;
        }
        match self.out.last().map(|t| t.kind) {
            None | Some(Kind::Sep | Kind::LBrace) => {}
            _ => self.out.push(Token { span, ..Token::virtual_at(Kind::Sep, self.file, span.start) }),
        }
    }

    /// Ends a run of tokens that may form one tree, and checks its height.
    fn segment(&mut self, span: Span) {
        let top = self.top();
        let height = top.operators + top.tallest;
        (top.operators, top.tallest) = (0, 0);
        top.highest = top.highest.max(height);
        if height > TALLEST && self.limit.is_none() {
            self.limit = Some(Limit::Height(Span::new(span.file, span.start, span.start)));
        }
    }

    fn open(&mut self, token: &Token) {
        if self.levels.len() > DEEPEST {
            self.limit = Some(Limit::Depth(token.span));
            return;
        }
        // The values of a text stand side by side, however many they are.
        self.top().operators += u32::from(token.kind != Kind::InterpOpen);
        self.levels.push(Level { opener: token.kind, span: token.span, operators: 0, tallest: 0, highest: 0 });
    }

    /// Leaves the innermost level; its height counts in the one around it.
    fn leave(&mut self, span: Span) {
        let inner = self.top();
        let height = inner.highest.max(inner.operators + inner.tallest) + 1;
        self.levels.pop();
        let top = self.top();
        top.tallest = top.tallest.max(height);
        if height > TALLEST && self.limit.is_none() {
            self.limit = Some(Limit::Height(span));
        }
    }

    /// Takes a closing bracket; false when it closes nothing.
    fn close(&mut self, token: &Token) -> bool {
        let matching = |level: &Level| level.opener.closer() == Some(token.kind);
        let found = self.levels.iter().rposition(matching);
        // A brace may close forgotten parentheses; nothing may close a brace but a brace.
        let reach = self.levels.iter().rposition(|l| matches!(l.opener, Kind::LBrace | Kind::InterpOpen | Kind::Eof));
        match (found, reach) {
            (Some(found), Some(reach)) if found >= reach || token.kind == Kind::InterpClose => {
                while self.levels.len() > found + 1 {
                    self.close_forgotten();
                }
                if token.kind == Kind::RBrace && self.out.last().is_some_and(|t| t.kind == Kind::Sep) {
                    self.out.pop();
                }
                self.leave(token.span);
                true
            }
            _ => {
                self.extra.push((token.span, token.kind));
                false
            }
        }
    }

    /// Closes the innermost bracket, which the program forgot.
    fn close_forgotten(&mut self) {
        let level = self.top();
        let (opener, span) = (level.opener, level.span);
        if self.unclosed.len() < 20 {
            self.unclosed.push(span);
        }
        while opener == Kind::LBrace && self.out.last().is_some_and(|t| t.kind == Kind::Sep) {
            self.out.pop();
        }
        let at = self.out.last().map_or(span.end, |t| t.span.end);
        if let Some(closer) = opener.closer() {
            self.out.push(Token::virtual_at(closer, self.file, at));
        }
        self.leave(span);
    }

    fn finish(&mut self) {
        while self.levels.len() > 1 {
            self.close_forgotten();
        }
        let end = self.source.len() as u32;
        self.segment(Span::new(self.file, end, end));
        while self.out.last().is_some_and(|t| t.kind == Kind::Sep) {
            self.out.pop();
        }
        // The end of the file stands just after the last token, where there is text to show.
        let at = self.out.last().map_or(end, |t| t.span.end);
        self.out.push(Token::virtual_at(Kind::Eof, self.file, at));
    }
}
