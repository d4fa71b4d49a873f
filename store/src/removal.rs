//! Packs that leave the folder, and how whoever lists it notices.
//!
//! A folder is not listed in one instant. What comes or goes meanwhile may be shown or not, so a list may have
//! neither the packs that leave nor the one that was written in their place. Therefore removals are counted:
//! the count rises when all that is in the packs is durable elsewhere, and before the first of them leaves.
//! **A list that was made between two equal counts misses no object that was there all the time.** For let a pack
//! leave while the folder was listed. Its count had risen by then, and so before the first of the two counts was
//! read; what replaces it was there before that, and is in the list, unless it left meanwhile as well, and
//! then the same holds for what replaces that.
//!
//! The count is the length of the lock that whoever removes packs holds. It takes no space, for a full disk is no reason
//! to keep garbage, and need not be durable: a crash ends those who list, too.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile};
use crate::pack::format::{PackId, Standing};
use crate::pack::{FOLDER, Pack};

/// The right to remove packs, which one process has at a time.
///
/// Two merges at once would lose no object; a `gc` beside a merge could miss one.
#[derive(Debug)]
pub(crate) struct Removal {
    disk: Arc<dyn Disk>,
    lock: Box<dyn DiskFile>,
}

const LOCK: &str = "tidy.lock";

impl Removal {
    /// The right, unless somebody else has it.
    pub(crate) fn begin(disk: &Arc<dyn Disk>) -> io::Result<Option<Self>> {
        let lock = disk.try_open_locked(LOCK)?;
        Ok(lock.map(|lock| Self { disk: Arc::clone(disk), lock }))
    }

    /// The right, once nobody else has it.
    pub(crate) fn wait(disk: &Arc<dyn Disk>) -> io::Result<Self> {
        Ok(Self { disk: Arc::clone(disk), lock: disk.open_locked(LOCK)? })
    }

    /// Removes packs. What is still needed of them is durable elsewhere.
    pub(crate) fn remove<'a>(
        &mut self,
        packs: impl IntoIterator<Item = &'a Arc<Pack>>,
    ) -> io::Result<()> {
        self.count()?;
        for pack in packs {
            match self.disk.remove(&pack.path()) {
                // In a bucket several may be at it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// Gives packs a name that nobody reads. What is good in them is durable elsewhere.
    pub(crate) fn lay_aside(&mut self, packs: &[PackId]) -> io::Result<()> {
        self.count()?;
        for pack in packs {
            for standing in [Standing::Kept, Standing::Condemned] {
                let name = format!("{FOLDER}/{}", pack.file_name(standing));
                match self.disk.rename(&name, &format!("{name}.damaged")) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    result => result?,
                }
            }
        }
        Ok(())
    }

    fn count(&mut self) -> io::Result<()> {
        self.lock.truncate(self.lock.size()? + 1)
    }
}

/// How often packs were removed.
pub(crate) fn removals(disk: &dyn Disk) -> io::Result<u64> {
    match disk.open(LOCK) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        lock => lock?.size(),
    }
}
