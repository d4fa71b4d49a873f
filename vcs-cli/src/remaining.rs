//! What is in conflict still, after some of it was settled.

use crate::line::Line;

/// So many files are, in words.
pub(crate) fn remaining(count: usize) -> Line {
    match count {
        0 => Line::of("Nothing is in conflict any more. Go on with ").code("selkie seal"),
        1 => Line::of("1 file is in conflict still."),
        count => Line::of(&format!("{count} files are in conflict still.")),
    }
}
