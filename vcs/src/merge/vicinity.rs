//! Changes of both sides in one definition.
//!
//! Lines far enough apart merge, and yet one side may rely on what the other changed: a function whose first line
//! checks what its last line uses. Nothing is wrong with the text, so this is a warning and no conflict.

use super::merged::MergeWarning;
use crate::text::heading::Heading;
use crate::text::lines::Text;
use crate::text::merge3::{Region3, RegionKind};

/// The definitions of a program in which each side changed something. Other files have no definitions.
pub(super) fn shared_definitions(
    path: &str,
    base: &Text,
    regions: &[Region3],
) -> Vec<MergeWarning> {
    let heading = match (Heading::of(path), path.rsplit('.').next()) {
        (Heading::Definition, _) => Heading::Definition,
        (_, Some("c" | "h" | "cc" | "cpp" | "hpp")) => Heading::Letter,
        (Heading::Letter | Heading::Title | Heading::Section, _) => return Vec::new(),
    };
    let mut warnings = Vec::new();
    let mut here: Option<&[u8]> = None;
    let (mut ours, mut theirs) = (0, 0);
    for region in regions {
        match region.kind {
            RegionKind::Ours => ours += 1,
            RegionKind::Theirs => theirs += 1,
            // What both changed at one place is told as what it is.
            RegionKind::Same | RegionKind::Both | RegionKind::Conflict => {}
        }
        if let Some(next) = heading.above(base, region.base.clone()) {
            let found = here.filter(|_| ours > 0 && theirs > 0);
            warnings
                .extend(found.map(|definition| MergeWarning { definition: definition.to_vec() }));
            (here, ours, theirs) = (Some(next), 0, 0);
        }
    }
    let found = here.filter(|_| ours > 0 && theirs > 0);
    warnings.extend(found.map(|definition| MergeWarning { definition: definition.to_vec() }));
    warnings
}
