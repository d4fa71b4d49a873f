//! Three texts, merged by lines.

use std::ops::Range;

use super::kind::{FileKind, Writer};
use super::merged::{MergeWarning, Merged, line_count};
use super::moved::carried;
use super::overlap::Overlap;
use super::part::{Decided, MergeConflict, MergePart, MergeStep};
use super::touching::{ChangedBy, Grain, stretches};
use super::vicinity::shared_definitions;
use crate::text::compare::Algorithm;
use crate::text::lines::Text;
use crate::text::merge3::{Merge3, Region3, RegionKind, merge3};

/// Three texts, laid side by side, and what is known of the file they are of.
#[derive(Debug)]
pub(super) struct Texts<'a> {
    base: &'a Text<'a>,
    one: &'a Text<'a>,
    other: &'a Text<'a>,
    kind: FileKind,
    merged: Merge3,
}

impl<'a> Texts<'a> {
    pub(super) fn new([base, one, other]: [&'a Text<'a>; 3], kind: FileKind) -> Self {
        let merged = merge3(base, one, other, Algorithm::Histogram);
        Self { base, one, other, kind, merged }
    }

    /// The merged text, if no region was changed by both sides.
    pub(super) fn plain(&self) -> Option<Vec<u8>> {
        self.merged.text(self.base, self.one, self.other)
    }

    /// What to look at although it merged.
    pub(super) fn warnings(&self, path: &str) -> Vec<MergeWarning> {
        shared_definitions(path, self.base, &self.merged.regions)
    }

    /// What the steps make of each region that both sides changed, and what is left of it as narrow as it can be told.
    pub(super) fn parts(&self) -> Vec<MergePart> {
        let parts = self.by_region(|region| self.narrowest(region));
        let open = open_lines(&parts);
        if open == 0 || matches!(self.kind.writer, Writer::Command(_)) {
            return parts;
        }
        self.after_moves().filter(|after| open_lines(after) < open).unwrap_or(parts)
    }

    /// The same with each change of one side where the other has its lines now. Nothing if no lines were moved.
    fn after_moves(&self) -> Option<Vec<MergePart>> {
        let [one, other] = carried([self.base, self.one, self.other], &self.merged)?;
        let (ours, theirs) = (Text::new(&one.bytes).ok()?, Text::new(&other.bytes).ok()?);
        let texts = Texts::new([self.base, &ours, &theirs], self.kind);
        let mut parts = Vec::new();
        for region in &texts.merged.regions {
            match region.kind {
                RegionKind::Ours => parts.extend(told(&ours, region.ours.clone(), &one.places)),
                RegionKind::Theirs => {
                    parts.extend(told(&theirs, region.theirs.clone(), &other.places));
                }
                RegionKind::Same | RegionKind::Both => {
                    parts.push(MergePart::Plain(ours.span(region.ours.clone()).to_vec()));
                }
                RegionKind::Conflict => parts.extend(texts.narrowest(region)),
            }
        }
        Some(parts)
    }

    fn by_region(&self, settle: impl Fn(&Region3) -> Vec<MergePart>) -> Vec<MergePart> {
        let mut parts = Vec::new();
        for region in &self.merged.regions {
            match region.kind {
                RegionKind::Same | RegionKind::Ours | RegionKind::Both => {
                    parts.push(MergePart::Plain(self.one.span(region.ours.clone()).to_vec()));
                }
                RegionKind::Theirs => {
                    parts.push(MergePart::Plain(self.other.span(region.theirs.clone()).to_vec()));
                }
                RegionKind::Conflict => parts.extend(settle(region)),
            }
        }
        parts
    }

    /// What the steps make of a region. What they leave is taken apart line by line, if something is left of it then.
    fn narrowest(&self, region: &Region3) -> Vec<MergePart> {
        let by_changes = self.settled(region, Grain::Changes);
        if let Writer::Command(_) = self.kind.writer {
            return by_changes;
        }
        let narrow = |part| match part {
            MergePart::Conflict(conflict) => taken_apart(conflict, self.kind),
            MergePart::Plain(_) | MergePart::Decided(_) => vec![part],
        };
        by_changes.into_iter().flat_map(narrow).collect()
    }

    /// What both sides changed as conflicts, for a file that would be broken by what the steps make of it.
    pub(super) fn unsettled(&self) -> Vec<MergePart> {
        let is_conflict = |region: &Region3| region.kind == RegionKind::Conflict;
        if self.merged.regions.iter().any(is_conflict) {
            return self.unasked();
        }
        vec![self.conflict([0..self.base.len(), 0..self.one.len(), 0..self.other.len()])]
    }

    /// What both sides changed as conflicts, no step asked.
    pub(super) fn unasked(&self) -> Vec<MergePart> {
        let part = |region: &Region3| match region.kind {
            RegionKind::Same | RegionKind::Ours | RegionKind::Both => {
                MergePart::Plain(self.one.span(region.ours.clone()).to_vec())
            }
            RegionKind::Theirs => MergePart::Plain(self.other.span(region.theirs.clone()).to_vec()),
            RegionKind::Conflict => {
                self.conflict([region.base.clone(), region.ours.clone(), region.theirs.clone()])
            }
        };
        self.merged.regions.iter().map(part).collect()
    }

    fn conflict(&self, at: [Range<usize>; 3]) -> MergePart {
        let [base, one, other] = at;
        MergePart::Conflict(MergeConflict {
            base: self.base.span(base).to_vec(),
            ours: self.one.span(one).to_vec(),
            theirs: self.other.span(other).to_vec(),
            offers: Vec::new(),
        })
    }

    fn settled(&self, region: &Region3, grain: Grain) -> Vec<MergePart> {
        let step = match grain {
            Grain::Changes => MergeStep::Touching,
            Grain::Lines => MergeStep::Lines,
        };
        let taken = |bytes: &[u8]| MergePart::Decided(Decided { bytes: bytes.to_vec(), step });
        let (base, one, other, kind) = (self.base, self.one, self.other, self.kind);
        let mut parts = Vec::new();
        for stretch in stretches(&self.merged, region, [base, one, other], kind.writer, grain) {
            match stretch.changed_by {
                ChangedBy::One => parts.push(taken(one.span(stretch.one))),
                ChangedBy::Other => parts.push(taken(other.span(stretch.other))),
                ChangedBy::Both => {
                    let at = [stretch.base, stretch.one, stretch.other];
                    parts.extend(Overlap { base, one, other, at, kind }.parts());
                }
            }
        }
        parts
    }
}

/// A conflict line by line. If nothing is left of it that is only offered: of real files that came apart so, fewer than 60 of 100 were
/// as people recorded them.
fn taken_apart(mut conflict: MergeConflict, kind: FileKind) -> Vec<MergePart> {
    let texts = [&conflict.base, &conflict.ours, &conflict.theirs].map(|bytes| Text::new(bytes));
    let [Ok(base), Ok(one), Ok(other)] = &texts else { return vec![MergePart::Conflict(conflict)] };
    let texts = Texts::new([base, one, other], kind);
    let parts = texts.by_region(|region| texts.settled(region, Grain::Lines));
    let left = open_lines(&parts);
    if left == 0 {
        let bytes = Merged { parts, ..Merged::default() }.bytes();
        conflict.offers.extend(bytes.map(|bytes| Decided { bytes, step: MergeStep::Lines }));
    } else if left < open_lines(&[MergePart::Conflict(conflict.clone())]) {
        return parts;
    }
    vec![MergePart::Conflict(conflict)]
}

/// Lines of one side, with those that changes of the other were carried to.
fn told(side: &Text, at: Range<usize>, places: &[Range<usize>]) -> Vec<MergePart> {
    let mut parts = Vec::new();
    let mut done = at.start;
    for place in places.iter().filter(|place| at.start <= place.start && place.end <= at.end) {
        parts.push(MergePart::Plain(side.span(done..place.start).to_vec()));
        let bytes = side.span(place.clone()).to_vec();
        parts.push(MergePart::Decided(Decided { bytes, step: MergeStep::Moved }));
        done = place.end;
    }
    parts.push(MergePart::Plain(side.span(done..at.end).to_vec()));
    parts
}

/// The lines of both sides that a person has to look at.
fn open_lines(parts: &[MergePart]) -> usize {
    let open = parts.iter().map(|part| match part {
        // The markers are read too: two conflicts are more to look at than one.
        MergePart::Conflict(MergeConflict { ours, theirs, .. }) => {
            1 + line_count(ours) + line_count(theirs)
        }
        MergePart::Plain(_) | MergePart::Decided(_) => 0,
    });
    open.sum()
}
