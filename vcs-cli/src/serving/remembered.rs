//! How it went when a node was last seen to run, for who asks when none does.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use selkie_store::{Coded, decode, encode};
use serde::{Deserialize, Serialize};

use crate::error::network::NetworkError;
use crate::serving::message::{PeerStatus, Status, Syncing};

/// What is left of a node that ended, or was ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Remembered {
    /// When it was so, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// Those that might have the repository, and when both had the same. Nobody is connected any more.
    pub(crate) peers: Vec<PeerStatus>,
    /// What it did by itself, and what waited for a person.
    pub(crate) syncing: Syncing,
}

const FILE: &str = "local/node.last";

impl Remembered {
    /// What is to be remembered of a node that is so at this time.
    pub(crate) fn of(status: Status, at_ms: u64) -> Self {
        let peers = status.peers.into_iter();
        let peers = peers.map(|peer| PeerStatus { round_trip_us: None, why: None, ..peer });
        let syncing = Syncing { under_way: 0, ..status.syncing };
        Self { at_ms, peers: peers.collect(), syncing }
    }

    /// What is remembered in this clone. What another version wrote, or a crash cut, is as good as nothing: the next node writes
    /// it anew.
    pub(crate) fn read(control: &Path) -> Result<Option<Self>, NetworkError> {
        let path = control.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => Ok(decode(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(NetworkError::Peers { path, source }),
        }
    }

    /// Remembers it in this clone.
    pub(crate) fn write(&self, control: &Path) -> Result<(), NetworkError> {
        let path = control.join(FILE);
        let unusable = |source| NetworkError::Peers { path: path.clone(), source };
        let bytes = encode(self).map_err(|error| unusable(io::Error::other(error)))?;
        // It tells of peers, and such a file is read by nobody else. Whoever reads finds the old one or this.
        let folder = path.parent().unwrap_or(control);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unusable)?;
        file.write_all(&bytes).map_err(unusable)?;
        file.persist(&path).map_err(|error| unusable(error.error))?;
        Ok(())
    }
}

impl Coded for Remembered {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_none_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let control = folder.path();
        fs::create_dir(control.join("local")).unwrap();
        assert_eq!(Remembered::read(control).unwrap(), None);
        let syncing = Syncing {
            by_itself: true,
            interval_ms: 30_000,
            called_ms: None,
            under_way: 0,
            waits: Vec::new(),
        };
        let remembered = Remembered { at_ms: 7, peers: Vec::new(), syncing };
        remembered.write(control).unwrap();
        assert_eq!(Remembered::read(control).unwrap(), Some(remembered));
        fs::write(control.join(FILE), b"cut").unwrap();
        assert_eq!(Remembered::read(control).unwrap(), None);
    }
}
