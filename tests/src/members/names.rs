//! Who lives where.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_store::SecretKey;
use selkie_sync::NodeId;

/// The keys and names of all places, from the first on.
#[derive(Clone, Debug)]
pub struct Names {
    seeds: Vec<[u8; SecretKey::LEN]>,
    keys: Vec<Arc<SecretKey>>,
    ids: Vec<NodeId>,
    places: BTreeMap<NodeId, usize>,
}

impl Names {
    /// Names for so many places. They are the same in every run.
    #[must_use]
    pub fn of(count: usize) -> Self {
        let seed = |place: usize| {
            let mut seed = [0x5e; SecretKey::LEN];
            seed[..8].copy_from_slice(&(place as u64).to_le_bytes());
            seed
        };
        let seeds: Vec<_> = (0..count).map(seed).collect();
        let keys: Vec<_> = seeds.iter().map(|seed| Arc::new(SecretKey::from_bytes(seed))).collect();
        let ids: Vec<_> = keys.iter().map(|key| NodeId::of(key.public())).collect();
        let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Self { seeds, keys, ids, places }
    }

    /// The same, but at `twin` lives another under the name of `of`, with its key.
    #[must_use]
    pub fn with_twin(mut self, twin: usize, of: usize) -> Self {
        self.places.remove(&self.ids[twin]);
        (self.seeds[twin], self.ids[twin]) = (self.seeds[of], self.ids[of]);
        self.keys[twin] = Arc::clone(&self.keys[of]);
        self
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

    /// The same key, for who keeps it itself.
    #[must_use]
    pub fn secret(&self, place: usize) -> SecretKey {
        SecretKey::from_bytes(&self.seeds[place])
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
