//! Three texts, merged by lines.

use super::part::{MergeConflict, MergePart};
use crate::text::compare::Algorithm;
use crate::text::lines::Text;
use crate::text::merge3::{RegionKind, merge3};

/// The merge of two texts with the one that both came from.
pub(super) fn merge_text(base: &Text, one: &Text, other: &Text) -> Vec<MergePart> {
    let merged = merge3(base, one, other, Algorithm::Histogram);
    let mut parts = Vec::new();
    for region in &merged.regions {
        let (before, ours, theirs) = (
            base.span(region.base.clone()),
            one.span(region.ours.clone()),
            other.span(region.theirs.clone()),
        );
        parts.push(match region.kind {
            RegionKind::Same | RegionKind::Ours | RegionKind::Both => {
                MergePart::Plain(ours.to_vec())
            }
            RegionKind::Theirs => MergePart::Plain(theirs.to_vec()),
            RegionKind::Conflict => MergePart::Conflict(MergeConflict {
                base: before.to_vec(),
                ours: ours.to_vec(),
                theirs: theirs.to_vec(),
                offers: Vec::new(),
            }),
        });
    }
    parts
}
