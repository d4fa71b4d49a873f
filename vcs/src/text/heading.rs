//! Which line above a hunk says what it is in.

use std::ops::Range;

use super::lines::Text;

/// What a line looks like that names what follows it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Heading {
    /// It begins with a letter, `_` or `$`: most programs and much else, and what git does.
    #[default]
    Letter,
    /// Besides, it may be indented and begin with a word such as `fn`, `def` or `class`.
    Definition,
    /// It begins with `#`, as in Markdown.
    Title,
    /// It begins with `[`, as in TOML.
    Section,
}

/// Words that begin a definition, whatever the language.
const DEFINITIONS: &[&str] = &[
    "abstract",
    "async",
    "class",
    "const",
    "def",
    "enum",
    "export",
    "extern",
    "final",
    "fn",
    "fun",
    "func",
    "function",
    "impl",
    "interface",
    "macro_rules!",
    "mod",
    "module",
    "namespace",
    "object",
    "override",
    "private",
    "protected",
    "pub",
    "public",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
];

impl Heading {
    /// What suits a file of this name.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "md" | "markdown" => Self::Title,
            "toml" | "ini" | "cfg" | "conf" => Self::Section,
            "rs" | "py" | "go" | "java" | "kt" | "js" | "mjs" | "ts" | "jsx" | "tsx" | "rb"
            | "php" | "cs" | "swift" | "scala" | "dart" => Self::Definition,
            _ => Self::Letter,
        }
    }

    /// The lowest heading in these lines, without white space at its ends.
    pub(crate) fn above<'a>(self, text: &Text<'a>, lines: Range<usize>) -> Option<&'a [u8]> {
        let found = lines.rev().map(|at| text.line(at)).find(|line| self.is(line))?;
        Some(found.trim_ascii())
    }

    fn is(self, line: &[u8]) -> bool {
        let starts_a_name =
            line.first().is_some_and(|first| first.is_ascii_alphabetic() || b"_$".contains(first));
        match self {
            Self::Letter => starts_a_name,
            Self::Definition => {
                starts_a_name || {
                    let word =
                        line.trim_ascii_start().split(|byte| b" \t\r\n(<".contains(byte)).next();
                    DEFINITIONS.iter().any(|known| Some(known.as_bytes()) == word)
                }
            }
            Self::Title => line.starts_with(b"#"),
            Self::Section => line.starts_with(b"["),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_the_lowest_line_that_names_something() {
        let rust = "use a;\n\nimpl Otter {\n    pub fn dive(&self) {\n        fish();\n";
        let plain = "Otters\n  dive.\n1. deep\n";
        let titles = "# Otters\ntext\n## Food\nFish.\n";
        let table = "[otter]\nfood = 1\n";
        for (path, text, heading) in [
            ("a.rs", rust, Some("pub fn dive(&self) {")),
            ("a.c", rust, Some("impl Otter {")),
            ("a", plain, Some("Otters")),
            ("a.md", titles, Some("## Food")),
            ("a.toml", table, Some("[otter]")),
            ("a.toml", plain, None),
        ] {
            let text = Text::new(text.as_bytes()).unwrap();
            let found = Heading::of(path).above(&text, 0..text.len());
            assert_eq!(found, heading.map(str::as_bytes), "{path}");
        }
    }
}
