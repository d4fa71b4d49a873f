//! What stands at one path, once two sides changed it.

use selkie_store::{Batch, Conflict, Hint, Node, RepoPath, Store, Term};

use crate::conflict::text_of;
use crate::merge::file::Merging;
use crate::merge::file_type::Nature;
use crate::merge::part::{MergeStep, Took};
use crate::tree::fuse::charter::{Charter, Subject};
use crate::tree::fuse::content::{Content, Settled, content};
use crate::tree::fuse::fused::{Decision, FusingError, Rule};
use crate::tree::fuse::source::{Fusing, Source};

/// A file, or the like, and where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Spot {
    pub(super) path: RepoPath,
    pub(super) node: Node,
}

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Met {
    /// This, or nothing.
    Settled(Option<Node>),
    /// Nobody can tell.
    Open(Terms),
}

/// What a conflict is made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Terms {
    pub(super) bases: Vec<Term>,
    pub(super) sides: Vec<Term>,
}

/// Brings nodes together, and puts what that makes into the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meeting<'a> {
    pub(super) store: &'a Store,
    pub(super) batch: &'a Batch<'a>,
    pub(super) fusing: &'a Fusing<'a>,
    pub(super) charter: &'a Charter,
}

impl Meeting<'_> {
    /// What both sides made of a file. Without a base both came upon the path by themselves; a side that is not
    /// there has removed it.
    pub(super) fn meet(
        &self,
        base: Option<&Spot>,
        sides: [Option<&Spot>; 2],
        made: &mut Vec<Decision>,
    ) -> Result<Met, FusingError> {
        let [ours, theirs] = sides;
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && let base = base.map(|base| &base.node)
            && let Some(node) =
                self.settle([&ours.path, &theirs.path], base, [&ours.node, &theirs.node], made)?
        {
            return Ok(Met::Settled(Some(node)));
        }
        let terms = self.terms(base, sides)?;
        self.simplified(terms, made)
    }

    /// The node that has both changes, if there is one.
    pub(super) fn settle(
        &self,
        paths: [&RepoPath; 2],
        base: Option<&Node>,
        [ours, theirs]: [&Node; 2],
        made: &mut Vec<Decision>,
    ) -> Result<Option<Node>, FusingError> {
        if ours == theirs || Some(theirs) == base {
            return Ok(Some(ours.clone()));
        }
        if Some(ours) == base {
            return Ok(Some(theirs.clone()));
        }
        let (Some((our_content, our_mode)), Some((their_content, their_mode))) =
            (file(ours), file(theirs))
        else {
            return Ok(None);
        };
        let base_file = base.and_then(file);
        let Some(mode) = one_of(base_file.map(|(_, mode)| mode), our_mode, their_mode) else {
            return Ok(None);
        };
        let base_content = base_file.map(|(content, _)| content);
        if let Some(content) = one_of(base_content, our_content, their_content) {
            return Ok(Some(mode.node(content)));
        }
        let base_text = base.map(|node| text_of(self.store, node)).transpose()?;
        let texts = [text_of(self.store, ours)?, text_of(self.store, theirs)?];
        // What has no base came from an empty text, as far as lines go; what has one that is no text did not.
        let (Some(base), [Some(ours), Some(theirs)]) =
            (base_text.unwrap_or(Some(Vec::new())), texts)
        else {
            return Ok(None);
        };
        let Fusing { first, memory, .. } = *self.fusing;
        let path = paths[0];
        let rules =
            &self.charter.of(self.store, self.fusing, Subject { paths, nature: Nature::Text })?;
        let (base, ours, theirs) = (&base[..], &ours[..], &theirs[..]);
        let merging = Merging { path: path.as_str(), base, ours, theirs, first, rules };
        let bytes = match content(&merging) {
            Content::Settled(bytes, steps) => {
                made.extend(steps.into_iter().map(|settled| self.decision(path, settled)));
                bytes
            }
            Content::Open(parts) => {
                let Some(bytes) = memory.settled(&parts)? else { return Ok(None) };
                made.push(Decision { path: path.clone(), rule: Rule::Remembered });
                bytes
            }
            Content::Whole => return Ok(None),
        };
        let hint = Hint { path: path.as_str(), base: Some(our_content.link().1) };
        Ok(Some(mode.node(self.batch.put_content(&bytes[..], hint)?)))
    }

    /// What a step decided, as it is told.
    fn decision(&self, path: &RepoPath, settled: Settled) -> Decision {
        let rule = match settled.step {
            MergeStep::Rule(ruling) => {
                let side = match ruling.took {
                    Took::Ours => self.fusing.ours.note.clone(),
                    Took::Theirs => self.fusing.theirs.note.clone(),
                    Took::Both => String::new(),
                };
                Rule::Ruled { ruling, lines: Some(settled.lines), side }
            }
            step => Rule::Step(step),
        };
        Decision { path: path.clone(), rule }
    }

    /// The terms of a conflict. Those of a side that is in conflict itself take its place.
    fn terms(&self, base: Option<&Spot>, sides: [Option<&Spot>; 2]) -> Result<Terms, FusingError> {
        let mut terms = Terms::default();
        terms.bases.extend(base.map(|base| term(self.fusing.base, &base.path, Some(&base.node))));
        let path = base.or(sides[0]).or(sides[1]).map(|spot| spot.path.clone()).unwrap_or_default();
        for (side, source) in sides.into_iter().zip([self.fusing.ours, self.fusing.theirs]) {
            match side {
                None => terms.sides.push(term(source, &path, None)),
                Some(Spot { path, node }) => terms.join(self.terms_of(source, path, Some(node))?),
            }
        }
        Ok(terms)
    }

    /// What somebody has at a path, as terms of a conflict.
    fn terms_of(
        &self,
        source: &Source,
        path: &RepoPath,
        node: Option<&Node>,
    ) -> Result<Terms, FusingError> {
        if let Some(Node::Conflict(id)) = node {
            let conflict: Conflict = self.store.load(*id)?;
            let (bases, sides) = (conflict.bases().to_vec(), conflict.sides().to_vec());
            return Ok(Terms { bases, sides });
        }
        Ok(Terms { bases: Vec::new(), sides: vec![term(source, path, node)] })
    }

    /// What became of a path, as terms of a conflict that it is a side of.
    pub(super) fn as_terms(
        &self,
        met: Met,
        source: &Source,
        path: &RepoPath,
    ) -> Result<Terms, FusingError> {
        match met {
            Met::Open(terms) => Ok(terms),
            Met::Settled(node) => self.terms_of(source, path, node.as_ref()),
        }
    }

    /// What is left once each side that is also a base is struck out with it: it was a way and not an end.
    fn simplified(&self, mut terms: Terms, made: &mut Vec<Decision>) -> Result<Met, FusingError> {
        let before = terms.sides.len();
        terms.bases.retain(|base| {
            let same = |side: &Term| (&side.path, &side.node) == (&base.path, &base.node);
            let found = terms.sides.iter().position(same).filter(|_| before > 2);
            found.map(|at| terms.sides.remove(at)).is_none()
        });
        match &terms.sides[..] {
            [last] => Ok(Met::Settled(last.node.clone())),
            [
                Term { node: Some(ours), path: our_path, .. },
                Term { node: Some(theirs), path: their_path, .. },
            ] if before > 2 && terms.bases.len() < 2 => {
                let base = terms.bases.first().and_then(|base| base.node.as_ref());
                let paths = [our_path, their_path];
                let settled = self.settle(paths, base, [ours, theirs], made)?;
                Ok(settled.map_or(Met::Open(terms), |node| Met::Settled(Some(node))))
            }
            _ => Ok(Met::Open(terms)),
        }
    }
}

impl Terms {
    /// The same with more of them.
    pub(super) fn join(&mut self, more: Self) {
        self.bases.extend(more.bases);
        self.sides.extend(more.sides);
    }
}

/// What somebody has at a path.
pub(super) fn term(source: &Source, path: &RepoPath, node: Option<&Node>) -> Term {
    let (path, node) = (path.clone(), node.cloned());
    Term { path, node, seal: source.seal, note: source.note.clone() }
}

/// Whether a file may be run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    File,
    Executable,
}

impl Mode {
    const fn node(self, content: selkie_store::Content) -> Node {
        match self {
            Self::File => Node::File(content),
            Self::Executable => Node::Executable(content),
        }
    }
}

const fn file(node: &Node) -> Option<(selkie_store::Content, Mode)> {
    match node {
        Node::File(content) => Some((*content, Mode::File)),
        Node::Executable(content) => Some((*content, Mode::Executable)),
        Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_) => None,
    }
}

/// What two sides made of one thing that can not be taken apart, if one of them left it alone or both agree.
fn one_of<T: Copy + PartialEq>(base: Option<T>, ours: T, theirs: T) -> Option<T> {
    if ours == theirs || base == Some(theirs) {
        Some(ours)
    } else if base == Some(ours) {
        Some(theirs)
    } else {
        None
    }
}
