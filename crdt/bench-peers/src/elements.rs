//! The elements that sets and maps are filled with.

use crate::random::Random;

/// How many elements a set or a map has, unless a workload says otherwise.
pub const COUNT: usize = 100_000;

/// `count` distinct numbers.
pub fn numbers(seed: u64, count: usize) -> Vec<u64> {
    let mut random = Random::new(seed);
    // Xorshift has one cycle through all words, so no number comes twice.
    (0..count).map(|_| random.word()).collect()
}

/// `count` names of 13 characters each, numbered from `start` on, in random order.
pub fn names(seed: u64, start: usize, count: usize) -> Vec<String> {
    let mut names: Vec<_> = (start..start + count).map(|n| format!("element{n:06}")).collect();
    Random::new(seed).shuffle(&mut names);
    names
}

/// The elements in another order, so that memory is not looked up in the order it was given out.
pub fn shuffled<E: Clone>(elements: &[E]) -> Vec<E> {
    let mut shuffled = elements.to_vec();
    Random::new(2).shuffle(&mut shuffled);
    shuffled
}

/// A number of bytes shared out among the elements.
pub fn per_element(bytes: usize) -> f64 {
    bytes as f64 / COUNT as f64
}
