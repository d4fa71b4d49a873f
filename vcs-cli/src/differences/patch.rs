//! A patch as a person reads it.

use selkie_vcs::{FilePatch, PatchBody};

use crate::label::Label;
use crate::line::Line;

/// The lines of a patch. What a terminal would obey is spelled out in them.
pub(super) fn lines(patch: &FilePatch) -> Vec<Line> {
    let mut lines = head(patch);
    if let PatchBody::Hunks(hunks) = &patch.body {
        for hunk in hunks {
            let bytes = hunk.to_bytes();
            lines.extend(bytes.split_inclusive(|byte| *byte == b'\n').map(line));
        }
    }
    lines
}

/// The lines before the first hunk.
pub(super) fn head(patch: &FilePatch) -> Vec<Line> {
    let head = patch.head();
    let lines = head.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| Line::default().content(Label::Verb, ended(line))).collect()
}

fn line(line: &[u8]) -> Line {
    let label = match line.first() {
        Some(b'+') => Label::Added,
        Some(b'-') => Label::Removed,
        Some(b'@') => Label::Code,
        Some(b'\\') => Label::Aside,
        Some(_) | None => Label::Plain,
    };
    Line::default().content(label, ended(line))
}

/// A line without its newline.
pub(super) fn ended(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}
