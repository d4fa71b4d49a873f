//! History that goes from clone to clone in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use selkie_store::{Hold, Progress, ReadError, Seal, SealId};
use thiserror::Error;

use crate::bundle::contents::Contents;
use crate::bundle::{Bundle, Fate, OpenBundleError, WriteBundleError, write};
use crate::chronicle::Chronicle;
use crate::desk::Desk;
use crate::graph::error::GraphError;
use crate::graph::grow::GrowError;
use crate::graph::row::Row;
use crate::graph::rows::RowSet;
use crate::heads::fold_heads;
use crate::repository::{Hand, Repository};
use crate::rev::name::{TagName, TimelineName};
use crate::shared::{Attribute, Move, Named, spelled};
use crate::verb::trouble::Trouble;
use crate::workspace::{Doer, Workspace};

/// What a bundle is to bring.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// By their names.
    pub names: Names,
    /// Seals that whoever takes it in has, with all that they came from.
    pub without: Vec<SealId>,
}

/// Timelines and tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Names {
    /// All that others may know.
    All,
    /// Those that are called so. A timeline goes before a tag of its name.
    These(BTreeSet<String>),
}

/// Why there is no bundle, or nothing of it was taken in.
#[derive(Debug, Error)]
pub enum BundleError {
    /// There is no timeline and no tag of this name.
    #[error("there is no timeline and no tag '{0}'")]
    Unknown(String),
    /// The timeline stays in its clone, and a file is for others.
    #[error("timeline '{0}' is private")]
    Private(String),
    /// Whoever has the one end has everything.
    #[error("there is nothing to bring")]
    Nothing,
    /// It can not be written.
    #[error(transparent)]
    Write(#[from] WriteBundleError),
    /// It can not be taken.
    #[error(transparent)]
    Open(#[from] OpenBundleError),
    /// It brings no timeline and no tag of this name.
    #[error("the bundle brings no timeline and no tag '{0}'")]
    NotInIt(String),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for BundleError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What was taken in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Taken {
    /// What became of the timelines that were taken in.
    pub timelines: BTreeMap<TimelineName, Came>,
    /// The same of the tags.
    pub tags: BTreeMap<TagName, Came>,
}

/// What became of something that a bundle brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Came {
    /// It was not here.
    New,
    /// It is as it was: all of it was here.
    Known,
    /// A timeline goes on from where it was.
    Further,
    /// A timeline has several heads, some of them from the bundle.
    Diverged,
    /// A tag stands elsewhere here, and stays there.
    Elsewhere,
}

/// Writes a bundle.
///
/// # Errors
///
/// See [`BundleError`]. What was written is no bundle then.
pub fn create(
    repository: &Repository,
    wanted: &Wanted,
    out: impl Write,
    progress: impl FnMut(Progress),
) -> Result<Contents, BundleError> {
    let mut contents = named(repository, &wanted.names)?;
    let mut chronicle = repository.chronicle()?;
    for heads in contents.timelines.values_mut() {
        let raw = std::mem::take(heads);
        *heads = chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, &raw)?))?;
    }
    let tips = contents.tips();
    let (lacked, builds_on) = boundary(&mut chronicle, &tips, &wanted.without)?;
    if lacked == 0 {
        return Err(BundleError::Nothing);
    }
    for seal in builds_on {
        let change = repository.store().load::<Seal>(seal)?.change;
        contents.builds_on.insert(seal, change);
    }
    Ok(write(repository.store(), contents, out, progress)?)
}

/// The names that are to be brought elsewhere, and where they lead here.
pub(crate) fn named(repository: &Repository, names: &Names) -> Result<Contents, BundleError> {
    let (shared, desk) = (repository.shared(), repository.desk());
    let mut contents = Contents::default();
    let timelines: BTreeMap<&str, _> = shared.timelines().collect();
    let tags: BTreeMap<&str, _> = shared.tags().collect();
    let all = || timelines.keys().chain(tags.keys()).map(|name| (*name).to_owned()).collect();
    let (names, is_all) = match names {
        Names::All => (all(), true),
        Names::These(names) => (names.clone(), false),
    };
    for name in names {
        // One of our own goes before one of others that is called the same.
        if desk.private.contains_key(&name) {
            if is_all {
                continue;
            }
            return Err(BundleError::Private(name));
        }
        let timeline = timelines.get(&*name).zip(TimelineName::new(&name).ok());
        let tag = tags.get(&*name).zip(TagName::new(&name).ok());
        if timeline.is_none() && tag.is_none() {
            return Err(BundleError::Unknown(name));
        }
        let tag = tag.filter(|_| is_all || timeline.is_none());
        contents.timelines.extend(timeline.map(|(found, name)| (name, found.heads())));
        contents.tags.extend(tag.map(|(seals, name)| (name, seals.clone())));
    }
    if contents.tips().is_empty() { Err(BundleError::Nothing) } else { Ok(contents) }
}

/// How many seals are lacked by whoever has all behind `without`, and which seals these lead to that are not lacked.
fn boundary(
    chronicle: &mut Chronicle,
    tips: &BTreeSet<SealId>,
    without: &[SealId],
) -> Result<(usize, BTreeSet<SealId>), BundleError> {
    let mut absent = None;
    let found = chronicle.ask(|graph| {
        let mut rows = |seals: &mut dyn Iterator<Item = SealId>| {
            let mut rows = RowSet::default();
            for seal in seals {
                match graph.row(seal)? {
                    Some(row) => _ = rows.insert(row),
                    None => absent = Some(seal),
                }
            }
            Ok::<_, GraphError>(rows)
        };
        let all = rows(&mut tips.iter().copied())?;
        let hidden = graph.ancestors(&rows(&mut without.iter().copied())?)?;
        let lacked = graph.ancestors(&all)?.minus(&hidden);
        let mut builds_on: BTreeSet<Row> = all.and(&hidden).iter().collect();
        for row in lacked.iter() {
            builds_on.extend(graph.parents(row)?.filter(|parent| !lacked.contains(*parent)));
        }
        let builds_on = builds_on.into_iter().map(|row| graph.id(row));
        Ok::<_, GrowError>((lacked.len(), builds_on.collect::<Result<_, GraphError>>()?))
    })?;
    absent.map_or(Ok(found), |seal| Err(ReadError::Absent(seal.object()).into()))
}

/// Looks whether a bundle is whole, and whether what it builds upon is here. Nothing of it stays.
///
/// # Errors
///
/// See [`BundleError`].
pub fn check(
    repository: &Repository,
    bundle: &mut Bundle<'_>,
    progress: impl FnMut(Progress),
) -> Result<(), BundleError> {
    let hold = repository.hold()?;
    Ok(bundle.unpack(|| repository.batch(&hold), Fate::Dropped, progress)?)
}

/// Takes in what a bundle brings, or what of it is called so: its heads stand beside those that timelines have here, and
/// what one covers is folded as ever. Tags that are here stay where they are.
///
/// # Errors
///
/// See [`BundleError`].
pub fn take(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    bundle: &mut Bundle<'_>,
    names: &Names,
    progress: impl FnMut(Progress),
) -> Result<Taken, BundleError> {
    // Whoever may not tell of it in the end hears so before the long part.
    drop(workspace.take(doer)?);
    let brought = bring(workspace.repository(), bundle, names, progress)?;
    let (mut hand, _) = workspace.take(doer)?;
    brought.tell(&mut hand, typed)
}

/// What of a bundle is here, held until somebody tells of it.
pub struct Brought {
    contents: Contents,
    _hold: Hold,
}

/// Brings the objects of a bundle here, while other commands go on: as with what comes from peers, only telling of it takes the
/// repository in hand.
///
/// # Errors
///
/// See [`BundleError`].
pub fn bring(
    repository: &Repository,
    bundle: &mut Bundle<'_>,
    names: &Names,
    progress: impl FnMut(Progress),
) -> Result<Brought, BundleError> {
    let contents = chosen(bundle.contents(), names)?;
    refuse_private(repository.desk(), &contents)?;
    let hold = repository.hold()?;
    bundle.unpack(|| repository.batch(&hold), Fate::Kept, progress)?;
    Ok(Brought { contents, _hold: hold })
}

impl Brought {
    /// Tells of it, as one operation.
    ///
    /// # Errors
    ///
    /// See [`BundleError`].
    pub fn tell(self, hand: &mut Hand<'_>, typed: String) -> Result<Taken, BundleError> {
        // One of its names may have become our own meanwhile.
        refuse_private(hand.desk(), &self.contents)?;
        let (moves, taken) = moves(hand, &self.contents)?;
        if !moves.is_empty() {
            let mut operation = hand.operation(typed, hand.desk().clone());
            operation.moves = moves;
            hand.perform(&operation)?;
        }
        Ok(taken)
    }
}

fn refuse_private(desk: &Desk, contents: &Contents) -> Result<(), BundleError> {
    let own = |name: &&TimelineName| desk.private.contains_key(name.as_str());
    let name = contents.timelines.keys().find(own);
    name.map_or(Ok(()), |name| Err(BundleError::Private(name.to_string())))
}

fn chosen(contents: &Contents, names: &Names) -> Result<Contents, BundleError> {
    let mut chosen = contents.clone();
    if let Names::These(names) = names {
        chosen.timelines.retain(|name, _| names.contains(name.as_str()));
        chosen.tags.retain(|name, _| names.contains(name.as_str()));
        let is_in_it = |name: &&String| {
            chosen.timelines.keys().any(|found| found.as_str() == name.as_str())
                || chosen.tags.keys().any(|found| found.as_str() == name.as_str())
        };
        if let Some(name) = names.iter().find(|name| !is_in_it(name)) {
            return Err(BundleError::NotInIt(name.clone()));
        }
    }
    Ok(chosen)
}

/// What is told to others once the objects of these contents are here, and what that means.
pub(crate) fn moves(
    hand: &Hand<'_>,
    contents: &Contents,
) -> Result<(Vec<Move>, Taken), BundleError> {
    for tip in contents.tips() {
        // What else an object may be, only a seal is one.
        let _seal: Seal = hand.store().load(tip)?;
    }
    let (mut moves, mut taken) = (Vec::new(), Taken::default());
    let mut chronicle = hand.chronicle()?;
    chronicle.enter(&contents.tips())?;
    for (name, brought) in &contents.timelines {
        let subject = Named::Timeline(name.to_string());
        let before = hand.shared().timeline(name.as_str()).map(|timeline| timeline.heads());
        let fold = |heads: &BTreeSet<SealId>, chronicle: &mut Chronicle| {
            chronicle.ask(|graph| Ok::<_, GrowError>(fold_heads(graph, heads)?))
        };
        let all: BTreeSet<SealId> = before.iter().flatten().chain(brought).copied().collect();
        let after = fold(&all, &mut chronicle)?;
        let came = match &before {
            None => Came::New,
            Some(before) if fold(before, &mut chronicle)? == after => Came::Known,
            Some(_) if after.len() > 1 => Came::Diverged,
            Some(_) => Came::Further,
        };
        if came != Came::Known {
            moves.push(moved(hand, subject, &all));
        }
        taken.timelines.insert(name.clone(), came);
    }
    for (name, brought) in &contents.tags {
        let came = match hand.shared().tag(name.as_str()) {
            None => Came::New,
            Some(here) if here == *brought => Came::Known,
            Some(_) => Came::Elsewhere,
        };
        if came == Came::New {
            moves.push(moved(hand, Named::Tag(name.to_string()), brought));
        }
        taken.tags.insert(name.clone(), came);
    }
    Ok((moves, taken))
}

fn moved(hand: &Hand<'_>, subject: Named, heads: &BTreeSet<SealId>) -> Move {
    let attribute = Attribute::Heads;
    let before = hand.shared().value(&subject, attribute);
    Move { subject, attribute, before, after: Some(spelled(heads)) }
}
