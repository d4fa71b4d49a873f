//! Which paths a seal changed, as numbers.

/// Most changed paths, folders among them, that are kept for a seal.
pub(crate) const PATHS_MAX: usize = 512;

/// The paths at which a seal's tree differs from its first parent's, with all folders above them.
///
/// Paths are kept as numbers of 64 bits made by BLAKE3, so that the history of a path is told without
/// reading a tree. A number that is not there proves that the path did not change. Nobody has two paths of
/// one number by chance; whoever made them on purpose sees the changes of both in the history of each.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Touched {
    /// Nobody looked, or more than 512 paths changed, or more than two seals were merged: ask the trees.
    Unsaid,
    /// The numbers of the paths, ascending. One that is odd says that a merge took the path from its
    /// second parent as it was there.
    Paths(Vec<u64>),
}

impl Touched {
    /// What is kept of these numbers.
    #[must_use]
    pub fn from_numbers(mut numbers: Vec<u64>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() > PATHS_MAX { Self::Unsaid } else { Self::Paths(numbers) }
    }
}

/// What can be said of a path without looking at trees.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Touch {
    /// It is what it was in the first parent.
    Same,
    /// It is what it was in the second parent, and not what it was in the first.
    AsInSecond,
    /// It is not what it was in any parent.
    Changed,
    /// Nothing.
    Unsaid,
}

/// The number of a path: even, and not zero.
#[must_use]
pub fn path_number(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    let number = hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    (number & !TAKEN).max(2)
}

/// Marks a path that a merge took from its second parent.
pub(crate) const TAKEN: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_paths_never_change() {
        // The empty input is a test vector of BLAKE3: af 13 49 b9 f5 f9 a1 a6.
        assert_eq!(path_number(""), 0xa6a1_f9f5_b949_13ae);
        assert_ne!(path_number("a"), path_number("b"));
    }

    #[test]
    fn too_many_paths_are_unsaid() {
        let numbers = |count| (1..=count).rev().collect();
        assert_eq!(Touched::from_numbers(numbers(513)), Touched::Unsaid);
        assert_eq!(Touched::from_numbers(vec![3, 1, 3]), Touched::Paths(vec![1, 3]));
    }
}
