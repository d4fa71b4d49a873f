//! That of all clones of one repository only one is there for peers, on one machine.

use std::fs;
use std::path::{Path, PathBuf};

use selkie_store::{Disk, DiskFile, OsDisk};
use selkie_vcs::ChannelName;

use crate::error::network::NetworkError;

/// Held as long as a clone is there for peers.
///
/// Peers know a machine by its key, and keep one connection with each key. Two nodes of one repository and one key would take it from
/// each other for ever.
pub(super) struct Alone {
    _lock: Box<dyn DiskFile>,
}

impl Alone {
    /// Takes it for the clone in this folder. Where peers are kept, so that all clones of this user meet.
    pub(super) fn taken(
        kept: &Path,
        repository: ChannelName,
        clone: &Path,
    ) -> Result<Self, NetworkError> {
        let name = format!("{repository}.node");
        let path = kept.join(&name);
        let unusable = |source| NetworkError::Peers { path: path.clone(), source };
        fs::create_dir_all(kept).map_err(unusable)?;
        let lock = OsDisk::new(kept).try_open_locked(&name).map_err(unusable)?;
        let Some(mut lock) = lock else {
            // Where it can not be read while somebody holds it, it is known that somebody does.
            let said = fs::read_to_string(&path).unwrap_or_default();
            return Err(NetworkError::Elsewhere(
                Some(said).filter(|it| !it.is_empty()).map(PathBuf::from),
            ));
        };
        lock.truncate(0).map_err(unusable)?;
        lock.append(clone.to_string_lossy().as_bytes()).map_err(unusable)?;
        Ok(Self { _lock: lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clone_of_a_repository_is_there_for_peers_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("peers");
        let [home, other] = [[1; 16], [2; 16]].map(ChannelName::from_bytes);
        let first = Alone::taken(&kept, home, Path::new("/a")).unwrap();
        assert!(Alone::taken(&kept, other, Path::new("/c")).is_ok(), "of another repository");
        let second = Alone::taken(&kept, home, Path::new("/b"));
        if cfg!(unix) {
            let told = second.err().unwrap().to_string();
            assert_eq!(told, "another clone of this repository is there for peers: '/a'");
        } else {
            assert!(matches!(second, Err(NetworkError::Elsewhere(_))));
        }
        drop(first);
        assert!(Alone::taken(&kept, home, Path::new("/b")).is_ok());
    }
}
