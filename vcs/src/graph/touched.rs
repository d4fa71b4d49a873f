//! Which paths a seal changed, as numbers.

/// Most changed paths, folders among them, that are kept for a seal.
pub(crate) const PATHS_MAX: usize = 512;

/// The paths at which a seal's tree differs from its first parent's, with all folders above them.
///
/// Paths are kept as 32-bit numbers. A number that is not there proves that the path did not change;
/// one that is there may, once in four thousand million, be that of another path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Touched {
    /// Nobody looked, or more than 512 paths changed: ask the trees.
    Unsaid,
    /// The numbers of the paths, ascending.
    Paths(Vec<u32>),
}

impl Touched {
    /// What is kept of these numbers.
    #[must_use]
    pub fn from_numbers(mut numbers: Vec<u32>) -> Self {
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
    /// It may have changed.
    Perhaps,
}

/// The number of a path, never zero. FNV-1a, folded.
#[must_use]
pub fn path_number(path: &str) -> u32 {
    let hash = path.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let bytes = hash.to_le_bytes();
    let halves = bytes.as_chunks().0.iter().map(|half| u32::from_le_bytes(*half));
    halves.fold(0, |one, other| one ^ other).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_paths_never_change() {
        for (path, number) in [("", 0x4fd0_bfc1), ("a", 0x2962_30c0), ("src/lib.rs", 0x8096_7b68)] {
            assert_eq!(path_number(path), number, "{path}");
        }
    }

    #[test]
    fn too_many_paths_are_unsaid() {
        let numbers = |count| (1..=count).rev().collect();
        assert_eq!(Touched::from_numbers(numbers(513)), Touched::Unsaid);
        assert_eq!(Touched::from_numbers(vec![3, 1, 3]), Touched::Paths(vec![1, 3]));
    }
}
