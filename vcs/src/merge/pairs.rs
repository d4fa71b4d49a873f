//! Lines that became other lines.
//!
//! Whoever changes ten lines below each other changes each of them; a comparison of texts says only that ten lines gave way
//! to ten others. Where a new line has more words in common with an old one than not, it is what became of that line, so the
//! other lines were not made of it: the change falls into as many as there are such pairs and lines between.

use std::collections::HashMap;
use std::ops::Range;

use crate::text::compare::LineChange;
use crate::text::lines::Text;
use crate::text::words::words;

/// Pairs of an old line and a new one up to which a change is looked at. So many lines at once were written anew.
const PAIRS_MAX: usize = 4096;

/// Bytes of a line up to which its words are looked at. Longer ones are written by programs.
const LINE_MAX: usize = 1000;

/// The same change, line by line where old and new lines can be told to belong together.
pub(super) fn paired(base: &Text, side: &Text, change: &LineChange) -> Vec<LineChange> {
    let (before, after) = (change.before.clone(), change.after.clone());
    let is_large = before.len() * after.len() > PAIRS_MAX;
    if before.is_empty() || after.is_empty() || before.len() + after.len() == 2 || is_large {
        return vec![change.clone()];
    }
    let part = |before: Range<usize>, after: Range<usize>| LineChange {
        before,
        after,
        weight: change.weight,
    };
    let pairs = best_pairs(base, side, change);
    let mut parts = Vec::new();
    let (mut old_at, mut new_at) = (before.start, after.start);
    for (old, new) in pairs {
        if old_at < old || new_at < new {
            parts.push(part(old_at..old, new_at..new));
        }
        parts.push(part(old..old + 1, new..new + 1));
        (old_at, new_at) = (old + 1, new + 1);
    }
    if old_at < before.end || new_at < after.end {
        parts.push(part(old_at..before.end, new_at..after.end));
    }
    parts
}

/// The pairs that, none crossing another, have most in common.
fn best_pairs<'a>(base: &Text<'a>, side: &Text<'a>, change: &LineChange) -> Vec<(usize, usize)> {
    let mut numbers = HashMap::new();
    let mut lines = |text: &Text<'a>, at: Range<usize>| -> Vec<Line> {
        at.map(|at| Line::new(text.line(at), &mut numbers)).collect()
    };
    let olds = lines(base, change.before.clone());
    let news = lines(side, change.after.clone());
    let width = news.len() + 1;
    let mut likeness = vec![0; olds.len() * news.len()];
    // What the lines from here on have in common at most.
    let mut best = vec![0; (olds.len() + 1) * width];
    for (old_at, old) in olds.iter().enumerate().rev() {
        for (new_at, new) in news.iter().enumerate().rev() {
            let alike = old.likeness(new);
            likeness[old_at * news.len() + new_at] = alike;
            let both = best[(old_at + 1) * width + new_at + 1] + alike;
            let one = best[(old_at + 1) * width + new_at].max(best[old_at * width + new_at + 1]);
            best[old_at * width + new_at] = both.max(one);
        }
    }
    let mut pairs = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    while old_at < olds.len() && new_at < news.len() {
        let here = best[old_at * width + new_at];
        let alike = likeness[old_at * news.len() + new_at];
        if alike > 0 && here == best[(old_at + 1) * width + new_at + 1] + alike {
            pairs.push((change.before.start + old_at, change.after.start + new_at));
            (old_at, new_at) = (old_at + 1, new_at + 1);
        } else if here == best[(old_at + 1) * width + new_at] {
            old_at += 1;
        } else {
            new_at += 1;
        }
    }
    pairs
}

/// The words of a line and their bytes, ascending by their numbers.
#[derive(Debug)]
struct Line {
    words: Vec<(usize, usize)>,
    len: usize,
}

impl Line {
    fn new<'a>(line: &'a [u8], numbers: &mut HashMap<&'a [u8], usize>) -> Self {
        let is_word = |word: &&[u8]| word.iter().any(u8::is_ascii_alphanumeric);
        let line = Some(line).filter(|line| line.len() <= LINE_MAX);
        let words = line.into_iter().flat_map(words).filter(is_word);
        let mut words: Vec<(usize, usize)> = words
            .map(|word| {
                let next = numbers.len();
                (*numbers.entry(word).or_insert(next), word.len())
            })
            .collect();
        words.sort_unstable();
        let len = words.iter().map(|(_, len)| len).sum();
        Self { words, len }
    }

    /// The bytes of the words that both have, if that is more than what they have not.
    fn likeness(&self, other: &Self) -> usize {
        let (mut one_at, mut other_at, mut common) = (0, 0, 0);
        while let (Some((one, len)), Some((word, _))) =
            (self.words.get(one_at), other.words.get(other_at))
        {
            if one == word {
                common += len;
            }
            one_at += usize::from(one <= word);
            other_at += usize::from(word <= one);
        }
        // What both have is counted once, in each of the two lengths.
        if common * 4 > self.len + other.len { common } else { 0 }
    }
}
