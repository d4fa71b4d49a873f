//! A place among the lines of a part.

use selkie_vcs::settling::{PickedLine, Whose};

use crate::settle::aligned::Cell;

/// Where somebody is among the lines of a part: in a row of a side that has a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Cursor {
    /// The side, the first at 0.
    pub(crate) side: usize,
    /// The row of both.
    pub(crate) row: usize,
}

/// The line that a side shows in a cell: its own, or one that it took away.
pub(crate) fn picked_line(cell: &Cell, side: usize) -> Option<PickedLine> {
    let own = if side == 0 { Whose::Ours } else { Whose::Theirs };
    let (whose, at) = match cell {
        Cell::Filler => return None,
        Cell::Kept(_, at) | Cell::New(_, at, _) => (own, *at),
        Cell::Gone(_, at, _) => (Whose::Base, *at),
    };
    Some(PickedLine { whose, at: u32::try_from(at).ok()? })
}
