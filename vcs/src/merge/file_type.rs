//! What kind of file somebody means.

use super::kind::{FileKind, Layout, Writer};
use super::tree::language::Language;

/// A kind of file. One file may be of several: `package-lock.json` is JSON and a lock file, and text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileType {
    /// Merged by key.
    Json,
    /// Merged by key.
    Toml,
    /// Indented blocks.
    Yaml,
    /// Written by a command from other files.
    Lock,
    /// Entries for readers, which are added and never changed.
    Changelog,
    /// Lines in any order, such as those of an ignore list.
    Lines,
    /// Whatever has lines.
    Text,
    /// Whatever has none.
    Binary,
}

/// Whether what is in a file is text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Nature {
    /// It is.
    Text,
    /// It is not, in at least one version.
    Binary,
}

impl FileType {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Toml,
        Self::Yaml,
        Self::Lock,
        Self::Changelog,
        Self::Lines,
        Self::Text,
        Self::Binary,
    ];

    /// The word for it, which never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Yaml => "yaml",
            Self::Lock => "lock",
            Self::Changelog => "changelog",
            Self::Lines => "lines",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }

    /// The one that this is the word for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// Whether a file at this path is one. All but the last two are known by name.
    #[must_use]
    pub fn is(self, path: &str, nature: Nature) -> bool {
        let kind = FileKind::of(path, [b""; 3]);
        match self {
            Self::Json => Language::of(path) == Some(Language::Json),
            Self::Toml => Language::of(path) == Some(Language::Toml),
            Self::Yaml => kind.layout == Layout::Yaml,
            Self::Lock => matches!(kind.writer, Writer::Command(_)),
            Self::Changelog => kind.layout == Layout::Changelog,
            Self::Lines => kind.layout == Layout::LineSet,
            Self::Text => nature == Nature::Text,
            Self::Binary => nature == Nature::Binary,
        }
    }

    /// Whether files at this path are merged by key, so that a rule may be for a key.
    #[must_use]
    pub fn has_keys(path: &str) -> bool {
        let kind = FileKind::of(path, [b""; 3]);
        Language::of(path).is_some() && !matches!(kind.writer, Writer::Command(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_several_types() {
        let types = |path: &str| {
            let all = FileType::ALL.into_iter().filter(|kind| kind.is(path, Nature::Text));
            all.map(FileType::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(types("web/package-lock.json"), "json lock text");
        assert_eq!(types("Cargo.lock"), "lock text");
        assert_eq!(types("a/b.yml"), "yaml text");
        assert_eq!(types("docs/CHANGELOG.md"), "changelog text");
        assert_eq!(types(".gitignore"), "lines text");
        assert!(FileType::Binary.is("a.png", Nature::Binary));
        assert!(!FileType::Text.is("a.png", Nature::Binary));
        for kind in FileType::ALL {
            assert_eq!(FileType::named(kind.name()), Some(kind));
        }
    }

    #[test]
    fn a_lock_file_is_not_merged_by_key() {
        assert!(FileType::has_keys("package.json"));
        assert!(!FileType::has_keys("package-lock.json"));
    }
}
