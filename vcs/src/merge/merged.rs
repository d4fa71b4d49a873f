//! What a merge of one file gave.

use super::part::{Decided, MergeConflict, MergePart};

/// A merged file, from top to bottom.
///
/// Its parts joined are the result, if none is a conflict.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Merged {
    /// The parts.
    pub parts: Vec<MergePart>,
    /// The command that writes the file anew from others. Its lines are right only all together, so no step was asked.
    pub remake: Option<&'static str>,
    /// What to look at although it merged.
    pub warnings: Vec<MergeWarning>,
}

/// A definition in which both sides changed lines, each its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MergeWarning {
    /// The line that names it, as the base has it.
    pub definition: Vec<u8>,
}

/// What stands beside the markers of a conflict in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MarkerLabels<'a> {
    /// Behind the opening marker.
    pub ours: &'a str,
    /// Behind the closing one.
    pub theirs: &'a str,
}

/// The bytes of one marker, as git's.
const MARKER_LEN: usize = 7;

impl Merged {
    /// The merged bytes, if nothing is left to decide.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let parts = self.parts.iter().map(|part| match part {
            MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => {
                Some(bytes.as_slice())
            }
            MergePart::Conflict(_) => None,
        });
        Some(parts.collect::<Option<Vec<_>>>()?.concat())
    }

    /// What is left to decide, from top to bottom.
    pub fn conflicts(&self) -> impl Iterator<Item = &MergeConflict> {
        self.parts.iter().filter_map(|part| match part {
            MergePart::Conflict(conflict) => Some(conflict),
            MergePart::Plain(_) | MergePart::Decided(_) => None,
        })
    }

    /// What was settled by more than there being one change, with the line of the marked text that it begins at,
    /// the first at 1.
    pub fn decided(&self) -> impl Iterator<Item = (usize, &Decided)> {
        let mut line = 1;
        self.parts.iter().filter_map(move |part| {
            let at = line;
            line += part.marked_lines();
            match part {
                MergePart::Decided(decided) => Some((at, decided)),
                MergePart::Plain(_) | MergePart::Conflict(_) => None,
            }
        })
    }

    /// The text with each conflict between markers.
    #[must_use]
    pub fn marked(&self, labels: MarkerLabels) -> Vec<u8> {
        let mut text = Vec::new();
        for part in &self.parts {
            match part {
                MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => {
                    text.extend_from_slice(bytes);
                }
                MergePart::Conflict(conflict) => mark(&mut text, conflict, labels),
            }
        }
        text
    }
}

impl MergePart {
    /// The lines it takes in the marked text.
    fn marked_lines(&self) -> usize {
        match self {
            Self::Plain(bytes) | Self::Decided(Decided { bytes, .. }) => line_count(bytes),
            Self::Conflict(MergeConflict { ours, theirs, .. }) => {
                3 + line_count(ours) + line_count(theirs)
            }
        }
    }
}

/// The lines in a text; a last one without an end is one.
pub(crate) fn line_count(bytes: &[u8]) -> usize {
    bytes.split_inclusive(|byte| *byte == b'\n').count()
}

fn mark(text: &mut Vec<u8>, conflict: &MergeConflict, labels: MarkerLabels) {
    let end: &[u8] = if conflict.ours.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let marker = |text: &mut Vec<u8>, sign: u8, label: &str| {
        text.extend_from_slice(&[sign; MARKER_LEN]);
        if !label.is_empty() {
            text.push(b' ');
            text.extend_from_slice(label.as_bytes());
        }
        text.extend_from_slice(end);
    };
    let lines = |text: &mut Vec<u8>, side: &[u8]| {
        text.extend_from_slice(side);
        // A marker begins a line, also below a last line that has no end.
        if !side.is_empty() && !side.ends_with(b"\n") {
            text.extend_from_slice(end);
        }
    };
    marker(text, b'<', labels.ours);
    lines(text, &conflict.ours);
    marker(text, b'=', "");
    lines(text, &conflict.theirs);
    marker(text, b'>', labels.theirs);
}
