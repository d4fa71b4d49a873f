//! Where the key is that signs what a clone says.

use std::mem;
use std::path::PathBuf;

use selkie_store::{KeyError, SecretKey, device_key};

/// Where the key of this device is. Who only reads never asks for it.
#[derive(Debug, Default)]
pub enum Keys {
    /// Here.
    Held(SecretKey),
    /// In this folder, where it is made with the first use.
    In(PathBuf),
    /// Nowhere: there is no place for it.
    #[default]
    Nowhere,
}

impl Keys {
    /// The key, if there is a place for it. One that is held is given away.
    pub(crate) fn give(&mut self) -> Result<Option<SecretKey>, KeyError> {
        match self {
            Self::Held(_) | Self::Nowhere => match mem::take(self) {
                Self::Held(key) => Ok(Some(key)),
                Self::In(_) | Self::Nowhere => Ok(None),
            },
            Self::In(folder) => device_key(folder).map(Some),
        }
    }
}

impl From<SecretKey> for Keys {
    fn from(key: SecretKey) -> Self {
        Self::Held(key)
    }
}
