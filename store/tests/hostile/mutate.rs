//! The fuzz targets, fed with examples that are changed from a seed. `FUZZ_CASES` tells how often.

use crate::body;
use crate::{alone, peak_of};

/// Changes of each example.
const CASES: u64 = 400;

/// No input here has more than some kilobytes, and no answer to it is larger than this.
const MEMORY_MAX: usize = 96 << 20;

#[test]
fn changed_objects_have_one_spelling_or_none() {
    let _alone = alone();
    let mut examples = vec![vec![1, 1], [&[0, 1, 0, 1, 0], &[7; 32][..], &[1; 8]].concat()];
    let conflict = [&[3, 1, 1, 2][..], &[1, 0, b'a', 0, 0, 0, 0].repeat(3)].concat();
    examples.push(conflict);
    let tree = [&[1, 1, 1, 1, b'a'][..], &[3; 32], &[6, 2, b'b', b'c'], &[4; 32]].concat();
    examples.push([&tree[..], &[8, 1, b'd', 0, 0, 0, 0xe0, 3, 9, 9, 9]].concat());
    let names = [4, 0, b'e', b'a', b's', b't', 0, 0, 3, 0, 0, 0, b's', b'a', b'y'];
    let seal = [&[2, 1][..], &[5; 32], &[1], &[6; 32], &[7; 16], &[0; 8], &[0; 2], &names].concat();
    let labels = [1, 0, 1, b'g', 1, 0, 0, 0, b'x'];
    examples.push([&seal[..], &[1, 0], &[8; 32], &labels, &[1], &[9; 96]].concat());
    each(&examples, body::object);
}

#[test]
fn changed_packs_give_no_wrong_bytes_and_take_nothing_from_others() {
    let _alone = alone();
    let packs =
        [include_str!("../golden/1/song.pack.hex"), include_str!("../golden/1/noise.pack.hex")];
    each(&packs.map(bytes), body::pack);
}

#[test]
fn changed_parcels_bring_sound_objects_or_none() {
    let _alone = alone();
    each(&body::parcel_examples(), body::parcel);
}

#[test]
fn changed_logs_are_added_to_or_left_as_they_are() {
    let _alone = alone();
    let recipe =
        [&[24, b'o', b'n', b'e', 0, 40][..], b"three", &[16, 1, 2, 0x1d, 1, 2, 3]].concat();
    each(&[recipe, vec![0; 6], vec![8, 1, 8, 2, 14, 3, 8, 4]], body::log);
}

#[test]
fn changed_proofs_prove_nothing() {
    let _alone = alone();
    each(&body::FORK_EXAMPLES, body::fork);
}

#[test]
fn changed_values_have_one_spelling_or_none() {
    let _alone = alone();
    each(&[body::coded_example()], body::codec);
}

#[test]
fn changed_texts_are_names_or_refused() {
    let _alone = alone();
    let long = ["src"; 40].join("/");
    let texts = ["harbour.rs", ".git", "a/b/.Selkie", "GIT~1", "con.txt", &long, &"0f".repeat(32)];
    each(&texts.map(|text| text.as_bytes().to_vec()), body::text);
}

#[test]
fn changed_format_files_are_refused_and_left_alone() {
    let _alone = alone();
    each(&[b"selkie store 1\n".to_vec(), b"selkie store 12345\n".to_vec()], body::format);
}

fn each(examples: &[Vec<u8>], body: impl Fn(&[u8])) {
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    for (number, example) in examples.iter().enumerate() {
        body(example);
        for case in 0..cases.unwrap_or(CASES) {
            let changed = change(example, (number as u64) << 40 | case);
            let ((), peak) = peak_of(|| body(&changed));
            assert!(peak < MEMORY_MAX, "example {number}, case {case}: {peak} bytes");
        }
    }
}

/// The example with a few changes that a decoder may stumble over.
fn change(example: &[u8], seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut bytes = example.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let length = dice.below(bytes.len() - at + 1).min(dice.below(64));
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at + length, [])),
            2 => drop(bytes.splice(at..at, example[..length.min(example.len())].to_vec())),
            3 => bytes[at..at + length].fill(0xff),
            4 => bytes[at..at + length].fill(0),
            5 => bytes[at..at + length].reverse(),
            _ => {
                let mask = u8::try_from(1 << dice.below(8)).expect("a bit of a byte");
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= mask);
            }
        }
    }
    bytes
}

// SplitMix64: every seed, even 0, gives a good sequence.
struct Dice(u64);

impl Dice {
    /// A number below `bound`, or 0 if there is none.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).expect("below a usize")
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).expect("two digits")).collect()
}
