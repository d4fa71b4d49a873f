//! Which commits are which seals: what was translated once is not translated again.
//!
//! Nothing hangs on it. It is remembered in files beside the repository, each written whole once its seals are durable, so an
//! import that was interrupted goes on where it was; without them all is translated again, to the same seals.
//!
//! ```text
//! size  segment
//!    4  magic "SGP" and version 1
//!  52n  commit: 20, seal: 32
//!   32  BLAKE3 of all before it
//! ```

use std::collections::HashMap;
use std::io;

use selkie_store::{Disk, ObjectId, SealId};

use crate::git::id::{GitId, to_hex};

/// Commits and their seals, both ways.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    seals: HashMap<GitId, SealId>,
    commits: HashMap<SealId, GitId>,
}

const FOLDER: &str = "local/git";
/// What is whole is called so.
const ENDING: &str = ".pairs";

const MAGIC: &[u8] = b"SGP\x01";
const PAIR_LEN: usize = GitId::LEN + ObjectId::LEN;

/// From so many files on they are made one.
const SEGMENTS_MAX: usize = 8;

impl Pairs {
    /// What is remembered. Files that make no sense are left out.
    pub(crate) fn read(disk: &dyn Disk) -> io::Result<Self> {
        let mut pairs = Self::default();
        for name in segments(disk)? {
            let file = match disk.open(&name) {
                // Somebody put it together with others meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            let mut bytes = vec![0; usize::try_from(file.size()?).map_err(io::Error::other)?];
            file.read_at(0, &mut bytes)?;
            for (commit, seal) in decode(&bytes).unwrap_or_default() {
                pairs.note(commit, seal);
            }
        }
        Ok(pairs)
    }

    pub(crate) fn seal(&self, commit: GitId) -> Option<SealId> {
        self.seals.get(&commit).copied()
    }

    pub(crate) fn commit(&self, seal: SealId) -> Option<GitId> {
        self.commits.get(&seal).copied()
    }

    pub(super) fn note(&mut self, commit: GitId, seal: SealId) {
        self.seals.insert(commit, seal);
        self.commits.insert(seal, commit);
    }

    /// Forgets a pair whose seal is not here any more.
    pub(super) fn forget(&mut self, commit: GitId) {
        if let Some(seal) = self.seals.remove(&commit) {
            self.commits.remove(&seal);
        }
    }
}

/// Remembers pairs whose seals are durable.
pub(super) fn remember(disk: &dyn Disk, pairs: &[(GitId, SealId)]) -> io::Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    disk.create_folder(FOLDER)?;
    write(disk, pairs.iter().copied())
}

/// Makes one file of many.
pub(super) fn put_together(disk: &dyn Disk) -> io::Result<()> {
    let old = segments(disk)?;
    if old.len() < SEGMENTS_MAX {
        return Ok(());
    }
    let mut all: Vec<_> = Pairs::read(disk)?.seals.into_iter().collect();
    all.sort_unstable();
    write(disk, all.into_iter())?;
    for name in old {
        match disk.remove(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn segments(disk: &dyn Disk) -> io::Result<Vec<String>> {
    let names = match disk.list(FOLDER) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names?,
    };
    let is_segment = |name: &String| name.strip_suffix(ENDING).is_some();
    Ok(names.into_iter().filter(is_segment).map(|name| format!("{FOLDER}/{name}")).collect())
}

fn write(disk: &dyn Disk, pairs: impl Iterator<Item = (GitId, SealId)>) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    for (commit, seal) in pairs {
        bytes.extend(commit.as_bytes());
        bytes.extend(seal.object().as_bytes());
    }
    let hash = *blake3::hash(&bytes).as_bytes();
    bytes.extend(hash);
    // The name is the content, so whoever writes it at the same time writes the same.
    let name = format!("{FOLDER}/{}{ENDING}", to_hex(&hash[..16]));
    let temporary = format!("{name}.tmp");
    let mut file = match disk.create(&temporary) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk.remove_abandoned(&temporary)?;
            disk.create(&temporary)?
        }
        file => file?,
    };
    file.append(&bytes)?;
    file.sync()?;
    disk.rename(&temporary, &name)
}

fn decode(bytes: &[u8]) -> Option<Vec<(GitId, SealId)>> {
    let (told, hash) = bytes.split_last_chunk::<{ ObjectId::LEN }>()?;
    let pairs = told.strip_prefix(MAGIC)?;
    let is_sound = blake3::hash(told) == *hash && pairs.len().is_multiple_of(PAIR_LEN);
    let pair = |bytes: &[u8]| {
        let (commit, seal) = bytes.split_first_chunk()?;
        let seal = ObjectId::from_bytes(seal.try_into().ok()?);
        Some((GitId::from_bytes(*commit), SealId::from(seal)))
    };
    if is_sound { pairs.chunks_exact(PAIR_LEN).map(pair).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use selkie_store::SimDisk;

    use super::*;

    fn pair(n: u8) -> (GitId, SealId) {
        (GitId::from_bytes([n; 20]), ObjectId::from_bytes([n; 32]).into())
    }

    #[test]
    fn what_was_remembered_is_found_in_any_number_of_files() {
        let disk = SimDisk::default();
        for n in 0..20 {
            remember(&disk, &[pair(n)]).unwrap();
            put_together(&disk).unwrap();
        }
        assert!(segments(&disk).unwrap().len() <= SEGMENTS_MAX);
        let pairs = Pairs::read(&disk).unwrap();
        for n in 0..20 {
            let (commit, seal) = pair(n);
            assert_eq!((pairs.seal(commit), pairs.commit(seal)), (Some(seal), Some(commit)));
        }
    }

    #[test]
    fn a_file_that_was_hit_says_nothing() {
        let disk = SimDisk::default();
        remember(&disk, &[pair(1), pair(2)]).unwrap();
        let name = segments(&disk).unwrap().remove(0);
        let file = disk.open(&name).unwrap();
        let mut bytes = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
        file.read_at(0, &mut bytes).unwrap();
        assert_eq!(decode(&bytes), Some(vec![pair(1), pair(2)]));
        for at in 0..bytes.len() {
            let mut hit = bytes.clone();
            hit[at] ^= 1;
            assert_eq!(decode(&hit), None);
        }
    }
}
