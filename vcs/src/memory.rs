//! How open parts of texts were settled before, by anybody.
//!
//! What is remembered is one open part and the lines that came into its place, wherever it stood. So the same part
//! is met again in another file, after a rename, on another replica. All replicas share it.

use blake3::Hasher;
use selkie_store::{
    BLOB_LEN_MAX, Batch, Conflict, Hint, Kind, Node, ReadError, RepoPath, Store, TreeId, WriteError,
};

use crate::conflict::{Shown, shown, text_of};
use crate::markers::{Read, read};
use crate::shared::{Attribute, Move, Named, Shared, blob};
use crate::text::compare::{Comparing, compare_lines};
use crate::text::lines::Text;
use crate::tree::fuse::content::{Part, Versions};
use crate::tree::fuse::moves::node_at;

/// What was settled before, for whoever fuses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory<'a>(Option<(&'a Store, Shared<'a>)>);

/// Separates the names of settlements from everything else that is hashed.
const CONTEXT: &str = "selkie 1 settlement";

impl<'a> Memory<'a> {
    /// What the replicas of a repository remember.
    #[must_use]
    pub const fn of(store: &'a Store, shared: Shared<'a>) -> Self {
        Self(Some((store, shared)))
    }

    /// The text, if every part of it that is open was settled before.
    pub(crate) fn settled(self, parts: &[Part]) -> Result<Option<Vec<u8>>, ReadError> {
        let Some((store, shared)) = self.0 else { return Ok(None) };
        let mut text = Vec::new();
        for part in parts {
            match part {
                Part::Settled(lines) => text.extend(lines),
                Part::Open(versions) => {
                    let value = shared.value(&name(versions), Attribute::Settlement);
                    let Some(id) = value.and_then(|value| blob(&value)) else { return Ok(None) };
                    // What replicas say of it may come before it does.
                    if !store.has(&id)? {
                        return Ok(None);
                    }
                    text.extend(store.read(&id)?.bytes);
                }
            }
        }
        Ok(Some(text))
    }
}

impl Memory<'_> {
    /// The file that a conflict is, if every open part of it was settled before.
    pub(crate) fn file(
        self,
        batch: &Batch,
        path: &RepoPath,
        conflict: &Conflict,
    ) -> Result<Option<Node>, WriteError> {
        let Some((store, _)) = self.0 else { return Ok(None) };
        // What can not be read any more is not remembered, and that is all.
        let Ok(Shown::Marked(marked)) = shown(store, conflict) else { return Ok(None) };
        let Read::Open(parts) = read(&marked.bytes, marked.length) else { return Ok(None) };
        let Ok(Some(text)) = self.settled(&parts) else { return Ok(None) };
        let content = batch.put_content(&text[..], Hint { path: path.as_str(), base: None })?;
        Ok(Some(match marked.like {
            Node::Executable(_) => Node::Executable(content),
            _ => Node::File(content),
        }))
    }
}

/// What is to be remembered of conflicts that are settled in this tree.
pub(crate) fn learn<'c>(
    store: &Store,
    shared: Shared<'_>,
    batch: &Batch,
    conflicts: impl IntoIterator<Item = (&'c RepoPath, &'c Conflict)>,
    tree: TreeId,
) -> Result<Vec<Move>, WriteError> {
    let mut moves: Vec<Move> = Vec::new();
    for (path, conflict) in conflicts {
        // What can not be read any more is not remembered, and that is all.
        let Ok(lessons) = lessons(store, tree, path, conflict) else { continue };
        for (subject, lines) in lessons {
            let id = batch.put(Kind::Blob, &lines, Hint::NONE)?;
            let (attribute, after) = (Attribute::Settlement, Some(id.as_bytes().to_vec()));
            let before = shared.value(&subject, attribute);
            if before != after && !moves.iter().any(|told| told.subject == subject) {
                moves.push(Move { subject, attribute, before, after });
            }
        }
    }
    Ok(moves)
}

/// The open parts of one conflict, and what stands in the tree in the place of each.
fn lessons(
    store: &Store,
    tree: TreeId,
    path: &RepoPath,
    conflict: &Conflict,
) -> Result<Vec<(Named, Vec<u8>)>, ReadError> {
    let Shown::Marked(marked) = shown(store, conflict)? else { return Ok(Vec::new()) };
    let Read::Open(parts) = read(&marked.bytes, marked.length) else { return Ok(Vec::new()) };
    let settled = match node_at(store, tree, path)? {
        Some(node @ (Node::File(_) | Node::Executable(_))) => text_of(store, &node)?,
        Some(Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_))
        | None => None,
    };
    Ok(settled.map(|settled| settlements(&parts, &settled)).unwrap_or_default())
}

/// What stands in the settled text in the place of each open part. Of a part whose neighbours were edited as well nobody
/// can say where it ends, so nothing is told.
fn settlements(parts: &[Part], settled: &[u8]) -> Vec<(Named, Vec<u8>)> {
    let mut text = Vec::new();
    let mut places = Vec::new();
    for part in parts {
        match part {
            Part::Settled(lines) => text.extend(lines),
            Part::Open(versions) => {
                let Named::Settlement(name) = name(versions) else { continue };
                places.push((versions, text.split_inclusive(|byte| *byte == b'\n').count()));
                // A line that no text has, so that it is compared with nothing.
                text.extend(format!("\0{name}\n").as_bytes());
            }
        }
    }
    let (Ok(before), Ok(after)) = (Text::new(&text), Text::new(settled)) else { return Vec::new() };
    let changes = compare_lines(&before, &after, Comparing::default()).changes;
    let told = places.into_iter().filter_map(|(versions, at)| {
        let change = changes.iter().find(|change| change.before == (at..at + 1))?;
        let lines = after.span(change.after.clone());
        // What is remembered is one blob. So much text is not settled twice.
        (lines.len() <= BLOB_LEN_MAX).then(|| (name(versions), lines.to_vec()))
    });
    told.collect()
}

/// What is remembered of an open part is kept under this name. The sides have no order in it.
fn name(versions: &Versions) -> Named {
    let mut hasher = Hasher::new_derive_key(CONTEXT);
    let Versions { base, ours, theirs } = versions;
    for text in [base, ours.min(theirs), ours.max(theirs)] {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
    }
    Named::Settlement(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(base: &str, ours: &str, theirs: &str) -> Versions {
        let [base, ours, theirs] = [base, ours, theirs].map(|text| text.as_bytes().to_vec());
        Versions { base, ours, theirs }
    }

    #[test]
    fn the_lines_in_the_place_of_each_part_are_told() {
        let (one, two) = (open("b\n", "B\n", "x\n"), open("", "new\n", "else\n"));
        let same = |text: &str| Part::Settled(text.as_bytes().to_vec());
        let parts = [same("a\n"), Part::Open(one.clone()), same("c\nd\n"), Part::Open(two.clone())];
        for (settled, expected) in [
            ("a\nB\nx\nc\nd\nelse\n", vec![(&one, "B\nx\n"), (&two, "else\n")]),
            ("a\nc\nd\n", vec![(&one, ""), (&two, "")]),
            ("a\nB\nc\nd\nlast", vec![(&one, "B\n"), (&two, "last")]),
            // A neighbour was edited too.
            ("a\nB\nC\nd\nnew\n", vec![(&two, "new\n")]),
            ("", vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(part, text)| (name(part), text.into())).collect();
            assert_eq!(settlements(&parts, settled.as_bytes()), expected, "{settled:?}");
        }
    }

    #[test]
    fn what_is_too_long_for_one_blob_is_not_remembered() {
        let one = open("b\n", "B\n", "x\n");
        let parts = [Part::Settled(b"a\n".to_vec()), Part::Open(one)];
        let told = |length: usize| {
            let settled = [b"a\n", &b"l\n".repeat(length / 2)[..]].concat();
            settlements(&parts, &settled).len()
        };
        assert_eq!(told(BLOB_LEN_MAX), 1);
        assert_eq!(told(BLOB_LEN_MAX + 2), 0);
    }

    #[test]
    fn sides_have_no_order() {
        assert_eq!(name(&open("b", "x", "y")), name(&open("b", "y", "x")));
        assert_ne!(name(&open("b", "x", "y")), name(&open("x", "b", "y")));
        assert_ne!(name(&open("", "xy", "z")), name(&open("", "x", "yz")));
    }
}
