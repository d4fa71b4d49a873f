//! Three texts, merged by lines.

use std::ops::Range;

use super::kind::FileKind;
use super::merged::MergeWarning;
use super::overlap::Overlap;
use super::part::{Decided, MergeConflict, MergePart, MergeStep};
use super::touching::{ChangedBy, stretches};
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

    /// What the steps make of each region that both sides changed.
    pub(super) fn parts(&self) -> Vec<MergePart> {
        let mut parts = Vec::new();
        for region in &self.merged.regions {
            match region.kind {
                RegionKind::Same | RegionKind::Ours | RegionKind::Both => {
                    parts.push(MergePart::Plain(self.one.span(region.ours.clone()).to_vec()));
                }
                RegionKind::Theirs => {
                    parts.push(MergePart::Plain(self.other.span(region.theirs.clone()).to_vec()));
                }
                RegionKind::Conflict => self.settle(region, &mut parts),
            }
        }
        parts
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

    fn settle(&self, region: &Region3, parts: &mut Vec<MergePart>) {
        let touching = |bytes: &[u8]| {
            MergePart::Decided(Decided { bytes: bytes.to_vec(), step: MergeStep::Touching })
        };
        for stretch in stretches(&self.merged, region, self.one, self.other, self.kind.writer) {
            match stretch.changed_by {
                ChangedBy::One => parts.push(touching(self.one.span(stretch.one))),
                ChangedBy::Other => parts.push(touching(self.other.span(stretch.other))),
                ChangedBy::Both => {
                    let (base, one, other, kind) = (self.base, self.one, self.other, self.kind);
                    let at = [stretch.base, stretch.one, stretch.other];
                    parts.extend(Overlap { base, one, other, at, kind }.parts());
                }
            }
        }
    }
}
