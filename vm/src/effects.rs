//! What containers do in one tick beyond their own state: a log that takes effect when the tick commits.

use std::ops::Range;

use codex_spec::layout::RegType;

/// One effect; texts, arguments and parcels are ranges of the log's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Print {
        stream: i64,
        text: Range<usize>,
    },
    Request {
        request: u32,
        argument: Range<usize>,
    },
    Spawn {
        id: u64,
        kind: u32,
        parcel: Range<usize>,
    },
    Send {
        to: u64,
        kind: u32,
        handler: u32,
        parcel: Range<usize>,
    },
    Ask {
        to: u64,
        kind: u32,
        handler: u32,
        within: Option<i64>,
        parcel: Range<usize>,
    },
    Reply {
        ask: u64,
        typ: RegType,
        parcel: Range<usize>,
    },
    Sleep {
        milliseconds: i64,
    },
    Stop {
        link: u64,
    },
    Restart {
        child: u64,
    },
    Restore {
        child: u64,
    },
    /// The handler of a child's collapse ended: a child that was not restarted or restored is gone.
    Bury {
        child: u64,
    },
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Effects {
    pub(crate) log: Vec<Effect>,
    pub(crate) texts: String,
    pub(crate) arguments: Vec<u8>,
    pub(crate) parcels: Vec<u64>,
}

impl Effects {
    pub(crate) fn print(&mut self, stream: i64, text: &str) {
        let start = self.texts.len();
        self.texts.push_str(text);
        self.log.push(Effect::Print { stream, text: start..self.texts.len() });
    }

    pub(crate) fn request(&mut self, request: u32, argument: &[u8]) {
        let start = self.arguments.len();
        self.arguments.extend_from_slice(argument);
        self.log.push(Effect::Request { request, argument: start..self.arguments.len() });
    }

    /// Keeps a copy of a parcel, for an effect that follows.
    pub(crate) fn keep(&mut self, parcel: &[u64]) -> Range<usize> {
        let start = self.parcels.len();
        self.parcels.extend_from_slice(parcel);
        start..self.parcels.len()
    }

    pub(crate) fn clear(&mut self) {
        self.log.clear();
        self.texts.clear();
        self.arguments.clear();
        self.parcels.clear();
    }

    /// A log of its own with the effects from one place of this log to another.
    pub(crate) fn part(&self, effects: Range<usize>) -> Effects {
        let mut part = Effects::default();
        for effect in &self.log[effects] {
            part.add(effect, self);
        }
        part
    }

    /// Adds an effect of another log, with what belongs to it.
    fn add(&mut self, effect: &Effect, from: &Effects) {
        let mut effect = effect.clone();
        match &mut effect {
            Effect::Print { text, .. } => {
                let start = self.texts.len();
                self.texts.push_str(&from.texts[text.clone()]);
                *text = start..self.texts.len();
            }
            Effect::Request { argument, .. } => {
                let start = self.arguments.len();
                self.arguments.extend_from_slice(&from.arguments[argument.clone()]);
                *argument = start..self.arguments.len();
            }
            Effect::Spawn { parcel, .. }
            | Effect::Send { parcel, .. }
            | Effect::Ask { parcel, .. }
            | Effect::Reply { parcel, .. } => {
                *parcel = self.keep(&from.parcels[parcel.clone()]);
            }
            Effect::Sleep { .. } | Effect::Stop { .. } | Effect::Restart { .. } | Effect::Restore { .. } => {}
            Effect::Bury { .. } => {}
        }
        self.log.push(effect);
    }
}
