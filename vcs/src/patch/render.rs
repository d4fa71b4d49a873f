//! A patch as text, in the form that git and `patch` read.

use selkie_store::RepoPath;

use super::{FileMode, FilePatch, PatchBody, PatchSide};
use crate::quote::quoted;
use crate::rename::Origin;
use crate::text::hunk::{Fate, Hunk};

const NO_FILE: &str = "/dev/null";

const NO_NEWLINE: &[u8] = b"\\ No newline at end of file\n";

impl FilePatch<'_> {
    /// The patch as text: headers, then hunks. Lines are given as they are, whatever bytes they have; who
    /// shows them on a terminal makes them safe.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = self.head();
        if let PatchBody::Hunks(hunks) = &self.body {
            hunks.iter().for_each(|hunk| hunk.render(&mut text));
        }
        text
    }

    /// The lines before the first hunk. Of what is no text, all there is.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let (old, new) = (marked("a/", self.before.as_ref()), marked("b/", self.after.as_ref()));
        let names = match &self.body {
            PatchBody::Binary => format!("Binary files {old} and {new} differ\n"),
            PatchBody::Hunks(hunks) if hunks.is_empty() => String::new(),
            PatchBody::Hunks(_) => format!("--- {}\n+++ {}\n", closed(&old), closed(&new)),
        };
        (self.header() + &names).into_bytes()
    }

    fn header(&self) -> String {
        let one = self.before.as_ref().or(self.after.as_ref());
        let other = self.after.as_ref().or(self.before.as_ref());
        let first = format!("diff --git {} {}\n", marked("a/", one), marked("b/", other));
        let mode = |side: &PatchSide| side.mode.map(FileMode::number);
        let single = |side: &PatchSide| mode(side).unwrap_or(FileMode::Plain.number());
        let second = match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let modes = match (mode(before), mode(after)) {
                    (Some(old), Some(new)) if old != new => {
                        format!("old mode {old:06o}\nnew mode {new:06o}\n")
                    }
                    _ => String::new(),
                };
                modes + &origin_lines(self.origin, &before.path, &after.path)
            }
            (Some(gone), None) => format!("deleted file mode {:06o}\n", single(gone)),
            (None, Some(come)) => format!("new file mode {:06o}\n", single(come)),
            (None, None) => String::new(),
        };
        first + &second
    }
}

fn origin_lines(origin: Origin, from: &RepoPath, to: &RepoPath) -> String {
    let (word, percent) = match origin {
        Origin::Same => return String::new(),
        Origin::Renamed { percent } => ("rename", percent),
        Origin::Copied { percent } => ("copy", percent),
    };
    let (from, to) = (quoted("", from.as_str()), quoted("", to.as_str()));
    format!("similarity index {percent}%\n{word} from {from}\n{word} to {to}\n")
}

/// The name of a side with its prefix.
fn marked(prefix: &str, side: Option<&PatchSide>) -> String {
    side.map_or_else(|| NO_FILE.to_owned(), |side| quoted(prefix, side.path.as_str()))
}

/// A name that ends where it ends: a tab after it tells a reader that spaces belong to it.
fn closed(name: &str) -> String {
    let needs_end = name.contains(' ') && !name.starts_with('"');
    if needs_end { format!("{name}\t") } else { name.to_owned() }
}

/// Bytes of a heading that are shown.
const HEADING_LEN_MAX: usize = 80;

impl Hunk<'_> {
    /// The line that says where the hunk is, without its newline.
    #[must_use]
    pub fn title(&self) -> Vec<u8> {
        let place = |start: usize, count: usize| match count {
            // Where there is no line the number is that of the line above.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            _ => format!("{},{count}", start + 1),
        };
        let (old, new) = (self.old_lines().count(), self.new_lines().count());
        let (old, new) = (place(self.before, old), place(self.after, new));
        let mut title = format!("@@ -{old} +{new} @@").into_bytes();
        if !self.heading.is_empty() {
            let mut end = self.heading.len().min(HEADING_LEN_MAX);
            // Not in the middle of a letter.
            while end > 0 && self.heading.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
                end -= 1;
            }
            title.push(b' ');
            title.extend_from_slice(self.heading[..end].trim_ascii_end());
        }
        title
    }

    /// The hunk as a patch has it: its title, then lines whose first byte says what becomes of them. One that
    /// begins with `\\` tells that the line above has no newline.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.render(&mut text);
        text
    }

    fn render(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(&self.title());
        text.push(b'\n');
        let last_new = self.lines.iter().rposition(|line| line.fate != Fate::Removed);
        for (at, line) in self.lines.iter().enumerate() {
            let ends = line.bytes.ends_with(b"\n");
            match line.fate {
                // It has no newline and others come below: it gets one, which is a change.
                Fate::Kept if !ends && Some(at) != last_new => {
                    put(text, b'-', line.bytes);
                    text.push(b'+');
                    text.extend_from_slice(line.bytes);
                    text.push(b'\n');
                }
                Fate::Kept => put(text, b' ', line.bytes),
                Fate::Removed => put(text, b'-', line.bytes),
                Fate::Added => put(text, b'+', line.bytes),
            }
        }
    }
}

fn put(text: &mut Vec<u8>, sign: u8, line: &[u8]) {
    text.push(sign);
    text.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        text.push(b'\n');
        text.extend_from_slice(NO_NEWLINE);
    }
}
