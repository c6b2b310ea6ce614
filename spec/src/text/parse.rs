//! From assembly to a module.

use std::fmt;

use super::letter;
use super::lex::{Placed, Token, words};
use crate::instruction::{BlockId, FuncId, Inst, LayoutId, Opcode, OperandSource, OperandSpec, Reg, TypeId};
use crate::layout::{LayoutDef, RegType, Storage, TypeDef, builtin_layout};
use crate::module::{Block, ContainerDef, Function, HandlerDef, Hold, Lifecycle, LineRun, Module, Param, State};

/// What is wrong with an assembly text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssemblyError {
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for AssemblyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for AssemblyError {}

/// The module with this assembly form.
pub fn assemble(source: &str) -> Result<Module, AssemblyError> {
    let placed = |(at, message): (usize, String)| {
        let before = &source[..source.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        let line = before.matches('\n').count() + 1;
        AssemblyError { line, column: before[line_start..].chars().count() + 1, message }
    };
    let words = words(source).map_err(|(at, why)| placed((at, why.to_owned())))?;
    let mut parser = Parser { words: &words, at: 0 };
    parser.module().map_err(placed)
}

/// Registers of a function at most.
const MAX_REGISTERS: usize = 1 << 16;

/// Byte offset and message.
type Fault = (usize, String);
type Parse<T = ()> = Result<T, Fault>;

struct Parser<'s> {
    words: &'s [Placed<'s>],
    at: usize,
}

impl<'s> Parser<'s> {
    // ── Words ────────────────────────────────────────────────────────────────────

    fn peek(&self) -> &'s Token<'s> {
        &self.words[self.at].0
    }

    /// The next word. The end is never passed.
    fn next(&mut self) -> &'s Token<'s> {
        let word = self.peek();
        self.at += usize::from(*word != Token::End);
        word
    }

    fn fail<T>(&self, message: impl Into<String>) -> Parse<T> {
        Err((self.words[self.at].1, message.into()))
    }

    fn is(&self, mark: char) -> bool {
        *self.peek() == Token::Mark(mark)
    }

    fn accept(&mut self, mark: char) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char) -> Parse {
        if self.accept(mark) { Ok(()) } else { self.fail(format!("`{mark}` belongs here")) }
    }

    fn word(&mut self) -> Parse<&'s str> {
        match self.peek() {
            Token::Word(word) => {
                self.next();
                Ok(word)
            }
            _ => self.fail("a word belongs here"),
        }
    }

    fn accept_word(&mut self, expected: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if *word == expected);
        self.at += usize::from(found);
        found
    }

    /// A number after a letter, as in `r7`; without a letter, a plain number.
    fn id<N: std::str::FromStr>(&mut self, letter: Option<char>) -> Parse<N> {
        let number = match self.peek() {
            Token::Word(word) => match letter {
                Some(letter) => word.strip_prefix(letter),
                None => Some(*word),
            },
            _ => None,
        };
        match number.filter(|n| n.bytes().all(|b| b.is_ascii_digit())).and_then(|n| n.parse().ok()) {
            Some(number) => {
                self.next();
                Ok(number)
            }
            None => self.fail(match letter {
                Some(letter) => format!("`{letter}` and a number belong here"),
                None => "a number belongs here".to_owned(),
            }),
        }
    }

    /// The number of a table's row, which must be the next.
    fn row(&mut self, letter: char, next: usize) -> Parse {
        let start = self.at;
        if self.id::<usize>(Some(letter))? == next {
            return Ok(());
        }
        self.at = start;
        self.fail(format!("the next one is {letter}{next}"))
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.expect('(')?;
        let mut items = Vec::new();
        while !self.accept(')') {
            if !items.is_empty() {
                self.expect(',')?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn quoted(&mut self) -> Parse<&'s [u8]> {
        match self.peek() {
            Token::Quoted(bytes) => {
                self.next();
                Ok(bytes)
            }
            _ => self.fail("a literal belongs here"),
        }
    }

    fn name(&mut self) -> Parse<String> {
        let start = self.at;
        match String::from_utf8(self.quoted()?.to_vec()) {
            Ok(name) => Ok(name),
            Err(_) => {
                self.at = start;
                self.fail("a name is text")
            }
        }
    }

    // ── Tables ───────────────────────────────────────────────────────────────────

    fn module(&mut self) -> Parse<Module> {
        let mut module = Module::default();
        while *self.peek() != Token::End {
            let start = self.at;
            match self.word()? {
                "type" => {
                    self.row('t', module.types.len())?;
                    module.types.push(self.type_def()?);
                }
                "layout" => {
                    self.row('l', module.layouts.len() + builtin_layout::FIRST as usize)?;
                    module.layouts.push(self.layout_def()?);
                }
                "constant" => {
                    self.row('c', module.constants.len())?;
                    module.constants.push(self.quoted()?.into());
                }
                "global" => {
                    self.row('g', module.globals.len())?;
                    module.globals.push(self.reg_type()?);
                }
                "container" => {
                    self.row('k', module.containers.len())?;
                    module.containers.push(self.container_def()?);
                }
                "entry" => module.entry = Some(FuncId(self.id(Some('f'))?)),
                "test" => {
                    let name = self.name()?;
                    module.tests.push((name, self.function_id()?));
                }
                "function" => {
                    self.row('f', module.functions.len())?;
                    module.functions.push(self.function()?);
                }
                "names" => self.names(&mut module)?,
                _ => {
                    self.at = start;
                    return self.fail(
                        "`type`, `layout`, `constant`, `global`, `container`, `entry`, `test`, `function` or `names` belongs here",
                    );
                }
            }
        }
        Ok(module)
    }

    fn reg_type(&mut self) -> Parse<RegType> {
        if self.accept_word("i64") {
            Ok(RegType::I64)
        } else if self.accept_word("f64") {
            Ok(RegType::F64)
        } else {
            Ok(RegType::Ref(self.typ()?))
        }
    }

    fn storage(&mut self) -> Parse<Storage> {
        if self.accept_word("byte") {
            return Ok(Storage::Byte);
        }
        Ok(match self.reg_type()? {
            RegType::I64 => Storage::I64,
            RegType::F64 => Storage::F64,
            RegType::Ref(t) => Storage::Ref(t),
        })
    }

    fn typ(&mut self) -> Parse<TypeId> {
        self.id(Some('t')).map(TypeId)
    }

    fn layout(&mut self) -> Parse<LayoutId> {
        self.id(Some('l')).map(LayoutId)
    }

    fn type_def(&mut self) -> Parse<TypeDef> {
        let start = self.at;
        Ok(match self.word()? {
            "data" => {
                TypeDef::Data(self.list(|p| if p.accept_word("none") { Ok(None) } else { p.layout().map(Some) })?)
            }
            "list" => TypeDef::List { element: self.storage()?, layout: self.layout()? },
            "text" => TypeDef::Text,
            "bytes" => TypeDef::Bytes,
            "function" => TypeDef::Function { params: self.list(Self::reg_type)?, result: self.reg_type()? },
            _ => {
                self.at = start;
                return self.fail("there is no such kind of type");
            }
        })
    }

    fn layout_def(&mut self) -> Parse<LayoutDef> {
        let start = self.at;
        Ok(match self.word()? {
            "record" => LayoutDef::Record { typ: self.typ()?, tag: self.id(None)?, fields: self.list(Self::storage)? },
            "list" => LayoutDef::List(self.typ()?),
            "closure" => LayoutDef::Closure {
                typ: self.typ()?,
                function: FuncId(self.id(Some('f'))?),
                fields: self.list(Self::storage)?,
            },
            _ => {
                self.at = start;
                return self.fail("there is no such kind of layout");
            }
        })
    }

    fn function_id(&mut self) -> Parse<FuncId> {
        self.id(Some('f')).map(FuncId)
    }

    fn container_def(&mut self) -> Parse<ContainerDef> {
        let (state, init) = (self.reg_type()?, self.function_id()?);
        let handlers = self.list(|p| Ok(HandlerDef { function: p.function_id()?, reply: p.reg_type()? }))?;
        let start = self.at;
        let events = self.list(|p| if p.accept_word("none") { Ok(None) } else { p.function_id().map(Some) })?;
        match events.try_into() {
            Ok(lifecycle) => Ok(ContainerDef { state, init, handlers, lifecycle }),
            Err(_) => {
                self.at = start;
                self.fail(format!("{} functions or `none` belong here", Lifecycle::ALL.len()))
            }
        }
    }

    fn names(&mut self, module: &mut Module) -> Parse {
        self.expect('{')?;
        let names = &mut module.names;
        while !self.accept('}') {
            let start = self.at;
            match self.word()? {
                "file" => names.files.push(self.name()?),
                "function" => names.functions.push(self.name()?),
                "type" => names.types.push(self.name()?),
                "layout" => {
                    let name = self.name()?;
                    names.layouts.push((name, self.list(Self::name)?));
                }
                "container" => {
                    let name = self.name()?;
                    names.containers.push((name, self.list(Self::name)?));
                }
                "lines" => names.lines.push(self.list(Self::line_run)?),
                _ => {
                    self.at = start;
                    return self.fail("`file`, `function`, `type`, `layout`, `container` or `lines` belongs here");
                }
            }
        }
        Ok(())
    }

    fn line_run(&mut self) -> Parse<LineRun> {
        let count = self.id(None)?;
        let file = self.id(None)?;
        self.expect(':')?;
        let line = self.id(None)?;
        self.expect(':')?;
        Ok(LineRun { count, file, line, column: self.id(None)? })
    }

    // ── Functions ────────────────────────────────────────────────────────────────

    fn function(&mut self) -> Parse<Function> {
        let params = self.list(|p| {
            let borrowed = p.accept_word("lent");
            Ok(Param { typ: p.reg_type()?, borrowed })
        })?;
        let result = self.reg_type()?;
        let closure = if self.accept_word("closure") { Some(self.layout()?) } else { None };
        self.expect('{')?;
        let registers = if self.accept_word("registers") { self.registers()? } else { Vec::new() };
        let mut blocks = Vec::new();
        while !self.accept('}') {
            self.row('b', blocks.len())?;
            self.expect(':')?;
            blocks.push(self.block()?);
        }
        Ok(Function { params, result, closure, registers, blocks })
    }

    fn registers(&mut self) -> Parse<Vec<RegType>> {
        let mut registers = Vec::new();
        while !self.is('}') && !self.at_block() {
            let typ = self.reg_type()?;
            let many = self.accept('*');
            let start = self.at;
            let count = if many { self.id(None)? } else { 1usize };
            if count > MAX_REGISTERS - registers.len() {
                self.at = start;
                return self.fail("these are more registers than there can be");
            }
            registers.extend(std::iter::repeat_n(typ, count));
        }
        Ok(registers)
    }

    /// Whether a block's label is next.
    fn at_block(&self) -> bool {
        let label = matches!(self.peek(), Token::Word(w) if w.starts_with('b') && w[1..].parse::<u32>().is_ok());
        label && self.words.get(self.at + 1).is_some_and(|(next, _)| *next == Token::Mark(':'))
    }

    fn block(&mut self) -> Parse<Block> {
        let mut block = Block::default();
        while matches!(self.peek(), Token::Word(w) if w.starts_with('r') && w[1..].parse::<u16>().is_ok()) {
            let reg = Reg(self.id(Some('r'))?);
            block.entry.push((reg, self.state()?));
            if !self.accept(',') {
                break;
            }
        }
        while !self.is('}') && !self.at_block() {
            block.code.push(self.instruction()?);
        }
        Ok(block)
    }

    fn state(&mut self) -> Parse<State> {
        let start = self.at;
        let hold = match self.word()? {
            "word" => Hold::Word,
            "owned" => Hold::Owned,
            "unique" => Hold::Unique,
            "lent" => Hold::Lent,
            "borrowed" => Hold::Borrowed(Reg(self.id(Some('r'))?)),
            "token" => Hold::Token(self.id(None)?),
            "open" if matches!(self.peek(), Token::Word(w) if w.starts_with('r')) => {
                Hold::OpenItem(Reg(self.id(Some('r'))?))
            }
            "open" => Hold::OpenField(self.id(None)?),
            _ => {
                self.at = start;
                return self.fail("there is no such state");
            }
        };
        let variant = if self.accept_word("is") { Some(self.id(None)?) } else { None };
        Ok(State { hold, variant })
    }

    fn instruction(&mut self) -> Parse<Inst> {
        let start = self.at;
        let Some(opcode) = Opcode::from_name(self.word()?) else {
            self.at = start;
            return self.fail("there is no such instruction");
        };
        let mut operands = Operands { parser: self, specs: opcode.operands().iter(), first: true };
        Inst::build(opcode, &mut operands)
    }
}

/// The operands of an instruction, with commas between them.
struct Operands<'p, 's> {
    parser: &'p mut Parser<'s>,
    specs: std::slice::Iter<'static, OperandSpec>,
    first: bool,
}

impl Operands<'_, '_> {
    /// Goes to the next operand; gives the letter of its ids.
    fn step(&mut self) -> Parse<Option<char>> {
        if !std::mem::take(&mut self.first) {
            self.parser.expect(',')?;
        }
        Ok(self.specs.next().and_then(|spec| letter(spec.role)))
    }

    fn numeral(&mut self) -> Parse<&str> {
        self.step()?;
        match self.parser.peek() {
            Token::Word(text) | Token::Number(text) => Ok(text),
            _ => self.parser.fail("a number belongs here"),
        }
    }

    /// The number before `self.parser.at`'s word, once it is known to be one.
    fn parsed<T>(&mut self, value: Option<T>) -> Parse<T> {
        match value {
            Some(value) => {
                self.parser.next();
                Ok(value)
            }
            None => self.parser.fail("a number belongs here"),
        }
    }
}

impl OperandSource for Operands<'_, '_> {
    type Error = Fault;

    fn reg(&mut self) -> Parse<Reg> {
        self.step()?;
        self.parser.id(Some('r')).map(Reg)
    }

    fn regs(&mut self) -> Parse<Box<[Reg]>> {
        self.step()?;
        self.parser.list(|p| p.id(Some('r')).map(Reg)).map(Vec::into_boxed_slice)
    }

    fn imm(&mut self) -> Parse<i64> {
        let value = self.numeral()?.parse().ok();
        self.parsed(value)
    }

    fn float(&mut self) -> Parse<u64> {
        let text = self.numeral()?;
        let value = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok().map(f64::to_bits),
        };
        self.parsed(value)
    }

    fn index(&mut self) -> Parse<u32> {
        let letter = self.step()?;
        self.parser.id(letter)
    }

    fn blocks(&mut self) -> Parse<Box<[BlockId]>> {
        self.step()?;
        self.parser.list(|p| p.id(Some('b')).map(BlockId)).map(Vec::into_boxed_slice)
    }
}
