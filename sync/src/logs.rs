//! What gossip wants done with the logs of a store.
//!
//! Beside the core and not in it: these read and write. Whoever runs a core calls them, on whatever thread it likes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, Causal};
use selkie_store::{
    Deed, Ended, Ending, Entry, Fork, Head, Log, ObjectId, Refusal, Signature, Step, Store, View,
    ViewError,
};

use crate::gossip::evidence::{Evidence, Finding};
use crate::gossip::message::{Item, Run};
use crate::gossip::stand::{Stand, Stands};
use crate::objects::outlet::Outlet;

/// Entries that reach more than this are of somebody who was away: what they reach is not short.
const ALONG_ROOTS_MAX: usize = 64;

/// Where logs end, as [`View::endings`] tells.
pub type Endings = BTreeMap<ActorId, Ending>;

/// Where all logs of the store stand. One that ended stands where it ended, however much is here.
///
/// # Errors
///
/// A log can not be read.
pub fn stands(store: &Store, endings: &Endings) -> Result<Stands, ViewError> {
    let mut stands = heads(store)?;
    for (replica, ending) in endings {
        let stand = Stand::of(&ending.head());
        let stand = match ending {
            Ending::Forked(_) => stand.ended(),
            Ending::Built(_) => stand,
        };
        if stand == Stand::default() {
            // Nothing of it counts, and nothing shows that.
            stands.remove(replica);
        } else {
            stands.insert(*replica, stand);
        }
    }
    Ok(stands)
}

/// Where all logs of the store stand, whatever of them counts.
fn heads(store: &Store) -> Result<Stands, ViewError> {
    let replicas = Log::replicas(&**store.disk()).map_err(ViewError::List)?;
    let mut stands = Stands::new();
    for replica in replicas {
        let head = log(store, replica).head()?;
        if head.position > 0 {
            stands.insert(replica, Stand::of(&head));
        }
    }
    Ok(stands)
}

/// Reads logs, each from behind a position on: no more than so many bytes and entries in all, but one entry at least if there
/// is one. A log that can not be read is left out: those behind it are no worse for it.
pub fn read_logs(
    store: &Store,
    after: &[(ActorId, u64)],
    len_max: usize,
    items_max: usize,
) -> Vec<Run> {
    let (mut runs, mut len, mut count) = (Vec::new(), 0, 0);
    for (stream, after) in after {
        let Ok(entries) = log(store, *stream).entries_from(after.saturating_add(1)) else {
            continue;
        };
        let mut items = Vec::new();
        let mut is_full = false;
        for entry in entries.map_while(Result::ok) {
            len += entry.payload.len() + Signature::LEN;
            count += 1;
            is_full = count > 1 && (len > len_max || count > items_max);
            if is_full {
                break;
            }
            items.push(Item { payload: entry.payload, signature: *entry.signature.as_bytes() });
        }
        if !items.is_empty() {
            runs.push(Run { stream: *stream, after: *after, items });
        }
        if is_full {
            break;
        }
    }
    runs
}

/// The objects that these runs reach, in one parcel for who has the logs up to `after` and all others as they are here. No bytes
/// if there are none, if they do not fit into so many, or if they can not be read: then they are asked for.
#[must_use]
pub fn along(store: &Store, after: &[(ActorId, u64)], runs: &[Run], len_max: usize) -> Vec<u8> {
    let roots: BTreeSet<_> = reached(runs).into_iter().collect();
    if roots.is_empty() || roots.len() > ALONG_ROOTS_MAX || len_max == 0 {
        return Vec::new();
    }
    let have = heads(store).map(|stands| {
        let here = stands.into_iter().map(|(stream, stand)| (stream, stand.position));
        here.chain(after.iter().copied()).collect()
    });
    let parcel = have.ok().and_then(|have| Outlet::small(store, &have, &roots).ok()?);
    parcel.filter(|parcel| parcel.len() <= len_max).unwrap_or_default()
}

/// What the entries of these runs reach: the objects to fetch before they are taken in. What makes no sense reaches nothing, and
/// is refused later.
#[must_use]
pub fn reached(runs: &[Run]) -> Vec<ObjectId> {
    let items = runs.iter().flat_map(|run| &run.items);
    let steps = items.filter_map(|item| Step::from_bytes(&item.payload).ok());
    let mut roots: Vec<_> = steps.flat_map(|step| step.roots).collect();
    roots.sort_unstable();
    roots.dedup();
    roots
}

/// What became of entries that were to be taken in.
#[derive(Debug)]
pub struct TakenIn {
    /// Where each of their logs stands now.
    pub stands: Vec<(ActorId, Stand)>,
    /// The logs of which not all was taken in, and why not.
    pub refused: BTreeMap<ActorId, Refusal>,
    /// Where all logs stand, if it shows now that some have ended.
    pub stood: Option<Stands>,
}

/// Takes runs into the logs of a view, as far as they can be.
///
/// # Errors
///
/// The logs or the objects can not be read. Some of the entries may have been taken in.
pub fn take_in<T: Causal + Clone>(
    view: &mut View<T>,
    store: &Arc<Store>,
    runs: Vec<Run>,
) -> Result<TakenIn, ViewError> {
    let streams: Vec<_> = runs.iter().map(|run| run.stream).collect();
    let mut entries = BTreeMap::new();
    for run in runs {
        let stream = run.stream;
        let head = log(store, stream).head()?;
        // What is here already was compared by its mark, and what follows it is bound to it by its hash.
        if let Some(run) = run.behind(head.position) {
            entries.insert(stream, chained(head, run));
        }
    }
    let before = view.endings();
    let refused = view.accept(entries)?;
    let endings = view.endings();
    let now = self::stands(store, &endings)?;
    let stand = |stream| (stream, now.get(&stream).copied().unwrap_or_default());
    let stands = streams.into_iter().map(stand).collect();
    Ok(TakenIn { stands, refused, stood: (endings != before).then_some(now) })
}

/// Holds evidence against the logs of a view. One that says two things in one place ends there from now on.
///
/// # Errors
///
/// The logs can not be read, or the proof not be kept.
pub fn examine<T: Causal + Clone>(
    view: &mut View<T>,
    store: &Arc<Store>,
    evidence: Evidence,
) -> Result<Finding, ViewError> {
    match evidence {
        Evidence::Run(run) => match part(store, run)? {
            Parted::At(fork) => end(view, store, &fork),
            Parted::Not(finding) => Ok(finding),
        },
        Evidence::Proof(stream, proof) => match Fork::from_bytes(&proof) {
            Ok(fork) if fork.replica() == stream => end(view, store, &fork),
            Ok(_) | Err(_) => Ok(Finding::Lie),
        },
    }
}

/// The proof that a log ended, in bytes, if there is one here.
pub fn recall<T: Causal + Clone>(view: &View<T>, stream: ActorId) -> Option<Vec<u8>> {
    // One that can not be read now is shown when it is asked about again.
    view.fork(stream).ok()??.to_bytes().ok()
}

/// Where a run and our log part.
enum Parted {
    At(Box<Fork>),
    Not(Finding),
}

fn part(store: &Store, run: Run) -> Result<Parted, ViewError> {
    let log = log(store, run.stream);
    let Some(first) = log.entries()?.next().transpose()? else {
        return Ok(Parted::Not(Finding::Nothing));
    };
    let step = Step::from_bytes(&first.payload).map(|step| step.deed);
    let Ok(Deed::Begins(binding)) = step else { return Ok(Parted::Not(Finding::Nothing)) };
    let mut head = log.head_at(run.after)?;
    if head.position != run.after {
        return Ok(Parted::Not(Finding::Nothing));
    }
    let after = run.after;
    let mut ours = log.entries_from(after.saturating_add(1))?;
    for theirs in chained(head, run) {
        if !theirs.is_signed_by(&binding.key) {
            let is_first = theirs.position == after + 1;
            return Ok(Parted::Not(if is_first { Finding::Before } else { Finding::Lie }));
        }
        let Some(own) = ours.next().transpose()? else { break };
        if own.hash != theirs.hash {
            let fork = Fork::of(binding, head, &own, &theirs);
            return Ok(fork.map_or(Parted::Not(Finding::Lie), |fork| Parted::At(Box::new(fork))));
        }
        head = Head::of(&own);
    }
    Ok(Parted::Not(Finding::Alike(head.position)))
}

fn end<T: Causal + Clone>(
    view: &mut View<T>,
    store: &Store,
    fork: &Fork,
) -> Result<Finding, ViewError> {
    let position = fork.before().position;
    Ok(match view.end(fork)? {
        Ended::Now => {
            let stands = stands(store, &view.endings())?;
            let proof = fork.to_bytes();
            proof.map_or(Finding::Nothing, |proof| Finding::Ended { position, proof, stands })
        }
        Ended::Known | Ended::Early => Finding::Nothing,
        Ended::Elsewhere => Finding::Elsewhere(fork.position()),
    })
}

/// The entries of a run that follows `head`.
fn chained(mut head: Head, run: Run) -> Vec<Entry> {
    let stream = run.stream;
    let next = |item: Item| {
        let entry = head.then(stream, item.payload, Signature::from_bytes(item.signature));
        head = Head::of(&entry);
        entry
    };
    run.items.into_iter().map(next).collect()
}

fn log(store: &Store, replica: ActorId) -> Log {
    Log::new(Arc::clone(store.disk()), replica)
}

#[cfg(test)]
mod tests {
    use selkie_crdt::{AwSet, Hlc};
    use selkie_store::{Action, Batch, Hint, Kind, SecretKey, SimDisk, Writer};

    use super::*;

    type Fruits = AwSet<String>;

    fn store() -> Arc<Store> {
        Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap())
    }

    fn view(store: &Arc<Store>) -> View<Fruits> {
        View::open(Arc::clone(store), |_, _| ()).unwrap()
    }

    fn writer(number: u8) -> Writer {
        Writer::new(SecretKey::from_bytes(&[number; 32]), [number; 16])
    }

    fn add(view: &mut View<Fruits>, number: u8, fruit: &str, roots: &[ObjectId]) {
        let action = Action { time: Hlc::from_ms(1), note: "add", roots };
        let change = |mut fruits: selkie_crdt::Edit<'_, Fruits>| {
            fruits.add(fruit.to_owned());
            Ok::<_, std::convert::Infallible>(())
        };
        view.edit(&writer(number), action, change).unwrap();
    }

    fn all(store: &Store) -> Vec<Run> {
        let after: Vec<_> =
            stands(store, &Endings::new()).unwrap().keys().map(|stream| (*stream, 0)).collect();
        read_logs(store, &after, usize::MAX, usize::MAX)
    }

    #[test]
    fn logs_go_over_and_stand_alike() {
        let (east, west) = (store(), store());
        let mut eastern = view(&east);
        for fruit in ["pear", "plum", "fig"] {
            add(&mut eastern, 1, fruit, &[]);
        }
        let mut western = view(&west);
        add(&mut western, 2, "date", &[]);
        let TakenIn { stands: stood, refused, .. } =
            take_in(&mut western, &west, all(&east)).unwrap();
        assert_eq!(refused.len(), 0);
        assert_eq!(stood, stands(&east, &Endings::new()).unwrap().into_iter().collect::<Vec<_>>());
        assert_eq!(western.root().sorted(), ["date", "fig", "pear", "plum"]);
        take_in(&mut eastern, &east, all(&west)).unwrap();
        assert_eq!(
            stands(&east, &Endings::new()).unwrap(),
            stands(&west, &Endings::new()).unwrap()
        );
    }

    #[test]
    fn no_more_is_read_than_was_asked_for_but_one_entry_always() {
        let east = store();
        let mut eastern = view(&east);
        (0..10).for_each(|number| add(&mut eastern, 1, &number.to_string(), &[]));
        let stream = writer(1).replica();
        let count = |len, items| {
            read_logs(&east, &[(stream, 0)], len, items)
                .iter()
                .map(|run| run.items.len())
                .sum::<usize>()
        };
        assert_eq!([count(usize::MAX, 4), count(1, 4), count(usize::MAX, 99)], [4, 1, 11]);
        assert_eq!(read_logs(&east, &[(stream, 11), (writer(9).replica(), 0)], 9, 9), []);
        assert_eq!(read_logs(&east, &[(stream, u64::MAX)], 9, 9), []);
    }

    #[test]
    fn what_reaches_objects_that_are_not_here_waits() {
        let (east, west) = (store(), store());
        let blob = |store: &Store| {
            let batch = Batch::new(store);
            let id = batch.put(Kind::Blob, b"a fruit", Hint::NONE).unwrap();
            batch.finish().unwrap();
            id
        };
        let id = blob(&east);
        // A state that names its objects, so that none may be missing.
        let names = |_: &Fruits, visit: &mut dyn FnMut(ObjectId)| {
            visit(ObjectId::of(Kind::Blob, b"a fruit"));
        };
        let mut eastern: View<Fruits> = View::open(Arc::clone(&east), names).unwrap();
        add(&mut eastern, 1, "pear", &[id]);
        assert_eq!(reached(&all(&east)), [id]);
        let mut western: View<Fruits> = View::open(Arc::clone(&west), names).unwrap();
        let TakenIn { stands: stood, refused, .. } =
            take_in(&mut western, &west, all(&east)).unwrap();
        assert_eq!(stood.iter().map(|(_, stand)| stand.position).collect::<Vec<_>>(), [1]);
        assert!(matches!(refused.values().next(), Some(Refusal::Absent { .. })));
        blob(&west);
        take_in(&mut western, &west, all(&east)).unwrap();
        assert_eq!(
            stands(&east, &Endings::new()).unwrap(),
            stands(&west, &Endings::new()).unwrap()
        );
    }

    #[test]
    fn what_another_wrote_into_a_log_is_refused() {
        let (east, west) = (store(), store());
        let mut eastern = view(&east);
        add(&mut eastern, 1, "pear", &[]);
        let mut runs = all(&east);
        runs[0].items[1].payload.push(0);
        let mut western = view(&west);
        let TakenIn { stands: stood, refused, .. } = take_in(&mut western, &west, runs).unwrap();
        assert_eq!(stood[0].1.position, 1, "what came before it is good");
        assert_eq!(refused.len(), 1);
        assert_eq!(western.root().len(), 0);
    }
}
