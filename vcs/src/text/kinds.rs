//! A number for each kind of line.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use hashbrown::HashTable;

use super::lines::Text;
use super::space::Space;

/// Which lines are equal. A long text has a million kinds, so all that is kept of one is where it stands.
#[derive(Debug)]
pub(super) struct Kinds<'a> {
    space: Space,
    /// Nobody who writes a text knows where its lines come to lie.
    hasher: RandomState,
    table: HashTable<u32>,
    firsts: Vec<&'a [u8]>, // by kind: the first line of it
}

impl<'a> Kinds<'a> {
    pub(super) fn new(space: Space) -> Self {
        let hasher = RandomState::new();
        Self { space, hasher, table: HashTable::new(), firsts: Vec::new() }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.firsts.len()
    }

    /// The kinds of these lines.
    pub(super) fn number(&mut self, text: &Text<'a>, lines: Range<usize>) -> Vec<u32> {
        lines.map(|at| self.kind(text.line(at))).collect()
    }

    fn kind(&mut self, line: &'a [u8]) -> u32 {
        let Self { space, hasher, table, firsts } = self;
        let key = space.key(line);
        let first = |kind: &u32| space.key(firsts[*kind as usize]);
        let hash = hasher.hash_one(&*key);
        let is_it = |kind: &u32| *first(kind) == *key;
        if let Some(kind) = table.find(hash, is_it) {
            return *kind;
        }
        let kind = u32::try_from(firsts.len()).expect("a text has fewer lines than bytes");
        table.insert_unique(hash, kind, |kind| hasher.hash_one(&*first(kind)));
        firsts.push(line);
        kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_one_number_if_they_are_equal() {
        let lines: Vec<_> = (0..5_000).map(|line| format!("line {}\n", line % 3_000)).collect();
        let many = lines.concat();
        let (text, other) = (Text::new(many.as_bytes()).unwrap(), Text::new(b"line 7\nnew\n"));
        let mut kinds = Kinds::new(Space::Exact);
        let expected: Vec<u32> = (0..5_000).map(|line| line % 3_000).collect();
        assert_eq!(kinds.number(&text, 0..5_000), expected);
        assert_eq!(kinds.number(&other.unwrap(), 0..2), [7, 3_000]);
        assert_eq!(kinds.len(), 3_001);
    }

    #[test]
    fn what_does_not_count_makes_no_other_kind() {
        let text = Text::new(b"a b\n a  b\nab\n").unwrap();
        let mut kinds = Kinds::new(Space::IgnoreAmount);
        assert_eq!(kinds.number(&text, 0..3), [0, 1, 2]);
        let mut kinds = Kinds::new(Space::IgnoreAll);
        assert_eq!(kinds.number(&text, 0..3), [0, 0, 0]);
    }
}
