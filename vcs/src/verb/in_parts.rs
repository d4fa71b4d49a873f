//! More moves than one operation holds.

use crate::desk::Desk;
use crate::repository::{Hand, PerformError};
use crate::shared::{Move, Named};

/// Bytes of moves in one operation: half of what its record holds, which has the desk twice.
const MOVES_LEN_MAX: usize = 512 << 10;

/// Bytes of a move beside its name and its values.
const MOVE_LEN: usize = 32;

/// Performs all of these moves, as one operation if they fit in one. The desk changes with the last. Whoever is stopped between two has done the
/// first of them, and each is taken back alone.
pub(crate) fn perform_in_parts(
    hand: &mut Hand<'_>,
    typed: String,
    desk: &Desk,
    moves: &[Move],
) -> Result<(), PerformError> {
    let mut rest = moves;
    while length(rest) > MOVES_LEN_MAX {
        let mut sum = 0;
        let is_part = |told: &&Move| {
            sum += length(std::slice::from_ref(*told));
            sum <= MOVES_LEN_MAX
        };
        let count = rest.iter().take_while(is_part).count().max(1);
        let (part, others) = rest.split_at(count);
        let mut operation = hand.operation(typed.clone(), hand.desk().clone());
        operation.moves = part.to_vec();
        hand.perform(&operation)?;
        rest = others;
    }
    if rest.is_empty() && desk == hand.desk() {
        return Ok(());
    }
    let mut operation = hand.operation(typed, desk.clone());
    operation.moves = rest.to_vec();
    hand.perform(&operation)
}

fn length(moves: &[Move]) -> usize {
    let value = |value: &Option<Vec<u8>>| value.as_ref().map_or(0, Vec::len);
    let name = |told: &Move| match &told.subject {
        Named::Timeline(name) | Named::Tag(name) | Named::Settlement(name) => name.len(),
    };
    moves.iter().map(|told| MOVE_LEN + name(told) + value(&told.before) + value(&told.after)).sum()
}
