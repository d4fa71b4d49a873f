//! The name of one entry of a directory.

use std::borrow::Borrow;
use std::fmt;

use thiserror::Error;

/// A name that a tree may hold: no path, no control directory, whatever the file system.
///
/// Names are ordered by their UTF-8 bytes. That is *the* order of trees.
///
/// ```
/// use selkie_store::{Name, NameError};
/// assert_eq!(Name::new("harbour.rs").unwrap().as_str(), "harbour.rs");
/// assert_eq!(Name::new(".."), Err(NameError::Relative));
/// assert_eq!(Name::new(".GIT. "), Err(NameError::ControlDirectory));
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Name(Box<str>);

impl Name {
    /// Bytes in the longest name.
    pub const LEN_MAX: usize = 255;

    /// The name, if a tree may hold it.
    ///
    /// # Errors
    ///
    /// The first rule that the name breaks.
    pub fn new(name: &str) -> Result<Self, NameError> {
        check(name).map(|()| Self(name.into()))
    }

    /// The name as text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Why a careful checkout refuses this name although a tree may hold it: some system
    /// would write another file than the one named.
    #[must_use]
    pub fn hazard(&self) -> Option<Hazard> {
        let stem = self.0.split(['.', ':']).next().unwrap_or(&self.0).trim_end_matches(' ');
        if self.0.contains([':', '<', '>', '"', '|', '?', '*']) {
            Some(Hazard::Reserved)
        } else if self.0.ends_with(['.', ' ']) {
            Some(Hazard::TrailingDotOrSpace)
        } else if is_device(stem) {
            Some(Hazard::Device)
        } else if [".hg", ".jj", ".svn"].contains(&folded(&self.0).as_str()) {
            Some(Hazard::OtherControlDirectory)
        } else {
            None
        }
    }

    /// What file systems that fold case and drop ignorable code points take the name for.
    /// Two names of one tree with the same folded form can not be checked out side by side there.
    #[must_use]
    pub fn folded(&self) -> String {
        folded(&self.0)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a tree may not hold a name.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NameError {
    /// There is no name.
    #[error("a name is never empty")]
    Empty,
    /// More than [`Name::LEN_MAX`] bytes.
    #[error("a name has at most 255 bytes, not {0}")]
    Long(usize),
    /// `.` or `..`.
    #[error("`.` and `..` name no entry")]
    Relative,
    /// A slash or a backslash.
    #[error("a name has no `/` and no `\\`")]
    Separator,
    /// A control character, NUL and the line ends among them.
    #[error("a name has no control characters")]
    Control,
    /// What some file system takes for `.git` or `.selkie`.
    #[error("the name is taken for a control directory by some file systems")]
    ControlDirectory,
    /// The bytes are not UTF-8.
    #[error("a name is UTF-8 text")]
    Text,
}

/// Why a name that a tree may hold is not written on every system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hazard {
    /// A character that opens a stream or is a pattern: `: < > " | ? *`.
    Reserved,
    /// Windows drops the end of the name.
    TrailingDotOrSpace,
    /// Windows opens a device: `con`, `nul`, `com1`.
    Device,
    /// The control directory of another tool: `.hg`, `.jj`, `.svn`.
    OtherControlDirectory,
}

fn check(name: &str) -> Result<(), NameError> {
    match name {
        "" => return Err(NameError::Empty),
        "." | ".." => return Err(NameError::Relative),
        _ if name.len() > Name::LEN_MAX => return Err(NameError::Long(name.len())),
        _ => {}
    }
    // Nearly every name is made of these bytes alone and needs no further look.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.bytes().all(plain) {
        return Ok(());
    }
    if name.contains(['/', '\\']) {
        return Err(NameError::Separator);
    }
    if name.contains(char::is_control) {
        return Err(NameError::Control);
    }
    if is_control_directory(name) {
        return Err(NameError::ControlDirectory);
    }
    Ok(())
}

/// Whether some file system takes `name` for a control directory of ours or git's.
fn is_control_directory(name: &str) -> bool {
    if !name.contains(['.', '~', '\u{ff0e}', '\u{ff5e}']) {
        return false;
    }
    // In plain letters nothing is dropped or narrowed, so the dot comes first or is none of these. Nearly
    // every file has an ending, and folding its name would be most of reading a tree.
    if name.is_ascii() && !name.starts_with('.') && !name.contains('~') {
        return false;
    }
    let folded = folded(name);
    // A stream of a directory is the directory, and Windows drops what trails.
    let stem = folded.split(':').next().unwrap_or(&folded).trim_end_matches(['.', ' ']);
    [".git", ".selkie"].contains(&stem) || is_short_form(stem)
}

/// Whether `stem` is what Windows may call a control directory in eight letters: `git~1`, or, when
/// those are taken, two letters and four digits of a hash.
fn is_short_form(stem: &str) -> bool {
    let Some((head, number)) = stem.split_once('~') else { return false };
    let hashed = |start: &str| {
        head.strip_prefix(start).is_some_and(|rest| {
            rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numbered && (["git", "selkie", "selki", "selk"].contains(&head) || hashed("gi") || hashed("se"))
}

fn is_device(stem: &str) -> bool {
    let stem = stem.to_lowercase();
    let port = |text: &str| {
        ["com", "lpt"].iter().any(|device| {
            text.strip_prefix(device).is_some_and(|rest| {
                let mut digits = rest.chars();
                matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³'))
                    && digits.next().is_none()
            })
        })
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem.as_str()) || port(&stem)
}

/// The name without ignorable code points, in one case, full-width forms made narrow.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|&c| !is_ignorable(c))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ => c,
        })
        // Up before down: the long s and the dotless i have lower-case forms of their own, and
        // meet s and i only in upper case.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|&c| c != '\u{307}')
        .collect()
}

/// Unicode's default ignorable code points: invisible, and dropped by HFS+ when it compares.
const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_names() {
        for name in [
            "a",
            "README.md",
            ".gitignore",
            ".gitattributes",
            ".github",
            "git",
            "selkie",
            "..a",
            "a b",
            "ünï",
            "日本",
            "con",
            "a:b",
            "trailing.",
            "git~",
            "git~x",
            "~1",
            ".git2",
            ".selkie2",
            "-rf",
            "digit~1",
            "light~2",
            "...",
        ] {
            assert_eq!(Name::new(name).map(|found| found.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn every_spelling_of_a_control_directory_is_refused() {
        let bases = [".git", ".selkie"];
        let spellings: [fn(&str) -> String; 16] = [
            str::to_owned,
            str::to_uppercase,
            |base| base.replace('i', "I"),
            |base| base.replace('i', "ı"),
            |base| base.replace('i', "İ"),
            |base| format!("{base}."),
            |base| format!("{base} "),
            |base| format!("{base} . . "),
            |base| format!("{base}::$INDEX_ALLOCATION"),
            |base| format!("{base}:stream"),
            |base| format!("\u{200c}{base}"),
            |base| base.replace('i', "\u{200d}i"),
            |base| format!("{base}\u{feff}"),
            |base| base.replace('e', "\u{2064}e").replace('g', "\u{ad}g"),
            |base| base.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect(),
            |base| base.replace(['k', 's'], "x").replace(".xelxie", ".\u{17f}el\u{212a}ie"),
        ];
        for base in bases {
            for spell in spellings {
                let name = spell(base);
                assert_eq!(Name::new(&name), Err(NameError::ControlDirectory), "{name:?}");
            }
        }
        for short in ["git~1", "GIT~1", "git~12", "SELKIE~1", "selki~10", "GI7D29~1", "se0A1b~3"] {
            assert_eq!(Name::new(short), Err(NameError::ControlDirectory), "{short:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        let long = "x".repeat(256);
        for (name, error) in [
            ("", NameError::Empty),
            (".", NameError::Relative),
            ("..", NameError::Relative),
            ("a/b", NameError::Separator),
            ("/", NameError::Separator),
            ("a\\b", NameError::Separator),
            ("a\0", NameError::Control),
            ("a\r", NameError::Control),
            ("a\n", NameError::Control),
            ("\u{1b}[2J", NameError::Control),
            ("\u{9b}", NameError::Control),
            (long.as_str(), NameError::Long(256)),
        ] {
            assert_eq!(Name::new(name), Err(error), "{name:?}");
        }
    }

    #[test]
    fn hazards_are_left_to_the_checkout() {
        for (name, hazard) in [
            ("plain.txt", None),
            ("com", None),
            ("com10", None),
            ("console", None),
            ("a:b", Some(Hazard::Reserved)),
            ("what?", Some(Hazard::Reserved)),
            ("end.", Some(Hazard::TrailingDotOrSpace)),
            ("end ", Some(Hazard::TrailingDotOrSpace)),
            ("CON", Some(Hazard::Device)),
            ("nul.tar.gz", Some(Hazard::Device)),
            ("Com1.txt", Some(Hazard::Device)),
            ("lpt³", Some(Hazard::Device)),
            (".Hg", Some(Hazard::OtherControlDirectory)),
        ] {
            assert_eq!(Name::new(name).unwrap().hazard(), hazard, "{name:?}");
        }
    }

    #[test]
    fn names_that_one_file_system_confuses_fold_to_one() {
        let fold = |name| Name::new(name).unwrap().folded();
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("Readme"), fold("README"));
        assert_ne!(fold("a"), fold("b"));
    }
}
