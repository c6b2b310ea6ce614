//! A segment: its file's name, its header, and which segments make up the journal.

use std::path::Path;

use crate::bytes::{Sink, Source, hash};
use crate::disk::{Disk, DiskFile, read_up_to};
use crate::error::{Error, Flaw, Result};
use crate::id::{TimelineId, WorldId};

const MAGIC: &[u8; 8] = b"CODEXJNL";
const FORMAT: u32 = 1;
/// Bytes of a header.
pub(super) const HEADER: u64 = 152;

/// A place between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// The segment's number; 0 is before the first.
    pub segment: u64,
    /// Bytes from the start of the segment.
    pub offset: u64,
    /// The hash of everything before.
    pub chain: [u8; 32],
}

/// What stands at the start of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The VM semantics under which what follows was run.
    pub semantics: u32,
    /// The world.
    pub world: WorldId,
    /// Its timeline.
    pub timeline: TimelineId,
    /// The writer's epoch.
    pub epoch: u64,
    /// The segment's number, from 1 without a gap.
    pub number: u64,
    /// No record speaks of an earlier tick.
    pub first_tick: u64,
    /// Where the segment before this one ends: what stands after it there does not count.
    pub previous: Position,
    /// Random bytes, so that nobody can know beforehand what a mark looks like.
    pub nonce: [u8; 16],
}

impl Position {
    pub(crate) fn encode(&self, to: &mut Sink) {
        to.u64(self.segment);
        to.u64(self.offset);
        to.bytes(&self.chain);
    }

    pub(crate) fn decode(from: &mut Source<'_>) -> Result<Self, Flaw> {
        Ok(Position { segment: from.u64()?, offset: from.u64()?, chain: from.array()? })
    }
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut to = Sink::begin(MAGIC, FORMAT);
        to.u32(self.semantics);
        to.bytes(&self.world.0);
        to.bytes(&self.timeline.0);
        to.u64(self.epoch);
        to.u64(self.number);
        to.u64(self.first_tick);
        self.previous.encode(&mut to);
        to.bytes(&self.nonce);
        to.checked()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut from = Source::new(bytes, 0);
        from.begin(MAGIC, FORMAT, "a segment of a journal")?;
        let header = Header {
            semantics: from.u32()?,
            world: WorldId(from.array()?),
            timeline: TimelineId(from.array()?),
            epoch: from.u64()?,
            number: from.u64()?,
            first_tick: from.u64()?,
            previous: Position::decode(&mut from)?,
            nonce: from.array()?,
        };
        from.checked("the header")?;
        Ok(header)
    }

    /// Reads a segment's header, and gives the place of the first record.
    pub(super) fn read(file: &dyn DiskFile, path: &Path) -> Result<(Self, Position)> {
        let mut bytes = [0; HEADER as usize];
        let filled = read_up_to(file, 0, &mut bytes).map_err(Error::io("read it", path))?;
        let header = Header::decode(&bytes[..filled]).map_err(|flaw| flaw.in_file(path))?;
        let start = header.start();
        Ok((header, start))
    }

    /// The place of the first record.
    pub(super) fn start(&self) -> Position {
        Position { segment: self.number, offset: HEADER, chain: hash(&self.encode()) }
    }
}

/// A segment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) number: u64,
    pub(crate) epoch: u64,
}

impl Name {
    pub(crate) fn file(self) -> String {
        format!("{:016}-{:016}.log", self.number, self.epoch)
    }

    fn parse(file: &str) -> Option<Self> {
        let (number, epoch) = file.strip_suffix(".log")?.split_once('-')?;
        Some(Name { number: number.parse().ok()?, epoch: epoch.parse().ok()? })
    }
}

/// The journal's segments in order, and the files that a fenced owner left beside them.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    pub(crate) names: Vec<Name>,
    pub(crate) stale: Vec<Name>,
}

/// Finds the segments. Of those with one number the highest epoch counts, and none counts whose epoch is below that of
/// a segment before it.
pub(crate) fn segments(disk: &dyn Disk, dir: &Path) -> Result<Segments> {
    let files = disk.list(dir).map_err(Error::io("list it", dir))?;
    let mut found: Vec<Name> = files.iter().filter_map(|file| Name::parse(file)).collect();
    found.sort_by_key(|name| (name.number, std::cmp::Reverse(name.epoch)));
    let mut segments = Segments::default();
    for name in found {
        match segments.names.last() {
            Some(last) if last.number == name.number || last.epoch > name.epoch => segments.stale.push(name),
            _ => segments.names.push(name),
        }
    }
    Ok(segments)
}
