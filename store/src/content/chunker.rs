//! Where long contents are cut. Every replica cuts alike, so this is part of the format.
//!
//! Source: Xia and others, "`FastCDC`" (2016), sections 3.2 to 3.4: a gear hash, no cut before the
//! least length, a harder condition before the normal length and an easier one after it. The
//! place of a cut depends on the 64 bytes before it, so an edit moves the cuts near it alone.

use std::sync::LazyLock;

use crate::limits::BLOB_LEN_MAX;

/// Bytes in the shortest chunk that is not the last.
const LEN_MIN: usize = 16 << 10;
/// Bytes after which the condition becomes easier.
const LEN_NORMAL: usize = 64 << 10;
/// Bytes in the longest chunk.
pub(super) const LEN_MAX: usize = 256 << 10;
const _: () = assert!(LEN_MAX <= BLOB_LEN_MAX, "a chunk is a blob");

/// The hash is zero in its highest 18 bits, where 16 would be met every normal length...
const HARD: u64 = !0 << (64 - 18);
/// ...or in its highest 14.
const EASY: u64 = !0 << (64 - 14);

const CONTEXT: &str = "selkie 1 chunker gear";

/// One random number for each byte, the same everywhere.
static GEAR: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let mut stream = blake3::Hasher::new_derive_key(CONTEXT).finalize_xof();
    std::array::from_fn(|_| {
        let mut number = [0; 8];
        stream.fill(&mut number);
        u64::from_le_bytes(number)
    })
});

/// The length of the first chunk of `bytes`, which go on for [`LEN_MAX`] or end the content.
pub(super) fn first_chunk(bytes: &[u8]) -> usize {
    let gear = &*GEAR;
    let end = bytes.len().min(LEN_MAX);
    let normal = end.min(LEN_NORMAL);
    if end <= LEN_MIN {
        return end;
    }
    let mut hash = 0_u64;
    for (range, mask) in [(LEN_MIN..normal, HARD), (normal..end, EASY)] {
        for at in range {
            hash = (hash << 1).wrapping_add(gear[usize::from(bytes[at])]);
            if hash & mask == 0 {
                return at + 1;
            }
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut bytes);
        bytes
    }

    fn cuts(mut bytes: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        while !bytes.is_empty() {
            lengths.push(first_chunk(bytes));
            bytes = &bytes[lengths[lengths.len() - 1]..];
        }
        lengths
    }

    #[test]
    fn cuts_stay_where_they_are() {
        assert_eq!(cuts(&noise(1 << 20)), GOLDEN);
    }

    // Made by another implementation of the same rules.
    const GOLDEN: [usize; 15] = [
        68_427, 27_245, 81_146, 49_369, 74_294, 80_701, 77_910, 74_496, 104_771, 66_786, 66_199,
        75_501, 74_256, 89_825, 37_650,
    ];

    #[test]
    fn chunks_keep_their_limits_and_are_about_normal() {
        let lengths = cuts(&noise(8 << 20));
        let (_, but_last) = lengths.split_last().unwrap();
        assert!(but_last.iter().all(|length| (LEN_MIN..=LEN_MAX).contains(length)));
        let mean = (8 << 20) / lengths.len();
        assert!((48 << 10..96 << 10).contains(&mean), "{mean}");
    }

    #[test]
    fn bytes_without_a_place_to_cut_are_cut_at_the_longest() {
        assert_eq!(cuts(&vec![0; LEN_MAX + 5]), [LEN_MAX, 5]);
    }

    #[test]
    fn an_insertion_moves_the_cuts_near_it_alone() {
        let before = noise(4 << 20);
        let after = [&before[..1_000_000], b"inserted", &before[1_000_000..]].concat();
        let (before, after) = (cuts(&before), cuts(&after));
        let same_head = before.iter().zip(&after).take_while(|(one, two)| one == two).count();
        let tails = before.iter().rev().zip(after.iter().rev());
        let same_tail = tails.take_while(|(one, two)| one == two).count();
        assert!(before.len() - same_head - same_tail <= 3);
    }
}
