//! That an item is there, and where.

use super::position::Position;
use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::register::LwwRegister;

/// Two registers of positions, and the later of them is read: one that making the item and
/// changing its content write, and one that moving it writes.
///
/// An item is there while the first holds something. So a change of the content spares an item
/// that somebody removes meanwhile, with its place; a move does not, or an item without content
/// would come back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place((LwwRegister<Position>, LwwRegister<Position>));

delegate_causal!("place", Place, (LwwRegister<Position>, LwwRegister<Position>));

impl Place {
    /// Where the item stands; `None` if it is not there.
    pub(super) fn position(&self) -> Option<&Position> {
        self.latest().and_then(LwwRegister::read)
    }

    fn latest(&self) -> Option<&LwwRegister<Position>> {
        let (made, moved) = &self.0;
        let was_moved = moved.written_at() >= made.written_at();
        made.written_at().map(|_| if was_moved { moved } else { made })
    }
}

impl Edit<'_, Place> {
    pub(super) fn make(&mut self, position: Position, at: Hlc) {
        self.part(|place| &mut place.0.0).write(position, at);
    }

    /// Moves the item, not earlier than it came to where it is: a clock that is behind must not
    /// undo what its owner sees done.
    pub(super) fn move_to(&mut self, position: Position, at: Hlc) {
        let came_at = self.at.latest().and_then(LwwRegister::written_at);
        let at = came_at.map_or(at, |came_at| at.max(came_at));
        self.part(|place| &mut place.0.1).write(position, at);
    }

    /// Says again that the item is there, where and since when it was: a concurrent move wins.
    pub(super) fn renew(&mut self) {
        let latest = self.at.latest();
        let renewed = latest.and_then(|latest| latest.read().cloned().zip(latest.written_at()));
        if let Some((position, at)) = renewed {
            self.make(position, at);
        }
    }
}

impl Observe for Place {
    type Change = ();

    fn change(&self, delta: Option<&Self::Delta>, ended: &[Mark], join: &Join<'_>) -> Option<()> {
        self.0.change(delta, ended, join).map(|_| ())
    }
}

never_contested! { [] Place }
