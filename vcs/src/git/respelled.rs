//! What an object of git is once it came here and went back.

use selkie_store::{Canonical, Kind, ObjectId, Seal, SealId, TreeId};

use crate::git::commit::Commit;
use crate::git::id::{GitId, GitKind};
use crate::git::tag::{tags, target};
use crate::git::tree::{parse, spell};
use crate::git::twin::{Arrived, Keeps, commit_before, new_commit, seal_of};

/// The bytes that an import and an export make of an object of git: the same. None where it makes no sense, or no seal holds it.
///
/// What it leads to is taken for something that is here.
#[must_use]
pub fn respelled(kind: GitKind, bytes: &[u8]) -> Option<Vec<u8>> {
    match kind {
        GitKind::Blob => Some(bytes.to_vec()),
        GitKind::Tree => Some(spell(parse(bytes)?.into_iter())),
        GitKind::Tag => {
            let words = [format!("tag {}\0", bytes.len()).as_bytes(), bytes].concat();
            let tags = tags(&words, target(bytes)?)?;
            let (_, first) = tags.first()?;
            Some(first.to_vec())
        }
        GitKind::Commit => {
            let (id, commit) = (GitId::of(kind, bytes)?, Commit::parse(bytes)?);
            let (top, parents) = (commit.tree, commit.parents.clone());
            let twin = |id: &GitId| ObjectId::of(Kind::Blob, id.as_bytes());
            let seals: Vec<SealId> = parents.iter().map(|parent| twin(parent).into()).collect();
            let tree = TreeId::from(twin(&top));
            let seal = seal_of(&Arrived { id, commit, tree, parents: seals, odd: None });
            let seal = Seal::decode(&seal.encode().ok()?).ok()?;
            let before = commit_before(&seal, top, &parents);
            Some(before.unwrap_or_else(|| new_commit(&seal, top, &parents, Keeps::All)))
        }
    }
}
