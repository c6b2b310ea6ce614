//! Files, as a program sees them.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::{Ports, Reply, failed, not_permitted, reply, zero_ended};

/// Bytes of a file that is read whole, at most: a program may be permitted to read one that never ends.
const MOST: u64 = 1 << 30;

impl Ports {
    /// Does something with a path that may be read.
    pub(super) fn with_file(&self, path: &str, work: impl Fn(&Path) -> io::Result<Vec<u8>>) -> Reply {
        if let Err(flag) = self.permissions.may_read(Path::new(path)) {
            return not_permitted(&format!("read {path}"), &flag);
        }
        reply(work(Path::new(path)))
    }

    /// How long the file is that an append is for; 0 if there is none.
    pub(in crate::shell) fn length(&self, argument: &[u8]) -> u64 {
        let path = split(argument).and_then(|(path, _)| std::fs::metadata(path).ok());
        path.map_or(0, |file| file.len())
    }

    /// Puts the bytes of an append at an offset of its file.
    pub(in crate::shell) fn append_at(&self, argument: &[u8], offset: u64) -> Reply {
        self.write(argument, |path, bytes| {
            let mut file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(bytes)
        })
    }

    /// Does something with the path and the bytes of a write.
    pub(super) fn write(&self, argument: &[u8], work: impl Fn(&Path, &[u8]) -> io::Result<()>) -> Reply {
        let Some((path, bytes)) = split(argument) else { return failed("a path is text, and ends with a zero byte") };
        if let Err(flag) = self.permissions.may_write(Path::new(path)) {
            return not_permitted(&format!("write {path}"), &flag);
        }
        reply(work(Path::new(path), bytes).map(|()| Vec::new()))
    }
}

/// The path before the first zero byte, and the bytes behind it.
fn split(argument: &[u8]) -> Option<(&str, &[u8])> {
    let end = argument.iter().position(|&byte| byte == 0)?;
    Some((std::str::from_utf8(&argument[..end]).ok()?, &argument[end + 1..]))
}

/// A whole file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len().min(MOST) as usize;
    let mut bytes = Vec::with_capacity(size);
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MOST {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// The names in a directory, sorted.
pub(super) fn list(path: &Path) -> io::Result<Vec<u8>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(zero_ended(&names))
}

/// Whether it is a directory, and its size.
pub(super) fn info(path: &Path) -> io::Result<Vec<u8>> {
    let data = std::fs::metadata(path)?;
    let kind = if data.is_dir() { 'd' } else { 'f' };
    Ok(format!("{kind}{}", data.len()).into_bytes())
}
