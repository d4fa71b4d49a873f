//! The state that all logs together add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::{ActorId, Causal, Doc, Edit, Hlc, VersionVector};

use crate::disk::whole;
use crate::id::ObjectId;
use crate::identity::binding::Writer;
use crate::log::Log;
use crate::log::entries::Entries;
use crate::log::error::LogError;
use crate::log::format::Entry;
use crate::log::place::{Head, Place};
use crate::object::key::PublicKey;
use crate::store::Store;
use crate::view::error::{EditError, Stop, ViewError};
use crate::view::fold::{Cuts, Fold, NOBODY, Track};
use crate::view::keep::Keep;
use crate::view::step::{Deed, Step};

mod accept;
mod check;
pub(crate) mod ending;
pub(crate) mod error;
mod fold;
mod format;
mod keep;
pub(crate) mod step;

/// What the replicas of a store have in common: a document that every entry of every log changes.
///
/// Views with the same entries hold the same state, whatever way and order the entries took. What was
/// read when a view was opened or [refreshed](View::refresh) does not change until it is refreshed again.
///
/// ```
/// use std::sync::Arc;
/// use selkie_crdt::{AwSet, Hlc};
/// use selkie_store::{Action, SecretKey, SimDisk, Store, View, Writer};
/// let store = Arc::new(Store::open(Arc::new(SimDisk::default()))?);
/// let mut view: View<AwSet<String>> = View::open(store, |_, _| ())?;
/// let writer = Writer::new(SecretKey::from_bytes(&[7; 32]), [1; 16]);
/// let action = Action { time: Hlc::from_ms(1), note: "add a fruit", roots: &[] };
/// view.edit(&writer, action, |mut fruits| {
///     fruits.add("pear".to_owned());
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// assert_eq!(view.root().sorted(), ["pear"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct View<T: Causal> {
    store: Arc<Store>,
    names: Names<T>,
    fold: Fold<T>,
    // Where logs end that said two things in one place, as far as that is proved here.
    cuts: Cuts,
    stops: BTreeMap<ActorId, Stop>,
    // Whose logs no longer have what was folded from them. A snapshot would forget that.
    lost: BTreeSet<ActorId>,
    saved: Saved,
}

/// Visits each object that a state names: those that it must not lose.
pub type Names<T> = fn(&T, &mut dyn FnMut(ObjectId));

/// What is told of an edit beside the edit.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// When: later than [`View::time`], if clocks are to make sense.
    pub time: Hlc,
    /// What kind of action it is, for people.
    pub note: &'a str,
    /// The objects that the state names because of it.
    pub roots: &'a [ObjectId],
}

/// The snapshot on the disk.
#[derive(Clone, Copy, Debug, Default)]
struct Saved {
    folded: u64, // bytes of logs in it
    length: u64,
}

/// The file of the snapshot. It may be removed at any time.
pub(crate) const FILE: &str = "view";

/// A longer file is none of ours and is not read, since anything may lie there; a state of some five million names.
const LEN_MAX: u64 = 256 << 20;

/// A shorter suffix is folded again at each opening: some 200 entries, a millisecond or two.
const SUFFIX_LEN_MIN: u64 = 64 << 10;

/// A byte of a log is folded about as quickly as a byte of a snapshot is loaded. So an opening takes at
/// most a quarter longer than its snapshot, and a byte of a log has at most four written for it.
const SUFFIX_SHARE: u64 = 4;

impl<T: Causal + Clone> View<T> {
    /// The view of this store, from its snapshot if there is a sound one and from all entries if not.
    ///
    /// # Errors
    ///
    /// The logs can not be read. One that is damaged is no error: see [`View::stops`].
    pub fn open(store: Arc<Store>, names: Names<T>) -> Result<Self, ViewError> {
        let (fold, saved) = load(&store).unwrap_or_else(|| (Fold::new(), Saved::default()));
        let (stops, lost) = (BTreeMap::new(), BTreeSet::new());
        let cuts = Cuts::new();
        let mut view = Self { store, names, fold, cuts, stops, lost, saved };
        view.refresh()?;
        Ok(view)
    }

    /// The state.
    #[must_use]
    pub fn root(&self) -> &T {
        self.fold.doc.root()
    }

    /// The state with what is known of its changes.
    #[must_use]
    pub const fn doc(&self) -> &Doc<T> {
        &self.fold.doc
    }

    /// Which logs could not be folded to their end, and why.
    #[must_use]
    pub fn stops(&self) -> impl ExactSizeIterator<Item = &Stop> {
        self.stops.values()
    }

    /// The key that writes the log of a replica, as far as the view knows the replica.
    #[must_use]
    pub fn key(&self, replica: &ActorId) -> Option<PublicKey> {
        self.fold.logs.get(replica).map(|track| track.key)
    }

    /// Every object that must not be lost, as of the last refresh: those that the state names and those that
    /// entries reach which are not applied yet. What they name in turn is not among them.
    ///
    /// Part of what a collection begins from: see [`roots`](crate::roots).
    ///
    /// # Errors
    ///
    /// A log can not be read to its end, or an entry not be understood. What it reaches must not be
    /// collected, and nobody knows what that is.
    pub fn roots(&self) -> Result<Vec<ObjectId>, ViewError> {
        let mut roots = Vec::new();
        (self.names)(self.root(), &mut |id| roots.push(id));
        let mut over = Vec::new();
        for replica in self.stops.keys() {
            for entry in self.log(*replica).entries_after(self.fold.place(*replica))? {
                let Entry { position, payload, .. } = entry?;
                let unknown = ViewError::Unknown { replica: *replica, position };
                let reached = Step::from_bytes(&payload).or(Err(unknown))?.roots;
                let counts = !self.is_over(*replica) && position <= self.last_of(*replica);
                if counts { roots.extend(reached) } else { over.extend(reached) }
            }
        }
        // They were applied once, and what no state named any more by then may be gone.
        let gone = self.store.missing(over.iter().copied())?;
        roots.extend(over.into_iter().filter(|id| !gone.contains(id)));
        roots.sort_unstable();
        roots.dedup();
        Ok(roots)
    }

    /// The latest time of any entry: a clock goes on from there.
    #[must_use]
    pub const fn time(&self) -> Hlc {
        self.fold.time
    }

    /// For each replica the position of the last entry that the state contains.
    #[must_use]
    pub fn applied(&self) -> VersionVector {
        let mut version = VersionVector::new();
        let logs = self.fold.logs.iter();
        logs.for_each(|(replica, track)| version.raise(*replica, track.place.head.position));
        version
    }

    /// For each replica the position of the last entry that is here: what a peer need not send. What comes after the end of
    /// a log does not count.
    ///
    /// # Errors
    ///
    /// A log that is not folded to its end can not be read.
    pub fn heads(&self) -> Result<VersionVector, ViewError> {
        let mut heads = self.applied();
        let endings = self.endings();
        for replica in self.stops.keys() {
            let end = endings.get(replica).map_or(u64::MAX, |ending| ending.head().position);
            heads.raise(*replica, self.log(*replica).head()?.position.min(end));
        }
        Ok(heads)
    }

    /// The entries that somebody lacks who has those up to `version`: for each such replica its log from
    /// there on.
    ///
    /// # Errors
    ///
    /// A log can not be read, or is damaged.
    pub fn since(&self, version: &VersionVector) -> Result<Vec<(ActorId, Entries)>, ViewError> {
        let heads = self.heads()?;
        let entries = heads.diff(version).map(|ahead| {
            let entries = self.log(ahead.actor).entries_from(ahead.after + 1)?;
            Ok((ahead.actor, entries.until(ahead.upto)))
        });
        entries.collect()
    }

    /// Takes in what others appended since.
    ///
    /// # Errors
    ///
    /// The logs can not be read. The state is as it was.
    pub fn refresh(&mut self) -> Result<(), ViewError> {
        let names = Log::names(&**self.store.disk()).map_err(ViewError::List)?;
        self.learn(&names)?;
        let lost = self.follow(&names)?;
        if !lost.is_empty() {
            // What was folded from them is not what the logs say.
            self.lost.extend(lost);
            self.fold = Fold::new();
            self.saved = Saved::default();
            self.follow(&names)?;
        }
        if self.is_snapshot_due() && self.lost.is_empty() {
            // Without it the next opening takes longer, and that is all.
            let _ = self.save();
        }
        Ok(())
    }

    /// Changes the state by one entry of our own, which is durable when this returns.
    ///
    /// `change` sees the state with all that others did up to then, and nobody of this clone appends
    /// until it is done; so it decides whether what was planned still holds, and does it quickly, since
    /// others give up after some seconds. Returns where the entry stands, `None` if nothing was changed.
    ///
    /// From here on no collection takes the objects that the entry reaches. Whoever has just put them keeps
    /// them until here by a [`Store::hold`].
    ///
    /// # Errors
    ///
    /// See [`EditError`]. Nothing was changed.
    pub fn edit<E>(
        &mut self,
        writer: &Writer,
        action: Action<'_>,
        change: impl FnOnce(Edit<'_, T>) -> Result<(), E>,
    ) -> Result<Option<Head>, EditError<E>> {
        let keep = Keep::of(&self.store, action.roots.iter().copied())?;
        if let Some(absent) = keep.absent.first() {
            return Err(EditError::Absent(*absent));
        }
        let log = self.log(writer.replica());
        let mut changed = None;
        let head = log.append_with::<EditError<E>>(writer.key(), |head| {
            self.refresh()?;
            let Some((doc, payloads)) = self.prepare(writer, head, action, change)? else {
                return Ok(Vec::new());
            };
            let lengths: Vec<_> = payloads.iter().map(Vec::len).collect();
            changed = Some((doc, lengths));
            Ok(payloads)
        })?;
        drop(keep);
        let Some((doc, lengths)) = changed else { return Ok(None) };
        let replica = writer.replica();
        let place = lengths.iter().fold(self.fold.place(replica), |place, length| {
            // Only the last of them has the hash, and only the last is kept.
            place.behind(head, *length)
        });
        // Whoever writes has a log that is whole, and nobody will write those that are not.
        self.lost.clear();
        self.fold.advance(doc, replica, Track { place, key: writer.key().public() }, action.time);
        Ok(Some(head))
    }

    /// Writes a snapshot now, unless it would be longer than any that is read. It is done without being asked
    /// whenever it pays.
    ///
    /// # Errors
    ///
    /// It can not be written. The one before it, or none, is still there.
    pub fn save(&mut self) -> std::io::Result<()> {
        let bytes = format::encode(&self.fold);
        let length = bytes.len() as u64;
        if length <= LEN_MAX {
            // Of two processes that write one at once either's will do.
            whole::replace_if_alone(&**self.store.disk(), FILE, &bytes)?;
        }
        self.saved = Saved { folded: self.fold.len(), length };
        Ok(())
    }

    /// The document after `change`, and what the log has to say for it; `None` if nothing was changed.
    #[expect(clippy::type_complexity, reason = "both halves are taken apart at once by one caller")]
    fn prepare<E>(
        &self,
        writer: &Writer,
        head: Head,
        action: Action<'_>,
        change: impl FnOnce(Edit<'_, T>) -> Result<(), E>,
    ) -> Result<Option<(Doc<T>, Vec<Vec<u8>>)>, EditError<E>> {
        if self.lost.contains(&writer.replica()) {
            return Err(EditError::Lost);
        }
        let replica = writer.replica();
        if self.cuts.contains_key(&replica) || self.is_over(replica) {
            return Err(EditError::Ended);
        }
        // A change that is not folded has a dot that would be given away a second time.
        if self.fold.place(writer.replica()).head != head {
            return Err(EditError::Stopped);
        }
        let mut doc = self.fold.doc.clone();
        doc.take_actor(writer.replica());
        let mut outcome = Ok(());
        let delta = doc.update(|edit| outcome = change(edit));
        outcome.map_err(EditError::Declined)?;
        let Some(delta) = delta else { return Ok(None) };
        doc.take_actor(NOBODY);
        let Action { time, note, roots } = action;
        let step =
            |note: &str, roots: Vec<_>, deed| Step { time, note: note.to_owned(), roots, deed };
        let mut payloads = Vec::new();
        if head == Head::NONE {
            payloads.push(step("begin", Vec::new(), Deed::Begins(writer.binding())).to_bytes()?);
        }
        let mut roots = roots.to_vec();
        roots.sort_unstable();
        roots.dedup();
        payloads.push(step(note, roots, Deed::Changes(delta.to_bytes())).to_bytes()?);
        Ok(Some((doc, payloads)))
    }

    /// Folds what the logs have beyond what is folded, unless one of them no longer has what is: returns
    /// whose.
    fn follow(&mut self, names: &[String]) -> Result<BTreeSet<ActorId>, ViewError> {
        let replicas = Log::replicas_in(names);
        let is_gone = |replica: &&ActorId| replicas.binary_search(replica).is_err();
        let mut lost: BTreeSet<_> = self.fold.logs.keys().filter(is_gone).copied().collect();
        let mut sources = BTreeMap::new();
        let mut stops = BTreeMap::new();
        for replica in replicas {
            let place = self.fold.place(replica);
            match self.log(replica).entries_after(place) {
                Ok(entries) => {
                    sources.insert(replica, entries.until(self.last_of(replica)));
                }
                Err(LogError::Io { replica, source }) => {
                    return Err(LogError::Io { replica, source }.into());
                }
                // Damage before the first entry, so nothing of this log is folded.
                Err(error) if place == Place::START => {
                    let position = 1;
                    stops.insert(replica, Stop { replica, position, why: error.into() });
                }
                Err(_) => {
                    lost.insert(replica);
                }
            }
        }
        if !lost.is_empty() {
            return Ok(lost);
        }
        stops.extend(self.fold.run(sources, &self.cuts));
        self.stops = stops;
        Ok(lost)
    }

    /// The last position at which an entry of this log may count.
    fn last_of(&self, replica: ActorId) -> u64 {
        self.cuts.get(&replica).map_or(u64::MAX, |end| end.position)
    }

    fn is_snapshot_due(&self) -> bool {
        let suffix = self.fold.len().saturating_sub(self.saved.folded);
        suffix > SUFFIX_LEN_MIN.max(self.saved.length / SUFFIX_SHARE)
    }

    fn log(&self, replica: ActorId) -> Log {
        Log::new(Arc::clone(self.store.disk()), replica)
    }
}

/// The snapshot on the disk, if there is a sound one.
fn load<T: Causal>(store: &Store) -> Option<(Fold<T>, Saved)> {
    // One that can not be read, for whatever reason, is as good as none: the logs say the same.
    let disk = &**store.disk();
    if disk.open(FILE).ok()?.size().ok()? > LEN_MAX {
        return None;
    }
    let bytes = whole::read(disk, FILE, LEN_MAX).ok()??;
    let fold: Fold<T> = format::decode(&bytes)?;
    let saved = Saved { folded: fold.len(), length: bytes.len() as u64 };
    Some((fold, saved))
}
