//! Names say what a thing is, not that it does something with something.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::token::Kind;

/// Homes for the homeless. `mod.rs` names nothing either.
const FILES: &[&str] = &[
    "common",
    "consts",
    "constants",
    "helper",
    "helpers",
    "misc",
    "mod",
    "types",
    "util",
    "utils",
];
const ENDINGS: &[&str] = &["Manager", "Handler", "Helper", "Engine", "Service", "Processor"];
const TYPE_WORDS: &[&str] = &["struct", "enum", "trait", "type", "union"];

/// A function lives with the type it serves, a constant with its user.
pub(crate) fn files(house: &House) -> Vec<Complaint> {
    let named = house.files_in("rs").filter(|(path, _)| {
        let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
        FILES.contains(&name)
    });
    let what = "this file name says nothing";
    named.map(|(path, _)| Complaint::of_file(path, what)).collect()
}

/// A type is a noun of the domain.
pub(crate) fn types(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for pair in source.tokens.windows(2) {
            let [word, name] = pair else { continue };
            let is_name = name.kind == Kind::Word && TYPE_WORDS.contains(&word.text.as_str());
            let ending = ENDINGS.iter().find(|ending| name.text.ends_with(**ending));
            if let Some(ending) = ending.filter(|_| is_name) {
                let what = format!("`{}` names a doer ({ending}), not a thing", name.text);
                found.push(Complaint::new(&source.path, name.line, what));
            }
        }
    }
    found
}

/// A reader has the name of what it reads. The name of a test is a sentence.
pub(crate) fn functions(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        let readers = source.functions().filter(|f| f.name.starts_with("get_"));
        for function in readers.filter(|f| !source.is_test(f.at)) {
            let what = format!("`{}` needs no `get_`", function.name);
            found.push(Complaint::new(&source.path, function.line, what));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_file_name_that_says_nothing_is_told() {
        let files_of =
            [("crdt/src/utils.rs", ""), ("crdt/src/a/mod.rs", ""), ("crdt/src/b.rs", "")];
        let what = "this file name says nothing";
        let expected =
            [format!("crdt/src/a/mod.rs:1: {what}"), format!("crdt/src/utils.rs:1: {what}")];
        assert_eq!(told(files, files_of), expected);
    }

    #[test]
    fn a_doer_is_told_where_it_is_defined() {
        let text = "struct MergeEngine;\nuse a::Handler;\nenum Service {}\nstruct EngineRoom;\n";
        let expected = [
            "crdt/src/a.rs:1: `MergeEngine` names a doer (Engine), not a thing",
            "crdt/src/a.rs:3: `Service` names a doer (Service), not a thing",
        ];
        assert_eq!(told(types, [("crdt/src/a.rs", text)]), expected);
    }

    #[test]
    fn get_is_left_out_of_a_name() {
        let text = "fn get_head() {}\nfn get() {}\nfn forget_head() {}\n";
        let expected = ["crdt/src/a.rs:1: `get_head` needs no `get_`"];
        assert_eq!(told(functions, [("crdt/src/a.rs", text)]), expected);
    }
}
