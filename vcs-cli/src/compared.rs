//! What somebody compares: two seals, one and the files, and which paths of them.

use std::path::{Path, PathBuf};

use selkie_store::{Seal, SealId};
use selkie_vcs::diff::is_anywhere;
use selkie_vcs::{Ends, PathFilter, RevError, Revs, SealName, Workspace};

use crate::context::Context;
use crate::error::CliError;
use crate::line::Line;

/// What is compared, and where.
#[derive(Debug)]
pub(crate) struct Compared {
    /// The seals, oldest first as they are compared.
    pub(crate) seals: Seals,
    /// The paths that are asked about.
    pub(crate) filter: PathFilter,
}

/// The seals that are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seals {
    /// None: what is known stands for one.
    None,
    /// One, and what there is now.
    One(SealId),
    /// Two.
    Two([SealId; 2]),
}

impl Seals {
    fn ids(&self) -> &[SealId] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Two(both) => both,
        }
    }
}

/// What words say, as far as they are seals.
struct Said {
    seals: Seals,
    /// How many of the words said it.
    words: usize,
    /// Where else both ends parted, and how many such seals there are.
    other_bases: Option<(SealId, usize)>,
}

impl Compared {
    /// What the words before '--' and the paths behind it mean. The first words are seals if they can be; what follows is a
    /// path, which has to be on disk or in what is compared. Behind '--' nothing is asked of a path.
    pub(crate) fn of(
        cx: &mut Context,
        workspace: &Workspace,
        words: &[String],
        paths: &[PathBuf],
    ) -> Result<Self, CliError> {
        let Said { seals, words: taken, other_bases } = match words {
            [] => Said { seals: Seals::None, words: 0, other_bases: None },
            words => {
                let mut chronicle = workspace.repository().chronicle()?;
                chronicle.ask(|graph| {
                    Context::looking(workspace, graph, |revs| said(workspace, revs, words))
                })?
            }
        };
        let (ends, rest) = words.split_at(taken);
        for word in ends.iter().filter(|word| is_on_disk(word)) {
            let line = Line::note("note").code(word).plain(" is a seal here; the file is ");
            cx.out.warn(&line.code(&format!("./{word}")))?;
        }
        if let Some((base, more)) = other_bases {
            let base: Seal = workspace.repository().store().load(base)?;
            let line =
                Line::note("note").plain("they parted at more than one seal; this is since ");
            let others = format!(", and there are {more} more");
            cx.out.warn(&line.code(&SealName::of(base.change).to_string()).plain(&others))?;
        }
        let named = rest.iter().map(Path::new).chain(paths.iter().map(PathBuf::as_path));
        let named = named.map(|path| Context::repo_path(workspace, path));
        let filter = PathFilter::below(named.collect::<Result<Vec<_>, _>>()?);
        Ok(Self { seals, filter })
    }
}

/// The seals that the words begin with. All others are paths.
fn said(workspace: &Workspace, revs: &Revs, words: &[String]) -> Result<Said, CliError> {
    let graph = revs.graph;
    let mut other_bases = None;
    let mut taken = 1;
    let seals = match ends(revs, &words[0])? {
        None => {
            taken = 0;
            Seals::None
        }
        Some(Ends::Two { before, after }) => Seals::Two([graph.id(before)?, graph.id(after)?]),
        Some(Ends::Parted { base, more, after }) => {
            let base = graph.id(base)?;
            other_bases = (more > 0).then_some((base, more));
            Seals::Two([base, graph.id(after)?])
        }
        Some(Ends::One(one)) => {
            let one = graph.id(one)?;
            let second = words.get(1).map_or(Ok(None), |word| ends(revs, word))?;
            match second {
                None => Seals::One(one),
                Some(Ends::One(other)) => {
                    taken = 2;
                    Seals::Two([one, graph.id(other)?])
                }
                Some(Ends::Two { .. } | Ends::Parted { .. }) => {
                    return Err(CliError::ThirdSeal(words[1].clone()));
                }
            }
        }
    };
    for word in &words[taken..] {
        if is_path(workspace, seals, word)? {
            continue;
        }
        return Err(match revs.ends(word) {
            Ok(_) => CliError::ThirdSeal(word.clone()),
            Err(source) => CliError::rev(word, source),
        });
    }
    Ok(Said { seals, words: taken, other_bases })
}

/// The ends that a word means, if it means any.
fn ends(revs: &Revs, word: &str) -> Result<Option<Ends>, CliError> {
    if means_file(revs, word)? {
        return Ok(None);
    }
    match revs.ends(word) {
        Ok(ends) => Ok(Some(ends)),
        Err(RevError::Unknown { .. } | RevError::Parse(_)) => Ok(None),
        Err(source) => Err(CliError::rev(word, source)),
    }
}

/// Whether there is such a path, on disk or in what is compared.
fn is_path(workspace: &Workspace, seals: Seals, word: &str) -> Result<bool, CliError> {
    if is_spelled_as_path(word) || is_on_disk(word) {
        return Ok(true);
    }
    match Context::repo_path(workspace, Path::new(word)) {
        Ok(path) => Ok(is_anywhere(workspace, &path, seals.ids())?),
        Err(_) => Ok(false),
    }
}

/// Whether a word can only be a path, or is one and no more than the beginning of a seal's name.
pub(crate) fn means_file(revs: &Revs, word: &str) -> Result<bool, CliError> {
    let is_loose = || revs.is_loose(word).map_err(|source| CliError::rev(word, source));
    Ok(is_spelled_as_path(word) || is_on_disk(word) && is_loose()?)
}

/// '..' would be a range, of the place and itself, and nobody means that.
fn is_spelled_as_path(word: &str) -> bool {
    word == "." || word == ".." || ["./", "../", "/"].iter().any(|begin| word.starts_with(begin))
}

fn is_on_disk(word: &str) -> bool {
    Path::new(word).symlink_metadata().is_ok()
}
