//! The key of a device, in a file that is its owner's alone.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::disk::os::OsDisk;
use crate::disk::os::owner::{Others, Owner, standing};
use crate::disk::{Disk, whole};
use crate::hex;
use crate::object::key::{PublicKey, SecretKey};

/// Why there is no key to be had. A key file that was there is as it was.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file system, or the source of randomness, did not let us.
    #[error("the device key can not be read or made")]
    Io(#[from] io::Error),
    /// Others may read the key, or put another in its place, so it may be nobody's secret any more.
    #[error(
        "{0} is open to others: make it yours alone, or remove the key so that a new one is made"
    )]
    Exposed(PathBuf),
    /// The file holds no key, or not the whole of one. Only a backup of it brings the key back; without
    /// the file a new one is made.
    #[error("the device key is damaged")]
    Damaged,
    /// A later version wrote the key.
    #[error("the device key is of a version that this program does not know: use a newer one")]
    Version,
}

const FILE: &str = "device";
const LOCK: &str = "device.lock";

/// What a key file begins with. The secret half follows, then the public half as a check on it.
const TITLE: &str = "selkie device key ";
const VERSION: &str = "1 ";

/// More than any key file has.
const LEN_MAX: u64 = 256;

/// The key in this folder, which is made with the first use. All processes that ask get the same one.
///
/// # Errors
///
/// The key can not be read or made, or others may read or replace it.
pub fn device_key(folder: &Path) -> Result<SecretKey, KeyError> {
    let disk = OsDisk::private(folder);
    disk.create_folder("")?;
    refuse_beyond(folder, Others::Read)?;
    let key = read_or_make(&disk)?;
    refuse_beyond(&folder.join(FILE), Others::Nothing)?;
    Ok(key)
}

/// The public half of the key in this folder, if there is one. None is made.
///
/// # Errors
///
/// The key can not be read, or others may read or replace it.
pub fn device_public(folder: &Path) -> Result<Option<PublicKey>, KeyError> {
    if !folder.join(FILE).exists() {
        return Ok(None);
    }
    refuse_beyond(folder, Others::Read)?;
    refuse_beyond(&folder.join(FILE), Others::Nothing)?;
    let text = whole::read(&OsDisk::private(folder), FILE, LEN_MAX)?;
    text.map(|text| decode(&text).map(|key| key.public())).transpose()
}

/// Refuses a file of somebody else, and one with which others may do more than that.
fn refuse_beyond(path: &Path, most: Others) -> Result<(), KeyError> {
    let found = standing(path)?;
    let ours = found.owner == Owner::Us && found.others <= most;
    if ours { Ok(()) } else { Err(KeyError::Exposed(path.to_owned())) }
}

fn read_or_make(disk: &dyn Disk) -> Result<SecretKey, KeyError> {
    if let Some(text) = whole::read(disk, FILE, LEN_MAX)? {
        return decode(&text);
    }
    let _lock = disk.open_locked(LOCK)?;
    // Whoever had the lock before has made one, and may have used it.
    if let Some(text) = whole::read(disk, FILE, LEN_MAX)? {
        return decode(&text);
    }
    let mut seed = [0; SecretKey::LEN];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    let key = SecretKey::from_bytes(&seed);
    whole::replace(disk, FILE, encode(&seed, &key.public()).as_bytes())?;
    Ok(key)
}

fn encode(seed: &[u8; SecretKey::LEN], public: &PublicKey) -> String {
    format!("{TITLE}{VERSION}{} {public}\n", hex::text(seed))
}

fn decode(text: &[u8]) -> Result<SecretKey, KeyError> {
    let text = std::str::from_utf8(text).or(Err(KeyError::Damaged))?;
    let rest = text.strip_prefix(TITLE).ok_or(KeyError::Damaged)?;
    let Some(halves) = rest.strip_prefix(VERSION) else {
        let newer = rest.split_once(' ').is_some_and(|(version, _)| version.parse::<u32>().is_ok());
        return Err(if newer { KeyError::Version } else { KeyError::Damaged });
    };
    let halves = halves.strip_suffix('\n').and_then(|halves| halves.split_once(' '));
    let (seed, public) = halves.ok_or(KeyError::Damaged)?;
    let key = SecretKey::from_bytes(&hex::parse(seed).ok_or(KeyError::Damaged)?);
    let public = PublicKey::spelled(public);
    if public == Some(key.public()) { Ok(key) } else { Err(KeyError::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::disk::sim::crash::Loss;

    #[test]
    fn a_key_is_made_once() {
        let disk = SimDisk::default();
        let public = || read_or_make(&disk).unwrap().public();
        let made = public();
        assert_eq!(public(), made);
        assert_ne!(read_or_make(&SimDisk::default()).unwrap().public(), made);
    }

    #[test]
    fn processes_that_begin_at_once_have_one_key() {
        let disk = SimDisk::default();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let begin = || scope.spawn(|| read_or_make(&disk).unwrap().public());
            let threads: Vec<_> = (0..8).map(|_| begin()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn no_crash_takes_a_key_that_was_handed_out() {
        let disk = SimDisk::default();
        let made = read_or_make(&disk).unwrap().public();
        for step in 0..=disk.steps() {
            for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some)) {
                let left = disk.crashed(step, loss);
                let found = read_or_make(&left).unwrap().public();
                assert!(step < disk.steps() || found == made);
                assert_eq!(read_or_make(&left).unwrap().public(), found);
            }
        }
    }

    #[test]
    fn no_damaged_byte_makes_another_key() {
        let disk = SimDisk::default();
        read_or_make(&disk).unwrap();
        let sound = disk.bytes(FILE).unwrap();
        for at in 0..sound.len() {
            let mut rotten = sound.clone();
            rotten[at] ^= 1;
            disk.rot(FILE, rotten);
            assert!(read_or_make(&disk).is_err(), "{at}");
            disk.rot(FILE, sound[..at].to_vec());
            assert!(read_or_make(&disk).is_err(), "{at}");
        }
        disk.rot(FILE, b"selkie device key 2 other\n".to_vec());
        assert!(matches!(read_or_make(&disk), Err(KeyError::Version)));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_is_its_owners_alone() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("keys");
        let made = device_key(&folder).unwrap().public();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
        let open = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        for exposed in [0o640, 0o604, 0o620, 0o602] {
            open(&folder.join(FILE), exposed);
            assert!(matches!(device_key(&folder), Err(KeyError::Exposed(_))), "{exposed:o}");
        }
        open(&folder.join(FILE), 0o600);
        for exposed in [0o770, 0o707] {
            open(&folder, exposed);
            assert!(matches!(device_key(&folder), Err(KeyError::Exposed(_))), "{exposed:o}");
        }
        open(&folder, 0o755);
        assert_eq!(device_key(&folder).unwrap().public(), made);
    }
}
