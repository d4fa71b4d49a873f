//! The conflict screen: what it knows, and what can be read of it.
//!
//! Nothing here draws, waits or touches a file. What happens comes in as a [`Message`](message::Message), and what shall be
//! done goes out as [`Effect`](message::Effect)s.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_vcs::settling::{Case, Draft, Offer, Open, PartId, Piece, Shape, Tabulated, Verdict};

use crate::settle::action::Place;
use crate::settle::aligned::Aligned;
use crate::settle::cursor::Cursor;
use crate::settle::hit::Hit;
use crate::settle::spot::{Spot, SpotKind};
use crate::settle::sweeping::Sweeping;
use crate::settle::tally::{Count, Tally};
use crate::settle::words::letter;
use crate::text_box::TextBox;

pub(crate) mod action;
pub(crate) mod aligned;
mod apart;
pub(crate) mod binding;
pub(crate) mod cursor;
pub(crate) mod heads;
mod hit;
mod journey;
pub(crate) mod lines;
pub(crate) mod message;
mod picking;
mod searching;
pub(crate) mod spoken;
pub(crate) mod spot;
mod sweep;
pub(crate) mod sweeping;
pub(crate) mod table;
mod tally;
mod update;
pub(crate) mod view;
pub(crate) mod words;

/// Conflicts, what somebody decided of them, and where they look.
///
/// There is at least one conflict, and one of them is looked at. What the sides have never changes here: only the draft does,
/// and only by a key that says so.
#[derive(Clone, Debug)]
pub struct Settle {
    cases: Vec<Case>,
    spots: Vec<Spot>, // never empty, in the order of the list
    at: usize,        // the one that is looked at
    draft: Draft,
    tally: Tally, // of the spots and the draft
    mode: Mode,
    scroll: isize, // lines that the conflict moved up from where it stands at first
    aside: usize,  // columns that are left out at the left
    aligned: Aligned,
    offers: BTreeMap<PartId, Vec<Offer>>,
    question: u64,
    keeping: usize, // notes on their way to the disk
    unkept: Option<String>,
    notice: String,
    sought: String, // empty if nothing was looked for
    hit: Option<Hit>,
    shows: Shows,
    tabulated: Option<Tabulated>, // none if nobody asked
}

/// How conflicts are shown while they are gone through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shows {
    /// One of them, its sides beside each other.
    Sides,
    /// All of them, one below the other.
    Table,
}

/// What is on the screen.
#[derive(Clone, Debug)]
pub(crate) enum Mode {
    Conflicts,
    Writing(TextBox),
    /// Lines are chosen one by one.
    Lines(Cursor),
    /// The question what to decide many by.
    Sweeping(Box<Sweeping>),
    /// The question what to look for.
    Searching(TextBox),
    Keys {
        from: usize,
    },
    Why {
        from: usize,
    },
    /// The question, and whether it was answered with yes.
    Finishing {
        is_confirmed: bool,
    },
}

impl Settle {
    /// Conflicts and what was decided of them before. It begins where somebody stopped. None if nothing can be decided.
    #[must_use]
    pub fn new(cases: Vec<Case>, draft: Draft) -> Option<Self> {
        let spots: Vec<Spot> = cases.iter().enumerate().flat_map(spots).collect();
        let last: Vec<PartId> = draft.last().collect();
        let stopped = spots.iter().position(|spot| last.contains(&spot.part));
        let stopped = stopped.filter(|at| draft.put_off(spots[*at].part).is_none());
        let is_open =
            |spot: &Spot| spot.kind == SpotKind::Conflict && draft.verdict(spot.part).is_none();
        let is_next = |spot: &Spot| is_open(spot) && draft.put_off(spot.part).is_none();
        let next = spots.iter().position(is_next).or_else(|| spots.iter().position(is_open));
        let at = stopped.or(next).unwrap_or_default();
        let mut settle = Self {
            cases,
            at,
            tally: Tally::of(&spots, &draft),
            draft,
            mode: Mode::Conflicts,
            scroll: 0,
            aside: 0,
            aligned: Aligned::default(),
            offers: BTreeMap::new(),
            question: 0,
            keeping: 0,
            unkept: None,
            notice: String::new(),
            sought: String::new(),
            hit: None,
            shows: Shows::Sides,
            tabulated: None,
            spots: (!spots.is_empty()).then_some(spots)?,
        };
        settle.align();
        Some(settle)
    }

    /// Adds cases behind all others, so that nothing moves under who looks.
    fn add(&mut self, cases: Vec<Case>) {
        let first = self.cases.len();
        let added = cases.iter().enumerate().flat_map(|(at, of)| spots((first + at, of)));
        self.spots.extend(added);
        self.cases.extend(cases);
        self.tally = Tally::of(&self.spots, &self.draft);
    }

    /// The conflicts.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// What was decided.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// How many conflicts are open, and how many are decided.
    #[must_use]
    pub const fn counts(&self) -> [usize; 2] {
        let whole = self.tally.whole();
        [whole.open, whole.settled]
    }

    /// How many places were merged and are worth a look.
    #[must_use]
    pub const fn merged_count(&self) -> usize {
        self.tally.whole().merged
    }

    /// How many of those that are open were put off.
    #[must_use]
    pub const fn put_off_count(&self) -> usize {
        self.tally.whole().put_off
    }

    /// What keys are about.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self.mode {
            Mode::Conflicts => Place::Conflicts,
            Mode::Writing(_) => Place::Writing,
            Mode::Lines(_) => Place::Lines,
            Mode::Sweeping(_) => Place::Sweeping,
            Mode::Searching(_) => Place::Searching,
            Mode::Keys { .. } | Mode::Why { .. } => Place::Page,
            Mode::Finishing { .. } => Place::Finishing,
        }
    }

    fn spot(&self) -> &Spot {
        &self.spots[self.at]
    }

    fn case(&self) -> &Case {
        &self.cases[self.spot().case]
    }

    fn verdict(&self, spot: &Spot) -> Option<&Verdict> {
        self.draft.verdict(spot.part)
    }

    /// The part that is looked at, if it is one of a text.
    fn open(&self) -> Option<&Arc<Open>> {
        self.open_of(self.spot())
    }

    /// The part of a text that a spot is.
    fn open_of(&self, spot: &Spot) -> Option<&Arc<Open>> {
        match &pieces(&self.cases[spot.case])[spot.piece?] {
            Piece::Open(open) | Piece::Merged { open, .. } => Some(open),
            Piece::Settled(_) => None,
        }
    }

    /// What the merge made of what is looked at, if nobody decides it.
    fn merged(&self) -> Option<&[u8]> {
        match &pieces(self.case())[self.spot().piece?] {
            Piece::Merged { text, .. } => Some(text),
            Piece::Open(_) | Piece::Settled(_) => None,
        }
    }

    /// Whether all of the file that is looked at was merged, so that nobody decides anything in it.
    fn is_merged(&self) -> bool {
        matches!(self.case().shape, Shape::Merged(_))
    }

    /// The letters of the sides that can be taken.
    pub fn sides(&self) -> impl Iterator<Item = char> + use<> {
        (0..self.case().sides.len()).map(letter)
    }

    /// The number of the spot among those of its case, the first at 1, and how many of them there are.
    fn standing(&self, case: usize) -> (usize, usize) {
        let Count { first, spots, .. } = self.tally.case(case);
        ((self.at + 1).saturating_sub(first).min(spots), spots)
    }

    fn offered(&self) -> &[Offer] {
        self.offers.get(&self.spot().part).map_or(&[], Vec::as_slice)
    }

    /// Lays the sides of the part beside each other that is looked at now.
    fn align(&mut self) {
        self.aligned =
            self.open().map_or_else(Aligned::default, |open| Aligned::of(&open.versions));
    }
}

/// The pieces of a case that is a text.
fn pieces(case: &Case) -> &[Piece] {
    match &case.shape {
        Shape::Text(pieces) | Shape::Merged(pieces) => pieces,
        Shape::Whole(_) | Shape::Heads(_) | Shape::Torn | Shape::Unmarked => &[],
    }
}

fn spots((case, of): (usize, &Case)) -> Vec<Spot> {
    let open = pieces(of).iter().enumerate().filter_map(|(at, piece)| match piece {
        Piece::Open(open) => {
            Some(Spot { case, piece: Some(at), part: open.id, kind: SpotKind::Conflict })
        }
        Piece::Merged { open, .. } => {
            Some(Spot { case, piece: Some(at), part: open.id, kind: SpotKind::Merged })
        }
        Piece::Settled(_) => None,
    });
    let as_whole = |part| Some(Spot { case, piece: None, part, kind: SpotKind::Conflict });
    let whole = match &of.shape {
        Shape::Whole(part) => as_whole(*part),
        Shape::Heads(diverged) => as_whole(diverged.part),
        Shape::Text(_) | Shape::Merged(_) | Shape::Torn | Shape::Unmarked => None,
    };
    let apart = of.aspects.iter().map(|aspect| Spot {
        case,
        piece: None,
        part: aspect.part,
        kind: SpotKind::Apart,
    });
    open.chain(whole).chain(apart).collect()
}
