//! Three texts, line by line: what each side made of the base, and where both did.
//!
//! Changes of both sides that overlap or touch make one region, and everything else is settled by there being
//! only one change. Touching counts because two insertions at one place have no order, and because what
//! stands beside a change is what its author looked at.

use std::ops::Range;

use super::compare::{Algorithm, Comparing, LineChange, TextChanges, compare_lines};
use super::lines::Text;

/// A base and what two sides made of it.
///
/// The regions cover all three texts from top to bottom, in order and without gaps. Swapping the sides swaps
/// `ours` and `theirs` in everything and changes nothing else.
///
/// ```
/// use selkie_vcs::{Algorithm, RegionKind, Text, merge3};
/// let [base, ours, theirs] =
///     [&b"a\nb\nc\n"[..], b"A\nb\nc\n", b"a\nb\nC\n"].map(|text| Text::new(text).unwrap());
/// let merged = merge3(&base, &ours, &theirs, Algorithm::Histogram);
/// let kinds: Vec<_> = merged.regions.iter().map(|region| region.kind).collect();
/// assert_eq!(kinds, [RegionKind::Ours, RegionKind::Same, RegionKind::Theirs]);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Merge3 {
    /// The regions, from top to bottom.
    pub regions: Vec<Region3>,
    /// What our side made of the base. Finer steps look at the changes inside a region.
    pub ours: TextChanges,
    /// What their side made of it.
    pub theirs: TextChanges,
}

/// A part of three texts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Region3 {
    /// Who changed it.
    pub kind: RegionKind,
    /// Its lines in the base.
    pub base: Range<usize>,
    /// Its lines in our text.
    pub ours: Range<usize>,
    /// Its lines in their text.
    pub theirs: Range<usize>,
    /// Which of our changes are in it.
    pub our_changes: Range<usize>,
    /// Which of their changes are.
    pub their_changes: Range<usize>,
}

/// Who changed a part of the base.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RegionKind {
    /// Nobody.
    Same,
    /// Our side alone.
    Ours,
    /// Their side alone.
    Theirs,
    /// Both, to the same lines.
    Both,
    /// Both, to other lines.
    Conflict,
}

/// Compares both sides with the base and lays the changes side by side.
#[must_use]
pub fn merge3(base: &Text, ours: &Text, theirs: &Text, algorithm: Algorithm) -> Merge3 {
    // What differs in white space differs: a merge loses nothing.
    let how = Comparing { algorithm, ..Comparing::default() };
    let (our_changes, their_changes) =
        (compare_lines(base, ours, how), compare_lines(base, theirs, how));
    let mut walk = Walk {
        ours: Side { changes: &our_changes.changes, next: 0, at: 0 },
        theirs: Side { changes: &their_changes.changes, next: 0, at: 0 },
        base: 0,
    };
    let mut regions = Vec::new();
    while let Some(start) = walk.next_start() {
        regions.extend(walk.same(start));
        let mut region = walk.changed(start);
        if region.kind == RegionKind::Conflict
            && ours.span(region.ours.clone()) == theirs.span(region.theirs.clone())
        {
            region.kind = RegionKind::Both;
        }
        regions.push(region);
    }
    regions.extend(walk.same(base.len()));
    Merge3 { regions, ours: our_changes, theirs: their_changes }
}

impl Merge3 {
    /// The merged text, if nothing is in conflict. The texts are those that were merged.
    #[must_use]
    pub fn text(&self, base: &Text, ours: &Text, theirs: &Text) -> Option<Vec<u8>> {
        let mut merged = Vec::with_capacity(ours.bytes().len().max(theirs.bytes().len()));
        for region in &self.regions {
            merged.extend_from_slice(match region.kind {
                RegionKind::Same => base.span(region.base.clone()),
                RegionKind::Ours | RegionKind::Both => ours.span(region.ours.clone()),
                RegionKind::Theirs => theirs.span(region.theirs.clone()),
                RegionKind::Conflict => return None,
            });
        }
        Some(merged)
    }
}

/// How far down all three texts are done.
#[derive(Debug)]
struct Walk<'a> {
    ours: Side<'a>,
    theirs: Side<'a>,
    base: usize,
}

/// How far down one side is done.
#[derive(Debug)]
struct Side<'a> {
    changes: &'a [LineChange],
    next: usize, // the first change that is not done
    at: usize,   // the line that stands where the base stands
}

impl Walk<'_> {
    /// Where the next change of either side begins.
    fn next_start(&self) -> Option<usize> {
        let starts = [&self.ours, &self.theirs].map(Side::peek);
        starts.into_iter().flatten().map(|change| change.before.start).min()
    }

    /// The lines before `end`, which nobody changed.
    fn same(&mut self, end: usize) -> Option<Region3> {
        let (ours, our_changes) = self.ours.take(self.ours.next, self.base, end);
        let (theirs, their_changes) = self.theirs.take(self.theirs.next, self.base, end);
        let base = self.base..end;
        self.base = end;
        let kind = RegionKind::Same;
        let region = Region3 { kind, base, ours, theirs, our_changes, their_changes };
        (!region.base.is_empty()).then_some(region)
    }

    /// The region that begins with the change at `start`.
    fn changed(&mut self, start: usize) -> Region3 {
        let mut end = start;
        let (mut ours, mut theirs) = (self.ours.next, self.theirs.next);
        loop {
            let touching = |side: &Side, next: usize| {
                let change = side.changes.get(next)?;
                (change.before.start <= end).then_some(change.before.end)
            };
            if let Some(further) = touching(&self.ours, ours) {
                ours += 1;
                end = end.max(further);
            } else if let Some(further) = touching(&self.theirs, theirs) {
                theirs += 1;
                end = end.max(further);
            } else {
                break;
            }
        }
        let kind = match (ours > self.ours.next, theirs > self.theirs.next) {
            (true, false) => RegionKind::Ours,
            (false, true) => RegionKind::Theirs,
            // Which of both it is the lines tell.
            (true, true) | (false, false) => RegionKind::Conflict,
        };
        let (ours, our_changes) = self.ours.take(ours, start, end);
        let (theirs, their_changes) = self.theirs.take(theirs, start, end);
        self.base = end;
        Region3 { kind, base: start..end, ours, theirs, our_changes, their_changes }
    }
}

impl<'a> Side<'a> {
    fn peek(&self) -> Option<&'a LineChange> {
        self.changes.get(self.next)
    }

    /// The lines of this side for `start..end` of the base, in which the changes up to `next` lie.
    fn take(&mut self, next: usize, start: usize, end: usize) -> (Range<usize>, Range<usize>) {
        let changes = self.next..next;
        let first = self.at;
        self.at = match self.changes[changes.clone()].last() {
            Some(last) => last.after.end + (end - last.before.end),
            None => first + (end - start),
        };
        self.next = next;
        (first..self.at, changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dice::Dice;

    fn merged(base: &str, ours: &str, theirs: &str) -> (Vec<RegionKind>, Option<String>) {
        let [base, ours, theirs] =
            [base, ours, theirs].map(|text| Text::new(text.as_bytes()).unwrap());
        let merged = merge3(&base, &ours, &theirs, Algorithm::Histogram);
        let text = merged.text(&base, &ours, &theirs);
        let kinds = merged.regions.iter().map(|region| region.kind).collect();
        (kinds, text.map(|text| String::from_utf8(text).unwrap()))
    }

    #[test]
    fn each_region_says_who_changed_it() {
        use RegionKind::{Both, Conflict, Ours, Same, Theirs};
        for (base, ours, theirs, kinds, text) in [
            ("", "", "", vec![], Some("")),
            ("a\n", "a\n", "a\n", vec![Same], Some("a\n")),
            ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", vec![Ours, Same, Theirs], Some("A\nb\nC\n")),
            ("b\n", "a\nb\n", "b\nc\n", vec![Ours, Same, Theirs], Some("a\nb\nc\n")),
            ("b\n", "a\nb\n", "a\nb\n", vec![Both, Same], Some("a\nb\n")),
            ("b\n", "a\nb\n", "x\nb\n", vec![Conflict, Same], None),
            ("b\n", "b\na\n", "b\nx\n", vec![Same, Conflict], None),
            // Touching, on one line each.
            ("a\nb\n", "A\nb\n", "a\nB\n", vec![Conflict], None),
            ("a\nb\n", "a\nx\nb\n", "a\nB\n", vec![Same, Conflict], None),
            // One change across two of the other side.
            ("a\nb\nc\nd\n", "A\nb\nC\nd\n", "x\ny\nz\nd\n", vec![Conflict, Same], None),
            ("a\n", "", "a\n", vec![Ours], Some("")),
            ("a\n", "", "", vec![Both], Some("")),
            ("a", "a\n", "a", vec![Ours], Some("a\n")),
        ] {
            let expected = (kinds, text.map(str::to_owned));
            assert_eq!(merged(base, ours, theirs), expected, "{base:?} {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn the_laws_of_merging_hold() {
        let mut dice = Dice(1);
        for _ in 0..3000 {
            let base = dice.text();
            let (ours, theirs) = (dice.edited(&base), dice.edited(&base));
            assert_eq!(merged(&base, &ours, &base).1.as_ref(), Some(&ours));
            assert_eq!(merged(&base, &base, &ours).1.as_ref(), Some(&ours));
            assert_eq!(merged(&base, &ours, &ours).1.as_ref(), Some(&ours));
            assert_eq!(merged(&base, &ours, &theirs).1, merged(&base, &theirs, &ours).1);
        }
    }

    #[test]
    fn swapping_the_sides_swaps_the_sides() {
        let mut dice = Dice(2);
        for _ in 0..1000 {
            let base = dice.text();
            let (ours, theirs) = (dice.edited(&base), dice.edited(&base));
            let [base, ours, theirs] =
                [&base, &ours, &theirs].map(|text| Text::new(text.as_bytes()).unwrap());
            let one = merge3(&base, &ours, &theirs, Algorithm::Histogram);
            let mut other = merge3(&base, &theirs, &ours, Algorithm::Histogram);
            std::mem::swap(&mut other.ours, &mut other.theirs);
            for region in &mut other.regions {
                std::mem::swap(&mut region.ours, &mut region.theirs);
                std::mem::swap(&mut region.our_changes, &mut region.their_changes);
                region.kind = match region.kind {
                    RegionKind::Ours => RegionKind::Theirs,
                    RegionKind::Theirs => RegionKind::Ours,
                    kind @ (RegionKind::Same | RegionKind::Both | RegionKind::Conflict) => kind,
                };
            }
            assert_eq!(one, other);
        }
    }

    #[test]
    fn the_regions_cover_all_three_texts() {
        let mut dice = Dice(3);
        for _ in 0..2000 {
            let base = dice.text();
            let (ours, theirs) = (dice.edited(&base), dice.text());
            let [base, ours, theirs] =
                [&base, &ours, &theirs].map(|text| Text::new(text.as_bytes()).unwrap());
            let merged = merge3(&base, &ours, &theirs, Algorithm::Myers);
            let (mut at, mut our_changes, mut their_changes) = ((0, 0, 0), 0, 0);
            for region in &merged.regions {
                let starts = (region.base.start, region.ours.start, region.theirs.start);
                assert_eq!(starts, at);
                at = (region.base.end, region.ours.end, region.theirs.end);
                assert_eq!(region.our_changes.start, our_changes);
                assert_eq!(region.their_changes.start, their_changes);
                (our_changes, their_changes) = (region.our_changes.end, region.their_changes.end);
                let [one, our, their] = [
                    base.span(region.base.clone()),
                    ours.span(region.ours.clone()),
                    theirs.span(region.theirs.clone()),
                ];
                assert!(match region.kind {
                    RegionKind::Same => one == our && one == their,
                    RegionKind::Ours => one != our && one == their,
                    RegionKind::Theirs => one == our && one != their,
                    RegionKind::Both => one != our && our == their,
                    RegionKind::Conflict => one != our && one != their && our != their,
                });
            }
            assert_eq!(at, (base.len(), ours.len(), theirs.len()));
            let counts = (merged.ours.changes.len(), merged.theirs.changes.len());
            assert_eq!((our_changes, their_changes), counts);
        }
    }
}
