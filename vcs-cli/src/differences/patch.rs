//! A patch as a person reads it.

use selkie_vcs::{FilePatch, Hunk, PatchBody};

use crate::label::Label;
use crate::line::Line;

/// The lines of a patch. What a terminal would obey is spelled out in them.
pub(super) fn lines(patch: &FilePatch) -> Vec<Line> {
    let mut lines = head(patch);
    if let PatchBody::Hunks(hunks) = &patch.body {
        lines.extend(hunks.iter().flat_map(hunk_lines));
    }
    lines
}

/// The lines before the first hunk.
pub(crate) fn head(patch: &FilePatch) -> Vec<Line> {
    let head = patch.head();
    let lines = head.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| Line::default().content(Label::Verb, ended(line))).collect()
}

/// The lines of a hunk.
pub(crate) fn hunk_lines(hunk: &Hunk) -> Vec<Line> {
    let bytes = hunk.to_bytes();
    bytes.split_inclusive(|byte| *byte == b'\n').map(line).collect()
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
