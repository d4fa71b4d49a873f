//! Three texts, merged by lines.

use super::overlap::Overlap;
use super::part::{Decided, MergePart, MergeStep};
use super::touching::{ChangedBy, stretches};
use super::words::Versions;
use crate::text::compare::Algorithm;
use crate::text::lines::Text;
use crate::text::merge3::{Merge3, Region3, RegionKind, merge3};

/// Three texts, and what is known of the file they are of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a> {
    pub(super) base: &'a Text<'a>,
    pub(super) one: &'a Text<'a>,
    pub(super) other: &'a Text<'a>,
    pub(super) is_changelog: bool,
    pub(super) versions: Versions,
}

impl Texts<'_> {
    /// The merge of two texts with the one that both came from.
    pub(super) fn merge(&self) -> Vec<MergePart> {
        let merged = merge3(self.base, self.one, self.other, Algorithm::Histogram);
        let mut parts = Vec::new();
        for region in &merged.regions {
            match region.kind {
                RegionKind::Same | RegionKind::Ours | RegionKind::Both => {
                    parts.push(MergePart::Plain(self.one.span(region.ours.clone()).to_vec()));
                }
                RegionKind::Theirs => {
                    parts.push(MergePart::Plain(self.other.span(region.theirs.clone()).to_vec()));
                }
                RegionKind::Conflict => self.settle(&merged, region, &mut parts),
            }
        }
        parts
    }

    /// The merged text, if no region was changed by both sides.
    pub(super) fn plain(&self) -> Option<Vec<u8>> {
        let merged = merge3(self.base, self.one, self.other, Algorithm::Histogram);
        merged.text(self.base, self.one, self.other)
    }

    fn settle(&self, merged: &Merge3, region: &Region3, parts: &mut Vec<MergePart>) {
        for stretch in stretches(merged, region, self.one, self.other) {
            let touching = |bytes: &[u8]| {
                MergePart::Decided(Decided { bytes: bytes.to_vec(), step: MergeStep::Touching })
            };
            match stretch.changed_by {
                ChangedBy::One => parts.push(touching(self.one.span(stretch.one))),
                ChangedBy::Other => parts.push(touching(self.other.span(stretch.other))),
                ChangedBy::Both => {
                    let (base, one, other) = (self.base, self.one, self.other);
                    let at = [stretch.base, stretch.one, stretch.other];
                    let overlap = Overlap { base, one, other, at };
                    parts.extend(overlap.parts(self.is_changelog, self.versions));
                }
            }
        }
    }
}
