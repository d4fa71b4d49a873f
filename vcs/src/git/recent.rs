//! What was translated of late, in a table that never grows.

use std::hash::{BuildHasher, Hash, RandomState};

/// Keys and values; a new one takes the place of another that falls on the same slot. Whoever misses one translates it again,
/// which gives the same.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    slots: Vec<Option<(K, V)>>,
    count: usize,
    // Which keys fall on one slot is nothing that somebody can prepare for: trees that push each other out could be made to
    // take for ever.
    seed: RandomState,
}

impl<K: Copy + Eq + Hash, V: Clone> Recent<K, V> {
    /// A table with so many places.
    pub(super) fn new(count: usize) -> Self {
        Self { slots: Vec::new(), count, seed: RandomState::new() }
    }

    pub(super) fn find(&self, key: K) -> Option<V> {
        let (own, value) = self.slots.get(self.place(key))?.as_ref()?;
        (*own == key).then(|| value.clone())
    }

    pub(super) fn note(&mut self, key: K, value: V) {
        if self.slots.is_empty() {
            self.slots.resize(self.count, None);
        }
        let place = self.place(key);
        self.slots[place] = Some((key, value));
    }

    fn place(&self, key: K) -> usize {
        let hash = self.seed.hash_one(key) % self.count as u64;
        usize::try_from(hash).expect("it is less than an index")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_was_noted() {
        let mut recent = Recent::new(8);
        assert_eq!(recent.find(1), None);
        for key in 0..20_u32 {
            recent.note(key, key * 2);
            assert_eq!(recent.find(key), Some(key * 2));
        }
        let found: Vec<_> = (0..20).filter_map(|key| Some((key, recent.find(key)?))).collect();
        assert!(found.len() <= 8 && found.iter().all(|(key, value)| key * 2 == *value));
    }
}
