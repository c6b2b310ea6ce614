//! The reader: the longest valid prefix, one record at a time, in bounded memory; also while it is being written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, Open, read_up_to};
use crate::error::{Error, Flaw, Result, Wrong};

use super::frame;
use super::record::{Record, kind};
use super::segment::{Header, Name, Position, segments};

/// Bytes that are read at once; more than the longest frame.
const WINDOW: usize = 256 << 10;

/// A record, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub record: Record,
    /// The epoch of its writer.
    pub epoch: u64,
    /// The place after it.
    pub after: Position,
}

/// Where the journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The place after the last record.
    pub position: Position,
    /// Bytes after it that are no record: what was being written when the power went out, never acknowledged.
    pub torn: u64,
}

/// Reads a journal from a place to its end. After the end it can be asked again, and gives what was appended since. One who
/// follows a writer so may see records before they are acknowledged, and again if the writer had to begin a new segment.
#[derive(Debug)]
pub struct Reader {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    from: Option<Position>,
    /// The segment to begin with, if not the oldest.
    first: Option<u64>,
    open: Option<Segment>,
    torn: u64,
}

#[derive(Debug)]
struct Segment {
    header: Header,
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    at: Position,
    /// Where the next segment says that this one ends.
    sealed: Option<Position>,
    /// The place before the last mark, or the start: everything up to here is on the disk.
    safe: Position,
    /// It was sealed before the place that had been read by then.
    passed: bool,
    window: Vec<u8>,
    window_at: u64,
}

enum Step {
    Record(Record),
    End { torn: u64 },
    Sealed,
}

impl Reader {
    /// Reads the journal in `dir`, the directory of the segments, from its oldest segment.
    pub fn new(disk: Arc<dyn Disk>, dir: impl Into<PathBuf>) -> Self {
        Reader { disk, dir: dir.into(), from: None, first: None, open: None, torn: 0 }
    }

    /// Reads from a place; [`Position::default`] is the start of the first segment that ever was.
    pub fn from(disk: Arc<dyn Disk>, dir: impl Into<PathBuf>, position: Position) -> Self {
        Reader { from: Some(position), first: Some(position.segment.max(1)), ..Reader::new(disk, dir) }
    }

    /// Reads from the start of a segment.
    pub(crate) fn at_segment(disk: Arc<dyn Disk>, dir: PathBuf, number: u64) -> Self {
        Reader { first: Some(number), ..Reader::new(disk, dir) }
    }

    /// The header of a segment.
    pub(crate) fn header_of(disk: &dyn Disk, dir: &Path, name: Name) -> Result<Header> {
        open_segment(disk, dir, name).map(|segment| segment.header)
    }

    /// The header of the segment being read, once there is one.
    pub fn header(&self) -> Option<&Header> {
        self.open.as_ref().map(|segment| &segment.header)
    }

    /// Where the journal ended, when [`Self::next_entry`] last gave `None`.
    pub fn end(&self) -> End {
        let position = self.open.as_ref().map(|segment| segment.at).or(self.from).unwrap_or_default();
        End { position, torn: self.torn }
    }

    /// The place up to which everything in this segment is known to be on the disk.
    pub(crate) fn safe(&self) -> Position {
        self.open.as_ref().map(|segment| segment.safe).unwrap_or_default()
    }

    /// The next record, or `None` at the end, for now.
    ///
    /// # Errors
    /// With segment and offset, when a record that was once acknowledged is damaged or a segment is missing; or when the disk fails.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        if self.open.is_none() && !self.first()? {
            return Ok(None);
        }
        loop {
            let segment = self.open.as_mut().expect("opened above");
            match segment.step()? {
                Step::Record(Record::Mark) => {}
                Step::Record(record) => {
                    return Ok(Some(Entry { record, epoch: segment.header.epoch, after: segment.at }));
                }
                Step::Sealed => self.next_segment()?,
                Step::End { torn } => {
                    self.torn = torn;
                    if !self.seal()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Opens the first segment to read; `false` if there is no journal.
    fn first(&mut self) -> Result<bool> {
        let names = segments(&*self.disk, &self.dir)?.names;
        let name = match self.first {
            None => names.first().copied(),
            Some(first) => names.iter().copied().find(|name| name.number == first),
        };
        let Some(name) = name else {
            let lost = self.from.is_some_and(|from| from.segment > 0) || !names.is_empty();
            let missing = || Flaw::new(0, Wrong::Broken("the journal")).in_file(&self.dir);
            return if lost { Err(missing()) } else { Ok(false) };
        };
        let mut segment = open_segment(&*self.disk, &self.dir, name)?;
        if let Some(from) = self.from.filter(|from| from.segment > 0) {
            segment.at = from;
        }
        self.open = Some(segment);
        self.seal()?;
        Ok(true)
    }

    /// The segment after the one being read, if there is one.
    fn following(&self) -> Result<Option<Segment>> {
        let number = self.open.as_ref().map_or(0, |segment| segment.header.number);
        let names = segments(&*self.disk, &self.dir)?.names;
        match names.into_iter().find(|name| name.number > number) {
            None => Ok(None),
            Some(name) => {
                let next = open_segment(&*self.disk, &self.dir, name)?;
                if next.header.previous.segment == number && name.number == number + 1 {
                    return Ok(Some(next));
                }
                Err(Flaw::new(72, Wrong::Broken("a segment")).in_file(&next.path))
            }
        }
    }

    /// Learns where the segment being read ends, from the one after it; `false` if it is the last, or was sealed before.
    fn seal(&mut self) -> Result<bool> {
        let next = self.following()?;
        let segment = self.open.as_mut().expect("a segment is open");
        let fresh = next.is_some() && segment.sealed.is_none();
        segment.sealed = next.map(|next| next.header.previous);
        segment.passed = fresh && segment.sealed.is_some_and(|sealed| sealed.offset < segment.at.offset);
        Ok(fresh)
    }

    fn next_segment(&mut self) -> Result<()> {
        self.open = self.following()?;
        self.torn = 0;
        if self.open.is_none() {
            // It was there when the one before it was sealed.
            return Err(Flaw::new(0, Wrong::Broken("the journal")).in_file(&self.dir));
        }
        self.seal()?;
        Ok(())
    }
}

fn open_segment(disk: &dyn Disk, dir: &Path, name: Name) -> Result<Segment> {
    let path = dir.join(name.file());
    let file = disk.open(&path, Open::Read).map_err(Error::io("open it", &path))?;
    let (header, at) = Header::read(&*file, &path)?;
    if (header.number, header.epoch) != (name.number, name.epoch) {
        return Err(Flaw::new(56, Wrong::Broken("a segment's number")).in_file(&path));
    }
    Ok(Segment { header, file, path, at, safe: at, sealed: None, passed: false, window: Vec::new(), window_at: 0 })
}

impl Segment {
    fn step(&mut self) -> Result<Step> {
        if let Some(sealed) = self.sealed
            && self.at.offset >= sealed.offset
        {
            let sound = self.at == sealed || self.passed;
            return if sound { Ok(Step::Sealed) } else { Err(self.bad(Wrong::Broken("a segment"))) };
        }
        for fresh in [false, true] {
            if let Some(record) = self.record(fresh)? {
                return Ok(Step::Record(record));
            }
            let len = self.len()?;
            if self.sealed.is_none() && !self.mark_after()? {
                return Ok(Step::End { torn: len.saturating_sub(self.at.offset) });
            }
            // A writer may have been in the middle of it: look once more.
        }
        Err(self.bad(Wrong::Chain))
    }

    fn bad(&self, wrong: Wrong) -> Error {
        Flaw::new(self.at.offset, wrong).in_file(&self.path)
    }

    fn len(&self) -> Result<u64> {
        self.file.len().map_err(Error::io("read its length", &self.path))
    }

    /// The record here, if one follows; the place moves behind it.
    fn record(&mut self, fresh: bool) -> Result<Option<Record>> {
        if fresh {
            self.window.clear();
        }
        let (at, nonce) = (self.at, self.header.nonce);
        let Some(length) = frame::length(self.bytes(at.offset, frame::HEAD)?) else { return Ok(None) };
        let frame = self.bytes(at.offset, length)?;
        if frame.len() < length {
            return Ok(None);
        }
        let Some(chain) = frame::follows(frame, &at.chain) else { return Ok(None) };
        let (code, body) = frame::parts(frame);
        let record = match code {
            kind::MARK if frame::is_mark(frame, &nonce, at.offset) => Ok(Record::Mark),
            code => Record::decode(code, body, at.offset + frame::HEAD as u64),
        };
        let record = record.map_err(|flaw| flaw.in_file(&self.path))?;
        if record == Record::Mark {
            self.safe = at;
        }
        self.at = Position { offset: at.offset + length as u64, chain, ..at };
        Ok(Some(record))
    }

    /// Up to `count` bytes from a place; fewer only where the file ends.
    fn bytes(&mut self, offset: u64, count: usize) -> Result<&[u8]> {
        debug_assert!(count <= frame::LONGEST);
        let end = self.window_at + self.window.len() as u64;
        if offset < self.window_at || offset + count as u64 > end {
            fill(&*self.file, &self.path, offset, &mut self.window)?;
            self.window_at = offset;
        }
        let start = (offset - self.window_at) as usize;
        Ok(&self.window[start..self.window.len().min(start + count)])
    }

    /// Whether a mark stands after this place: then what is here was once on the disk. A mark at this place says nothing about itself.
    fn mark_after(&self) -> Result<bool> {
        let mut window = Vec::new();
        let mut at = self.at.offset + 8;
        loop {
            fill(&*self.file, &self.path, at, &mut window)?;
            if window.len() < frame::MARK {
                return Ok(false);
            }
            let places = (window.len() - frame::MARK) / 8 + 1;
            if (0..places).any(|i| frame::is_mark(&window[8 * i..], &self.header.nonce, at + 8 * i as u64)) {
                return Ok(true);
            }
            at += 8 * places as u64;
        }
    }
}

/// Fills a window from a place, or to the end of the file.
fn fill(file: &dyn DiskFile, path: &Path, offset: u64, window: &mut Vec<u8>) -> Result<()> {
    window.resize(WINDOW, 0);
    let filled = read_up_to(file, offset, window).map_err(Error::io("read it", path))?;
    window.truncate(filled);
    Ok(())
}
