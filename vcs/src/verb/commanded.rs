//! Conflicts that rules leave to a command of the user.
//!
//! The engine runs nothing. It tells what is to be settled, and takes what came of it: bytes for exactly the conflict that was told.

use std::collections::BTreeMap;

use selkie_store::{Batch, Conflict, Hint, Node, ReadError, RepoPath, Store, Term, TreeId};

use crate::conflict::text_of;
use crate::tree::edit::edit;
use crate::tree::fuse::fused::{Decision, Fused, FusingError, Rule};

/// A conflict that a command is to settle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Task {
    /// The name of the command, as the rule says it.
    pub command: String,
    /// What is in conflict.
    pub conflict: Conflict,
    /// What was before, what is ours and what is theirs. What both added was nothing before.
    pub versions: [Vec<u8>; 3],
}

/// What a command made of a conflict.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// What it was given.
    pub task: Task,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// The conflicts that commands are to settle, by path. Only two files that came from one, or from none, can be given to one.
///
/// # Errors
///
/// A content can not be read.
pub fn tasks(store: &Store, fused: &Fused) -> Result<BTreeMap<RepoPath, Task>, ReadError> {
    let mut tasks = BTreeMap::new();
    for (path, command) in &fused.commands {
        let Some(conflict) = fused.conflicts.get(path) else { continue };
        if let Some(versions) = versions(store, conflict)? {
            let (command, conflict) = (command.clone(), conflict.clone());
            tasks.insert(path.clone(), Task { command, conflict, versions });
        }
    }
    Ok(tasks)
}

fn versions(store: &Store, conflict: &Conflict) -> Result<Option<[Vec<u8>; 3]>, ReadError> {
    let ([ours, theirs], [] | [_]) = (conflict.sides(), conflict.bases()) else { return Ok(None) };
    let base = match conflict.bases().first() {
        Some(base) => bytes(store, base)?,
        None => Some(Vec::new()),
    };
    let (Some(base), Some(ours), Some(theirs)) = (base, bytes(store, ours)?, bytes(store, theirs)?)
    else {
        return Ok(None);
    };
    Ok(Some([base, ours, theirs]))
}

/// The content of a file. None of what is no file, or is not stored: what a fuse made on its way is not.
fn bytes(store: &Store, term: &Term) -> Result<Option<Vec<u8>>, ReadError> {
    match &term.node {
        Some(node @ (Node::File(content) | Node::Executable(content)))
            if store.has(&content.link().1)? =>
        {
            text_of(store, node)
        }
        _ => Ok(None),
    }
}

/// The same with what commands made of conflicts in it. `ours` is the tree that the edits are of. An answer to another question is
/// left out.
pub(crate) fn answered(
    mut fused: Fused,
    store: &Store,
    batch: &Batch,
    ours: TreeId,
    answers: &BTreeMap<RepoPath, Answer>,
) -> Result<Fused, FusingError> {
    let mut has_answer = false;
    for (path, Answer { task, bytes }) in answers {
        let is_asked = fused.conflicts.get(path) == Some(&task.conflict)
            && fused.commands.get(path) == Some(&task.command);
        if !is_asked {
            continue;
        }
        let content = batch.put_content(&bytes[..], Hint { path: path.as_str(), base: None })?;
        let is_run =
            task.conflict.sides().iter().all(|side| matches!(side.node, Some(Node::Executable(_))));
        let node = if is_run { Node::Executable(content) } else { Node::File(content) };
        fused.conflicts.remove(path);
        fused.commands.remove(path);
        fused.edits.insert(path.clone(), Some(node));
        let rule = Rule::Commanded { command: task.command.clone() };
        fused.decisions.push(Decision { path: path.clone(), rule });
        has_answer = true;
    }
    if has_answer {
        fused.decisions.sort_unstable();
        fused.tree = edit(store, batch, ours, &fused.edits)?;
    }
    Ok(fused)
}
