//! The database's file, through the storage seam, and behind the fence: an owner that was fenced changes no row.

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use crate::disk::{DiskFile, read_up_to, write_all};
use crate::error::Error;
use crate::fence::Fence;

#[derive(Debug)]
pub(super) struct Backend {
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) fence: Fence,
}

impl Backend {
    fn mine(&self) -> io::Result<()> {
        match self.fence.check() {
            Err(Error::Io { source, .. }) => Err(source),
            Err(e) => Err(io::Error::other(e)),
            Ok(()) => Ok(()),
        }
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> Result<u64, io::Error> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        if read_up_to(&*self.file, offset, out)? < out.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.mine()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.file.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.mine()?;
        write_all(&*self.file, offset, data)
    }
}
