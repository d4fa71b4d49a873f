//! Which files are ignored and by which rule, and how rules come and go.

use std::io;

use selkie_store::{Hint, Name, Node, PathError, RepoPath, TreeId};
use thiserror::Error;

use crate::graph::trees::TreeReader;
use crate::ignore::change::{PatternChange, PatternChangeError};
use crate::ignore::list::{PatternList, Verdict};
use crate::ignore::pattern::Shape;
use crate::ignore::{FILES, Ignore};
use crate::operation::Files;
use crate::tree::edit::{Edits, edit};
use crate::tree::filter::PathFilter;
use crate::verb::trouble::Trouble;
use crate::work::door::Door;
use crate::work::door::entry::Listed;
use crate::work::follow::FollowError;
use crate::work::index::Index;
use crate::work::pattern_file::{pattern_bytes, pattern_files};
use crate::work::reach::{Reach, split};
use crate::work::stat::Form;
use crate::workspace::{Doer, Workspace, known};

/// What becomes of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checked {
    /// The rule that decides about it, if any does.
    pub rule: Option<Verdict>,
    /// What the rule matched: the path, or a folder that it is in.
    pub at: RepoPath,
    /// Whether it is known. What is known is never ignored.
    pub known: bool,
}

/// A list of patterns that was changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Changed {
    /// The list.
    pub list: RepoPath,
    /// Known files that the new patterns match. They stay known.
    pub known: Vec<RepoPath>,
}

/// Why nothing can be told of rules, or none was changed.
#[derive(Debug, Error)]
pub enum IgnoringError {
    /// The list can not be changed so.
    #[error(transparent)]
    Change(PatternChangeError),
    /// The folder is too deep for a list.
    #[error(transparent)]
    Path(PathError),
    /// A folder or a link is at the place of the list.
    #[error("'{0}' is no file")]
    NoFile(RepoPath),
    /// A list, or a folder that may have one, can not be read.
    #[error("'{path}' can not be read")]
    Unread {
        /// Which one.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// The store or the files failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for IgnoringError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The file that rules are added to.
const FILE: &str = FILES[1];

/// What marks a folder that belongs to a repository of its own.
const CONTROL: [&[u8]; 2] = [b".selkie", b".git"];

/// Every rule there is, those of the user first, then folder by folder. In folders that are ignored none counts.
///
/// # Errors
///
/// A folder or a list can not be read.
pub fn list(workspace: &Workspace) -> Result<Vec<Verdict>, IgnoringError> {
    let (copy, store) = (workspace.copy(), workspace.repository().store());
    let rules = copy.outer_rules().clone();
    let (known, trees) = (workspace.known()?, TreeReader::new(store));
    let mut walk = Walk { known, trees, found: rules.verdicts() };
    walk.enter(copy.top(), &RepoPath::default(), rules)?;
    Ok(walk.found)
}

/// Goes through all folders that may have a list.
struct Walk<'a> {
    known: TreeId,
    trees: TreeReader<'a>,
    found: Vec<Verdict>,
}

impl Walk<'_> {
    fn enter(&mut self, door: &Door, path: &RepoPath, rules: Ignore) -> Result<(), IgnoringError> {
        let mut listed = door.list().map_err(unread(path))?;
        listed.sort_unstable_by(|one, two| one.name.cmp(&two.name));
        let has = |file: &[u8]| listed.iter().any(|listed| listed.name == file);
        let is_inner = !path.is_top() && CONTROL.iter().any(|control| has(control));
        if is_inner && self.trees.node(self.known, path)?.is_none() {
            return Ok(());
        }
        let lists = lists_in(door, path, has)?;
        self.found.extend(lists.iter().flat_map(PatternList::verdicts));
        let rules = rules.with(lists);
        for Listed { name, form } in &listed {
            // What no tree can hold is not looked into, and neither is what is too deep.
            let text = str::from_utf8(name).ok().and_then(|name| Name::new(name).ok());
            let Some(inner) = text.and_then(|name| path.join(&name).ok()) else { continue };
            let form = match form {
                Some(form) => Some(*form),
                None => door.look(name).map_err(unread(&inner))?.map(|stat| stat.form),
            };
            if form == Some(Form::Directory) && !rules.ignores(name, Shape::Directory) {
                let below = door.enter(name).map_err(unread(&inner))?;
                self.enter(&below, &inner, rules.enter(name))?;
            }
        }
        Ok(())
    }
}

/// The rule that decides about a path, whether there is anything at it or not. `shape` says what is meant where
/// there is nothing.
///
/// # Errors
///
/// A list can not be read.
pub fn check(
    workspace: &Workspace,
    path: &RepoPath,
    shape: Shape,
) -> Result<Checked, IgnoringError> {
    let copy = workspace.copy();
    let node = TreeReader::new(workspace.repository().store()).node(workspace.known()?, path)?;
    let known = path.is_top() || node.is_some();
    let mut reach = Reach::new(copy.top());
    let mut rules = copy.outer_rules().clone();
    let above = std::iter::successors(Some(path.clone()), RepoPath::parent);
    let mut ways: Vec<RepoPath> = above.filter(|way| !way.is_top()).collect();
    while let Some(at) = ways.pop() {
        let mut stands = None;
        if let Some((door, name)) = reach.parent(&at).map_err(unread(&at))? {
            let folder = at.parent().unwrap_or_default();
            rules = rules.with(lists_in(door, &folder, |_| true)?);
            stands = door.look(name).map_err(unread(&at))?;
        }
        let shape = match stands.map(|stat| stat.form) {
            _ if !ways.is_empty() => Shape::Directory,
            None => shape,
            Some(Form::Directory) => Shape::Directory,
            Some(Form::File | Form::Executable | Form::Symlink | Form::Other) => Shape::File,
        };
        let name = split(&at).1.as_bytes();
        let rule = rules.judge(name, shape);
        if ways.is_empty() || rule.as_ref().is_some_and(|rule| rule.ignored) {
            return Ok(Checked { rule, at, known });
        }
        rules = rules.enter(name);
    }
    Ok(Checked { rule: None, at: path.clone(), known })
}

/// The lists of a folder, as rules call them.
fn lists_in(
    door: &Door,
    path: &RepoPath,
    has: impl Fn(&[u8]) -> bool,
) -> Result<Vec<PatternList>, IgnoringError> {
    let folder = if path.is_top() { String::new() } else { format!("{path}/") };
    pattern_files(door, &folder, has).map(|list| list.map_err(unread(path))).collect()
}

fn unread(path: &RepoPath) -> impl FnOnce(io::Error) -> IgnoringError {
    move |source| IgnoringError::Unread { path: path.clone(), source }
}

/// Changes the list of a folder. It is a change like any other: others have it once it is sealed, and an undo takes it
/// back.
///
/// # Errors
///
/// See [`IgnoringError`].
pub fn change(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    folder: &RepoPath,
    change: &PatternChange,
) -> Result<Changed, IgnoringError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let list = if folder.is_top() { FILE.to_owned() } else { format!("{folder}/{FILE}") };
    let list = RepoPath::new(&list).map_err(IgnoringError::Path)?;
    let old = on_disk(copy.top(), &list)?.unwrap_or_default();
    let new = change.of(list.as_str(), &old).map_err(IgnoringError::Change)?;
    let base = known(&store, hand.desk())?;
    let index = copy.index(&store, base)?;
    let batch = hand.batch();
    let before = copy.record(&batch, &index, base, std::slice::from_ref(&list))?.tree;
    batch.finish()?;
    let was = TreeReader::new(&store).node(before, &list)?;
    let batch = hand.batch();
    // A list of nothing is none.
    let content = (!new.is_empty()).then(|| batch.put_content(&new[..], Hint::NONE)).transpose()?;
    let node = content.map(|content| match was {
        Some(Node::Executable(_)) => Node::Executable(content),
        Some(_) | None => Node::File(content),
    });
    let after = edit(&store, &batch, before, &Edits::from([(list.clone(), node)]))?;
    batch.finish()?;
    let (plan, _) = copy.plan(&store, before, after)?;
    if !plan.blocked.is_empty() {
        return Err(FollowError::Blocked(plan.blocked).into());
    }
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    let known = match change {
        PatternChange::Add(patterns) => matched(&index, folder, &patterns.join("\n"))?,
        PatternChange::Remove(_) => Vec::new(),
    };
    Ok(Changed { list, known })
}

/// What the list has, if there is one.
fn on_disk(top: &Door, list: &RepoPath) -> Result<Option<Vec<u8>>, IgnoringError> {
    let no_file = || IgnoringError::NoFile(list.clone());
    let mut reach = Reach::new(top);
    let (door, name) = reach.parent(list).map_err(unread(list))?.ok_or_else(no_file)?;
    match door.look(name).map_err(unread(list))? {
        None => Ok(None),
        Some(stat) if stat.form.is_file() => pattern_bytes(door, name).map_err(unread(list)),
        Some(_) => Err(no_file()),
    }
}

/// The known files in the folder that these patterns match.
fn matched(
    index: &Index,
    folder: &RepoPath,
    patterns: &str,
) -> Result<Vec<RepoPath>, IgnoringError> {
    let rules = Ignore::new(vec![PatternList::parse(FILE, patterns.as_bytes())]);
    let depth = folder.names().count();
    let known = index.list(&PathFilter::below([folder.clone()])).map_err(IgnoringError::Path)?;
    let known = known.into_iter().map(|(path, _)| path);
    Ok(known.filter(|path| is_ignored(&rules, path.names().skip(depth))).collect())
}

fn is_ignored<'a>(rules: &Ignore, names: impl Iterator<Item = &'a str>) -> bool {
    let mut rules = rules.clone();
    let mut names = names.peekable();
    while let Some(name) = names.next() {
        let shape = if names.peek().is_some() { Shape::Directory } else { Shape::File };
        if rules.ignores(name.as_bytes(), shape) {
            return true;
        }
        rules = rules.enter(name.as_bytes());
    }
    false
}
