//! A set of seals of one graph.

use crate::graph::row::Row;

/// A set of rows, one bit for each seal of the graph.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RowSet {
    words: Vec<u64>, // invariant: the last word is not zero
}

impl RowSet {
    /// Adds a row. Returns whether it is new.
    pub fn insert(&mut self, row: Row) -> bool {
        let (word, bit) = Self::at(row);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        is_new
    }

    /// Whether the row is in the set.
    #[must_use]
    pub fn contains(&self, row: Row) -> bool {
        let (word, bit) = Self::at(row);
        self.words.get(word).is_some_and(|found| found & bit != 0)
    }

    /// How many rows are in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no row is in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The rows, the greatest first: children before their parents.
    pub fn iter(&self) -> impl Iterator<Item = Row> {
        self.words.iter().enumerate().rev().flat_map(|(at, word)| {
            let bits = (0..u64::BITS).rev().filter(move |bit| word >> bit & 1 == 1);
            bits.map(move |bit| Row::at(at * u64::BITS as usize + bit as usize))
        })
    }

    /// The rows of either set.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let longest = self.words.len().max(other.words.len());
        self.zip(other, longest, |one, two| one | two)
    }

    /// The rows of both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, self.words.len(), |one, two| one & two)
    }

    /// The rows of this set that are not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.zip(other, self.words.len(), |one, two| one & !two)
    }

    fn zip(&self, other: &Self, length: usize, combine: fn(u64, u64) -> u64) -> Self {
        let word = |set: &Self, at: usize| set.words.get(at).copied().unwrap_or(0);
        let mut words: Vec<_> =
            (0..length).map(|at| combine(word(self, at), word(other, at))).collect();
        words.truncate(words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1));
        Self { words }
    }

    const fn at(row: Row) -> (usize, u64) {
        (row.index() / u64::BITS as usize, 1 << (row.0 % u64::BITS))
    }
}

impl FromIterator<Row> for RowSet {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut set = Self::default();
        for row in rows {
            set.insert(row);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rows: &[u32]) -> RowSet {
        rows.iter().map(|row| Row(*row)).collect()
    }

    #[test]
    fn sets_are_combined_bit_by_bit() {
        let (one, two) = (set(&[1, 2, 200]), set(&[2, 3]));
        assert_eq!(one.or(&two), set(&[1, 2, 3, 200]));
        assert_eq!(one.and(&two), set(&[2]));
        assert_eq!(one.minus(&two), set(&[1, 200]));
        assert_eq!(two.minus(&one), set(&[3]));
        assert!(one.minus(&one).is_empty());
    }

    #[test]
    fn rows_come_out_greatest_first() {
        let mut rows = set(&[64, 0, 63, 300]);
        assert!(!rows.insert(Row(0)) && rows.insert(Row(5)));
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [300, 64, 63, 5, 0]);
        assert_eq!(rows.len(), 5);
        assert!(rows.contains(Row(63)) && !rows.contains(Row(62)) && !rows.contains(Row(9999)));
    }
}
