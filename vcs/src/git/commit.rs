//! A commit as git spells it.

use crate::git::id::GitId;

/// A commit, taken apart only as far as every commit goes: what follows its parents is kept as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Commit<'a> {
    pub(crate) tree: GitId,
    pub(crate) parents: Vec<GitId>,
    /// Who, when, what else, and the message.
    pub(crate) rest: &'a [u8],
}

impl<'a> Commit<'a> {
    /// The commit that these bytes spell. Spelled again it has the same bytes.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (tree, mut rest) = named(bytes, b"tree ")?;
        let mut parents = Vec::new();
        while let Some((parent, after)) = named(rest, b"parent ") {
            parents.push(parent);
            rest = after;
        }
        Some(Self { tree, parents, rest })
    }

    pub(crate) fn spell(tree: GitId, parents: &[GitId], rest: &[u8]) -> Vec<u8> {
        let mut out = format!("tree {tree}\n").into_bytes();
        for parent in parents {
            out.extend(format!("parent {parent}\n").bytes());
        }
        out.extend(rest);
        out
    }

    /// The lines before the message, and the message. None of a commit without the empty line between them.
    pub(crate) fn header_and_message(&self) -> Option<(&'a [u8], &'a [u8])> {
        let at = self.rest.windows(2).position(|pair| pair == b"\n\n")?;
        Some((&self.rest[..=at], &self.rest[at + 2..]))
    }

    /// What stands behind this word on the first line that begins with it, before the message.
    pub(crate) fn line(&self, word: &str) -> Option<&'a [u8]> {
        let header = self.header_and_message().map_or(self.rest, |(header, _)| header);
        let mut lines = header.split(|byte| *byte == b'\n');
        lines.find_map(|line| line.strip_prefix(word.as_bytes())?.strip_prefix(b" "))
    }
}

fn named<'a>(bytes: &'a [u8], word: &[u8]) -> Option<(GitId, &'a [u8])> {
    let rest = bytes.strip_prefix(word)?;
    let (id, rest) = rest.split_at_checked(2 * GitId::LEN)?;
    Some((GitId::spelled(id)?, rest.strip_prefix(b"\n")?))
}
