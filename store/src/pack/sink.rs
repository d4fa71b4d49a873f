//! A pack while it is written.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile};
use crate::pack::FOLDER;
use crate::pack::format::{BlockRecord, HEADER, ObjectRecord, PackId, encode_tail};

/// A file under a temporary name that becomes a pack when it is finished, and never was when not.
#[derive(Debug)]
pub(crate) struct Sink {
    disk: Arc<dyn Disk>,
    file: Option<TemporaryFile>, // made by the first write: what stays empty touches no disk
    buffer: Vec<u8>,
    written: u64,
}

#[derive(Debug)]
struct TemporaryFile {
    path: String,
    handle: Box<dyn DiskFile>,
}

/// What the buffer holds before it is written: a seal is one write.
const BUFFER_LEN: usize = 256 << 10;

impl Sink {
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, file: None, buffer: HEADER.to_vec(), written: 0 }
    }

    /// Where the next byte goes.
    pub(crate) fn len(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Writes at the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
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
        file.handle.read_at(offset, bytes)
    }

    /// Makes the file a pack that survives a crash. `objects` ascend by id.
    pub(crate) fn finish(
        mut self,
        blocks: &[BlockRecord],
        objects: &[ObjectRecord],
    ) -> io::Result<PackId> {
        let (id, tail) = encode_tail(self.len(), blocks, objects);
        self.buffer.extend(tail);
        self.flush()?;
        let file = self.file.as_mut().expect("the header alone makes a flush write");
        // A crash before this line leaves a file that nobody reads. Were the bytes not synced before
        // they get their name, a crash could leave the name on fewer bytes.
        file.handle.sync()?;
        self.disk.rename(&file.path, &format!("{FOLDER}/{}", id.file_name()))?;
        // From here on there is nothing to clear away.
        self.file = None;
        // A crash before this line may take the name back, so nobody was told yet.
        self.disk.sync_folder(FOLDER)?;
        Ok(id)
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(TemporaryFile::create(&*self.disk)?),
        };
        file.handle.append(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // It is only litter: if it can not be removed now, the next merge does it.
            let _ = self.disk.remove(&file.path);
        }
    }
}

impl TemporaryFile {
    fn create(disk: &dyn Disk) -> io::Result<Self> {
        loop {
            let path = format!("{FOLDER}/{}{TEMPORARY}", random_name()?);
            match disk.create(&path) {
                Ok(handle) => return Ok(Self { path, handle }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Removes the temporary files whose writers died.
pub(crate) fn sweep(disk: &dyn Disk) -> io::Result<()> {
    for name in disk.list(FOLDER)? {
        if !name.ends_with(TEMPORARY) {
            continue;
        }
        match disk.remove_abandoned(&format!("{FOLDER}/{name}")) {
            // Its writer finished it, or somebody else swept.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(())
}

const TEMPORARY: &str = ".tmp";

fn random_name() -> io::Result<String> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    Ok(format!("{number:016x}"))
}
