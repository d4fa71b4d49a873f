//! Which seal brought each line of a file.
//!
//! A line is looked for in the parents of the seal it is in. Where a parent has it, the question goes on
//! there; where none has, the seal brought it. Seals are taken newest first, and what is found is told at
//! once, so a caller who needs no more stops reading history there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use selkie_crdt::Hlc;
use selkie_store::{Content, Node, RepoPath, SealId};
use thiserror::Error;

use crate::blame::certainty::Certainty;
use crate::blame::piece::{Pieces, guessed, split};
use crate::text::compare::{Comparing, compare_lines};
use crate::text::lines::{Text, TooLong};
use crate::tree::compare::content;

pub(crate) mod certainty;
pub(crate) mod graphed;
mod piece;
pub(crate) mod stored;
#[cfg(test)]
mod tests;

/// What has to be known of a history to ask who brought a line.
pub trait History {
    /// Why something can not be told.
    type Error;

    /// When a seal was made, and its parents, first the one it continues. Times only order the work: wrong ones cost
    /// time and nothing else.
    ///
    /// # Errors
    ///
    /// It can not be told.
    fn seal(&mut self, seal: SealId) -> Result<(Hlc, Vec<SealId>), Self::Error>;

    /// What stands at a path in a seal.
    ///
    /// # Errors
    ///
    /// It can not be told.
    fn node(&mut self, seal: SealId, path: &RepoPath) -> Result<Option<Node>, Self::Error>;

    /// Where in `parent` the file was that `seal` has at `path`. Asked only if `parent` has no file there.
    ///
    /// # Errors
    ///
    /// It can not be told.
    fn origin(
        &mut self,
        seal: SealId,
        parent: SealId,
        path: &RepoPath,
    ) -> Result<Option<RepoPath>, Self::Error>;

    /// The bytes of a content.
    ///
    /// # Errors
    ///
    /// They can not be read.
    fn bytes(&mut self, content: Content) -> Result<Vec<u8>, Self::Error>;
}

/// What is asked of a history.
#[derive(Clone, Debug, Default)]
pub struct Blaming {
    /// The lines in question, the first at 0. None: all of them.
    pub lines: Vec<Range<usize>>,
    /// Seals that are not to be named, such as those that only changed the format. Their lines are given to
    /// the lines before that they most likely were.
    pub ignored: BTreeSet<SealId>,
    /// What is taken for the same line.
    pub comparing: Comparing,
}

/// Lines that one seal brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blamed {
    /// The lines in the file that was asked about, the first at 0.
    pub lines: Range<usize>,
    /// The seal that brought them.
    pub seal: SealId,
    /// The path that the file had there.
    pub path: RepoPath,
    /// The first of these lines in the file there.
    pub first_there: usize,
    /// How sure that is.
    pub certainty: Certainty,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BlameProgress {
    /// Versions of the file that were looked at.
    pub versions: usize,
    /// Lines whose seal is known.
    pub found: usize,
    /// Lines that were asked about.
    pub asked: usize,
}

/// Why a question can not be answered.
#[derive(Debug, Error)]
pub enum BlameError<E> {
    /// The seal has no file at the path.
    #[error("{seal} has no file {path}")]
    NoFile {
        /// The seal.
        seal: SealId,
        /// The path.
        path: RepoPath,
    },
    /// A version of the file is no text that can be compared.
    #[error(transparent)]
    Long(#[from] TooLong),
    /// The history can not be read.
    #[error("the history can not be read")]
    History(#[source] E),
}

/// The question who brought the lines of a file, as far as it is answered.
#[derive(Debug)]
pub struct Blame<'a, H: History> {
    history: &'a mut H,
    blaming: &'a Blaming,
    open: BTreeMap<(Hlc, SealId, RepoPath), Open>, // the newest last
    progress: BlameProgress,
}

/// A version of the file in which lines are looked for.
#[derive(Debug)]
struct Open {
    version: Version,
    pieces: Pieces,
}

/// A version of a file.
#[derive(Clone, Debug)]
struct Version {
    content: Content,
    bytes: Rc<Vec<u8>>,
}

/// A parent that has the file.
#[derive(Debug)]
struct Earlier {
    seal: SealId,
    path: RepoPath,
    version: Version,
}

impl<'a, H: History> Blame<'a, H> {
    /// Asks about the file at `path` in `seal`.
    ///
    /// # Errors
    ///
    /// There is no such file, or it can not be read.
    pub fn new(
        history: &'a mut H,
        seal: SealId,
        path: &RepoPath,
        blaming: &'a Blaming,
    ) -> Result<Self, BlameError<H::Error>> {
        let mut blame =
            Self { history, blaming, open: BTreeMap::new(), progress: BlameProgress::default() };
        let no_file = || BlameError::NoFile { seal, path: path.clone() };
        let version = blame.version(seal, path, None)?.ok_or_else(no_file)?;
        let len = Text::new(&version.bytes)?.len();
        let all = Some(0..len).filter(|_| blaming.lines.is_empty());
        let asked = blaming.lines.iter().cloned().chain(all);
        let pieces = Pieces::asked(asked.map(|lines| lines.start.min(len)..lines.end.min(len)));
        blame.progress.asked = pieces.lines();
        blame.look_in(seal, path.clone(), version, pieces)?;
        Ok(blame)
    }

    /// How far the work is.
    #[must_use]
    pub const fn progress(&self) -> BlameProgress {
        self.progress
    }

    /// Looks at one more version and tells which lines came in it, perhaps none. Nothing: all is told.
    ///
    /// # Errors
    ///
    /// The history can not be read. What was told stays true.
    pub fn step(&mut self) -> Result<Option<Vec<Blamed>>, BlameError<H::Error>> {
        let Some(((_, seal, path), Open { version, mut pieces })) = self.open.pop_last() else {
            return Ok(None);
        };
        self.progress.versions += 1;
        let earlier = self.earlier(seal, &path, &version)?;
        // A parent with the same content has all the lines, whatever the others have.
        let same = |earlier: &&Earlier| earlier.version.content == version.content;
        if let Some(Earlier { seal, path, version }) = earlier.iter().find(same) {
            self.look_in(*seal, path.clone(), version.clone(), pieces)?;
            return Ok(Some(Vec::new()));
        }
        let text = Text::new(&version.bytes)?;
        let mut changes = Vec::new();
        for before in &earlier {
            let old = Text::new(&before.version.bytes)?;
            let found = compare_lines(&old, &text, self.blaming.comparing).changes;
            let (kept, rest) = split(&pieces, &found);
            self.look_in(before.seal, before.path.clone(), before.version.clone(), kept)?;
            pieces = rest;
            changes.push((old, found));
        }
        let mut certainty = None;
        if self.blaming.ignored.contains(&seal) {
            for (before, (old, found)) in earlier.iter().zip(&changes) {
                let (likely, rest) = guessed(&pieces, found, old, &text);
                self.look_in(before.seal, before.path.clone(), before.version.clone(), likely)?;
                pieces = rest;
            }
            certainty = Some(Certainty::Ignored);
        }
        self.progress.found += pieces.lines();
        let told = pieces.into_iter().map(|piece| Blamed {
            lines: piece.asked..piece.asked + piece.len,
            seal,
            path: path.clone(),
            first_there: piece.here,
            certainty: certainty.unwrap_or(piece.certainty),
        });
        Ok(Some(told.collect()))
    }

    /// Answers to the end, and tells how far it is after each version. The answers are in the order of the lines.
    ///
    /// # Errors
    ///
    /// The history can not be read.
    pub fn finish(
        mut self,
        mut progress: impl FnMut(BlameProgress),
    ) -> Result<Vec<Blamed>, BlameError<H::Error>> {
        let mut all = Vec::new();
        while let Some(told) = self.step()? {
            all.extend(told);
            progress(self.progress);
        }
        all.sort_by_key(|blamed: &Blamed| blamed.lines.start);
        Ok(all)
    }

    /// The file as each parent has it.
    fn earlier(
        &mut self,
        seal: SealId,
        path: &RepoPath,
        here: &Version,
    ) -> Result<Vec<Earlier>, BlameError<H::Error>> {
        let (_, parents) = self.history.seal(seal).map_err(BlameError::History)?;
        let mut earlier = Vec::new();
        for parent in parents {
            if let Some(version) = self.version(parent, path, Some(here))? {
                earlier.push(Earlier { seal: parent, path: path.clone(), version });
                continue;
            }
            let origin = self.history.origin(seal, parent, path).map_err(BlameError::History)?;
            let Some(path) = origin else { continue };
            if let Some(version) = self.version(parent, &path, Some(here))? {
                earlier.push(Earlier { seal: parent, path, version });
            }
        }
        Ok(earlier)
    }

    fn version(
        &mut self,
        seal: SealId,
        path: &RepoPath,
        here: Option<&Version>,
    ) -> Result<Option<Version>, BlameError<H::Error>> {
        let node = self.history.node(seal, path).map_err(BlameError::History)?;
        let Some(content) = node.as_ref().and_then(content) else { return Ok(None) };
        // Nearly always a parent has the same version.
        let mut known = here.into_iter().chain(self.open.values().map(|open| &open.version));
        if let Some(version) = known.find(|version| version.content == content) {
            return Ok(Some(version.clone()));
        }
        let bytes = Rc::new(self.history.bytes(content).map_err(BlameError::History)?);
        Ok(Some(Version { content, bytes }))
    }

    fn look_in(
        &mut self,
        seal: SealId,
        path: RepoPath,
        version: Version,
        pieces: Pieces,
    ) -> Result<(), BlameError<H::Error>> {
        if pieces.lines() > 0 {
            let (time, _) = self.history.seal(seal).map_err(BlameError::History)?;
            let open = self.open.entry((time, seal, path));
            open.or_insert_with(|| Open { version, pieces: Pieces::default() }).pieces.add(pieces);
        }
        Ok(())
    }
}
