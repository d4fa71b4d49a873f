//! Which replica a clone is, and whether it still is that one.

use std::io;

use selkie_crdt::VersionVector;
use serde::{Deserialize, Serialize};

use crate::codec::{Coded, decode, encode};
use crate::disk::{Disk, whole};
use crate::identity::binding::{Binding, Writer};
use crate::object::key::{PublicKey, SecretKey};

/// What is known of the replica that a clone was before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Incarnation {
    /// The clone goes on as the replica that it was.
    Same,
    /// It never wrote.
    First,
    /// It is a copy of another one, or was restored from a backup: it goes on as a new replica.
    Copied,
    /// Another device key wrote here: the clone goes on as a new replica.
    OtherKey,
    /// The note of who it was is damaged: it goes on as a new replica.
    Damaged,
    /// Its caller knew that it must not go on as it was.
    Forced,
}

const FOLDER: &str = "local";
const FILE: &str = "local/replica";
const LOCK: &str = "local/replica.lock";

/// Separates fingerprints from everything else that is hashed.
const CONTEXT: &str = "selkie 1 replica place";

/// Who writes in the clone on this disk: the replica that wrote here before, unless this is a copy.
///
/// # Errors
///
/// The disk can not be read or written, or there is no randomness.
pub fn incarnate(disk: &dyn Disk, key: SecretKey) -> io::Result<(Writer, Incarnation)> {
    if let Ok(nonce) = known(disk, &key)? {
        return Ok((Writer::new(key, nonce), Incarnation::Same));
    }
    disk.create_folder(FOLDER)?;
    let _lock = disk.open_locked(LOCK)?;
    match known(disk, &key)? {
        // Another process of this clone was quicker.
        Ok(nonce) => Ok((Writer::new(key, nonce), Incarnation::Same)),
        Err(why) => Ok((mint(disk, key)?, why)),
    }
}

/// A new replica for the clone on this disk, since a peer knows more of the old one than is here: see
/// [`Writer::is_outlived`].
///
/// # Errors
///
/// The disk can not be read or written, or there is no randomness.
pub fn reincarnate(disk: &dyn Disk, key: SecretKey) -> io::Result<(Writer, Incarnation)> {
    disk.create_folder(FOLDER)?;
    let _lock = disk.open_locked(LOCK)?;
    Ok((mint(disk, key)?, Incarnation::Forced))
}

impl Writer {
    /// The same device under a new name, since the log of the old one has ended: see [`View::is_over`](crate::View::is_over).
    ///
    /// # Errors
    ///
    /// The disk can not be read or written, or there is no randomness.
    pub fn reborn(self, disk: &dyn Disk) -> io::Result<Self> {
        Ok(reincarnate(disk, self.into_key())?.0)
    }

    /// Whether a peer who has the entries up to `theirs` knows a later entry of this replica than we, who
    /// have those up to `ours`. Then our memory was lost, however it looks from here, and what we
    /// would write next may have been written before: it is time to [`reincarnate`].
    #[must_use]
    pub fn is_outlived(&self, ours: &VersionVector, theirs: &VersionVector) -> bool {
        theirs.get(&self.replica()) > ours.get(&self.replica())
    }
}

/// The nonce of the replica that wrote here, or why the clone is not that one.
fn known(
    disk: &dyn Disk,
    key: &SecretKey,
) -> io::Result<Result<[u8; Binding::NONCE_LEN], Incarnation>> {
    let Some(bytes) = whole::read(disk, FILE, Note::LEN_MAX as u64 + 1)? else {
        return Ok(Err(Incarnation::First));
    };
    let Ok(Note { nonce, key: noted, place }) = decode(&bytes) else {
        return Ok(Err(Incarnation::Damaged));
    };
    if place != self::place(disk, FILE)? {
        return Ok(Err(Incarnation::Copied));
    }
    let same_key = noted == *key.public().as_bytes();
    Ok(if same_key { Ok(nonce) } else { Err(Incarnation::OtherKey) })
}

fn mint(disk: &dyn Disk, key: SecretKey) -> io::Result<Writer> {
    let mut nonce = [0; Binding::NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    // The note tells where it lies itself, and a rename does not move it.
    whole::replace_by(disk, FILE, |path| {
        let note = Note { nonce, key: *key.public().as_bytes(), place: place(disk, path)? };
        encode(&note).map_err(io::Error::other)
    })?;
    // A crash could take the folder away together with the note.
    disk.sync_folder("")?;
    Ok(Writer::new(key, nonce))
}

/// What tells this folder and the note in it from copies. A copy shows by one of them at least: who
/// restores into a folder that is there makes the note anew, who links files makes the folder anew.
fn place(disk: &dyn Disk, note: &str) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    for path in [FOLDER, note] {
        let print = disk.fingerprint(path)?;
        hasher.update(&(print.len() as u64).to_le_bytes()).update(&print);
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Who wrote here, and where "here" was. The order of the fields is the format.
#[derive(Deserialize, Serialize)]
struct Note {
    nonce: [u8; Binding::NONCE_LEN],
    key: [u8; PublicKey::LEN],
    place: [u8; 32],
}

impl Coded for Note {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 + Binding::NONCE_LEN + PublicKey::LEN + 32;

    fn is_valid(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::disk::os::OsDisk;
    use crate::disk::sim::SimDisk;
    use crate::disk::sim::crash::Loss;

    fn key(n: u8) -> SecretKey {
        SecretKey::from_bytes(&[n; 32])
    }

    fn wakes(disk: &dyn Disk) -> Incarnation {
        incarnate(disk, key(1)).unwrap().1
    }

    #[test]
    fn a_clone_stays_the_replica_that_it_is() {
        let disk = SimDisk::default();
        let (first, incarnation) = incarnate(&disk, key(1)).unwrap();
        assert_eq!(incarnation, Incarnation::First);
        let (again, incarnation) = incarnate(&disk, key(1)).unwrap();
        assert_eq!((again.replica(), incarnation), (first.replica(), Incarnation::Same));
    }

    #[test]
    fn a_copy_another_key_and_damage_make_another_replica() {
        let disk = SimDisk::default();
        let (first, _) = incarnate(&disk, key(1)).unwrap();
        let copy = disk.copied();
        let (other, incarnation) = incarnate(&copy, key(1)).unwrap();
        assert_eq!(incarnation, Incarnation::Copied);
        assert_ne!(other.replica(), first.replica());
        assert_eq!([wakes(&copy), wakes(&disk)], [Incarnation::Same; 2]);
        assert_eq!(incarnate(&disk, key(2)).unwrap().1, Incarnation::OtherKey);
        let sound = disk.bytes(FILE).unwrap();
        disk.rot(FILE, sound[1..].to_vec());
        assert_eq!(wakes(&disk), Incarnation::Damaged);
    }

    #[test]
    fn processes_of_one_clone_are_one_replica() {
        let disk = SimDisk::default();
        let replicas: Vec<_> = std::thread::scope(|scope| {
            let wake = || scope.spawn(|| incarnate(&disk, key(1)).unwrap().0.replica());
            let threads: Vec<_> = (0..8).map(|_| wake()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(replicas.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_crash_leaves_a_replica_or_none_and_never_two() {
        let disk = SimDisk::default();
        let (made, _) = incarnate(&disk, key(1)).unwrap();
        for step in 0..=disk.steps() {
            for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some)) {
                let left = disk.crashed(step, loss);
                let (found, incarnation) = incarnate(&left, key(1)).unwrap();
                let same = found.replica() == made.replica();
                assert_eq!(same, incarnation == Incarnation::Same);
                assert!(same || (step < disk.steps() && incarnation == Incarnation::First));
            }
        }
    }

    /// What `cp -r` does.
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to.join(FOLDER)).unwrap();
        for entry in fs::read_dir(from.join(FOLDER)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, to.join(FOLDER).join(path.file_name().unwrap())).unwrap();
        }
    }

    #[test]
    fn a_real_folder_may_be_renamed_and_its_copy_is_another_replica() {
        let parent = tempfile::tempdir().unwrap();
        let [here, there, backup] =
            ["here", "there", "backup"].map(|name| parent.path().join(name));
        let wakes = |path: &Path| self::wakes(&OsDisk::new(path));
        assert_eq!(wakes(&here), Incarnation::First);
        copy(&here, &backup);
        fs::rename(&here, &there).unwrap();
        assert_eq!(wakes(&there), Incarnation::Same);
        // The numbers of the files that are gone may be given to those that come back.
        fs::remove_dir_all(&there).unwrap();
        copy(&backup, &there);
        assert_eq!(wakes(&there), Incarnation::Copied);
        assert_eq!(wakes(&backup), Incarnation::Copied);
    }

    #[test]
    fn who_is_known_better_elsewhere_is_outlived() {
        let disk = SimDisk::default();
        let (writer, _) = incarnate(&disk, key(1)).unwrap();
        let upto = |position| {
            VersionVector::try_from_iter([(writer.replica(), position)]).unwrap_or_default()
        };
        assert!(writer.is_outlived(&upto(2), &upto(3)));
        assert!(!writer.is_outlived(&upto(3), &upto(3)));
        assert!(!writer.is_outlived(&upto(3), &VersionVector::new()));
        let (fresh, incarnation) = reincarnate(&disk, key(1)).unwrap();
        assert_eq!(incarnation, Incarnation::Forced);
        assert_ne!(fresh.replica(), writer.replica());
        assert_eq!(incarnate(&disk, key(1)).unwrap().0.replica(), fresh.replica());
    }
}
