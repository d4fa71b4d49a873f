//! One seal in the graph.

use selkie_crdt::Hlc;
use selkie_store::{Author, ChangeId, Seal, SealId, TreeId};

use crate::graph::touched::Touched;

/// The number of a seal in one graph. A parent's is less than its child's.
///
/// Numbers mean nothing elsewhere: another clone counts in another order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Row(pub(crate) u32);

impl Row {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The row with this index, which was a row before.
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a row has 32 bits"))
    }
}

/// What the graph knows of a seal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its name.
    pub id: SealId,
    /// What else is known of it.
    pub known: Known,
}

/// Whether the seal itself was there when it was entered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Known {
    /// A child names it, and no store here has it: history is shallow there.
    Absent,
    /// What it says.
    Present(Box<Facts>),
}

/// What a seal says, as far as walks and lists of one line need it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The change it is a version of.
    pub change: ChangeId,
    /// Its content.
    pub tree: TreeId,
    /// When it was made.
    pub time: Hlc,
    /// Minutes that the author's clock was ahead of UTC.
    pub zone_minutes: i16,
    /// What it was made from, first the one it continues.
    pub parents: Vec<Row>,
    /// Who made it. Cut to [`Facts::TEXT_LEN_MAX`] bytes each.
    pub author: Author,
    /// The first line of its message. Cut like the author.
    pub title: String,
    /// What it rewrites.
    pub replaces: Vec<SealId>,
    /// The paths that differ from its first parent.
    pub touched: Touched,
}

impl Facts {
    /// Bytes of a title, a name or a contact that the graph keeps.
    pub const TEXT_LEN_MAX: usize = 240;

    /// The facts of a seal whose parents have these numbers.
    #[must_use]
    pub fn of(seal: &Seal, parents: Vec<Row>, touched: Touched) -> Self {
        Self {
            change: seal.change,
            tree: seal.tree,
            time: seal.time,
            zone_minutes: seal.zone_minutes,
            parents,
            author: Author {
                name: short(&seal.author.name).to_owned(),
                contact: short(&seal.author.contact).to_owned(),
            },
            title: short(seal.message.lines().next().unwrap_or_default()).to_owned(),
            replaces: seal.replaces.iter().copied().collect(),
            touched,
        }
    }
}

/// As much of the text as the graph keeps, whole characters.
pub(crate) fn short(text: &str) -> &str {
    let end = (0..=text.len().min(Facts::TEXT_LEN_MAX)).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(short("title"), "title");
        assert_eq!(short(&"é".repeat(200)).len(), 240);
        assert_eq!(short(&format!("a{}", "é".repeat(200))).len(), 239);
    }
}
