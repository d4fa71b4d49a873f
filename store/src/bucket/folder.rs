//! A bucket in a folder, or in memory.

use std::io;
use std::sync::Arc;

use crate::bucket::{Bucket, Created};
use crate::disk::Disk;

/// A [`Bucket`] on a [`Disk`]: each key is a file. On a [`SimDisk`](crate::SimDisk) it is one in memory,
/// which fails when it is told to.
#[derive(Debug)]
pub struct FolderBucket {
    disk: Arc<dyn Disk>,
}

/// Held while a key is created: a file system renames over what is there.
const LOCK: &str = "bucket.lock";

const TEMPORARY: &str = ".tmp";

impl FolderBucket {
    /// The bucket in this folder.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk }
    }
}

impl Bucket for FolderBucket {
    fn create(&self, key: &str, bytes: &[u8]) -> io::Result<Created> {
        let folders = || key.match_indices('/').map(|(end, _)| &key[..end]);
        folders().try_for_each(|folder| self.disk.create_folder(folder))?;
        let _lock = self.disk.open_locked(LOCK)?;
        match self.disk.open(key) {
            Ok(_) => return Ok(Created::Present),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let temporary = format!("{key}{TEMPORARY}");
        let mut file = self.disk.open_locked(&temporary)?;
        // Somebody may have died here.
        file.truncate(0)?;
        file.append(bytes)?;
        // A crash before the rename leaves no key; were the bytes not synced before, it could leave a key
        // with fewer.
        file.sync()?;
        self.disk.rename(&temporary, key)?;
        // A crash before this line may take the key back, or the folder, so nobody was told yet.
        folders().try_for_each(|folder| self.disk.sync_folder(folder))?;
        self.disk.sync_folder("")?;
        Ok(Created::New)
    }

    fn get(&self, key: &str, len_max: usize) -> io::Result<Vec<u8>> {
        let file = self.disk.open(key)?;
        let size = usize::try_from(file.size()?).or(Err(io::ErrorKind::FileTooLarge))?;
        if size > len_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = vec![0; size];
        file.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    fn read_at(&self, key: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.disk.open(key)?.read_at(offset, buffer)
    }

    fn size(&self, key: &str) -> io::Result<u64> {
        self.disk.open(key)?.size()
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = match self.disk.list(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            names => names?,
        };
        names.retain(|name| !name.ends_with(TEMPORARY));
        Ok(names)
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        match self.disk.remove(key) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}
