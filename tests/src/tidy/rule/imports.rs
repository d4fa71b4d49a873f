//! A file imports from the module that defines a thing, and names what it imports.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::source::Role;
use crate::tidy::source::Source;

/// `*` hides where a name comes from. Tests may take all of what they test.
pub(crate) fn globs(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for mention in source.mentions.iter().filter(|mention| mention.is_glob()) {
            let of_the_tested = mention.parts == ["super", "*"] && source.is_test(mention.at);
            if !of_the_tested {
                let what = format!("import names instead of {}", mention.parts.join("::"));
                found.push(Complaint::new(&source.path, mention.line, what));
            }
        }
    }
    found
}

/// The root of a crate is a face for others. Importing from it inside ties every file to all.
pub(crate) fn from_the_root(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.sources.iter().filter(|source| !source.is_face()) {
        for mention in &source.mentions {
            let Some(first) = source.rooted(mention).map(|path| path.first().copied()) else {
                continue;
            };
            let is_module = first.is_some_and(|first| is_module(house, source, first));
            if !is_module && first != Some("*") && source.role != Role::Bench {
                let what = format!("{} is imported from the root", mention.parts.join("::"));
                found.push(Complaint::new(&source.path, mention.line, what));
            }
        }
    }
    found
}

fn is_module(house: &House, source: &Source, name: &str) -> bool {
    let path = format!("{}/src/{name}.rs", source.member.folder);
    house.files.contains_key(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_glob_outside_tests_is_told() {
        let files = [
            ("crdt/src/a.rs", "use b::*;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"),
            ("crdt/src/c.rs", "use super::*;\n"),
            ("crdt/tests/d.rs", "use selkie_crdt::*;\n"),
        ];
        let expected = [
            "crdt/src/a.rs:1: import names instead of b::*",
            "crdt/src/c.rs:1: import names instead of super::*",
            "crdt/tests/d.rs:1: import names instead of selkie_crdt::*",
        ];
        assert_eq!(told(globs, files), expected);
    }

    #[test]
    fn an_import_from_the_root_is_told() {
        let files = [
            ("crdt/src/a.rs", "use crate::Dot;\nuse crate::dot::Dot;\nuse super::Face;\n"),
            ("crdt/src/dot.rs", "macro_rules! m { () => { $crate::Dot } }\n"),
            ("crdt/src/lib.rs", "pub use crate::dot::Dot;\n"),
        ];
        let expected = [
            "crdt/src/a.rs:1: crate::Dot is imported from the root",
            "crdt/src/a.rs:3: super::Face is imported from the root",
        ];
        assert_eq!(told(from_the_root, files), expected);
    }

    #[test]
    fn the_tested_module_is_not_the_root() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests {\n    use super::f;\n}\n";
        let files = [("crdt/src/dot.rs", text)];
        assert_eq!(told(from_the_root, files), Vec::<String>::new());
    }
}
