//! Objects that go from one store to another, in the blocks that they are stored in.

use std::sync::Arc;

use thiserror::Error;

use crate::batch::{Batch, WriteError};
use crate::bits::Bits;
use crate::gc::error::GcError;
use crate::gc::mark::Marks;
use crate::gc::sound_packs;
use crate::id::ObjectId;
use crate::merge::{MergeError, choose, take};
use crate::pack::Pack;
use crate::store::Store;
use crate::verify::Progress;

/// Why objects were not handed over. The store that was to have them has none of them.
#[derive(Debug, Error)]
pub enum HandoverError {
    /// What can be reached is not known, or not all there.
    #[error("what is there can not be followed")]
    Source(#[from] GcError),
    /// An object can not be moved.
    #[error(transparent)]
    Move(#[from] MergeError),
    /// The new pack can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Copies everything that can be reached from the roots, and nothing else, into one new pack of another store. Returns
/// how many objects that are.
///
/// Trees, seals and lists are checked on the way, since they tell what can be reached. Contents are copied as they are
/// stored: whoever does not trust the source [verifies](crate::verify) what came.
///
/// # Errors
///
/// See [`HandoverError`].
pub fn hand_over(
    source: &Store,
    target: &Store,
    roots: &[ObjectId],
    progress: impl FnMut(Progress),
) -> Result<usize, HandoverError> {
    let known = sound_packs(source)?;
    // What is condemned may be used again: then it is copied for good.
    let packs: Vec<Arc<Pack>> = known.all().cloned().collect();
    let marks = Marks::reach(source, &packs, roots, progress)?;
    let marked: Vec<_> = marks.packs().map(|(_, marked)| marked).collect();
    let chosen = choose(&packs, |pack, number| marked[pack].has(number));
    let chosen = chosen.map_err(MergeError::from)?;
    let batch = Batch::new(target);
    for (pack, chosen) in packs.iter().zip(&chosen) {
        take(source, &batch, pack, chosen, |base| marks.has(base))?;
    }
    batch.finish()?;
    Ok(chosen.iter().map(Bits::count).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Hint;
    use crate::disk::sim::SimDisk;
    use crate::kind::Kind;
    use crate::verify::verify;

    fn store() -> Store {
        Store::open(Arc::new(SimDisk::default())).unwrap()
    }

    fn noise(number: u64) -> Vec<u8> {
        let mut bytes = vec![0; 20_000];
        blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes
    }

    #[test]
    fn what_can_be_reached_goes_over_and_nothing_else() {
        let (source, target) = (store(), store());
        let mut roots = Vec::new();
        let mut bytes = noise(1);
        for version in 0..40 {
            bytes[version] ^= 1;
            let batch = Batch::new(&source);
            let base = roots.last().copied();
            roots.push(batch.put(Kind::Blob, &bytes, Hint { path: "a", base }).unwrap());
            batch.put(Kind::Blob, &noise(100 + version as u64), Hint::NONE).unwrap();
            batch.finish().unwrap();
        }
        // The chain of bases has gaps: every third version alone is wanted.
        let wanted: Vec<_> = roots.iter().copied().step_by(3).collect();
        assert_eq!(hand_over(&source, &target, &wanted, |_| ()).unwrap(), wanted.len());
        let mut there: Vec<_> = target.ids().unwrap().into_iter().map(|(id, _)| id).collect();
        there.sort_unstable();
        let mut expected = wanted.clone();
        expected.sort_unstable();
        assert_eq!(there, expected);
        assert_eq!(verify(&target, |_| ()).unwrap().len(), 0);
        assert!(wanted.iter().all(|id| target.read(id).unwrap() == source.read(id).unwrap()));
    }

    #[test]
    fn a_source_with_a_hole_gives_nothing() {
        let (source, target) = (store(), store());
        let here = {
            let batch = Batch::new(&source);
            let here = batch.put(Kind::Blob, b"here", Hint::NONE).unwrap();
            batch.finish().unwrap();
            here
        };
        let roots = [here, ObjectId::of(Kind::Blob, b"nowhere")];
        let refused = hand_over(&source, &target, &roots, |_| ());
        assert!(matches!(refused, Err(HandoverError::Source(GcError::NoRoot(_)))));
        assert_eq!(target.ids().unwrap(), []);
    }
}
