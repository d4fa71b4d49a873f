//! The packs of a store.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use crate::disk::Disk;
use crate::pack::format::{PackId, Standing};
use crate::pack::{FOLDER, Pack, PackError};
use crate::removal::removals;

/// The packs that a store knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packs {
    pub(crate) sound: Vec<Arc<Pack>>, // most objects first: there most are found
    pub(crate) condemned: Vec<Arc<Pack>>,
    pub(crate) unreadable: Vec<(PackId, PackError)>,
    // How often packs had been removed when the folder was listed. None before that.
    removals: Option<u64>,
}

/// A folder that lists a pack and does not have it, so often in a row, is broken; and nobody merges so often
/// while it is listed.
const LIST_AGAIN_MAX: usize = 16;

impl Packs {
    /// The packs in the folder. Those in `known` are not opened again.
    pub(super) fn list(disk: &dyn Disk, known: &Self) -> io::Result<Self> {
        let mut broken = None;
        // The count before the last list is as good as one just before this: it only grows.
        let mut count = known.removals.map_or_else(|| removals(disk), Ok)?;
        for _ in 0..LIST_AGAIN_MAX {
            let packs = Self { removals: Some(count), ..Self::list_once(disk, known)? };
            let now = removals(disk)?;
            if now != count {
                // What was merged away meanwhile may be in no list: list again, to see into what.
                count = now;
            } else if packs.unreadable.iter().any(|(_, error)| error.is_absent()) {
                broken = Some(packs.sorted());
            } else {
                return Ok(packs.sorted());
            }
        }
        broken.ok_or_else(|| io::Error::new(io::ErrorKind::WouldBlock, "packs leave all the time"))
    }

    fn list_once(disk: &dyn Disk, known: &Self) -> io::Result<Self> {
        let mut packs = Self::default();
        let names = disk.list(FOLDER)?;
        for (standing, known, sound) in [
            (Standing::Kept, &known.sound, &mut packs.sound),
            (Standing::Condemned, &known.condemned, &mut packs.condemned),
        ] {
            let listed = names.iter().filter_map(|name| PackId::from_file_name(name, standing));
            let mut listed: HashSet<_> = listed.collect();
            sound.extend(known.iter().filter(|pack| listed.remove(&pack.id())).cloned());
            for id in listed {
                match Pack::open(disk, id, standing) {
                    Ok(pack) => sound.push(Arc::new(pack)),
                    Err(error) => packs.unreadable.push((id, error)),
                }
            }
        }
        Ok(packs)
    }

    pub(super) fn sorted(mut self) -> Self {
        for packs in [&mut self.sound, &mut self.condemned] {
            packs.sort_by_key(|pack| (Reverse(pack.object_count()), pack.id()));
        }
        self
    }

    /// All that can be read.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.sound.iter().chain(&self.condemned)
    }
}
