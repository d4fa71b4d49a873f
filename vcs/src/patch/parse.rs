//! Patches read from text.

use selkie_store::{PathError, RepoPath};
use thiserror::Error;

use super::{FileMode, FilePatch, PatchBody, PatchSide};
use crate::quote::unquoted;
use crate::rename::Origin;
use crate::text::hunk::{Fate, Hunk, HunkLine};

/// The patches in a text, whatever else stands around them.
///
/// It reads what git writes, with or without its own headers, and what `diff -u` writes. The first part of a path is
/// dropped if it is `a` or `b`.
///
/// # Errors
///
/// The first line that can not be read. Nothing is returned of what could.
pub fn parse_patch(text: &[u8]) -> Result<Vec<FilePatch<'_>>, PatchError> {
    let mut lines = Lines { text, number: 0 };
    let mut patches = Vec::new();
    while let Some(line) = lines.peek() {
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            lines.next();
            patches.push(lines.file(Header::of_git(trimmed(names)))?);
        } else if line.starts_with(b"--- ") && lines.second().starts_with(b"+++ ") {
            patches.push(lines.file(Header::default())?);
        } else {
            lines.next();
        }
    }
    Ok(patches)
}

/// The lines of a hunk that a person edited, whatever its first line says now. Lines that begin with `#` are
/// remarks.
///
/// What remains of the hunk is where it stands; whether its old lines still fit is found out when it
/// is applied.
///
/// # Errors
///
/// A line begins with none of the signs that tell what becomes of it.
pub fn parse_edited<'a>(hunk: &Hunk<'a>, text: &'a [u8]) -> Result<Hunk<'a>, PatchError> {
    let mut source = Lines { text, number: 0 };
    let mut lines = Vec::new();
    while let Some(line) = source.next() {
        if !line.starts_with(b"#") && !line.starts_with(b"@@ ") {
            lines.push(source.line(line)?);
        }
    }
    Ok(Hunk { lines, ..*hunk })
}

/// A text is no patch.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("line {line}: {problem}")]
pub struct PatchError {
    /// The line, the first at 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: PatchProblem,
}

/// What is wrong with a line of a patch.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum PatchProblem {
    /// It names no file that a tree may hold.
    #[error("this is no path in a tree")]
    Path(#[source] PathError),
    /// A name is missing, no text, or its quotes do not end.
    #[error("this names no file")]
    Name,
    /// The numbers of a hunk can not be read.
    #[error("this is no start of a hunk")]
    Title,
    /// A hunk has other lines than its numbers say.
    #[error("the hunk has more or fewer lines than it says")]
    Length,
    /// A number can not be read.
    #[error("this is no number")]
    Number,
}

/// What the lines before the first hunk say.
#[derive(Debug, Default)]
struct Header {
    old: Option<RepoPath>,
    new: Option<RepoPath>,
    old_mode: Option<FileMode>,
    new_mode: Option<FileMode>,
    origin: Origin,
    presence: Presence,
    is_binary: bool,
}

/// Which sides there are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Presence {
    #[default]
    Both,
    OnlyBefore,
    OnlyAfter,
}

impl Header {
    /// The names of git's first line. Only if both are the same is it clear where the first ends; else other
    /// lines name them.
    fn of_git(names: &[u8]) -> Self {
        let halves = || {
            if names.starts_with(b"\"") {
                let (one, rest) = unquoted(names)?;
                return Some((one, unquoted(rest.strip_prefix(b" ")?)?.0));
            }
            let middle = names.len() / 2;
            let (one, other) = names.split_at_checked(middle)?;
            Some((one.to_vec(), other.strip_prefix(b" ")?.to_vec()))
        };
        let path = |name: &[u8]| RepoPath::new(str::from_utf8(name.get(2..)?).ok()?).ok();
        match halves() {
            Some((one, other)) if one.get(2..) == other.get(2..) => {
                Self { old: path(&one), new: path(&other), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Takes in one line, if it belongs to the header.
    fn read(&mut self, line: &[u8]) -> Result<Read, PatchProblem> {
        let rest = |word: &str| line.strip_prefix(word.as_bytes());
        if let Some(mode) = rest("old mode ") {
            self.old_mode = Some(mode_of(mode)?);
        } else if let Some(mode) = rest("new mode ") {
            self.new_mode = Some(mode_of(mode)?);
        } else if let Some(mode) = rest("deleted file mode ") {
            self.old_mode = Some(mode_of(mode)?);
            self.presence = Presence::OnlyBefore;
        } else if let Some(mode) = rest("new file mode ") {
            self.new_mode = Some(mode_of(mode)?);
            self.presence = Presence::OnlyAfter;
        } else if let Some(percent) = rest("similarity index ") {
            let percent = number(percent.strip_suffix(b"%").ok_or(PatchProblem::Number)?)?;
            let percent = u8::try_from(percent).or(Err(PatchProblem::Number))?;
            self.origin = Origin::Renamed { percent };
        } else if let Some(name) = rest("rename from ").or_else(|| rest("copy from ")) {
            self.old = Some(path(name, Prefix::None)?);
        } else if let Some(name) = rest("rename to ") {
            self.new = Some(path(name, Prefix::None)?);
        } else if let Some(name) = rest("copy to ") {
            self.new = Some(path(name, Prefix::None)?);
            if let Origin::Renamed { percent } = self.origin {
                self.origin = Origin::Copied { percent };
            }
        } else if let Some(rest) = rest("index ") {
            let mode = rest.split(|byte| *byte == b' ').nth(1).map(mode_of).transpose()?;
            self.old_mode = self.old_mode.or(mode);
            self.new_mode = self.new_mode.or(mode);
        } else if line.starts_with(b"Binary files ") || line == b"GIT binary patch" {
            self.is_binary = true;
            return Ok(Read::Last);
        } else if let Some(name) = rest("--- ") {
            match side(name)? {
                None => self.presence = Presence::OnlyAfter,
                found @ Some(_) => self.old = found,
            }
        } else if let Some(name) = rest("+++ ") {
            match side(name)? {
                None => self.presence = Presence::OnlyBefore,
                found @ Some(_) => self.new = found,
            }
            return Ok(Read::Last);
        } else if rest("dissimilarity index ").is_none() {
            return Ok(Read::Nothing);
        }
        Ok(Read::More)
    }

    fn finish(self, hunks: Vec<Hunk<'_>>) -> Result<FilePatch<'_>, PatchProblem> {
        let mut before = self.old.map(|path| PatchSide { path, mode: self.old_mode });
        let mut after = self.new.map(|path| PatchSide { path, mode: self.new_mode });
        match self.presence {
            Presence::Both if before.is_none() || after.is_none() => {
                return Err(PatchProblem::Name);
            }
            Presence::Both => {}
            Presence::OnlyBefore => after = None,
            Presence::OnlyAfter => before = None,
        }
        if before.is_none() && after.is_none() {
            return Err(PatchProblem::Name);
        }
        let body = if self.is_binary { PatchBody::Binary } else { PatchBody::Hunks(hunks) };
        Ok(FilePatch { before, after, origin: self.origin, body })
    }
}

/// What a line was to a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Read {
    More,
    Last,
    Nothing,
}

/// Whether a name begins with a part that is none of its path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Prefix {
    AOrB,
    None,
}

fn mode_of(digits: &[u8]) -> Result<FileMode, PatchProblem> {
    let digits = str::from_utf8(digits).or(Err(PatchProblem::Number))?;
    let mode = u32::from_str_radix(digits, 8).or(Err(PatchProblem::Number))?;
    Ok(FileMode::from_number(mode))
}

fn number(digits: &[u8]) -> Result<usize, PatchProblem> {
    let digits = str::from_utf8(digits).or(Err(PatchProblem::Number))?;
    // A line that can not be is no line: places are added up later.
    let number: u32 = digits.parse().or(Err(PatchProblem::Number))?;
    Ok(number as usize)
}

fn side(name: &[u8]) -> Result<Option<RepoPath>, PatchProblem> {
    if name.starts_with(b"/dev/null") { Ok(None) } else { path(name, Prefix::AOrB).map(Some) }
}

fn path(name: &[u8], prefix: Prefix) -> Result<RepoPath, PatchProblem> {
    let (name, _) = unquoted(name).ok_or(PatchProblem::Name)?;
    let name = str::from_utf8(&name).or(Err(PatchProblem::Name))?;
    let bare = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/"));
    let name = bare.filter(|_| prefix == Prefix::AOrB).unwrap_or(name);
    let path = RepoPath::new(name).map_err(PatchProblem::Path)?;
    if path.is_top() { Err(PatchProblem::Name) } else { Ok(path) }
}

/// A line without its newline. A carriage return before it is no part of a header either.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What is left of the text.
#[derive(Debug)]
struct Lines<'a> {
    text: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    fn peek(&self) -> Option<&'a [u8]> {
        self.text.split_inclusive(|byte| *byte == b'\n').next()
    }

    fn second(&self) -> &'a [u8] {
        self.text.split_inclusive(|byte| *byte == b'\n').nth(1).unwrap_or_default()
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.text = &self.text[line.len()..];
        self.number += 1;
        Some(line)
    }

    fn wrong(&self, problem: PatchProblem) -> PatchError {
        PatchError { line: self.number, problem }
    }

    fn file(&mut self, mut header: Header) -> Result<FilePatch<'a>, PatchError> {
        while let Some(line) = self.peek() {
            let number = self.number + 1;
            let read = header.read(trimmed(line));
            let read = read.map_err(|problem| PatchError { line: number, problem })?;
            if read == Read::Nothing {
                break;
            }
            self.next();
            if read == Read::Last {
                break;
            }
        }
        let mut hunks = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.starts_with(b"@@ -")) {
            self.next();
            hunks.push(self.hunk(trimmed(line))?);
        }
        header.finish(hunks).map_err(|problem| self.wrong(problem))
    }

    fn hunk(&mut self, title: &'a [u8]) -> Result<Hunk<'a>, PatchError> {
        let read = read_title(title);
        let Title { mut old, mut new, heading } =
            read.ok_or_else(|| self.wrong(PatchProblem::Title))?;
        let mut hunk = Hunk { before: old.start(), after: new.start(), heading, lines: Vec::new() };
        while old.count > 0 || new.count > 0 {
            let line = self.next().ok_or_else(|| self.wrong(PatchProblem::Length))?;
            let line = self.line(line)?;
            let counts = match line.fate {
                Fate::Kept => old.take() && new.take(),
                Fate::Removed => old.take(),
                Fate::Added => new.take(),
            };
            if !counts {
                return Err(self.wrong(PatchProblem::Length));
            }
            hunk.lines.push(line);
        }
        Ok(hunk)
    }

    /// A line of a hunk, and what follows if that only says that it has no newline.
    fn line(&mut self, line: &'a [u8]) -> Result<HunkLine<'a>, PatchError> {
        let (fate, bytes) = match line.split_first() {
            Some((b' ', bytes)) => (Fate::Kept, bytes),
            Some((b'-', bytes)) => (Fate::Removed, bytes),
            Some((b'+', bytes)) => (Fate::Added, bytes),
            // Some programs cut the space of a blank line.
            Some((b'\n' | b'\r', _)) => (Fate::Kept, line),
            _ => return Err(self.wrong(PatchProblem::Length)),
        };
        if self.peek().is_some_and(|next| next.starts_with(b"\\ ")) {
            self.next();
            return Ok(HunkLine { fate, bytes: bytes.strip_suffix(b"\n").unwrap_or(bytes) });
        }
        Ok(HunkLine { fate, bytes })
    }
}

/// The first line of a hunk.
#[derive(Debug)]
struct Title<'a> {
    old: Stretch,
    new: Stretch,
    heading: &'a [u8],
}

/// Lines of one side.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    first: usize, // the first line at 1; 0 lines stand below it
    count: usize,
}

impl Stretch {
    const fn start(self) -> usize {
        if self.count == 0 { self.first } else { self.first.saturating_sub(1) }
    }

    const fn take(&mut self) -> bool {
        let there = self.count > 0;
        self.count = self.count.saturating_sub(1);
        there
    }

    fn read(digits: &[u8]) -> Option<Self> {
        let mut parts = digits.splitn(2, |byte| *byte == b',');
        let first = number(parts.next()?).ok()?;
        let count = parts.next().map_or(Some(1), |count| number(count).ok())?;
        Some(Self { first, count })
    }
}

fn read_title(line: &[u8]) -> Option<Title<'_>> {
    let rest = line.strip_prefix(b"@@ -")?;
    let end = rest.windows(3).position(|three| three == b" @@")?;
    let (places, heading) = (&rest[..end], &rest[end + 3..]);
    let middle = places.windows(2).position(|two| two == b" +")?;
    let (old, new) = (&places[..middle], &places[middle + 2..]);
    let heading = heading.trim_ascii();
    Some(Title { old: Stretch::read(old)?, new: Stretch::read(new)?, heading })
}
