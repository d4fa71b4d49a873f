//! Three texts in each of the languages that a merge reads.
//!
//! The first byte says which; the texts stand behind each other with a zero between. What must hold whatever they are: there
//! is an answer, swapping the sides swaps the sides, and one side alone wins.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selkie_vcs::{MergeRules, MergeSide, Merging, merge_file};

const PATHS: [&str; 8] = [
    "a.json",
    "a.toml",
    "a.yml",
    "a.rs",
    "CHANGELOG.md",
    ".gitignore",
    "go.sum",
    "Cargo.lock",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, texts)) = bytes.split_first() else { return };
    let path = PATHS[usize::from(*which) % PATHS.len()];
    let mut texts = texts.splitn(3, |byte| *byte == 0);
    let mut next = || texts.next().unwrap_or_default();
    let (base, ours, theirs) = (next(), next(), next());
    let rules = MergeRules::default();
    let merge = |ours, theirs, first| {
        merge_file(&Merging { path, base, ours, theirs, first, rules: &rules })
    };
    let one = merge(ours, theirs, MergeSide::Ours);
    let other = merge(theirs, ours, MergeSide::Theirs);
    assert_eq!(one.bytes(), other.bytes());
    assert_eq!(merge(ours, base, MergeSide::Ours).bytes().as_deref(), Some(ours));
    assert_eq!(merge(ours, ours, MergeSide::Ours).bytes().as_deref(), Some(ours));
});
