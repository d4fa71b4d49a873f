//! Who lives where.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_store::SecretKey;
use selkie_sync::NodeId;

/// The keys and names of all places, from the first on.
#[derive(Clone, Debug)]
pub struct Names {
    keys: Vec<Arc<SecretKey>>,
    ids: Vec<NodeId>,
    places: BTreeMap<NodeId, usize>,
}

impl Names {
    /// Names for so many places. They are the same in every run.
    #[must_use]
    pub fn of(count: usize) -> Self {
        let key = |place: usize| {
            let mut seed = [0x5e; SecretKey::LEN];
            seed[..8].copy_from_slice(&(place as u64).to_le_bytes());
            Arc::new(SecretKey::from_bytes(&seed))
        };
        let keys: Vec<_> = (0..count).map(key).collect();
        let ids: Vec<_> = keys.iter().map(|key| NodeId::of(key.public())).collect();
        let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Self { keys, ids, places }
    }

    /// How many places there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The key of the node at a place.
    #[must_use]
    pub fn key(&self, place: usize) -> Arc<SecretKey> {
        Arc::clone(&self.keys[place])
    }

    /// The name of the node at a place.
    #[must_use]
    pub fn id(&self, place: usize) -> NodeId {
        self.ids[place]
    }

    /// Where the node with this name lives, if it lives anywhere.
    #[must_use]
    pub fn place(&self, id: &NodeId) -> Option<usize> {
        self.places.get(id).copied()
    }
}
