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
    /// The parcel that the container was made with, then the messages.
    words: Vec<u64>,
    /// Where the first message begins.
    head: usize,
    /// Words of that parcel.
    kept: u32,
}

/// A message taken out of a mailbox.
pub(crate) struct Taken<'a> {
    pub(crate) message: Message,
    /// The number of the ask that wants a reply; 0 if there is none.
    pub(crate) ask: u64,
    pub(crate) parcel: &'a mut [u64],
}

impl Mailbox {
    /// An empty mailbox of a container that was made with a parcel. There is room for the messages that it begins with.
    pub(crate) fn new(arguments: &[u64]) -> Mailbox {
        let kept = arguments.len();
        let mut words = Vec::new();
        words.reserve_exact(2 * kept + HEADER);
        words.extend_from_slice(arguments);
        Mailbox { words, kept: kept as u32, head: kept }
    }

    /// The parcel that its container was made with.
    pub(crate) fn arguments(&self) -> &[u64] {
        &self.words[..self.kept as usize]
    }

    /// Whether nothing waits.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.head == self.words.len()
    }

    /// Bytes of all that waits.
    #[inline(always)]
    pub(crate) fn size(&self) -> u64 {
        (self.words.len() - self.head) as u64 * 8
    }

    /// Bytes of a message whose parcel has so many words.
    #[inline(always)]
    pub(crate) fn size_of(parcel: usize) -> u64 {
        (HEADER + parcel) as u64 * 8
    }

    /// Adds a message behind the others.
    pub(crate) fn push(&mut self, message: Message, ask: u64, parcel: &[u64]) {
        self.words.reserve(HEADER + parcel.len());
        self.words.push(message.code() as u64 | (parcel.len() as u64) << 32);
        self.words.push(ask);
        self.words.extend_from_slice(parcel);
    }

    /// Adds a message whose parcel is these words.
    #[inline]
    pub(crate) fn push_words(&mut self, message: Message, parcel: impl ExactSizeIterator<Item = u64>) {
        let count = parcel.len();
        self.words.reserve(HEADER + count);
        self.words.push(message.code() as u64 | (count as u64) << 32);
        self.words.push(0);
        for word in parcel {
            self.words.push(word);
        }
    }

    /// Adds a message whose parcel is written in place: `write` appends it to the words, and says whether it stays.
    pub(crate) fn push_with<E>(
        &mut self,
        message: Message,
        write: impl FnOnce(&mut Vec<u64>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let start = self.words.len();
        self.words.extend([0, 0]);
        let written = write(&mut self.words);
        match written {
            Ok(true) => {
                let parcel = self.words.len() - start - HEADER;
                self.words[start] = message.code() as u64 | (parcel as u64) << 32;
            }
            Ok(false) | Err(_) => self.words.truncate(start),
        }
        written
    }

    /// Adds a message before the others.
    pub(crate) fn push_front(&mut self, message: Message, parcel: &[u64]) {
        let waiting = self.words.split_off(self.head);
        self.head = self.kept as usize;
        self.words.truncate(self.head);
        self.push(message, 0, parcel);
        self.words.extend(waiting);
    }

    /// Puts what a container begins with before all else: maybe an event, and before it the arguments.
    pub(crate) fn begin(&mut self, event: Option<Message>) {
        let waiting = self.words.split_off(self.head);
        self.words.truncate(self.kept as usize);
        self.head = self.kept as usize;
        self.words.push(Message::Init.code() as u64 | (self.kept as u64) << 32);
        self.words.push(0);
        self.words.extend_from_within(..self.kept as usize);
        if let Some(event) = event {
            self.push(event, 0, &[]);
        }
        self.words.extend(waiting);
    }

    /// Takes the first message. Its parcel stays in place until the next change of the mailbox.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Taken<'_>> {
        let header = *self.words.get(self.head)?;
        let ask = self.words[self.head + 1];
        let start = self.head + HEADER;
        let end = start + (header >> 32) as usize;
        self.head = end;
        Some(Taken { message: Message::from_code(header as u32), ask, parcel: &mut self.words[start..end] })
    }

    /// Gives up the room of messages that were taken.
    #[inline]
    pub(crate) fn tidy(&mut self) {
        let (head, kept) = (self.head, self.kept as usize);
        if head == self.words.len() {
            self.words.truncate(kept);
            self.head = self.kept as usize;
            if self.words.capacity() > kept + KEPT {
                self.words.shrink_to_fit();
            }
        } else if head > self.words.len() / 2 {
            self.words.drain(kept..head);
            self.head = self.kept as usize;
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

    /// The mailbox of a container that was made with a parcel, with these words; `None` if they are no whole messages.
    pub(crate) fn from_words(arguments: &[u64], words: &[u64]) -> Option<Mailbox> {
        let mut at = 0usize;
        while at < words.len() {
            let length = usize::try_from(words[at] >> 32).ok()?;
            at = at.checked_add(HEADER + length)?;
        }
        let fits = at == words.len() && u32::try_from(arguments.len()).is_ok();
        let head = arguments.len();
        fits.then(|| Mailbox { words: [arguments, words].concat(), head, kept: head as u32 })
    }
}

/// Words that an empty mailbox keeps room for.
const KEPT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut mailbox = Mailbox::new(&[9]);
        mailbox.push(Message::Handler(3), 7, &[1, 2]);
        mailbox.begin(Some(Message::Event(2)));
        mailbox.push_front(Message::Event(3), &[4]);
        assert_eq!(
            mailbox.pop().map(|taken| (taken.message, taken.parcel.to_vec())),
            Some((Message::Event(3), vec![4]))
        );
        for refused in [Ok(false), Err(())] {
            let write = |words: &mut Vec<u64>| {
                words.push(1);
                refused
            };
            assert_eq!(mailbox.push_with(Message::Init, write), refused);
        }
        assert_eq!(mailbox.size(), (3 * 2 + 3) * 8);
        let in_place = |words: &mut Vec<u64>| -> Result<bool, ()> {
            words.push(5);
            Ok(true)
        };
        assert_eq!(mailbox.push_with(Message::Handler(4), in_place), Ok(true));
        let copy = Mailbox::from_words(mailbox.arguments(), mailbox.words());
        assert_eq!(copy.map(|m| (m.arguments().to_vec(), m.iter().count())), Some((vec![9], 4)));
        let mut seen = Vec::new();
        while let Some(taken) = mailbox.pop() {
            seen.push((taken.message, taken.ask, taken.parcel.to_vec()));
            mailbox.tidy();
        }
        let expected = [
            (Message::Init, 0, vec![9]),
            (Message::Event(2), 0, vec![]),
            (Message::Handler(3), 7, vec![1, 2]),
            (Message::Handler(4), 0, vec![5]),
        ];
        assert_eq!(seen, expected);
        assert_eq!((mailbox.arguments(), mailbox.is_empty()), (&[9][..], true));
        assert!(Mailbox::from_words(&[], &[2 << 32, 0, 1]).is_none());
    }
}
