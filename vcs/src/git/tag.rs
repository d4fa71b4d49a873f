//! Tags with words, which git keeps as objects.
//!
//! Such a tag is kept as it is, in a blob beside the seal that it stands at: first the tag that a name leads to, behind it the
//! tag that this one is of, if it is of one, and so on. Each is spelled as git hashes it, `tag LENGTH`, a zero byte, and its
//! bytes, so that nothing else has to tell where it ends.

use crate::git::id::{GitId, GitKind};
use crate::git::objects::Objects;
use crate::git::problem::Unkept;

/// Where a name of git leads, through all its tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Stand {
    pub(crate) commit: GitId,
    /// The tags on the way there.
    pub(crate) words: Option<Vec<u8>>,
}

/// More tags of tags than anybody has.
const TAGS_MAX: usize = 32;

/// More bytes than a tag has with its words and its signature.
const LENGTH_MAX: usize = 1 << 20;

impl Stand {
    /// Where an object leads.
    pub(crate) fn of(objects: &Objects, mut id: GitId) -> Result<Self, Unkept> {
        let (mut words, mut buffer) = (Vec::new(), Vec::new());
        for _ in 0..TAGS_MAX {
            let (kind, bytes) = objects.read_any(id, &mut buffer)?;
            match kind {
                GitKind::Commit => {
                    let words = (!words.is_empty()).then_some(words);
                    return Ok(Self { commit: id, words });
                }
                GitKind::Tree | GitKind::Blob => return Err(Unkept::Stand(kind)),
                GitKind::Tag => {}
            }
            if words.len() + bytes.len() + 16 > LENGTH_MAX {
                return Err(Unkept::Large(kind, id));
            }
            words.extend(format!("tag {}\0", bytes.len()).bytes());
            words.extend(bytes);
            id = target(bytes).ok_or(Unkept::Senseless(kind, id))?;
        }
        Err(Unkept::Large(GitKind::Tag, id))
    }
}

/// The tags in such a blob, the one that a name leads to first. None if they do not lead to this commit.
pub(super) fn tags(mut words: &[u8], commit: GitId) -> Option<Vec<(GitId, &[u8])>> {
    let mut tags: Vec<(GitId, &[u8])> = Vec::new();
    let mut next = None;
    while !words.is_empty() {
        let (length, rest) = words.strip_prefix(b"tag ")?.split_once_at(0)?;
        let length: usize = str::from_utf8(length).ok()?.parse().ok()?;
        let (bytes, rest) = rest.split_at_checked(length)?;
        let id = GitId::of(GitKind::Tag, bytes)?;
        if next.is_some_and(|next| next != id) {
            return None;
        }
        next = target(bytes);
        tags.push((id, bytes));
        words = rest;
    }
    (next == Some(commit)).then_some(tags)
}

/// The object that a tag is of.
pub(super) fn target(bytes: &[u8]) -> Option<GitId> {
    let (id, rest) = bytes.strip_prefix(b"object ")?.split_at_checked(2 * GitId::LEN)?;
    rest.starts_with(b"\n").then(|| GitId::spelled(id))?
}

trait SplitOnce {
    fn split_once_at(&self, byte: u8) -> Option<(&[u8], &[u8])>;
}

impl SplitOnce for [u8] {
    fn split_once_at(&self, byte: u8) -> Option<(&[u8], &[u8])> {
        let at = self.iter().position(|own| *own == byte)?;
        Some((&self[..at], &self[at + 1..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart_and_lead_where_they_say() {
        let commit = GitId::from_bytes([5; 20]);
        let inner = format!("object {commit}\ntype commit\ntag v1\n\nwords\n");
        let inner_id = GitId::of(GitKind::Tag, inner.as_bytes()).unwrap();
        let outer = format!("object {inner_id}\ntype tag\ntag again\n\n");
        let blob = format!("tag {}\0{outer}tag {}\0{inner}", outer.len(), inner.len());
        let found = tags(blob.as_bytes(), commit).unwrap();
        assert_eq!(
            found.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>(),
            [outer.as_bytes(), inner.as_bytes()]
        );
        assert_eq!(found[1].0, inner_id);
        assert_eq!(tags(blob.as_bytes(), GitId::from_bytes([6; 20])), None);
        assert_eq!(tags(&blob.as_bytes()[..blob.len() - 1], commit), None);
        let swapped = format!("tag {}\0{inner}tag {}\0{outer}", inner.len(), outer.len());
        assert_eq!(tags(swapped.as_bytes(), commit), None);
    }
}
