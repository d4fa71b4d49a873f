//! Parts that begin and end within lines, made to be of whole lines.
//!
//! People read and choose lines. What stands before and behind a conflict on its line is settled, so it is the same in all
//! three of its texts.

use super::part::{Decided, MergeConflict, MergePart};

/// The same parts, each of whole lines.
pub(super) fn whole_lines(parts: Vec<MergePart>) -> Vec<MergePart> {
    let mut whole = Vec::new();
    let mut open: Option<MergePart> = None;
    for part in parts {
        for piece in pieces(part) {
            let joined = match open.take() {
                Some(before) => join(before, piece),
                None => piece,
            };
            if is_closed(&joined) {
                whole.push(joined);
            } else {
                open = Some(joined);
            }
        }
    }
    whole.extend(open);
    whole
}

/// The same parts, each line with an end that stands above another: the last line of a file may have none.
pub(super) fn ended_lines(mut parts: Vec<MergePart>, end: &[u8]) -> Vec<MergePart> {
    parts.retain(|part| !part.is_empty() || part.is_ruled());
    let last = parts.iter().rposition(|part| !part.is_empty()).unwrap_or_default();
    for part in &mut parts[..last] {
        match part {
            MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => {
                finish(bytes, end);
            }
            MergePart::Conflict(MergeConflict { base, ours, theirs, .. }) => {
                [base, ours, theirs].into_iter().for_each(|bytes| finish(bytes, end));
            }
        }
    }
    parts
}

fn finish(bytes: &mut Vec<u8>, end: &[u8]) {
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.extend_from_slice(end);
    }
}

/// A part as what ends the line before, lines, and what begins the next one.
fn pieces(part: MergePart) -> Vec<MergePart> {
    let MergePart::Plain(bytes) = part else { return vec![part] };
    let head = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    let tail = bytes.iter().rposition(|byte| *byte == b'\n').map_or(head, |at| (at + 1).max(head));
    let pieces = [&bytes[..head], &bytes[head..tail], &bytes[tail..]];
    let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    pieces.map(|piece| MergePart::Plain(piece.to_vec())).collect()
}

fn is_closed(part: &MergePart) -> bool {
    let closed = |bytes: &[u8]| bytes.is_empty() || bytes.ends_with(b"\n");
    match part {
        MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => closed(bytes),
        MergePart::Conflict(MergeConflict { base, ours, theirs, .. }) => {
            closed(base) && closed(ours) && closed(theirs)
        }
    }
}

fn join(before: MergePart, after: MergePart) -> MergePart {
    use MergePart::{Conflict, Plain};
    match (before, after) {
        (Plain(one), Plain(other)) => Plain([one, other].concat()),
        (Conflict(one), other) => Conflict(one.joined(&texts(other))),
        (one, Conflict(other)) => Conflict(texts(one).joined(&other)),
        (MergePart::Decided(one), Plain(other)) => {
            MergePart::Decided(Decided { bytes: [one.bytes, other].concat(), step: one.step })
        }
        (Plain(one), MergePart::Decided(other)) => {
            MergePart::Decided(Decided { bytes: [one, other.bytes].concat(), step: other.step })
        }
        (MergePart::Decided(one), MergePart::Decided(other)) => MergePart::Decided(Decided {
            bytes: [one.bytes, other.bytes].concat(),
            // The step that had to decide more.
            step: one.step.max(other.step),
        }),
    }
}

/// A part as a conflict in which all agree.
fn texts(part: MergePart) -> MergeConflict {
    match part {
        MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => MergeConflict {
            base: bytes.clone(),
            ours: bytes.clone(),
            theirs: bytes,
            offers: Vec::new(),
        },
        MergePart::Conflict(conflict) => conflict,
    }
}
