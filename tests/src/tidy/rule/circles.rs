//! No two files of a crate import each other, nor does a longer chain come back.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::mention::Mention;
use crate::tidy::source::Source;

/// From a file to the files it imports, each with the first line that does.
type Imports<'a> = BTreeMap<&'a str, BTreeMap<&'a str, usize>>;

/// One complaint a circle, at the first import that closes it.
pub(crate) fn circles(house: &House) -> Vec<Complaint> {
    let imports = imports(house);
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for start in imports.keys() {
        if told.contains(start) {
            continue;
        }
        if let Some(circle) = way_back(start, &imports) {
            let line = imports[start][circle[1]];
            let what = format!("files import each other in a circle: {}", circle.join(" -> "));
            found.push(Complaint::new(start, line, what));
            told.extend(circle);
        }
    }
    found
}

fn imports(house: &House) -> Imports<'_> {
    let modules = modules(house);
    let mut imports = Imports::new();
    for source in house.production() {
        let own = source.path.as_str();
        for mention in &source.mentions {
            let target = target(source, mention, &modules).filter(|target| *target != own);
            if let Some(target) = target.filter(|_| !source.is_test(mention.at)) {
                imports.entry(own).or_default().entry(target).or_insert(mention.line);
            }
        }
    }
    imports
}

/// The files of each crate by their place in it. The roots are left out: nothing imports them.
fn modules(house: &House) -> BTreeMap<(&str, Vec<&str>), &str> {
    let all = house.sources.iter().filter_map(|source| {
        let module = source.module().filter(|module| !module.is_empty())?;
        Some(((source.member.folder, module), source.path.as_str()))
    });
    all.collect()
}

/// The file that holds what is mentioned: the deepest module that the path leads through.
fn target<'a>(
    source: &'a Source,
    mention: &'a Mention,
    modules: &BTreeMap<(&'a str, Vec<&'a str>), &'a str>,
) -> Option<&'a str> {
    let own = source.module()?;
    let parts = mention.parts.iter().map(String::as_str);
    let (path, above) = source.rooted(mention).map_or_else(
        // A path may start at a module below the file that names it.
        || (own.iter().copied().chain(parts).collect(), own.len()),
        |path| (path, 0),
    );
    (above + 1..=path.len())
        .rev()
        .find_map(|length| modules.get(&(source.member.folder, path[..length].to_vec())).copied())
}

/// The shortest chain of imports from `start` back to it, both ends named.
fn way_back<'a>(start: &'a str, imports: &Imports<'a>) -> Option<Vec<&'a str>> {
    let mut seen = BTreeSet::new();
    let mut chains = vec![vec![start]];
    while !chains.is_empty() {
        let mut longer = Vec::new();
        for chain in chains {
            let last = chain.last().and_then(|last| imports.get(last));
            for next in last.into_iter().flat_map(BTreeMap::keys) {
                let mut chain = chain.clone();
                chain.push(next);
                if *next == start {
                    return Some(chain);
                }
                if seen.insert(*next) {
                    longer.push(chain);
                }
            }
        }
        chains = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn two_files_that_import_each_other_are_told_once() {
        let files = [
            ("crdt/src/a.rs", "\nuse crate::b::B;\n"),
            ("crdt/src/b.rs", "fn f() { crate::a::g() }\n"),
        ];
        let expected = "crdt/src/a.rs:2: files import each other in a circle: \
                        crdt/src/a.rs -> crdt/src/b.rs -> crdt/src/a.rs";
        assert_eq!(told(circles, files), [expected]);
    }

    #[test]
    fn a_longer_circle_through_parent_and_child_is_told() {
        let files = [
            ("crdt/src/a.rs", "mod child;\npub use self::child::C;\n"),
            ("crdt/src/a/child.rs", "use crate::b::{B, D};\n"),
            ("crdt/src/b.rs", "use super::a::A;\n"),
        ];
        assert_eq!(told(circles, files).len(), 1);
    }

    #[test]
    fn a_parent_that_names_its_child_without_self_counts() {
        let files = [
            ("crdt/src/a.rs", "mod child;\nfn f() { child::g() }\n"),
            ("crdt/src/a/child.rs", "use super::A;\n"),
        ];
        assert_eq!(told(circles, files).len(), 1);
    }

    #[test]
    fn arrows_down_and_the_imports_of_tests_are_free() {
        let files = [
            ("crdt/src/a.rs", "use crate::b::B;\n"),
            ("crdt/src/b.rs", "#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n"),
            ("store/src/a.rs", "use selkie_crdt::b::B;\n"),
        ];
        assert_eq!(told(circles, files), Vec::<String>::new());
    }
}
