//! What is to come, piece by piece.

use selkie_store::{ObjectId, Piece};

use crate::identity::node_id::NodeId;
use crate::objects::message::After;
use crate::objects::offer::Offer;

/// What all sources in use offer, and how far each piece is.
///
/// Pieces become durable in their order, since an object may link to what is in a piece before.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) offer: Offer,
    /// Whether it is known which pieces are here from before.
    pub(crate) is_looked: bool,
    pieces: Vec<State>,
}

/// How far a piece is.
#[derive(Clone, Debug, Eq, PartialEq)]
enum State {
    Todo(After),
    Coming(Coming),
    /// All of it came, from this one.
    Here(NodeId),
    /// It is durable, or was here before.
    Kept,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Coming {
    from: NodeId,
    after: After,
    objects: u32,
    bytes: u64,
    /// As they travelled.
    sent: u64,
}

/// What became of a piece by what came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Counted {
    More,
    Whole,
    /// More than was offered, or not what was offered.
    Wrong,
    /// Another source brings it by now.
    Stale,
}

/// An object travels with a label, and a block may hold some that is not meant.
const LABEL_LEN_MAX: u64 = 1024;

impl Plan {
    pub(crate) fn new(offer: Offer) -> Self {
        let count = usize::try_from(offer.piece_count()).unwrap_or(usize::MAX);
        let is_looked = offer.pieces.is_empty();
        Self { pieces: vec![State::Todo(After::Before); count], is_looked, offer }
    }

    /// Some objects of each piece.
    pub(crate) fn samples(&self) -> Vec<Vec<ObjectId>> {
        let samples = self.offer.pieces.iter().map(|note| note.samples.iter());
        samples.map(|names| names.map(|name| name.id()).collect()).collect()
    }

    /// Notes which pieces are here from before. How many are still to come?
    pub(crate) fn looked(&mut self, here: &[bool]) -> usize {
        self.is_looked = true;
        for (state, _) in self.pieces.iter_mut().zip(here).filter(|(_, is_here)| **is_here) {
            *state = State::Kept;
        }
        self.pieces.iter().filter(|state| **state != State::Kept).count()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.is_looked && self.pieces.iter().all(|state| *state == State::Kept)
    }

    /// The pieces that came, or are coming.
    pub(crate) fn open(&self) -> impl Iterator<Item = u32> {
        let pieces = (0..).zip(&self.pieces);
        pieces.filter_map(|(piece, state)| match state {
            State::Coming(_) | State::Here(_) => Some(piece),
            State::Todo(_) | State::Kept => None,
        })
    }

    /// The next piece to ask for.
    pub(crate) fn next_todo(&self) -> Option<u32> {
        let mut pieces = (0..).zip(&self.pieces);
        pieces.find_map(|(piece, state)| matches!(state, State::Todo(_)).then_some(piece))
    }

    /// The piece that is to be kept next, and who brought it if all of it came.
    pub(crate) fn next_to_keep(&self) -> Option<(u32, Option<NodeId>)> {
        let mut pieces = (0..).zip(&self.pieces);
        let (piece, state) = pieces.find(|(_, state)| **state != State::Kept)?;
        match state {
            State::Here(from) => Some((piece, Some(*from))),
            State::Todo(_) | State::Coming(_) | State::Kept => Some((piece, None)),
        }
    }

    pub(crate) fn check(&self, piece: u32) -> Option<[u8; Piece::CHECK_LEN]> {
        self.offer.check(piece)
    }

    /// Gives a piece to a source, and tells what it may be a difference to: to pieces before it only if all of
    /// them are here, or come from the same source before it.
    pub(crate) fn give(&mut self, piece: u32, to: NodeId) -> After {
        let before = self.pieces.iter().take(index(piece));
        let mut elsewhere = before.filter(|state| match state {
            State::Kept => false,
            State::Here(from) => *from != to,
            State::Coming(coming) => coming.from != to,
            State::Todo(_) => true,
        });
        let is_elsewhere = elsewhere.next().is_some();
        let after = match self.pieces.get(index(piece)) {
            Some(State::Todo(After::Before)) if is_elsewhere => After::Apart,
            Some(State::Todo(after)) => *after,
            _ => After::Nothing,
        };
        let coming = Coming { from: to, after, objects: 0, bytes: 0, sent: 0 };
        self.set(piece, State::Coming(coming));
        after
    }

    /// Takes a piece back from whom it was given to.
    pub(crate) fn take_back(&mut self, piece: u32, after: After) {
        self.set(piece, State::Todo(after));
    }

    pub(crate) fn kept(&mut self, piece: u32) {
        self.set(piece, State::Kept);
    }

    /// Whether so many bytes more may belong to a piece.
    pub(crate) fn may_come(&mut self, piece: u32, length: u64) -> bool {
        let (objects, bytes) = self.offer.piece(piece);
        let Some(State::Coming(coming)) = self.pieces.get_mut(index(piece)) else { return false };
        coming.sent += length;
        let most = bytes.saturating_mul(2) + u64::from(objects) * LABEL_LEN_MAX;
        coming.sent <= most.saturating_add(LABEL_LEN_MAX)
    }

    /// Whether what came of a piece has to wait until those before it are durable: it may be a difference to
    /// what is in them.
    pub(crate) fn has_to_wait(&self, piece: u32) -> bool {
        let is_next = self.next_to_keep().is_some_and(|(next, _)| next == piece);
        match self.pieces.get(index(piece)) {
            Some(State::Coming(coming)) => coming.after == After::Before && !is_next,
            _ => false,
        }
    }

    pub(crate) fn count(&mut self, from: NodeId, piece: u32, objects: u32, bytes: u64) -> Counted {
        let offered = self.offer.piece(piece);
        let Some(State::Coming(coming)) = self.pieces.get_mut(index(piece)) else {
            return Counted::Stale;
        };
        if coming.from != from {
            return Counted::Stale;
        }
        coming.objects = coming.objects.saturating_add(objects);
        coming.bytes = coming.bytes.saturating_add(bytes);
        let came = (coming.objects, coming.bytes);
        if came == offered {
            self.set(piece, State::Here(from));
            return Counted::Whole;
        }
        if came.0 < offered.0 && came.1 <= offered.1 { Counted::More } else { Counted::Wrong }
    }

    fn set(&mut self, piece: u32, to: State) {
        if let Some(state) = self.pieces.get_mut(index(piece)) {
            *state = to;
        }
    }
}

fn index(piece: u32) -> usize {
    usize::try_from(piece).unwrap_or(usize::MAX)
}
