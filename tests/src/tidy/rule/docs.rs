//! Comments are sentences.

use std::iter;

use crate::tidy::comment::docs;
use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

const BANNER_MIN: usize = 4;

/// A doc says something, from its first line to its last.
pub(crate) fn bare(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        let lines: Vec<_> = docs(&source.tokens).collect();
        // A blank line between two paragraphs is bare with good reason.
        let is_between = |at: usize| {
            let line = lines[at].0;
            let above = at.checked_sub(1).is_some_and(|above| lines[above].0 + 1 == line);
            above && lines.get(at + 1).is_some_and(|below| below.0 == line + 1)
        };
        let bare = lines.iter().enumerate().filter(|(_, (_, text))| text.trim().is_empty());
        for (_, (line, _)) in bare.filter(|(at, _)| !is_between(*at)) {
            found.push(Complaint::new(&source.path, *line, "a doc line says nothing"));
        }
    }
    found
}

/// A banner between sections wants to be a file.
pub(crate) fn banners(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for comment in source.comments.iter().filter(|comment| has_banner(&comment.text)) {
            found.push(Complaint::new(&source.path, comment.line, "a banner parts the file"));
        }
    }
    found
}

fn has_banner(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| {
        let first = word.chars().next();
        first.is_some_and(|first| "=-*#~_─━".contains(first))
            && iter::zip(word.chars(), first.into_iter().cycle()).all(|(a, b)| a == b)
    });
    // A table in a doc has such a row under its header, between bars.
    words.into_iter().any(|word| word.chars().count() >= BANNER_MIN) && !text.contains('|')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_doc_line_that_says_nothing_is_told() {
        let text =
            "///\nfn f() {}\n/// One.\n///\n/// Two.\nfn g() {}\n/// Three.\n///\nfn h() {}\n";
        let expected = [1, 8].map(|line| format!("crdt/src/a.rs:{line}: a doc line says nothing"));
        assert_eq!(told(bare, [("crdt/src/a.rs", text)]), expected);
    }

    #[test]
    fn a_banner_is_told() {
        let text = "// ==== Reads ====\nfn f() {}\n// A dash -- and ---.\nfn g() {}\n\
                    /// | a |\n/// | ---- |\nfn h() {}\n";
        let expected = ["crdt/src/a.rs:1: a banner parts the file"];
        assert_eq!(told(banners, [("crdt/src/a.rs", text)]), expected);
    }
}
