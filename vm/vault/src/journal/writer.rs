//! The writer: many appends, one sync.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, publish, write_all};
use crate::error::{Error, Refusal, Result};
use crate::fence::Fence;
use crate::id::{TimelineId, WorldId, random};
use crate::seeded::{self, Bug};

use super::frame;
use super::record::{Payload, Record, SMALL, kind};
use super::segment::{HEADER, Header, Name, Position};

/// What the writer is told once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The VM semantics that go into the headers.
    pub semantics: u32,
    /// The world.
    pub world: WorldId,
    /// The timeline.
    pub timeline: TimelineId,
    /// Bytes after which a segment is closed and a new one begun.
    pub segment_bytes: u64,
}

/// Appends to the journal. One for a vault.
#[derive(Debug)]
pub struct Writer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    fence: Fence,
    settings: Settings,
    open: Segment,
    /// Frames that are not acknowledged yet.
    waiting: Vec<u8>,
    /// The highest tick of a horizon: what a new segment's header says.
    tick: u64,
    stopped: bool,
}

/// The segment being written.
#[derive(Debug)]
struct Segment {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    nonce: [u8; 16],
    /// The end of what is acknowledged.
    safe: Position,
    /// The end of what is written: after the last mark.
    end: Position,
}

impl Writer {
    /// Goes on after `end`, a place up to which everything is on the disk, in a new segment.
    pub(crate) fn start(
        disk: Arc<dyn Disk>,
        dir: PathBuf,
        fence: Fence,
        settings: Settings,
        end: Position,
        tick: u64,
    ) -> Result<Self> {
        let open = begin(&*disk, &dir, &fence, &settings, end, tick)?;
        Ok(Writer { disk, dir, fence, settings, open, waiting: Vec::new(), tick, stopped: false })
    }

    /// Appends a record; it is on the disk once a later [`Self::commit`] has returned `Ok`.
    ///
    /// # Errors
    /// An input that is too large to stand in the journal: `Vault::append_input` takes those.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        if let Record::Input { payload: Payload::Here(bytes), .. } = record
            && bytes.len() > SMALL
        {
            let too_large = Refusal::TooLarge { what: "an input", found: bytes.len() as u64, most: SMALL as u64 };
            return Err(too_large.into());
        }
        if let Record::Horizon { tick } = record {
            self.tick = self.tick.max(*tick);
        }
        if matches!(record, Record::Released { .. }) && seeded::has(Bug::DropWatermark) {
            return Ok(());
        }
        // Marks are the writer's own.
        if *record != Record::Mark {
            let (kind, body) = record.encode();
            // The longest text makes the longest body, and it is cut to fit.
            frame::push(&mut self.waiting, kind, &body);
        }
        Ok(())
    }

    /// Appends a record and writes it at once, without a sync, if nothing waits before it: then it outlives the process from here
    /// on, and the power from the next commit on. For what only helps, such as a watermark.
    ///
    /// # Errors
    /// As [`Self::append`]. A disk that fails is noticed by the next commit.
    pub fn append_unsynced(&mut self, record: &Record) -> Result<()> {
        let alone = self.waiting.is_empty() && !self.stopped;
        self.append(record)?;
        if alone && self.open.write_on(&mut self.waiting).is_ok() {
            self.waiting.clear();
        }
        Ok(())
    }

    /// Bytes that wait for a commit.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The end of what is acknowledged.
    pub fn position(&self) -> Position {
        self.open.safe
    }

    /// Bytes of the segment being written.
    pub fn segment_len(&self) -> u64 {
        self.open.end.offset
    }

    /// Puts everything that was appended on the disk with one sync, and says where it ends.
    ///
    /// # Errors
    /// When the disk fails, the segment is closed and the same records go to a new one; if that fails too, or a newer owner
    /// is there, the writer stops: nothing of this call is acknowledged, and it is unknown what of it will be read.
    pub fn commit(&mut self) -> Result<Position> {
        if self.stopped {
            return Err(Error::Stopped);
        }
        match self.try_commit() {
            Ok(()) => Ok(self.open.safe),
            Err(e) => {
                self.stopped = true;
                Err(e)
            }
        }
    }

    fn try_commit(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return self.fence.check();
        }
        if self.open.end.offset >= self.settings.segment_bytes {
            self.next_segment()?;
        }
        let end = match self.open.put(&mut self.waiting) {
            Ok(end) => end,
            Err(_) => {
                self.next_segment()?;
                self.open.put(&mut self.waiting)?
            }
        };
        // After the sync and before the acknowledgement: see `fence`.
        self.fence.check()?;
        self.open.safe = end;
        self.open.end = end;
        self.waiting.clear();
        if self.open.mark().is_err() {
            self.next_segment()?;
        }
        Ok(())
    }

    /// Closes the segment for good, and begins a new one where the acknowledged part of this one ends.
    fn next_segment(&mut self) -> Result<()> {
        self.fence.check()?;
        self.open = begin(&*self.disk, &self.dir, &self.fence, &self.settings, self.open.safe, self.tick)?;
        Ok(())
    }
}

impl Segment {
    /// Writes and syncs frames; gives the place after them.
    fn put(&self, frames: &mut [u8]) -> Result<Position> {
        let chain = frame::link(frames, self.end.chain);
        write_all(&*self.file, self.end.offset, frames).map_err(Error::io("append to it", &self.path))?;
        let synced = self.file.sync().map_err(Error::io("sync it", &self.path));
        if !seeded::has(Bug::IgnoreFailedSync) {
            synced?;
        }
        Ok(Position { segment: self.end.segment, offset: self.end.offset + frames.len() as u64, chain })
    }

    /// Notes that everything so far is on the disk. The note itself is not synced: it tells damage from a torn end, and
    /// where it is missing, the next one does.
    fn mark(&mut self) -> Result<()> {
        let mut bytes = Vec::with_capacity(frame::MARK);
        frame::push(&mut bytes, kind::MARK, &frame::mark(&self.nonce, self.end.offset));
        self.write_on(&mut bytes)
    }

    /// Writes frames behind the others, without a sync.
    fn write_on(&mut self, frames: &mut [u8]) -> Result<()> {
        let chain = frame::link(frames, self.end.chain);
        write_all(&*self.file, self.end.offset, frames).map_err(Error::io("append to it", &self.path))?;
        self.end = Position { offset: self.end.offset + frames.len() as u64, chain, ..self.end };
        Ok(())
    }
}

/// Makes the segment that follows `previous`. Its name stands for a whole header, or isn't there.
fn begin(
    disk: &dyn Disk,
    dir: &Path,
    fence: &Fence,
    settings: &Settings,
    previous: Position,
    first_tick: u64,
) -> Result<Segment> {
    let header = Header {
        semantics: settings.semantics,
        world: settings.world,
        timeline: settings.timeline,
        epoch: fence.epoch(),
        number: previous.segment + 1,
        first_tick,
        previous,
        nonce: random(),
    };
    let name = Name { number: header.number, epoch: header.epoch }.file();
    publish(disk, dir, &name, &header.encode())?;
    let path = dir.join(name);
    let file = disk.open(&path, crate::disk::Open::Write).map_err(Error::io("open it", &path))?;
    let start = header.start();
    debug_assert_eq!(start.offset, HEADER);
    Ok(Segment { file, path, nonce: header.nonce, safe: start, end: start })
}
