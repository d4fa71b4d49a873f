//! History that comes from a git repository.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use selkie_store::{ObjectId, Progress};

use crate::git::import::writing::Pace;
pub use crate::git::import::{GitImport, GitRefs, Incomplete};
use crate::git::import::{Home, Imported, import};
use crate::git::problem::{GitError, Problem};
use crate::repository::Hand;
use crate::rev::name::TagName;
use crate::shared::{Attribute, Move, Named};
use crate::verb::bundling::{BundleError, Came, Taken, moves};
use crate::verb::in_parts::perform_in_parts;
use crate::workspace::{Doer, Workspace};

/// What an import brought.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Brought {
    /// What became of timelines and tags.
    pub taken: Taken,
    /// Commits that were not here.
    pub commits: usize,
    /// What could not be kept and was left out.
    pub left_out: Vec<Problem>,
    /// Names that nobody asked for.
    pub passed_over: usize,
}

/// Brings what a git repository has: each commit is a seal, whose id follows from it alone, each branch a timeline. A timeline that
/// is here goes on or diverges; a tag that is here stays. `watch` may stop it at any time: what came until then is found again.
///
/// # Errors
///
/// See [`GitError`].
pub fn bring(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    wanted: &GitImport,
    watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Brought, GitError> {
    // Whoever may not tell of it in the end hears so before the long part.
    drop(workspace.take(doer)?);
    let repository = workspace.repository();
    let hold = repository.hold()?;
    let (store, disk) = (&**repository.store(), &**workspace.disk());
    let batch = || repository.batch(&hold);
    let imported = import(Home { store, disk, batch, pace: Pace::USUAL }, wanted, watch)?;
    let (mut hand, _) = workspace.take(doer)?;
    let brought = tell(&mut hand, typed, imported);
    drop(hold);
    brought
}

/// Tells of it, as one operation if all names fit in one.
fn tell(hand: &mut Hand<'_>, typed: String, imported: Imported) -> Result<Brought, GitError> {
    let Imported { contents, words, problems, passed_over, commits } = imported;
    let own = |name: &str| hand.desk().private.contains_key(name);
    if let Some(name) = contents.timelines.keys().find(|name| own(name.as_str())) {
        return Err(GitError::Private(name.to_string()));
    }
    let (mut moves, taken) = moves(hand, &contents).map_err(from_bundle)?;
    moves.extend(said(hand, &taken, &words));
    let desk = hand.desk().clone();
    perform_in_parts(hand, typed, &desk, &moves)?;
    Ok(Brought { taken, commits, left_out: problems, passed_over })
}

/// The words of tags that are new, or that stand here without them.
fn said(hand: &Hand<'_>, taken: &Taken, words: &BTreeMap<TagName, ObjectId>) -> Vec<Move> {
    let said = |(name, words): (&TagName, &ObjectId)| {
        let subject = Named::Tag(name.to_string());
        let before = hand.shared().value(&subject, Attribute::Words);
        let is_wanted = match taken.tags.get(name)? {
            Came::New => true,
            Came::Known => before.is_none(),
            Came::Further | Came::Diverged | Came::Elsewhere => false,
        };
        let after = Some(words.as_bytes().to_vec());
        is_wanted.then_some(Move { subject, attribute: Attribute::Words, before, after })
    };
    words.iter().filter_map(said).collect()
}

/// Only what fails below can go wrong where a bundle is none.
pub(crate) fn from_bundle(error: BundleError) -> GitError {
    match error {
        BundleError::Failed(trouble) => GitError::Failed(trouble),
        BundleError::Unknown(name) | BundleError::NotInIt(name) => GitError::Unknown(name),
        BundleError::Private(name) => GitError::Private(name),
        BundleError::Nothing | BundleError::Write(_) | BundleError::Open(_) => GitError::Nothing,
    }
}
