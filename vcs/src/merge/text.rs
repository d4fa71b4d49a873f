//! Three texts, merged by lines.

use super::kind::FileKind;
use super::overlap::Overlap;
use super::part::{Decided, MergeConflict, MergePart, MergeStep};
use super::touching::{ChangedBy, stretches};
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

    /// Everything as a conflict, for a file that would be broken whatever a step made of it.
    pub(super) fn unsettled(&self) -> Vec<MergePart> {
        let [base, ours, theirs] =
            [self.base, self.one, self.other].map(|text| text.bytes().to_vec());
        vec![MergePart::Conflict(MergeConflict { base, ours, theirs, offers: Vec::new() })]
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
