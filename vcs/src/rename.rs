//! Files that went from one path to another.
//!
//! What is gone and what has come is paired: first by equal contents, then by likeness. For likeness every
//! content is read once. Not every pair is weighed, which would be quadratic: only files that share
//! some of their rarest lines, or the name, so thousands of moved files are no special case.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use selkie_store::{Content, Node, ObjectId, RepoPath};

use crate::rename::sample::Sample;
use crate::tree::compare::{TreeChange, content};

pub(crate) mod sample;
pub(crate) mod source;
#[cfg(test)]
mod tests;

/// What becomes of a path, and where its content comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PathChange {
    /// Where it was. The same as `path` unless it is renamed or copied.
    pub from: RepoPath,
    /// Where it is, or was if it is gone.
    pub path: RepoPath,
    /// What stood at `from`.
    pub before: Option<Node>,
    /// What stands at `path`.
    pub after: Option<Node>,
    /// Where the content comes from.
    pub origin: Origin,
}

/// Where a content comes from.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Origin {
    /// From the same path.
    #[default]
    Same,
    /// From another path, which is gone.
    Renamed {
        /// How alike both contents are.
        percent: u8,
    },
    /// From another path, which stays.
    Copied {
        /// How alike both contents are.
        percent: u8,
    },
}

/// What to take for a rename.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FindingRenames {
    /// How alike two contents have to be.
    pub percent_min: u8,
    /// Whether files may be copies.
    pub copies: Copies,
}

/// Whether files may be copies of files that stay.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Copies {
    /// They are new.
    #[default]
    Ignore,
    /// They may be copies of what changed, of what was renamed, and of the others that are given.
    Find,
}

/// The changes, renames told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Paired {
    /// In the order of `path`.
    pub changes: Vec<PathChange>,
    /// Whether likeness was looked at.
    pub shortfall: Shortfall,
}

/// What was left out.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Shortfall {
    /// Nothing.
    #[default]
    None,
    /// There were more files than [`FindingRenames::FILES_MAX`], so only equal contents were paired.
    TooMany {
        /// Files that could have moved away or been copied.
        sources: usize,
        /// Files that came.
        targets: usize,
    },
    /// The files that are gone were so large that not all could be looked at: some may have moved.
    TooLarge,
}

/// On which side a file is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Side {
    /// Before the changes.
    Before,
    /// After them.
    After,
}

impl FindingRenames {
    /// Files on either side whose contents are read for their likeness.
    pub const FILES_MAX: usize = 20_000;
}

impl Default for FindingRenames {
    fn default() -> Self {
        Self { percent_min: 50, copies: Copies::default() }
    }
}

/// Pairs what is gone with what has come.
///
/// `others` are files that stay as they are and may have been copied. `sample` reads a content; one it
/// gives nothing for is paired by its id alone. Empty files are not paired: they all look the same.
/// The result depends on nothing but the arguments.
///
/// # Errors
///
/// What `sample` could not read.
pub fn pair_renames<E>(
    changes: impl IntoIterator<Item = TreeChange>,
    others: &[(RepoPath, Node)],
    finding: FindingRenames,
    sample: impl FnMut(Side, &RepoPath, Content) -> Result<Option<Sample>, E>,
) -> Result<Paired, E> {
    let changes: Vec<_> = changes.into_iter().collect();
    let mut pairs = Pairs::new(&changes, others, finding);
    pairs.pair_equal();
    let shortfall = pairs.pair_alike(sample)?;
    Ok(Paired { changes: pairs.told(&changes), shortfall })
}

/// A file that may be one end of a pair.
#[derive(Clone, Debug)]
struct End<'a> {
    path: &'a RepoPath,
    node: &'a Node,
    object: ObjectId,
    standing: Standing,
}

/// What becomes of the place of a source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Leaves,
    Stays,
}

impl End<'_> {
    /// What has to be equal for two ends to be paired at sight. A file never becomes a link.
    fn key(&self, name: fn(&RepoPath) -> &str) -> (ObjectId, bool, &str) {
        (self.object, matches!(self.node, Node::Symlink(_)), name(self.path))
    }
}

#[derive(Debug)]
struct Pairs<'a> {
    finding: FindingRenames,
    sources: Vec<End<'a>>,
    targets: Vec<End<'a>>,
    taken: HashSet<usize>,                    // sources that were renamed
    matched: HashMap<usize, (usize, Origin)>, // by target
}

impl<'a> Pairs<'a> {
    fn new(
        changes: &'a [TreeChange],
        others: &'a [(RepoPath, Node)],
        finding: FindingRenames,
    ) -> Self {
        let mut pairs = Self {
            finding,
            sources: Vec::new(),
            targets: Vec::new(),
            taken: HashSet::new(),
            matched: HashMap::new(),
        };
        let end = |path, node: &'a Node, standing| {
            let (Node::File(_) | Node::Executable(_) | Node::Symlink(_)) = node else {
                return None;
            };
            let (kind, object) = node.link()?;
            // Nobody can say which empty file became which.
            (object != ObjectId::of(kind, b"")).then_some(End { path, node, object, standing })
        };
        for change in changes {
            let path = &change.path;
            match (&change.before, &change.after) {
                (Some(before), None) => pairs.sources.extend(end(path, before, Standing::Leaves)),
                (None, Some(after)) => pairs.targets.extend(end(path, after, Standing::Stays)),
                (Some(before), Some(_)) if finding.copies == Copies::Find => {
                    pairs.sources.extend(end(path, before, Standing::Stays));
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        if finding.copies == Copies::Find {
            let others = others.iter().map(|(path, node)| end(path, node, Standing::Stays));
            pairs.sources.extend(others.flatten());
        }
        pairs
    }

    /// Pairs equal contents: those of one name first, then in the order of their paths.
    fn pair_equal(&mut self) {
        self.move_equal(name);
        self.move_equal(|_| "");
        if self.finding.copies == Copies::Find {
            self.copy_equal(name);
            self.copy_equal(|_| "");
        }
    }

    /// Pairs what left and what came with equal contents and keys.
    fn move_equal(&mut self, key: fn(&RepoPath) -> &str) {
        let mut free: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (at, source) in self.sources.iter().enumerate() {
            if source.standing == Standing::Leaves && !self.taken.contains(&at) {
                free.entry(source.key(key)).or_default().push_back(at);
            }
        }
        for (to, target) in self.targets.iter().enumerate() {
            if !self.matched.contains_key(&to)
                && let Some(from) = free.get_mut(&target.key(key)).and_then(VecDeque::pop_front)
            {
                self.taken.insert(from);
                self.matched.insert(to, (from, Origin::Renamed { percent: 100 }));
            }
        }
    }

    /// Pairs what came with the first source of equal content and key.
    fn copy_equal(&mut self, key: fn(&RepoPath) -> &str) {
        let mut first = HashMap::new();
        for (at, source) in self.sources.iter().enumerate() {
            first.entry(source.key(key)).or_insert(at);
        }
        for (to, target) in self.targets.iter().enumerate() {
            if let Some(from) = first.get(&target.key(key)) {
                self.matched.entry(to).or_insert((*from, Origin::Copied { percent: 100 }));
            }
        }
    }

    /// Pairs what is alike, the most alike first.
    fn pair_alike<E>(
        &mut self,
        mut sample: impl FnMut(Side, &RepoPath, Content) -> Result<Option<Sample>, E>,
    ) -> Result<Shortfall, E> {
        let free = |at: &usize| self.finding.copies == Copies::Find || !self.taken.contains(at);
        let sources: Vec<_> = (0..self.sources.len()).filter(free).collect();
        let open = |to: &usize| !self.matched.contains_key(to);
        let targets: Vec<_> = (0..self.targets.len()).filter(open).collect();
        if self.finding.percent_min >= 100 || sources.is_empty() || targets.is_empty() {
            return Ok(Shortfall::None);
        }
        if sources.len().max(targets.len()) > FindingRenames::FILES_MAX {
            let (sources, targets) = (sources.len(), targets.len());
            return Ok(Shortfall::TooMany { sources, targets });
        }
        let mut read = |side, end: &End| match content(end.node) {
            Some(content) => Ok(sample(side, end.path, content)?.filter(|s| !s.is_empty())),
            None => Ok(None),
        };
        let mut known = Known::default();
        let mut shortfall = Shortfall::None;
        for at in sources {
            if known.weight > PIECES_MAX {
                shortfall = Shortfall::TooLarge;
                break;
            }
            if let Some(sample) = read(Side::Before, &self.sources[at])? {
                known.add(at, name(self.sources[at].path), sample);
            }
        }
        let mut weighed = Vec::new();
        for to in targets {
            let target = &self.targets[to];
            let Some(sample) = read(Side::After, target)? else { continue };
            for from in known.candidates(name(target.path), &sample) {
                let percent = known.samples[&from].likeness_percent(&sample);
                if percent >= self.finding.percent_min {
                    let source = &self.sources[from];
                    let other_name = name(source.path) != name(target.path);
                    // Both lists are in the order of their paths, so their numbers break ties.
                    weighed.push((100 - percent, other_name, from, to));
                }
            }
        }
        weighed.sort_unstable();
        for (unlike, _, from, to) in weighed {
            let percent = 100 - unlike;
            if self.matched.contains_key(&to) {
                continue;
            }
            if self.sources[from].standing == Standing::Leaves && self.taken.insert(from) {
                self.matched.insert(to, (from, Origin::Renamed { percent }));
            } else if self.finding.copies == Copies::Find {
                self.matched.insert(to, (from, Origin::Copied { percent }));
            }
        }
        Ok(shortfall)
    }

    fn told(&self, changes: &[TreeChange]) -> Vec<PathChange> {
        let left: HashSet<_> = self.taken.iter().map(|at| self.sources[*at].path).collect();
        let came: HashMap<_, _> = self
            .matched
            .iter()
            .map(|(to, (from, origin))| (self.targets[*to].path, (&self.sources[*from], *origin)))
            .collect();
        let told = changes.iter().filter_map(|change| {
            let TreeChange { path, before, after } = change.clone();
            let is_added = before.is_none();
            match came.get(&path) {
                Some((source, origin)) if is_added => Some(PathChange {
                    from: source.path.clone(),
                    path,
                    before: Some(source.node.clone()),
                    after,
                    origin: *origin,
                }),
                _ if after.is_none() && left.contains(&path) => None,
                _ => {
                    let from = path.clone();
                    Some(PathChange { from, path, before, after, origin: Origin::Same })
                }
            }
        });
        told.collect()
    }
}

/// Low pieces of a content by which it is found.
const LOW_PIECES: usize = 32;

/// A piece that so many contents have tells nothing.
const COMMON: usize = 256;

/// Sources that are weighed for one target because they share pieces with it.
const CANDIDATES_MAX: usize = 16;

/// Sources that are weighed because they have its name.
const NAMESAKES_MAX: usize = 4;

/// Pieces of all sources that are held in memory: 256 MiB.
const PIECES_MAX: usize = 32 << 20;

/// Contents that could be the source of another.
#[derive(Debug, Default)]
struct Known<'a> {
    samples: HashMap<usize, Sample>,
    by_piece: HashMap<u32, Vec<usize>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    weight: usize, // pieces of all samples
}

impl<'a> Known<'a> {
    fn add(&mut self, at: usize, name: &'a str, sample: Sample) {
        for piece in sample.lowest(LOW_PIECES) {
            self.by_piece.entry(piece).or_default().push(at);
        }
        self.by_name.entry(name).or_default().push(at);
        self.weight += sample.weight();
        self.samples.insert(at, sample);
    }

    /// The sources worth weighing for a content of this name.
    fn candidates(&self, name: &str, sample: &Sample) -> Vec<usize> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let pieces = sample.lowest(LOW_PIECES).filter_map(|piece| self.by_piece.get(&piece));
        for at in pieces.filter(|sources| sources.len() <= COMMON).flatten() {
            *shared.entry(*at).or_default() += 1;
        }
        let mut sources: Vec<_> = shared.into_iter().collect();
        sources.sort_by_key(|(_, count)| Reverse(*count));
        let mut found: Vec<_> =
            sources.into_iter().map(|(at, _)| at).take(CANDIDATES_MAX).collect();
        let namesakes = self.by_name.get(name).into_iter().flatten().take(NAMESAKES_MAX);
        found.extend(namesakes);
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn name(path: &RepoPath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or_default()
}

/// The directories that moved, as far as renames tell: each with where most of its files went.
///
/// `stays` says whether there still is such a directory: then it did not move, only some files did. If two
/// places got as many files, it moved to neither.
#[must_use]
pub fn directory_moves(
    changes: &[PathChange],
    mut stays: impl FnMut(&RepoPath) -> bool,
) -> BTreeMap<RepoPath, RepoPath> {
    let mut votes: BTreeMap<RepoPath, BTreeMap<RepoPath, usize>> = BTreeMap::new();
    for change in changes.iter().filter(|change| matches!(change.origin, Origin::Renamed { .. })) {
        let mut ends = change.from.parent().zip(change.path.parent());
        while let Some((from, to)) = ends.filter(|(from, to)| from != to && !from.is_top()) {
            let same_name = name(&from) == name(&to);
            let above = from.parent().zip(to.parent());
            *votes.entry(from).or_default().entry(to).or_default() += 1;
            // `a/x/f` to `b/x/f` also speaks for `a` to `b`.
            ends = above.filter(|_| same_name);
        }
    }
    let moves = votes.into_iter().filter(|(from, _)| !stays(from)).filter_map(|(from, to)| {
        let most = *to.values().max()?;
        let mut winners = to.into_iter().filter(|(_, count)| *count == most);
        let (winner, _) = winners.next()?;
        winners.next().is_none().then_some((from, winner))
    });
    moves.collect()
}
