//! Commands that take a part of what there is, in one word each.

use std::iter::{once, repeat};

use selkie_store::RepoPath;
use selkie_vcs::offer::{self, Choice, OfferError};
use selkie_vcs::seal::{SealError, Sealed, Standing, Wanted, Words, draft, finish};
use selkie_vcs::{Answer, AskedUnknown, Doer, PathChange, Way, Workspace, chosen, parts};

/// Rewrites the last seal.
pub(crate) fn amend(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    message: &str,
) -> Result<Sealed, SealError> {
    let wanted = Wanted { standing: Standing::Amending, ..Wanted::default() };
    let draft = draft(workspace, doer, wanted)?;
    let words = Words { message: message.to_owned(), ..Words::default() };
    finish(workspace, doer, typed, draft, words)
}

/// Gathers the first part of each change.
pub(crate) fn gather_part(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    path: &str,
) -> Result<usize, OfferError> {
    let asked = AskedUnknown::Files;
    let paths = [RepoPath::new(path).unwrap()];
    let offer = offer::of_files(workspace, doer, &paths, asked, Way::Take)?;
    let diff = offer.diff(workspace)?;
    let choice = |change: &PathChange| {
        let contents = diff.contents(change).unwrap();
        let [before, after] = contents.versions().unwrap();
        let parts = parts(before.as_ref(), after.as_ref()).into_iter();
        let answers = once(Answer::Yes).chain(repeat(Answer::No));
        let said: Vec<_> = parts.zip(answers).collect();
        let chosen = chosen(before.as_ref(), after.as_ref(), &said, Way::Take).unwrap();
        Choice { change: change.clone(), chosen }
    };
    let choices: Vec<_> = diff.changes.iter().map(choice).collect();
    drop(diff);
    offer::gather(workspace, doer, typed, &offer, &choices)
}

/// Lets go of what is gathered at a path.
pub(crate) fn release_path(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    path: &str,
) -> Result<usize, OfferError> {
    let offer = offer::of_gathered(workspace, doer, &[RepoPath::new(path).unwrap()])?;
    let everything = offer.everything(workspace)?;
    offer::gather(workspace, doer, typed, &offer, &everything)
}
