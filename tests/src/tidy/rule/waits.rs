//! A test runs, and waits for events, not for time.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::source::attributes;

/// An ignored test is no test.
pub(crate) fn ignored(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for (at, inside) in attributes(&source.tokens) {
            if inside.iter().any(|token| token.text == "ignore") {
                let line = source.tokens[at].line;
                found.push(Complaint::new(&source.path, line, "a test is ignored"));
            }
        }
    }
    found
}

/// A sleep is too long on one machine and too short on another.
pub(crate) fn sleeps(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for mention in &source.mentions {
            let parts: Vec<_> = mention.parts.iter().map(String::as_str).collect();
            let sleeps = matches!(parts[..], [.., "thread" | "time", "sleep"]);
            if sleeps && source.is_test(mention.at) {
                found.push(Complaint::new(&source.path, mention.line, "a test sleeps"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn an_ignored_test_is_told() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn f() {}\nfn g() { ignore() }\n\
                    #[cfg_attr(a, ignore)]\nfn h() {}\n";
        let expected = [2, 5].map(|line| format!("crdt/tests/a.rs:{line}: a test is ignored"));
        assert_eq!(told(ignored, [("crdt/tests/a.rs", text)]), expected);
    }

    #[test]
    fn a_sleep_in_a_test_is_told() {
        let text = "fn f() { std::thread::sleep(a) }\n";
        let import = "use std::thread::{self, sleep};\n";
        let files =
            [("store/src/a.rs", text), ("store/tests/a.rs", text), ("store/tests/b.rs", import)];
        let expected = ["store/tests/a.rs:1: a test sleeps", "store/tests/b.rs:1: a test sleeps"];
        assert_eq!(told(sleeps, files), expected);
    }
}
