//! The parts of a text in conflict, from top to bottom.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use blake3::Hasher;
use selkie_store::RepoPath;

use crate::tree::fuse::content::{Part, Versions};

/// A part of a text in conflict.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece {
    /// What it is.
    Settled(Arc<[u8]>),
    /// What each side has there, and nobody settled yet.
    Open(Arc<Open>),
    /// What each side has there, and what the merge made of it without asking.
    Merged {
        /// What each side has.
        open: Arc<Open>,
        /// What it is.
        text: Arc<[u8]>,
    },
}

/// An open part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Open {
    /// What it is called.
    pub id: PartId,
    /// What each has there.
    pub versions: Versions,
}

/// The name of an open part: made of its path, of what each side has there, and of how many like it stand above it. So a
/// decision is met again as long as the part is what it was, wherever in the file it stands by then.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartId([u8; Self::LEN]);

impl PartId {
    /// Bytes in a name.
    pub const LEN: usize = 16;

    /// The name that has these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The name of what is in conflict at this path, made of these texts, with so many of the same above it.
    pub(super) fn of<'t>(
        path: &'t RepoPath,
        texts: impl IntoIterator<Item = &'t [u8]>,
        above: usize,
    ) -> Self {
        let mut hasher = Hasher::new_derive_key("selkie 1 open part");
        for text in [path.as_str().as_bytes()].into_iter().chain(texts) {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
        }
        hasher.update(&(above as u64).to_le_bytes());
        let mut bytes = [0; Self::LEN];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Display for PartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The pieces of the text at this path.
pub(super) fn pieces(path: &RepoPath, parts: Vec<Part>) -> Vec<Piece> {
    let mut met = BTreeMap::<PartId, usize>::new();
    let mut named = |versions: Versions| {
        let texts = [&versions.base[..], &versions.ours, &versions.theirs];
        let above = met.entry(PartId::of(path, texts, 0)).or_default();
        let id = PartId::of(path, texts, *above);
        *above += 1;
        Open { id, versions }
    };
    let piece = |part| match part {
        Part::Settled(lines) => Piece::Settled(lines.into()),
        Part::Open(versions) => Piece::Open(Arc::new(named(versions))),
    };
    parts.into_iter().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(ours: &str) -> Part {
        Part::Open(Versions { ours: ours.into(), ..Versions::default() })
    }

    fn ids(parts: Vec<Part>) -> Vec<PartId> {
        let pieces = pieces(&RepoPath::new("a").unwrap(), parts).into_iter();
        let id = |piece| match piece {
            Piece::Open(open) => Some(open.id),
            Piece::Settled(_) | Piece::Merged { .. } => None,
        };
        pieces.filter_map(id).collect()
    }

    #[test]
    fn a_part_keeps_its_name_wherever_it_stands() {
        let alone = ids(vec![open("b\n")]);
        let moved = ids(vec![Part::Settled(b"x\n".to_vec()), open("a\n"), open("b\n")]);
        assert_eq!(alone[0], moved[1]);
        assert_ne!(moved[0], moved[1]);
    }

    #[test]
    fn parts_that_are_alike_are_told_apart() {
        let twins = ids(vec![open("b\n"), open("b\n"), open("b\n")]);
        assert!(twins[0] != twins[1] && twins[1] != twins[2] && twins[0] != twins[2]);
    }
}
