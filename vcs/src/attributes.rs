//! What git's attributes say of a file: `.gitattributes` of its folder and of those above it.
//!
//! The innermost list that says something of an attribute decides, and in a list the last line. What is read are files
//! of the working copy or of a tree; git's own lists of one person or one repository are not, since two replicas would
//! then make different things of the same files.

use std::collections::BTreeMap;
use std::sync::Arc;

use self::line::{Line, State, States};
use crate::ignore::pattern::Pattern;

pub(crate) mod line;
#[cfg(test)]
mod tests;

/// The lists in force in one folder.
///
/// ```
/// use selkie_vcs::{Attributes, LineEnds, LineEnd};
/// let top = Attributes::default().inside("", b"*.txt text\n*.bat eol=crlf\n");
/// let inner = top.inside("old/", b"*.txt -text\n");
/// assert_eq!(inner.line_ends("old/run.bat"), LineEnds::Text(LineEnd::ReturnAndFeed));
/// assert_eq!(inner.line_ends("old/read.txt"), LineEnds::AsTheyAre);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    lists: Option<Arc<Level>>,
}

/// The list of one folder, and those of the folders around it.
#[derive(Debug)]
struct Level {
    lines: Vec<(Pattern, States)>,
    // Those of the list at the top alone: others may not say what a word means.
    macros: BTreeMap<Box<[u8]>, States>,
    // Bytes of the folder's own path.
    base: usize,
    outer: Option<Arc<Level>>,
}

/// How the lines of a file end on disk. In the store they end with line feeds, unless they are left as they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnds {
    /// Nobody says: no byte is changed.
    AsTheyAre,
    /// In this way.
    Text(LineEnd),
    /// In this way if it is a text, and its lines end alike.
    TextAlone(LineEnd),
}

/// The end of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnd {
    /// `\n`.
    Feed,
    /// `\r\n`.
    ReturnAndFeed,
}

/// How the two sides of a file are merged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MergeAttribute {
    /// Nobody says.
    Unsaid,
    /// Line by line, whatever it looks like.
    Text,
    /// As one thing.
    Binary,
    /// Lines of both sides.
    Union,
}

/// How a change of a file is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DiffAttribute {
    /// Nobody says.
    Unsaid,
    /// Line by line, whatever it looks like.
    Text,
    /// Only that it differs.
    Binary,
}

impl Attributes {
    /// The name of the lists.
    pub const FILE: &str = ".gitattributes";

    /// These, with the list of the folder at `path`, which ends in a slash but for the top.
    #[must_use]
    pub fn inside(&self, path: &str, list: &[u8]) -> Self {
        let list = list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(list);
        let (mut lines, mut macros) = (Vec::new(), BTreeMap::new());
        for line in list.split(|byte| *byte == b'\n').filter_map(Line::parse) {
            match line {
                Line::Paths(pattern, states) => lines.push((pattern, states)),
                Line::Macro(name, states) if path.is_empty() => drop(macros.insert(name, states)),
                Line::Macro(..) => {}
            }
        }
        if lines.is_empty() && macros.is_empty() {
            return self.clone();
        }
        let level = Level { lines, macros, base: path.len(), outer: self.lists.clone() };
        Self { lists: Some(Arc::new(level)) }
    }

    /// How the lines of the file at `path` end.
    #[must_use]
    pub fn line_ends(&self, path: &str) -> LineEnds {
        let Some(said) = self.said(path) else { return LineEnds::AsTheyAre };
        let native = if cfg!(windows) { LineEnd::ReturnAndFeed } else { LineEnd::Feed };
        let eol = match said.get("eol") {
            Some(State::Value(value)) if **value == *b"lf" => Some(LineEnd::Feed),
            Some(State::Value(value)) if **value == *b"crlf" => Some(LineEnd::ReturnAndFeed),
            _ => None,
        };
        // The name that `text` had before.
        match said.text("text").or_else(|| said.text("crlf")) {
            Some(TextState::No) => LineEnds::AsTheyAre,
            Some(TextState::Yes) => LineEnds::Text(eol.unwrap_or(native)),
            Some(TextState::Input) => LineEnds::Text(eol.unwrap_or(LineEnd::Feed)),
            Some(TextState::Auto) => LineEnds::TextAlone(eol.unwrap_or(native)),
            None => eol.map_or(LineEnds::AsTheyAre, LineEnds::Text),
        }
    }

    /// How the sides of the file at `path` are merged.
    #[must_use]
    pub fn merge(&self, path: &str) -> MergeAttribute {
        let Some(said) = self.said(path) else { return MergeAttribute::Unsaid };
        match said.get("merge") {
            Some(State::Set) => MergeAttribute::Text,
            Some(State::Unset) => MergeAttribute::Binary,
            Some(State::Value(driver)) => match &**driver {
                b"binary" => MergeAttribute::Binary,
                b"union" => MergeAttribute::Union,
                // `text`, and what only the settings of one repository know: git takes the same for those.
                _ => MergeAttribute::Text,
            },
            Some(State::Unsaid) | None => MergeAttribute::Unsaid,
        }
    }

    /// How a change of the file at `path` is shown.
    #[must_use]
    pub fn diff(&self, path: &str) -> DiffAttribute {
        let Some(said) = self.said(path) else { return DiffAttribute::Unsaid };
        match said.get("diff") {
            Some(State::Set) => DiffAttribute::Text,
            Some(State::Unset) => DiffAttribute::Binary,
            // A value names a language, and is silent about this.
            Some(State::Value(_) | State::Unsaid) | None => DiffAttribute::Unsaid,
        }
    }

    /// What is said of a path, nothing where no list is.
    fn said(&self, path: &str) -> Option<Said<'_>> {
        let top = self.lists.as_deref()?;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name).as_bytes();
        let macros = top.outermost();
        let mut said = Said { states: BTreeMap::new(), macros };
        let mut level = Some(top);
        while let Some(Level { lines, base, outer, .. }) = level {
            let path = path.as_bytes().get(*base..).unwrap_or_default();
            let fits = |line: &&(Pattern, States)| Line::says_of(&line.0, path, name);
            lines.iter().rev().filter(fits).for_each(|(_, states)| said.hear(states));
            level = outer.as_deref();
        }
        Some(said)
    }
}

impl Level {
    /// What words mean, as the list at the top says.
    fn outermost(&self) -> &BTreeMap<Box<[u8]>, States> {
        self.outer.as_ref().map_or(&self.macros, |outer| outer.outermost())
    }
}

/// What is said of one path. What was heard first holds.
struct Said<'a> {
    states: BTreeMap<&'a [u8], &'a State>,
    macros: &'a BTreeMap<Box<[u8]>, States>,
}

enum TextState {
    No,
    Yes,
    Input,
    Auto,
}

/// What `binary` means where nobody says something else.
const BINARY: [&[u8]; 3] = [b"diff", b"merge", b"text"];

impl<'a> Said<'a> {
    fn hear(&mut self, states: &'a [(Box<[u8]>, State)]) {
        // Words within words are followed at once, and no deeper than there are words: each is heard once.
        let mut heard = vec![states.iter().rev()];
        while let Some(states) = heard.last_mut() {
            let Some((name, state)) = states.next() else {
                heard.pop();
                continue;
            };
            if self.states.contains_key(&**name) {
                continue;
            }
            self.states.insert(name, state);
            if *state != State::Set {
                continue;
            }
            match self.macros.get(name) {
                Some(states) => heard.push(states.iter().rev()),
                None if **name == *b"binary" => BINARY.into_iter().for_each(|name| {
                    self.states.entry(name).or_insert(&State::Unset);
                }),
                None => {}
            }
        }
    }

    fn get(&self, name: &str) -> Option<&State> {
        self.states.get(name.as_bytes()).copied()
    }

    fn text(&self, name: &str) -> Option<TextState> {
        match self.get(name)? {
            State::Set => Some(TextState::Yes),
            State::Unset => Some(TextState::No),
            State::Value(value) if **value == *b"auto" => Some(TextState::Auto),
            State::Value(value) if **value == *b"input" => Some(TextState::Input),
            State::Value(_) | State::Unsaid => None,
        }
    }
}
