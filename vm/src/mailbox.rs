//! The messages that wait for a container: a queue of words.
//!
//! A message is two words of header (what it is and how many words follow; the number of the ask, or 0) and a parcel
//! ([`crate::heap::transfer`]). It is state from the moment it is delivered to that at which its receiver begins with it.

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// The first of every container: the arguments that it was spawned with.
    Init,
    /// One of the kind's messages.
    Handler(u32),
    /// One of `codex_spec::module::Lifecycle`, by its number.
    Event(u8),
}

const INIT: u32 = u32::MAX;
const EVENTS: u32 = u32::MAX - 256;

impl Message {
    /// Its number in a header.
    pub(crate) fn code(self) -> u32 {
        match self {
            Message::Init => INIT,
            Message::Handler(number) => number,
            Message::Event(number) => EVENTS + number as u32,
        }
    }

    /// The message with this number.
    pub(crate) fn from_code(code: u32) -> Message {
        match code {
            INIT => Message::Init,
            EVENTS.. => Message::Event((code - EVENTS) as u8),
            number => Message::Handler(number),
        }
    }
}

/// Words before the parcel.
const HEADER: usize = 2;

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox {
    words: Vec<u64>,
    /// Where the first message begins.
    head: usize,
}

/// A message taken out of a mailbox.
pub(crate) struct Taken<'a> {
    pub(crate) message: Message,
    /// The number of the ask that wants a reply; 0 if there is none.
    pub(crate) ask: u64,
    pub(crate) parcel: &'a mut [u64],
}

impl Mailbox {
    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.head == self.words.len()
    }

    /// Bytes of all that waits.
    pub(crate) fn size(&self) -> u64 {
        (self.words.len() - self.head) as u64 * 8
    }

    /// Bytes of a message whose parcel has so many words.
    pub(crate) fn size_of(parcel: usize) -> u64 {
        (HEADER + parcel) as u64 * 8
    }

    /// Adds a message behind the others.
    pub(crate) fn push(&mut self, message: Message, ask: u64, parcel: &[u64]) {
        self.words.push(message.code() as u64 | (parcel.len() as u64) << 32);
        self.words.push(ask);
        self.words.extend_from_slice(parcel);
    }

    /// Adds a message before the others.
    pub(crate) fn push_front(&mut self, message: Message, parcel: &[u64]) {
        let mut all = Mailbox::default();
        all.push(message, 0, parcel);
        all.words.extend_from_slice(self.words());
        *self = all;
    }

    /// Takes the first message. Its parcel stays in place until the next change of the mailbox.
    pub(crate) fn pop(&mut self) -> Option<Taken<'_>> {
        let header = *self.words.get(self.head)?;
        let ask = self.words[self.head + 1];
        let start = self.head + HEADER;
        let end = start + (header >> 32) as usize;
        self.head = end;
        Some(Taken { message: Message::from_code(header as u32), ask, parcel: &mut self.words[start..end] })
    }

    /// Gives up the room of messages that were taken.
    pub(crate) fn tidy(&mut self) {
        if self.is_empty() {
            self.words.clear();
            self.head = 0;
            if self.words.capacity() > KEPT {
                self.words = Vec::new();
            }
        } else if self.head > self.words.len() / 2 {
            self.words.drain(..self.head);
            self.head = 0;
        }
    }

    /// All that waits, as words: what a hash or an image keeps.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words[self.head..]
    }

    /// The messages that wait, in order: what each is, its ask, its parcel.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Message, u64, &[u64])> {
        let mut at = self.head;
        std::iter::from_fn(move || {
            let header = *self.words.get(at)?;
            let start = at + HEADER;
            at = start + (header >> 32) as usize;
            Some((Message::from_code(header as u32), self.words[start - 1], &self.words[start..at]))
        })
    }

    /// A mailbox with these words; `None` if they are no whole messages.
    pub(crate) fn from_words(words: Vec<u64>) -> Option<Mailbox> {
        let mut at = 0usize;
        while at < words.len() {
            let length = usize::try_from(words[at] >> 32).ok()?;
            at = at.checked_add(HEADER + length)?;
        }
        (at == words.len()).then_some(Mailbox { words, head: 0 })
    }
}

/// Words that an empty mailbox keeps room for.
const KEPT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut mailbox = Mailbox::default();
        mailbox.push(Message::Handler(3), 7, &[1, 2]);
        mailbox.push(Message::Event(2), 0, &[]);
        mailbox.push_front(Message::Init, &[9]);
        assert_eq!(mailbox.size(), (3 * 2 + 3) * 8);
        let copy = Mailbox::from_words(mailbox.words().to_vec()).map(|m| m.iter().count());
        assert_eq!(copy, Some(3));
        let mut seen = Vec::new();
        while let Some(taken) = mailbox.pop() {
            seen.push((taken.message, taken.ask, taken.parcel.to_vec()));
            mailbox.tidy();
        }
        let expected =
            [(Message::Init, 0, vec![9]), (Message::Handler(3), 7, vec![1, 2]), (Message::Event(2), 0, vec![])];
        assert_eq!(seen, expected);
        assert!(Mailbox::from_words(vec![2 << 32, 0, 1]).is_none());
    }
}
