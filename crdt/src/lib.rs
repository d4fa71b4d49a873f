//! Replicated data types that compose, with deltas cut from a version vector.
//!
//! # A short course
//!
//! **1. A replica is a [`Doc`].** It holds a value of a type of this crate and is written to by
//! one actor. Changes go through [`Doc::edit`]; reading goes through [`Doc::root`]. Nothing here
//! does input or output, reads a clock or draws a random number: an [`ActorId`] and the time are
//! arguments.
//!
//! ```
//! use selkie_crdt::{ActorId, AwSet, Doc};
//! let [east, west] = [*b"east's random id", *b"west's random id"].map(ActorId::from_bytes);
//! let mut east: Doc<AwSet<String>> = Doc::new(east);
//! let mut west: Doc<AwSet<String>> = Doc::new(west);
//! east.edit().add("pear".into());
//! west.edit().add("plum".into());
//! ```
//!
//! **2. Replicas agree by deltas.** Ask one for [what another lacks](Doc::delta_since), carry the
//! bytes, and [join](Doc::join) them. Order, repetition and detours do not matter; a gap is
//! refused, never papered over. Replicas that saw the same are equal to the byte.
//!
//! ```
//! # use selkie_crdt::{ActorId, AwSet, Delta, Doc};
//! # let [east, west] = [*b"east's random id", *b"west's random id"].map(ActorId::from_bytes);
//! # let mut east: Doc<AwSet<String>> = Doc::new(east);
//! # let mut west: Doc<AwSet<String>> = Doc::new(west);
//! # east.edit().add("pear".into());
//! # west.edit().add("plum".into());
//! let bytes = west.delta_since(&east.version()).expect("east lacks the plum").to_bytes();
//! east.join(Delta::from_bytes(&bytes)?)?;
//! west.merge(&east)?; // the same within one program
//! assert_eq!(east.root().sorted(), ["pear", "plum"]);
//! assert_eq!(east.to_bytes(), west.to_bytes());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! **3. A type says what concurrent changes mean.**
//!
//! | type | two people change the same thing at once |
//! | --- | --- |
//! | [`AwSet`], [`RwSet`] | an add beats a remove; a remove beats an add |
//! | [`EwFlag`], [`DwFlag`] | raising beats lowering; lowering beats raising |
//! | [`LwwRegister`], [`FwwRegister`] | the last write, or the first, is read; the others stay until somebody writes after seeing them |
//! | [`MvRegister`] | all values are read |
//! | [`MaxRegister`], [`MinRegister`] | the largest value, or the smallest, is read |
//! | [`Counter`] | both count |
//! | [`GrowSet`] | both elements are there |
//! | [`List`] | both items are there, in one order everywhere; an item that two people move stands where the later one put it |
//! | [`AwMap`] | what is below a key is merged; a change below a key survives its removal |
//! | [`Entity`] | each attribute is a register, each collection a set |
//!
//! Types nest to any depth: `AwMap<String, AwMap<u64, AwSet<String>>>` is one, and its document
//! still speaks in deltas of what changed.
//!
//! **4. Time is a [`Hlc`].** Registers that go by time want a hybrid one: an [`HlcClock`] beside
//! each replica gives it, and refuses a peer whose clock is far ahead.
//!
//! **5. A join can be watched.** [`Doc::join_observed`] tells what a reader will see differently,
//! [`Doc::join_guarded`] lets you refuse it. [`Model`] is all of this behind bytes, for a network
//! that does not know what it carries, and for conflicts that one person
//! [settles](Model::resolve) for everyone.
//!
//! **6. Entities have more.** A [`Document`] is a root of entities with transactions: all of one
//! or nothing. A [`Strategy`] chosen by kind and attribute says how concurrent values read, as a
//! pure function, and hands back what a person must decide.
//!
//! **7. Without documents.** [`VersionVector`], [`Context`] and the [`Lattice`]s stand alone, and
//! a [`Log`] replicates what was done rather than what is: entries by author, kept in causal
//! order, retained by rule, folded by a [`Materialise`].
//!
//! # Features
//!
//! None is needed. `serde` lets ids, vectors, times, lattices and log entries be serialised.
#![no_std]
#![expect(
    clippy::cast_possible_truncation,
    reason = "slots and actors are numbered in 32 bits, and bounded where the numbers are given"
)]

extern crate alloc;

mod actor;
mod dot;
mod columns;
mod version;
mod context;
mod hlc;

mod lattice;
mod log;

mod mark;
mod roster;
mod shape;
mod wire;
mod value;

mod span;
mod ends;
mod kills;
mod causal;
mod delegate;
mod edit;
mod observe;
mod contest;

mod hash;
mod index;
mod order;
mod prints;
mod table;

mod leaf;
mod register;
mod flag;
mod extremum;
mod counter;
mod set;
mod growset;
mod map;
mod rwset;
mod pair;
mod entity;
#[doc(hidden)]
pub mod record;
mod list;

mod delta;
mod doc;
mod model;

mod claim;
mod strategy;
mod rules;
mod document;

pub use self::actor::ActorId;
pub use self::causal::{Causal, Cut, Join, Keys, Refusal};
pub use self::claim::Claim;
pub use self::contest::{Choice, Conflict, Contested, NoRival, Step};
pub use self::context::{Context, ContextError};
pub use self::counter::Counter;
pub use self::delta::Delta;
pub use self::doc::{Doc, Guard, JoinError};
pub use self::document::draft::Draft;
pub use self::document::reference::Dangling;
pub use self::document::transaction::Transaction;
pub use self::document::{Committed, Document, EntitiesChange};
pub use self::dot::{Dot, NoDot};
pub use self::edit::Edit;
pub use self::entity::{Entities, Entity, EntityChange, Name};
pub use self::extremum::{MaxRegister, MinRegister, Ordered};
pub use self::flag::{DwFlag, EwFlag};
pub use self::growset::GrowSet;
pub use self::hlc::{ClockError, Hlc, HlcClock};
pub use self::lattice::Lattice;
pub use self::lattice::gcounter::GCounter;
pub use self::lattice::gset::{GSet, Unsorted};
pub use self::lattice::max::Max;
pub use self::lattice::min::Min;
pub use self::lattice::pncounter::PnCounter;
pub use self::lattice::tally::{CounterFull, TallyError};
pub use self::list::List;
pub use self::list::item::ItemId;
pub use self::list::observe::{ItemChange, ListChange};
pub use self::log::Log;
pub use self::log::base::Base;
pub use self::log::entry::{Entry, Position};
pub use self::log::error::{AppendError, Compacted, RejectReason, RestoreError};
pub use self::log::materialised::{Materialise, Materialised, RefreshError, Refreshed, Snapshot};
pub use self::log::outcome::{Compaction, MergeOutcome, Rejection};
pub use self::log::retention::{Keep, Retention};
pub use self::log::waiting::Limits;
pub use self::map::AwMap;
pub use self::mark::Mark;
pub use self::model::{Model, ModelError};
pub use self::observe::{
    CounterChange, EntryChange, Fate, FlagChange, MapChange, Observe, RegisterChange, SetChange,
};
pub use self::register::{FwwRegister, LwwRegister, MvRegister};
pub use self::rules::{Rules, Settlement};
pub use self::rwset::RwSet;
pub use self::set::AwSet;
pub use self::shape::Shape;
pub use self::strategy::{CustomFn, MergeFn, Strategy, Verdict};
pub use self::value::{Element, Value};
pub use self::version::{Ahead, Causality, Exhausted, VersionError, VersionVector};
pub use self::wire::{DecodeError, Reader, Writer};
/// Two replicas of a task, changed apart:
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Crdt, Doc, EwFlag, Hlc, LwwRegister};
///
/// #[derive(Crdt)]
/// struct Task {
///     /// What is to be done.
///     title: LwwRegister<String>,
///     done: EwFlag,
///     tags: AwSet<String>,
/// }
///
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<Task> = Doc::about("task-1", east);
/// let mut west: Doc<Task> = Doc::about("task-1", west);
/// east.edit().title().write("water the plants".into(), Hlc::from_ms(1));
/// west.edit().tags().add("home".into());
/// east.merge(&west)?;
/// assert_eq!(east.root().title.read().map(String::as_str), Some("water the plants"));
/// assert!(east.root().tags.contains("home"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
///
/// Every field must be a replicated type. This does not compile, and the compiler says that a
/// `String` goes into a register:
///
/// ```compile_fail,E0277
/// #[derive(selkie_crdt::Crdt)]
/// struct Task {
///     title: String,
/// }
/// ```
#[cfg(feature = "derive")]
pub use selkie_crdt_derive::Crdt;
