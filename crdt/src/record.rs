//! A struct of replicated types: the code that `#[derive(Crdt)]` makes calls what is here.
//!
//! A delta of a struct holds deltas of its fields, of one field at least. It says which by a mask
//! with a bit for each field. Many of them in bytes:
//!
//! ```text
//! masks       if all are alike the mask, a number; else 0 and the bits of all, low ones first,
//!             filled up with zeros to whole bytes
//! fields      for each field that somebody has: its column, of those who have it
//! ```
//!
//! A struct is no level of keys: its fields are cut as it would be itself.

// For generated code, in crates that may have no other way to it.
pub use alloc::vec::Vec;

use crate::causal::Causal;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::Step;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

const MIXED: u64 = 0;

/// Writes which of `fields` fields each delta has. No mask is zero.
pub fn write_masks(masks: impl Iterator<Item = u64> + Clone, fields: u32, out: &mut Writer) {
    let mut rest = masks.clone();
    let Some(first) = rest.next() else { return };
    if rest.all(|mask| mask == first) {
        return out.number(first);
    }
    out.number(MIXED);
    let bits: Vec<u8> =
        masks.flat_map(|mask| (0..fields).map(move |at| (mask >> at & 1) as u8)).collect();
    for eight in bits.chunks(8) {
        out.byte(eight.iter().rev().fold(0, |byte, bit| byte << 1 | bit));
    }
}

/// Writes one field of those `deltas` that have it.
pub fn write_field<C: Causal, D>(
    deltas: &[&D],
    field: impl Fn(&D) -> Option<&C::Delta>,
    out: &mut Writer,
) {
    let column: Vec<&C::Delta> = deltas.iter().filter_map(|delta| field(delta)).collect();
    if !column.is_empty() {
        C::write_column(&column, out);
    }
}

/// Reads what [`write_masks`] wrote for `count` deltas of `fields` fields.
///
/// # Errors
/// If it wrote something else, or the deltas cannot all be in the bytes that are left.
pub fn read_masks(
    count: usize,
    fields: u32,
    input: &mut Reader<'_>,
) -> Result<Vec<u64>, DecodeError> {
    // Each delta has a field, and that takes a byte: no memory is taken for more.
    if count > input.left() {
        return Err(DecodeError::Truncated);
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    match input.number()? {
        MIXED => read_mixed(count, fields, input),
        mask if mask >> fields == 0 => Ok(alloc::vec![mask; count]),
        _ => Err(DecodeError::Range),
    }
}

fn read_mixed(count: usize, fields: u32, input: &mut Reader<'_>) -> Result<Vec<u64>, DecodeError> {
    let total = count.saturating_mul(fields as usize);
    let bytes = input.raw(total.div_ceil(8))?;
    let bit = |at: usize| bytes[at / 8] >> (at % 8) & 1;
    let mask = |at: usize| {
        let bits = (at..at + fields as usize).rev();
        bits.fold(0, |mask, at| mask << 1 | u64::from(bit(at)))
    };
    let masks: Vec<u64> = (0..total).step_by(fields as usize).map(mask).collect();
    let are_mixed = masks.iter().any(|mask| *mask != masks[0]);
    let is_filled_up = (total..bytes.len() * 8).all(|at| bit(at) == 0);
    if are_mixed && is_filled_up && !masks.contains(&0) {
        Ok(masks)
    } else {
        Err(DecodeError::NotCanonical)
    }
}

/// Reads one field of those `deltas` that have it, which is number `at` in `masks`.
///
/// # Errors
/// If the bytes are not what [`write_field`] wrote for so many deltas.
pub fn read_field<C: Causal, D>(
    deltas: &mut [D],
    (at, masks): (u32, &[u64]),
    field: impl Fn(&mut D) -> &mut Option<C::Delta>,
    input: &mut Reader<'_>,
) -> Result<(), DecodeError> {
    let owners = || masks.iter().enumerate().filter(|(_, mask)| *mask >> at & 1 == 1);
    let count = owners().count();
    if count > 0 {
        let column = C::read_column(count, input)?;
        for ((owner, _), delta) in owners().zip(column) {
            *field(&mut deltas[owner]) = Some(delta);
        }
    }
    Ok(())
}

/// Visits each conflict of field number `at`, unless `within` speaks of other fields alone.
pub fn each_conflict_of_field<C: Contested>(
    (at, field): (u32, &C),
    within: Option<Option<&C::Delta>>,
    way: &mut Vec<Step>,
    visit: &mut dyn FnMut(Conflict),
) {
    if within.is_none_or(|delta| delta.is_some()) {
        way.push(Step::Part(at));
        field.each_conflict(within.flatten(), way, visit);
        way.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(masks: &[u64], fields: u32) -> Vec<u8> {
        let mut out = Writer::for_actors(0);
        write_masks(masks.iter().copied(), fields, &mut out);
        out.into_bytes()
    }

    /// What comes of reading `count` masks of three fields from `bytes`.
    fn read(count: usize, bytes: &[u8]) -> Result<Vec<u64>, DecodeError> {
        // Further bytes stand for the columns of the fields.
        let bytes: Vec<u8> = bytes.iter().copied().chain([0; 8]).collect();
        read_masks(count, 3, &mut Reader::of(&bytes))
    }

    #[test]
    fn masks_have_one_spelling() {
        let table: [(&[u64], &[u8]); 4] = [
            (&[0b101], &[0b101]),
            (&[0b101, 0b101, 0b101], &[0b101]),
            (&[0b101, 0b001], &[0, 0b001_101]),
            (&[0b101, 0b001, 0b111], &[0, 0b1100_1101, 0b1]),
        ];
        for (masks, bytes) in table {
            assert_eq!(written(masks, 3), bytes);
            assert_eq!(read(masks.len(), bytes), Ok(masks.to_vec()));
        }
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let table: [(usize, &[u8], DecodeError); 5] = [
            (1, &[0b1000], DecodeError::Range),
            (2, &[0, 0b101_101], DecodeError::NotCanonical),
            (2, &[0, 0b000_101], DecodeError::NotCanonical),
            (2, &[0, 0b100_1101], DecodeError::NotCanonical),
            (1, &[0, 0b101], DecodeError::NotCanonical),
        ];
        for (count, bytes, error) in table {
            assert_eq!(read(count, bytes), Err(error), "{bytes:?}");
        }
    }

    #[test]
    fn no_memory_is_taken_for_more_deltas_than_bytes() {
        assert_eq!(read(usize::MAX, &[0b101]), Err(DecodeError::Truncated));
        assert_eq!(read(12, &[0b101]), Err(DecodeError::Truncated));
    }

    #[test]
    fn sixty_three_fields_fit() {
        let masks = [1 << 62, u64::MAX >> 1];
        let bytes = written(&masks, 63);
        assert_eq!(bytes.len(), 1 + 16);
        assert_eq!(read_masks(2, 63, &mut Reader::of(&bytes)), Ok(masks.to_vec()));
    }
}
