//! How many lines come and go, file by file.

use selkie_vcs::{FilePatch, LineCount, PatchBody, PathChange};

use crate::differences::outcome::{path, what};
use crate::label::Label;
use crate::line::Line;

/// What is told of one file.
pub(super) struct Row {
    path: String,
    what: &'static str,
    is_text: bool,
    count: LineCount,
}

/// Signs in the longest bar.
const BAR_LEN: usize = 40;

impl Row {
    /// What these patches, of one file, come to.
    pub(super) fn of(change: &PathChange, patches: &[FilePatch]) -> Self {
        let count = count(patches);
        let is_text = !patches.iter().any(|patch| patch.body == PatchBody::Binary);
        Self { path: path(change), what: what(change), is_text, count }
    }

    fn line(&self, path_len: usize, most: usize) -> Line {
        let pad = " ".repeat(path_len - self.path.chars().count());
        let line = Line::of("  ").plain(&self.path).plain(&pad).plain("  ");
        let LineCount { added, removed } = self.count;
        match (self.is_text, added + removed) {
            (false, _) => line.put(Label::Aside, "binary"),
            (true, 0) => line.put(Label::Aside, self.what),
            (true, _) => {
                let line = line.put(Label::Added, &format!("+{added}")).plain(" ");
                let line = line.put(Label::Removed, &format!("-{removed}")).plain("  ");
                // A change is seen however small it is beside others.
                let part = |lines: usize| match lines {
                    0 => 0,
                    _ if most <= BAR_LEN => lines,
                    _ => (lines * BAR_LEN / most).max(1),
                };
                let (come, go) = (part(added), part(removed));
                line.put(Label::Added, &"+".repeat(come)).put(Label::Removed, &"-".repeat(go))
            }
        }
    }
}

/// How many lines come and go by all of these.
pub(super) fn count(patches: &[FilePatch]) -> LineCount {
    patches.iter().map(FilePatch::count).fold(LineCount::default(), sum)
}

/// A line for each file, and one for all.
pub(super) fn lines(rows: &[Row]) -> Vec<Line> {
    let path_len = rows.iter().map(|row| row.path.chars().count()).max().unwrap_or_default();
    let most = rows.iter().map(|row| row.count.added + row.count.removed).max().unwrap_or_default();
    let all = rows.iter().map(|row| row.count).fold(LineCount::default(), sum);
    let files = if rows.len() == 1 { "file" } else { "files" };
    let last = Line::of(&format!("{} {files}, ", rows.len()));
    let last = last.put(Label::Added, &format!("+{}", all.added)).plain(" ");
    let last = last.put(Label::Removed, &format!("-{}", all.removed)).plain(" lines");
    let total = (!rows.is_empty()).then_some(last);
    rows.iter().map(|row| row.line(path_len, most)).chain(total).collect()
}

fn sum(one: LineCount, other: LineCount) -> LineCount {
    LineCount { added: one.added + other.added, removed: one.removed + other.removed }
}
