//! What proves that two sets of ids are one.

use std::ops::Range;

use blake3::Hasher;
use selkie_store::ObjectId;

/// Hashes of a set of ids, from which the hash of a set that lacks some of them is soon made.
///
/// The ids stand in buckets by their first bits. The digest of a set is the hash of the hashes of its buckets, those
/// without ids left out: it depends on the set alone, and no two sets with the same are known to
/// anybody.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    /// Ascending by bucket: where its ids are, and their hash.
    buckets: Vec<Bucket>,
}

#[derive(Clone, Debug)]
struct Bucket {
    number: u16,
    ids: Range<usize>,
    hash: blake3::Hash,
}

/// The digest of a set of ids.
pub(crate) type Digest = blake3::Hash;

const BUCKET_CONTEXT: &str = "selkie 1 repair bucket";
const SET_CONTEXT: &str = "selkie 1 repair set";

impl Digests {
    /// Of these, which ascend.
    pub(crate) fn of(ids: &[ObjectId]) -> Self {
        let mut buckets: Vec<Bucket> = Vec::new();
        for run in ids.chunk_by(|left, right| bucket_of(left) == bucket_of(right)) {
            let from = buckets.last().map_or(0, |bucket| bucket.ids.end);
            let range = from..from + run.len();
            buckets.push(Bucket { number: bucket_of(&run[0]), ids: range, hash: hash(run) });
        }
        Self { buckets }
    }

    /// The digest of the ids, which are those that this was made of, but for those in some places, which ascend.
    pub(crate) fn without(&self, ids: &[ObjectId], mut places: &[u32]) -> Digest {
        let mut set = Hasher::new_derive_key(SET_CONTEXT);
        let mut left = Vec::new();
        for bucket in &self.buckets {
            let end = places.partition_point(|place| (*place as usize) < bucket.ids.end);
            let (here, rest) = places.split_at(end);
            places = rest;
            let hash = if here.is_empty() {
                bucket.hash
            } else {
                left.clear();
                let kept = bucket.ids.clone().filter(|at| !is_in(here, *at));
                left.extend(kept.map(|at| ids[at]));
                if left.is_empty() {
                    continue;
                }
                hash(&left)
            };
            set.update(&bucket.number.to_le_bytes()).update(hash.as_bytes());
        }
        set.finalize()
    }
}

fn is_in(places: &[u32], at: usize) -> bool {
    places.binary_search_by(|place| (*place as usize).cmp(&at)).is_ok()
}

/// The first twelve bits.
fn bucket_of(id: &ObjectId) -> u16 {
    let [first, second, ..] = *id.as_bytes();
    u16::from_be_bytes([first, second]) >> 4
}

fn hash(ids: &[ObjectId]) -> blake3::Hash {
    let mut hasher = Hasher::new_derive_key(BUCKET_CONTEXT);
    feed(&mut hasher, ids);
    hasher.finalize()
}

/// Gives ids to a hasher, many at a time: it is far slower when fed one by one.
pub(crate) fn feed(hasher: &mut Hasher, ids: &[ObjectId]) {
    let mut bytes = Vec::with_capacity(ids.len().min(FED) * ObjectId::LEN);
    for some in ids.chunks(FED) {
        bytes.clear();
        some.iter().for_each(|id| bytes.extend(id.as_bytes()));
        hasher.update(&bytes);
    }
}

/// Ids that are fed at a time.
const FED: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u16) -> Vec<ObjectId> {
        let mut ids: Vec<_> = (0..count)
            .map(|n| ObjectId::from_bytes(*blake3::hash(&n.to_le_bytes()).as_bytes()))
            .collect();
        ids.sort_unstable();
        ids
    }

    fn digest(ids: &[ObjectId]) -> Digest {
        Digests::of(ids).without(ids, &[])
    }

    #[test]
    fn the_digest_of_what_is_left_is_that_of_a_set_that_never_had_more() {
        let all = ids(600);
        for places in [vec![], vec![0], vec![599], vec![3, 4, 5, 77, 300], (0..600).collect()] {
            let left: Vec<_> = (0..600).filter(|at| !places.contains(at)).collect();
            let left: Vec<_> = left.into_iter().map(|at| all[at as usize]).collect();
            assert_eq!(Digests::of(&all).without(&all, &places), digest(&left), "{places:?}");
        }
    }

    #[test]
    fn each_id_counts() {
        let all = ids(100);
        assert_ne!(digest(&all), digest(&all[1..]));
        assert_ne!(digest(&all[..99]), digest(&all[1..]));
        assert_ne!(digest(&[]), digest(&all[..1]));
    }
}
