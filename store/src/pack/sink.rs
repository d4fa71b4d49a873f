//! A pack while it is written.

use std::io;
use std::sync::Arc;

use crate::disk::Disk;
use crate::pack::format::{BlockRecord, HEADER, ObjectRecord, PackId, Standing, encode_tail};
use crate::pack::temporary::Temporary;

/// A temporary file that becomes a pack when it is finished, and never was when not.
#[derive(Debug)]
pub(crate) struct Sink {
    disk: Arc<dyn Disk>,
    file: Option<Temporary>, // made by `begin`: what stays empty touches no disk
    buffer: Vec<u8>,
    written: u64,
}

/// What the buffer holds before it is written: a seal is one write.
const BUFFER_LEN: usize = 256 << 10;

/// Copying what is longer costs more than a write of its own.
const DIRECT_LEN: usize = 64 << 10;

impl Sink {
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, file: None, buffer: HEADER.to_vec(), written: 0 }
    }

    /// Makes the file, so that everybody sees that somebody writes.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(Temporary::create(&self.disk)?);
        }
        Ok(())
    }

    /// Where the next byte goes.
    pub(crate) fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Writes at the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() >= DIRECT_LEN {
            self.flush()?;
            let file = self.file.as_mut().expect("a flush begins the file");
            file.append(bytes)?;
            self.written += bytes.len() as u64;
            return Ok(());
        }
        self.buffer.extend(bytes);
        if self.buffer.len() >= BUFFER_LEN { self.flush() } else { Ok(()) }
    }

    /// Bytes that were written before.
    pub(crate) fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        if let Some(start) = offset.checked_sub(self.written) {
            let start = usize::try_from(start).or(Err(io::ErrorKind::UnexpectedEof))?;
            let held = self.buffer.get(start..).and_then(|rest| rest.get(..bytes.len()));
            bytes.copy_from_slice(held.ok_or(io::ErrorKind::UnexpectedEof)?);
            return Ok(());
        }
        let file = self.file.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
        file.handle()?.read_at(offset, bytes)
    }

    /// Makes the file a pack that survives a crash. `objects` ascend by id.
    pub(crate) fn finish(
        mut self,
        blocks: &[BlockRecord],
        objects: &[ObjectRecord],
        standing: Standing,
    ) -> io::Result<PackId> {
        let (id, tail) = encode_tail(self.len(), blocks, objects);
        self.buffer.extend(tail);
        self.flush()?;
        let file = self.file.take().expect("a flush begins the file");
        file.keep_as(&id.file_name(standing))?;
        Ok(id)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.begin()?;
        let file = self.file.as_mut().expect("it was begun");
        file.append(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
