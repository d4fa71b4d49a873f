//! Work is finished or left out.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::token::find;

const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];
/// In capitals only: the words mean something else in lower case.
const MARKS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];
const PHRASES: &[&str] = &["for now", "placeholder"];

/// Nothing compiles that is known to be missing.
pub(crate) fn macros(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for name in MACROS {
            for at in find(&source.tokens, &[name, "!"]) {
                let what = format!("`{name}!` is left");
                found.push(Complaint::new(&source.path, source.tokens[at].line, what));
            }
        }
    }
    found
}

/// The list of what is to be done is not in the code.
pub(crate) fn words(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for comment in &source.comments {
            let lower = comment.text.to_lowercase();
            let marks = MARKS.iter().filter(|mark| has_word(&comment.text, mark));
            let phrases = PHRASES.iter().filter(|phrase| lower.contains(**phrase));
            for left in marks.chain(phrases) {
                let what = format!("a comment says \"{left}\"");
                found.push(Complaint::new(&source.path, comment.line, what));
            }
        }
    }
    found
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_macro_for_missing_work_is_told() {
        let text = "fn f() {\n    todo!()\n}\nfn g() { let dbg = \"todo!()\"; }\n";
        let expected = ["crdt/src/a.rs:2: `todo!` is left"];
        assert_eq!(told(macros, [("crdt/src/a.rs", text)]), expected);
    }

    #[test]
    fn a_comment_about_missing_work_is_told() {
        let text = "// This holds for\n// now.\nfn f() {}\n/// TODO: all\nfn g() {}\n// Fine.\n\
                    const S: &str = \"FIXME\";\n";
        let expected = [
            "crdt/src/a.rs:1: a comment says \"for now\"",
            "crdt/src/a.rs:4: a comment says \"TODO\"",
        ];
        assert_eq!(told(words, [("crdt/src/a.rs", text)]), expected);
    }
}
