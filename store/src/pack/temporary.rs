//! Files without a name that counts.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile};
use crate::pack::FOLDER;

/// A file under a random name that becomes something when it is renamed, and never was when not.
///
/// While it is there, and its writer lives, it also says that somebody may rely on objects that were
/// kept when it was made: `gc` waits for it.
#[derive(Debug)]
pub(crate) struct Temporary {
    disk: Arc<dyn Disk>,
    name: String,
    // None once it has another name.
    handle: Option<Box<dyn DiskFile>>,
}

impl Temporary {
    pub(crate) fn create(disk: &Arc<dyn Disk>) -> io::Result<Self> {
        loop {
            let number = getrandom::u64().map_err(io::Error::other)?;
            let name = format!("{number:016x}{SUFFIX}");
            match disk.create(&path(&name)) {
                Ok(handle) => return Ok(Self { disk: disk.clone(), name, handle: Some(handle) }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn handle(&self) -> io::Result<&dyn DiskFile> {
        self.handle.as_deref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.handle.as_mut().ok_or(io::ErrorKind::NotFound)?.append(bytes)
    }

    /// Gives the file its name in the folder of packs, so that name and bytes survive a crash.
    pub(crate) fn keep_as(mut self, name: &str) -> io::Result<()> {
        // A crash before this line leaves a file that nobody reads. Were the bytes not synced before
        // they get their name, a crash could leave the name on fewer bytes.
        self.handle.as_mut().ok_or(io::ErrorKind::NotFound)?.sync()?;
        self.disk.rename(&path(&self.name), &path(name))?;
        // From here on there is nothing to clear away.
        self.handle = None;
        // A crash before this line may take the name back, so nobody was told yet.
        self.disk.sync_folder(FOLDER)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.handle.is_some() {
            // It is only litter: if it can not be removed now, the next merge does it.
            let _ = self.disk.remove(&path(&self.name));
        }
    }
}

/// Removes the temporary files whose writers died.
pub(crate) fn sweep(disk: &dyn Disk) -> io::Result<()> {
    for name in all(disk)? {
        match disk.remove_abandoned(&path(&name)) {
            // Its writer finished it, or somebody else swept.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    }
    Ok(())
}

/// The names of the temporary files whose writers live.
pub(crate) fn living(disk: &dyn Disk) -> io::Result<Vec<String>> {
    sweep(disk)?;
    all(disk)
}

fn all(disk: &dyn Disk) -> io::Result<Vec<String>> {
    let mut names = disk.list(FOLDER)?;
    names.retain(|name| name.ends_with(SUFFIX));
    Ok(names)
}

const SUFFIX: &str = ".tmp";

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}")
}
