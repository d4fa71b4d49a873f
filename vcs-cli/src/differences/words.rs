//! A patch in whose lines the words that go and come are marked.

use selkie_vcs::{Fate, FilePatch, HunkLine, PatchBody, weave_words};

use crate::differences::patch::{ended, head};
use crate::label::Label;
use crate::line::Line;

/// The lines of a patch: words that go are in `[-` and `-]`, those that come in `{+` and `+}`.
pub(super) fn lines(patch: &FilePatch) -> Vec<Line> {
    let mut lines = head(patch);
    let PatchBody::Hunks(hunks) = &patch.body else { return lines };
    for hunk in hunks {
        lines.push(Line::default().content(Label::Code, &hunk.title()));
        let is_kept = |line: &HunkLine| line.fate == Fate::Kept;
        for run in hunk.lines.chunk_by(|one, next| is_kept(one) == is_kept(next)) {
            if is_kept(&run[0]) {
                lines.extend(run.iter().map(kept));
                continue;
            }
            let side = |fate| -> Vec<u8> {
                let lines = run.iter().filter(|line| line.fate == fate);
                lines.flat_map(|line| line.bytes).copied().collect()
            };
            let (old, new) = (side(Fate::Removed), side(Fate::Added));
            lines.extend(woven(&weave_words(&old, &new)));
        }
    }
    lines
}

fn kept(line: &HunkLine) -> Line {
    Line::default().content(Label::Plain, ended(line.bytes))
}

/// The pieces on as many lines as they have ends of lines.
fn woven(pieces: &[HunkLine]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    for piece in pieces {
        let text = ended(piece.bytes);
        line = match piece.fate {
            _ if text.is_empty() => line,
            Fate::Kept => line.content(Label::Plain, text),
            Fate::Removed => line.content(Label::Removed, &[b"[-", text, b"-]"].concat()),
            Fate::Added => line.content(Label::Added, &[b"{+", text, b"+}"].concat()),
        };
        if piece.bytes.ends_with(b"\n") {
            lines.push(std::mem::take(&mut line));
        }
    }
    if line != Line::default() {
        lines.push(line);
    }
    lines
}
