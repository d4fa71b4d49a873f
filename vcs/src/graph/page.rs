//! What the graph knows, in columns: each kind of page holds one matter for the same 256 seals.
//!
//! A walk reads only the pages of the matter it asks for.

use std::collections::BTreeMap;

use selkie_store::{Author, ChangeId, SealId, TreeId};

use crate::graph::row::{Entry, Known};
use crate::graph::touched::{TAKEN, Touch, Touched};

/// Seals on a page.
pub(super) const PAGE_ROWS: u32 = 256;

/// A page that takes one seal after the other.
pub(super) trait Page: Default {
    fn push(&mut self, entry: &Entry, rank: u64);
}

/// Where a seal stands among the others.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Links {
    /// Greater than that of every parent. For absent seals zero.
    pub(super) rank: Vec<u64>,
    /// The first bytes of the id, which order seals of equal rank.
    pub(super) tie: Vec<u32>,
    pub(super) first: Vec<u32>,
    pub(super) second: Vec<u32>,
    /// The second and later parents of those that have more than two.
    pub(super) more: BTreeMap<u16, Vec<u32>>,
}

/// What a seal is called.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Names {
    pub(super) ids: Vec<SealId>,
    pub(super) changes: Vec<ChangeId>,
}

/// The content of a seal.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Trees {
    pub(super) ids: Vec<TreeId>,
}

/// What a list of one line each shows of a seal.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Faces {
    pub(super) time: Vec<u64>,
    pub(super) zone: Vec<i16>,
    pub(super) author: Vec<u16>,
    /// Where each title ends among all.
    pub(super) title_end: Vec<u32>,
    pub(super) titles: String,
    /// Those who made the seals of this page, each once.
    pub(super) authors: Vec<Author>,
}

/// Which paths a seal changed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Touches {
    pub(super) end: Vec<u32>,
    pub(super) numbers: Vec<u64>,
}

/// Which seals a seal rewrote.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Rewrites {
    /// The place on the page, and what was rewritten. Ascending.
    pub(super) replaced: Vec<(u16, SealId)>,
    pub(super) rows: u16,
}

/// In the place of a parent: there is none.
pub(super) const NO_PARENT: u32 = u32::MAX;
/// In the place of the first parent: the seal itself is absent.
pub(super) const ABSENT: u32 = u32::MAX - 1;
/// In the place of the second parent: see `more`.
pub(super) const MORE: u32 = u32::MAX - 2;
/// Rows are less.
pub(super) const ROWS_MAX: u32 = u32::MAX - 15;

/// A number that no path has, alone in its list: [`Touched::Unsaid`].
const UNSAID: u64 = 0;

impl Links {
    /// The parents of the seal at this place on the page.
    pub(super) fn parents(&self, at: usize) -> impl Iterator<Item = u32> {
        let second = self.second[at];
        let more: &[u32] = if second == MORE { &self.more[&place(at)] } else { &[] };
        let two = [self.first[at], second];
        two.into_iter().filter(|parent| *parent < ROWS_MAX).chain(more.iter().copied())
    }

    pub(super) fn is_absent(&self, at: usize) -> bool {
        self.first[at] == ABSENT
    }
}

impl Faces {
    pub(super) fn title(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.title_end[before]);
        &self.titles[start as usize..self.title_end[at] as usize]
    }

    pub(super) fn author(&self, at: usize) -> &Author {
        &self.authors[usize::from(self.author[at])]
    }
}

impl Touches {
    pub(super) fn list(&self, at: usize) -> &[u64] {
        let start = at.checked_sub(1).map_or(0, |before| self.end[before]);
        &self.numbers[start as usize..self.end[at] as usize]
    }

    /// What is known of the path with this number.
    pub(super) fn touch(&self, at: usize, number: u64) -> Touch {
        match self.list(at) {
            [UNSAID] => Touch::Unsaid,
            // The search is for the even number first: two paths of one number are both shown.
            list if list.contains(&number) => Touch::Changed,
            list if list.contains(&(number | TAKEN)) => Touch::AsInSecond,
            _ => Touch::Same,
        }
    }

    pub(super) fn touched(&self, at: usize) -> Touched {
        match self.list(at) {
            [UNSAID] => Touched::Unsaid,
            list => Touched::Paths(list.to_vec()),
        }
    }
}

impl Rewrites {
    pub(super) fn of(&self, at: usize) -> impl Iterator<Item = SealId> {
        let own = place(at);
        let start = self.replaced.partition_point(|(place, _)| *place < own);
        self.replaced[start..].iter().take_while(move |(place, _)| *place == own).map(|(_, id)| *id)
    }
}

impl Page for Links {
    fn push(&mut self, entry: &Entry, rank: u64) {
        let at = self.rank.len();
        let (first, second) = match &entry.known {
            Known::Absent => (ABSENT, NO_PARENT),
            Known::Present(facts) => match facts.parents[..] {
                [] => (NO_PARENT, NO_PARENT),
                [one] => (one.0, NO_PARENT),
                [one, two] => (one.0, two.0),
                [one, ref more @ ..] => {
                    self.more.insert(place(at), more.iter().map(|row| row.0).collect());
                    (one.0, MORE)
                }
            },
        };
        let tie = entry.id.object().as_bytes().first_chunk().copied();
        self.rank.push(rank);
        self.tie.push(u32::from_be_bytes(tie.expect("an id has 32 bytes")));
        self.first.push(first);
        self.second.push(second);
    }
}

impl Page for Names {
    fn push(&mut self, entry: &Entry, _rank: u64) {
        self.ids.push(entry.id);
        self.changes.push(match &entry.known {
            Known::Absent => ChangeId::from_bytes([0; ChangeId::LEN]),
            Known::Present(facts) => facts.change,
        });
    }
}

impl Page for Trees {
    fn push(&mut self, entry: &Entry, _rank: u64) {
        self.ids.push(match &entry.known {
            Known::Absent => TreeId::from(entry.id.object()),
            Known::Present(facts) => facts.tree,
        });
    }
}

impl Page for Faces {
    fn push(&mut self, entry: &Entry, _rank: u64) {
        let nobody = Author::default();
        let (time, zone, author, title) = match &entry.known {
            Known::Absent => (0, 0, &nobody, ""),
            Known::Present(facts) => {
                (facts.time.to_u64(), facts.zone_minutes, &facts.author, &*facts.title)
            }
        };
        let known = self.authors.iter().position(|known| known == author);
        let number = known.unwrap_or_else(|| {
            self.authors.push(author.clone());
            self.authors.len() - 1
        });
        self.time.push(time);
        self.zone.push(zone);
        self.author.push(place(number));
        self.titles.push_str(title);
        self.title_end.push(length(self.titles.len()));
    }
}

impl Page for Touches {
    fn push(&mut self, entry: &Entry, _rank: u64) {
        match &entry.known {
            Known::Absent => {}
            Known::Present(facts) => match &facts.touched {
                Touched::Unsaid => self.numbers.push(UNSAID),
                Touched::Paths(numbers) => self.numbers.extend(numbers),
            },
        }
        self.end.push(length(self.numbers.len()));
    }
}

impl Page for Rewrites {
    fn push(&mut self, entry: &Entry, _rank: u64) {
        if let Known::Present(facts) = &entry.known {
            self.replaced.extend(facts.replaces.iter().map(|id| (self.rows, *id)));
        }
        self.rows += 1;
    }
}

fn place(at: usize) -> u16 {
    u16::try_from(at).expect("a page has 256 rows")
}

fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("256 short texts and short lists")
}
