//! A repository: what is stored, what replicas say of it, and what this clone does about it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use selkie_crdt::{Hlc, HlcClock};
use selkie_store::{
    Action, Batch, Deed, Disk, EditError, HeldOperations, Hold, KeyError, Log, LogError, ObjectId,
    OpenError, Operations, OperationsError, ReadError, SealId, Step, Store, TreeId, View,
    ViewError, WriteError, Writer, tidy_in_passing,
};
use thiserror::Error;

use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::graph::grow::GrowError;
use crate::journal::{Logged, Newest, newest_first};
use crate::operation::{Files, Kind, Operation, Record};
use crate::past::{Past, PastError};
use crate::privacy::heads_of;
use crate::protection::breach;
use crate::shared::{Move, Named, Shared, State};
use crate::work::follow::FollowError;

mod keep;

/// A repository without its working copy.
#[derive(Debug)]
pub struct Repository {
    disk: Arc<dyn Disk>,
    store: Arc<Store>,
    view: View<State>,
    operations: Operations,
    newest: Newest,
    /// What is shown in the place of what there is now, to whoever looks back.
    past: Option<Past>,
}

/// The repository in the hands of one command: no other changes the desk meanwhile, and no object that it
/// finds or adds goes.
pub struct Hand<'a> {
    disk: &'a Arc<dyn Disk>,
    store: &'a Arc<Store>,
    _hold: Hold,
    view: &'a mut View<State>,
    operations: &'a Operations,
    held: HeldOperations<'a>,
    newest: &'a mut Newest,
    writer: &'a Writer,
    follow: &'a dyn Follow,
    now_ms: u64,
}

/// What writes the files of an operation.
pub trait Follow {
    /// Makes known files that are as in the one tree be as in the other. After a crash it may be done again.
    ///
    /// # Errors
    ///
    /// A file is as in neither, or can not be written. No file was changed.
    fn follow(&self, store: &Store, from: TreeId, to: TreeId) -> Result<(), FollowError>;

    /// The same, where a command was killed half-way: what it left half-written goes.
    ///
    /// # Errors
    ///
    /// A file is as in neither, or can not be written. All others are as in `from` again.
    fn finish(&self, store: &Store, from: TreeId, to: TreeId) -> Result<(), FollowError>;
}

/// Whether an operation is done for the first time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Attempt {
    /// It is.
    First,
    /// Another command began it, and did not come to its end.
    Again,
}

/// A repository that has no working copy, such as one that only passes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare;

impl Follow for Bare {
    fn follow(&self, _store: &Store, _from: TreeId, _to: TreeId) -> Result<(), FollowError> {
        Ok(())
    }

    fn finish(&self, _store: &Store, _from: TreeId, _to: TreeId) -> Result<(), FollowError> {
        Ok(())
    }
}

/// Why a repository can not be opened or read. Nothing was changed.
#[derive(Debug, Error)]
pub enum RepositoryError {
    /// The store can not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What replicas say can not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// What this clone did can not be read or written.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// The objects that a command finds or adds can not be kept from being collected.
    #[error("objects can not be held")]
    Hold(#[source] io::Error),
    /// It can not be told which objects are here.
    #[error(transparent)]
    Objects(#[from] ReadError),
}

/// Why an operation was not done.
#[derive(Debug, Error)]
pub enum PerformError {
    /// Somebody else moved what it would move. It was given up, and nothing is changed.
    #[error("{0} changed meanwhile")]
    Moved(Named),
    /// It would take a seal away from a timeline that is protected. It was not begun.
    #[error("timeline '{0}' is protected, and this would take seals away from it")]
    Protected(String),
    /// Who looks back changes nothing. It was not begun.
    #[error("this is how it was after operation #{0}, and nothing can be done there")]
    Past(u64),
    /// Something has to be settled first. It was not begun.
    #[error("nothing is changed here as long as {0}")]
    Barred(String),
    /// There is no place for the key that would sign it. It was not begun.
    #[error("there is no home for the key of this device")]
    Keyless,
    /// The key that would sign it can not be used. It was not begun.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The clone can not tell which replica it is. It was not begun.
    #[error("what this clone writes as can not be read or made")]
    Writer(#[source] io::Error),
    /// An object that it takes is nowhere. It was not begun.
    #[error("object {0} is not here")]
    Absent(ObjectId),
    /// The objects that it takes can not be kept. It was not begun.
    #[error("the objects of an operation can not be kept")]
    Keep(#[source] WriteError),
    /// The history can not be read. It was not begun.
    #[error(transparent)]
    History(#[from] GrowError),
    /// A file stands in the way or can not be written. It was given up, and nothing is changed.
    #[error(transparent)]
    Files(#[from] FollowError),
    /// The repository can not be read or written. What was begun is finished by the next command.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// It can not be told to others. It was given up, and nothing is changed.
    #[error(transparent)]
    Edit(#[from] EditError<Named>),
    /// Our own log can not be read. What was begun is finished by the next command.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Repository {
    /// The repository on this disk; one that is empty is begun.
    ///
    /// # Errors
    ///
    /// It can not be read, or a later version of this program wrote it.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, RepositoryError> {
        let store = Arc::new(Store::open(Arc::clone(&disk))?);
        let view = View::open(Arc::clone(&store), |state, visit| Shared::of(state).objects(visit))?;
        let operations = Operations::new(Arc::clone(&disk));
        let newest = Newest::read(operations.newest_first()?)?;
        Ok(Self { disk, store, view, operations, newest, past: None })
    }

    /// The objects.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Shows from now on what was after the operation of this number. Nothing is changed by who looks back, and nothing can be.
    ///
    /// # Errors
    ///
    /// There is no such operation, or it can not be read.
    pub fn look_back(&mut self, number: u64) -> Result<(), PastError> {
        let now = Shared::of(self.view.root());
        let operations = newest_first(self.operations.newest_first()?);
        self.past = Some(Past::after(number, now, operations)?);
        Ok(())
    }

    /// What all replicas have in common.
    #[must_use]
    pub fn shared(&self) -> Shared<'_> {
        self.past.as_ref().map_or_else(|| Shared::of(self.view.root()), Past::shared)
    }

    /// The newest seals of a timeline, be it shared or private; ancestors may be among them. None if there is no such
    /// timeline.
    #[must_use]
    pub fn heads_of(&self, timeline: &str) -> Option<BTreeSet<SealId>> {
        heads_of(self.shared(), self.desk(), timeline)
    }

    /// What replicas say, entry by entry.
    #[must_use]
    pub const fn view(&self) -> &View<State> {
        &self.view
    }

    /// Another view of what replicas say, for whoever takes in what they say elsewhere while commands go on.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn another_view(&self) -> Result<View<State>, ViewError> {
        View::open(Arc::clone(&self.store), |state, visit| Shared::of(state).objects(visit))
    }

    /// What is this clone's alone.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        self.past.as_ref().map_or(&self.newest.desk, |past| &past.desk)
    }

    /// The history that timelines, tags and the desk lead to.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn chronicle(&self) -> Result<Chronicle, GrowError> {
        Chronicle::open(&self.disk, &self.store, self.shared(), self.desk())
    }

    /// An empty batch of somebody who holds. What it adds stays as long as they do, and for good once an operation that
    /// names it was performed.
    pub(crate) fn batch(&self, _held: &Hold) -> Batch<'_> {
        Batch::new(&*self.store)
    }

    /// Takes the repository in hand for one command, and finishes what an earlier one began.
    ///
    /// # Errors
    ///
    /// It can not be read or written.
    pub fn take<'a>(
        &'a mut self,
        writer: &'a Writer,
        follow: &'a dyn Follow,
        now_ms: u64,
    ) -> Result<Hand<'a>, PerformError> {
        if let Some(past) = &self.past {
            return Err(PerformError::Past(past.number));
        }
        let Self { disk, store, view, operations, newest, past: _ } = self;
        let held = operations.hold().map_err(RepositoryError::from)?;
        // The hold comes before the look at what there is: what a collection condemns after it stays until it ends.
        let hold = store.hold().map_err(RepositoryError::Hold)?;
        store.refresh().map_err(RepositoryError::from)?;
        view.refresh().map_err(RepositoryError::View)?;
        *newest = Newest::read(operations.newest_first().map_err(RepositoryError::from)?)
            .map_err(RepositoryError::from)?;
        let open = newest.open.take();
        let mut hand = Hand {
            disk,
            store,
            _hold: hold,
            view,
            operations,
            held,
            newest,
            writer,
            follow,
            now_ms,
        };
        if let Some(open) = open {
            hand.go_on(&open, Attempt::Again)?;
        }
        hand.retell()?;
        Ok(hand)
    }

    /// What was done in this clone, newest first.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn operations(
        &self,
    ) -> Result<impl Iterator<Item = Result<Logged, OperationsError>> + use<>, OperationsError>
    {
        let until = self.past.as_ref().map_or(u64::MAX, |past| past.number);
        let is_later = move |logged: &Result<Logged, OperationsError>| {
            logged.as_ref().is_ok_and(|logged| logged.number > until)
        };
        Ok(newest_first(self.operations.newest_first()?).skip_while(is_later))
    }
}

impl Hand<'_> {
    /// The objects.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        self.store
    }

    /// An empty batch. What it adds stays while the repository is in this hand, and for good once an operation
    /// that names it was performed.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self.store)
    }

    /// Keeps what is found and added through this hand when it is let go as well: for what is decided now and done
    /// later by another.
    pub(crate) fn hold(&self) -> Result<Hold, PerformError> {
        Ok(self.store.hold().map_err(RepositoryError::Hold)?)
    }

    /// What all replicas have in common, now.
    #[must_use]
    pub fn shared(&self) -> Shared<'_> {
        Shared::of(self.view.root())
    }

    /// What is this clone's alone, now.
    #[must_use]
    pub const fn desk(&self) -> &Desk {
        &self.newest.desk
    }

    /// The newest seals of a timeline, be it shared or private, now.
    #[must_use]
    pub fn heads_of(&self, timeline: &str) -> Option<BTreeSet<SealId>> {
        heads_of(self.shared(), self.desk(), timeline)
    }

    /// The history that timelines, tags and the desk lead to, now.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn chronicle(&self) -> Result<Chronicle, GrowError> {
        Chronicle::open(self.disk, self.store, self.shared(), self.desk())
    }

    /// Who writes.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        self.writer
    }

    /// What was done in this clone, newest first.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn operations(
        &self,
    ) -> Result<impl Iterator<Item = Result<Logged, OperationsError>> + use<>, OperationsError>
    {
        Ok(newest_first(self.operations.newest_first()?))
    }

    /// The time of the next operation: later than all that this clone did or heard of.
    #[must_use]
    pub fn time(&self) -> Hlc {
        let last = self.view.time().max(self.newest.time);
        let clock = HlcClock::resume(last, u64::MAX);
        // A time that no clock shows is refused where it comes in, so the next one always exists.
        clock.map_or(last, |mut clock| clock.tick(self.now_ms))
    }

    /// An operation of now that takes the desk from what it is to `after`, and does nothing else yet.
    #[must_use]
    pub fn operation(&self, typed: String, after: Desk) -> Operation {
        let (moves, files, kind) = (Vec::new(), None, Kind::Command);
        Operation {
            time: self.time(),
            typed,
            before: self.desk().clone(),
            after,
            moves,
            files,
            kind,
        }
    }

    /// Writes down that an operation is begun, and leaves it to the next command: for a clone that is not in its place
    /// yet.
    ///
    /// # Errors
    ///
    /// See [`PerformError`].
    pub(crate) fn begin(&mut self, operation: &Operation) -> Result<(), PerformError> {
        self.keep(operation)?;
        self.record(&Record::Begun(Box::new(operation.clone())), operation)
    }

    /// Does what the operation says.
    ///
    /// # Errors
    ///
    /// See [`PerformError`].
    pub fn perform(&mut self, operation: &Operation) -> Result<(), PerformError> {
        if let Some(timeline) = breach(self.shared(), &operation.moves, || self.chronicle())? {
            return Err(PerformError::Protected(timeline));
        }
        self.begin(operation)?;
        self.go_on(operation, Attempt::First)?;
        // It is done. Packs that can not be merged stay as they are, which a verify tells if they are damaged.
        let _merged = tidy_in_passing(self.store);
        Ok(())
    }

    /// Does the rest of an operation that is begun. How far it came is seen from what is there.
    ///
    /// Files come first: as long as nobody was told, an operation can still be given up.
    fn go_on(&mut self, operation: &Operation, attempt: Attempt) -> Result<(), PerformError> {
        if let Some(Files { before, after }) = operation.files
            && !self.is_told(operation)?
            && let Err(error) = match attempt {
                Attempt::First => self.follow.follow(self.store, before, after),
                Attempt::Again => self.follow.finish(self.store, before, after),
            }
        {
            self.record(&Record::GivenUp, operation)?;
            return Err(error.into());
        }
        match self.tell(operation) {
            Ok(()) => self.record(&Record::Done, operation),
            Err(error @ PerformError::Moved(_)) => {
                if let Some(Files { before, after }) = operation.files {
                    self.follow.follow(self.store, after, before)?;
                }
                self.record(&Record::GivenUp, operation)?;
                Err(error)
            }
            // What can be tried again by the next command stays begun.
            Err(error) => Err(error),
        }
    }

    /// Tells the other replicas what the operation changes for them, once.
    fn tell(&mut self, operation: &Operation) -> Result<(), PerformError> {
        let heard = operation.kind == Kind::Heard;
        if heard || operation.moves.is_empty() || self.is_told(operation)? {
            return Ok(());
        }
        let mut roots: Vec<_> = operation.moves.iter().flat_map(Move::reaches).collect();
        roots.sort_unstable();
        roots.dedup();
        let action = Action { time: operation.time, note: operation.verb(), roots: &roots };
        let edited = self.view.edit(self.writer, action, |mut state| {
            for told in &operation.moves {
                if Shared::of(state.read()).value(&told.subject, told.attribute) != told.before {
                    return Err(told.subject.clone());
                }
            }
            operation.moves.iter().for_each(|told| told.carry_out(&mut state, operation.time));
            Ok(())
        });
        match edited {
            Ok(_) => Ok(()),
            Err(EditError::Declined(subject)) => Err(PerformError::Moved(subject)),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether our log says already what the operation tells: no two entries of ours have one time.
    fn is_told(&self, operation: &Operation) -> Result<bool, PerformError> {
        let log = Log::new(Arc::clone(self.disk), self.writer.replica());
        let Some(newest) = log.newest_first()?.next().transpose()? else { return Ok(false) };
        // The entry that begins the log has the time of the first change, and may be all that a crash left.
        let tells =
            |step: Step| step.time == operation.time && matches!(step.deed, Deed::Changes(_));
        Ok(Step::from_bytes(&newest.payload).is_ok_and(tells))
    }

    fn record(&mut self, record: &Record, operation: &Operation) -> Result<(), PerformError> {
        let bytes =
            record.to_bytes().map_err(OperationsError::from).map_err(RepositoryError::from)?;
        let roots: Vec<_> = match record {
            Record::Begun(operation) => operation.objects().collect(),
            Record::Done | Record::GivenUp => Vec::new(),
        };
        self.held.append(operation.time.ms(), &bytes, &roots).map_err(RepositoryError::from)?;
        match record {
            Record::Begun(_) => {}
            Record::Done => self.newest.desk = operation.after.clone(),
            Record::GivenUp => self.newest.desk = operation.before.clone(),
        }
        self.newest.time = operation.time;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
