//! What comes from outside never panics.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::source::Role;

/// Outside tests and benches an `expect` says why it holds, where an `unwrap` says nothing.
pub(crate) fn unwraps(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.sources.iter().filter(|source| source.role != Role::Bench) {
        let unwraps = source.outside_tests(&[".", "unwrap", "("]).into_iter();
        let what = "`unwrap` does not say why it holds";
        found.extend(unwraps.map(|line| Complaint::new(&source.path, line, what)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn an_unwrap_is_told_outside_tests() {
        let text = "fn f() { a().unwrap() }\n#[test]\nfn g() { a().unwrap() }\n\
                    fn h() { a().unwrap_or(b) }\n";
        let files = [
            ("crdt/examples/b.rs", text),
            ("crdt/src/a.rs", text),
            ("crdt/tests/c.rs", text),
            ("crdt/benches/d.rs", text),
        ];
        let what = "`unwrap` does not say why it holds";
        let expected =
            [format!("crdt/examples/b.rs:1: {what}"), format!("crdt/src/a.rs:1: {what}")];
        assert_eq!(told(unwraps, files), expected);
    }
}
