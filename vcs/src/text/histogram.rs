//! Comparing by the rarest common run.
//!
//! The longest run of common tokens around the rarest of them splits both sequences, and both halves
//! are compared in the same way. So a comparison holds on to what is telling (a name, a signature) and not to
//! what stands everywhere (a brace, a blank line).
//!
//! Each split looks at all of a region, so many splits at one end are quadratic: there is fuel for a
//! number of steps that ordinary texts never need, and what is left when it is spent is split by anchors.

use super::anchors;
use super::marks::{Effort, Marks, Region};

/// What may be spent on any comparison: some tens of milliseconds.
const FUEL: usize = 16 << 20;

/// What may be spent on top of it for each token.
const FUEL_PER_TOKEN: usize = 64;

/// A token that stands in the region more often than this tells nothing.
const OCCURRENCES_MAX: u32 = 64;

const NONE: u32 = u32::MAX;

/// Marks what changed. Tokens are smaller than `kinds`.
pub(super) fn histogram(marks: &mut Marks, kinds: usize) {
    let tokens = marks.before.len() + marks.after.len();
    let mut table = Table::new(marks.before.len(), kinds);
    let mut fuel = Fuel(FUEL + FUEL_PER_TOKEN * tokens);
    // A stack of our own: regions may lie in one another as deep as the text is long.
    let mut regions = vec![marks.whole()];
    while let Some(region) = regions.pop() {
        let Some(region) = marks.stripped(region) else { continue };
        if fuel.is_spent() {
            marks.effort = Effort::Bounded;
            anchors::split(marks, &region);
            continue;
        }
        match table.search(marks, &region, &mut fuel) {
            Found::Nothing => marks.mark(region),
            Found::Common(run) => {
                let Region { before, after } = region;
                let left = Region {
                    before: before.start..run.before.start,
                    after: after.start..run.after.start,
                };
                let right =
                    Region { before: run.before.end..before.end, after: run.after.end..after.end };
                regions.extend([right, left]);
            }
            Found::Everywhere => anchors::split(marks, &region),
        }
    }
}

/// Steps that may still be taken.
#[derive(Debug)]
struct Fuel(usize);

impl Fuel {
    const fn is_spent(&self) -> bool {
        self.0 == 0
    }

    const fn spend(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps);
    }
}

#[derive(Debug)]
enum Found {
    /// The region has no common token.
    Nothing,
    /// It has some, and they stand too often to tell anything.
    Everywhere,
    Common(Region),
}

/// Where each token stands in the earlier part of one region. Empty between two searches.
#[derive(Debug)]
struct Table {
    first: Vec<u32>,     // by token
    counts: Vec<u32>,    // by token
    following: Vec<u32>, // by place in `before`: the next place of the same token
}

impl Table {
    fn new(places: usize, kinds: usize) -> Self {
        Self { first: vec![NONE; kinds], counts: vec![0; kinds], following: vec![NONE; places] }
    }

    fn search(&mut self, marks: &Marks, region: &Region, fuel: &mut Fuel) -> Found {
        fuel.spend(region.before.len() + region.after.len());
        self.fill(marks, region);
        let mut best: Option<(Region, u32)> = None;
        let mut common = false;
        let mut at = region.after.start;
        while at < region.after.end {
            let token = marks.after[at] as usize;
            let count = self.counts[token];
            common |= count > 0;
            let rarest = best.as_ref().map_or(OCCURRENCES_MAX, |(_, count)| *count);
            if count == 0 || count > rarest {
                at += 1;
                continue;
            }
            let mut next = at + 1;
            let mut place = self.first[token];
            while place != NONE {
                let (run, rarity) = self.run_around(marks, region, place as usize, at);
                fuel.spend(run.before.len());
                next = next.max(run.after.end);
                let end = run.before.end;
                if best.as_ref().is_none_or(|(best, count)| {
                    best.before.len() < run.before.len() || rarity < *count
                }) {
                    best = Some((run, rarity));
                }
                // Places inside the run lead to runs beside it, which are shorter.
                while place != NONE && (place as usize) < end {
                    place = self.following[place as usize];
                }
            }
            at = next;
        }
        self.clear(marks, region);
        match best {
            Some((run, _)) => Found::Common(run),
            None if common => Found::Everywhere,
            None => Found::Nothing,
        }
    }

    /// The longest common run through these two places, and how often its rarest token stands in the region.
    fn run_around(
        &self,
        marks: &Marks,
        region: &Region,
        before: usize,
        after: usize,
    ) -> (Region, u32) {
        let backward = marks.before[region.before.start..before].iter().rev();
        let backward = backward.zip(marks.after[region.after.start..after].iter().rev());
        let back = backward.take_while(|(one, other)| one == other).count();
        let forward = marks.before[before..region.before.end].iter();
        let forward = forward.zip(&marks.after[after..region.after.end]);
        let ahead = forward.take_while(|(one, other)| one == other).count();
        let run =
            Region { before: before - back..before + ahead, after: after - back..after + ahead };
        let counts = marks.before[run.before.clone()].iter();
        let rarity = counts.map(|token| self.counts[*token as usize]).min().unwrap_or(NONE);
        (run, rarity)
    }

    fn fill(&mut self, marks: &Marks, region: &Region) {
        // Backwards, so that the places of a token are met in ascending order.
        for place in region.before.clone().rev() {
            let token = marks.before[place] as usize;
            self.following[place] = self.first[token];
            self.first[token] = u32::try_from(place).expect("a text has fewer lines than bytes");
            self.counts[token] += 1;
        }
    }

    fn clear(&mut self, marks: &Marks, region: &Region) {
        for token in &marks.before[region.before.clone()] {
            self.first[*token as usize] = NONE;
            self.counts[*token as usize] = 0;
        }
    }
}
