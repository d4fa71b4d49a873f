//! Some crates must not know some things.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::manifest::Kind;
use crate::tidy::manifest::Manifest;
use crate::tidy::manifest::Need;
use crate::tidy::member::below;
use crate::tidy::source::Source;
use crate::tidy::token::find;

const RUNTIMES: &[&str] = &["tokio", "quinn"];
/// The files that may know of sockets and tasks: a file of this name, and what lies below it.
///
/// The client of object stores is async inside, behind a feature; the one file that calls it waits for it.
const DRIVERS: &[&str] = &["sync/src/node", "vcs-cli/src/node", "store/src/bucket/s3"];
const CLOCKS: &[&str] = &["Instant", "SystemTime"];
const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln"];

/// `crdt` is the one crate without std, and needs nothing. It may be asked to speak serde.
pub(crate) fn crdt(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.sources.iter().filter(|source| source.is_face()) {
        let is_no_std = !find(&source.tokens, &["no_std"]).is_empty();
        if is_no_std != (source.member.folder == "crdt") {
            found.push(Complaint::of_file(&source.path, "crdt alone is no_std"));
        }
    }
    for source in house.production().filter(|source| source.member.folder == "crdt") {
        found.extend(named(source, &["std"], "crdt knows no std"));
    }
    let manifests = house.manifests.iter().filter(|manifest| manifest.path == "crdt/Cargo.toml");
    found.extend(manifests.flat_map(needs));
    found
}

/// The pure halves are told the time.
pub(crate) fn clocks(house: &House) -> Vec<Complaint> {
    let is_pure = |source: &&Source| match source.member.folder {
        "crdt" => true,
        "sync" => !is_driver(source),
        _ => false,
    };
    let mut found = Vec::new();
    for source in house.production().filter(is_pure) {
        let reads = CLOCKS.iter().flat_map(|clock| source.outside_tests(&[clock, "::", "now"]));
        let what = "the time is an argument here";
        found.extend(reads.map(|line| Complaint::new(&source.path, line, what)));
    }
    found
}

/// What waits lives in the driver of `sync` and in the node.
pub(crate) fn runtimes(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.production().filter(|source| !is_driver(source)) {
        found.extend(named(source, RUNTIMES, "a runtime outside the driver and the node"));
        let waits = source.outside_tests(&["async"]).into_iter();
        let what = "async outside the driver and the node";
        found.extend(waits.map(|line| Complaint::new(&source.path, line, what)));
    }
    for manifest in &house.manifests {
        let may = ["sync", "vcs-cli", "tests"].iter().any(|f| below(&manifest.path, f).is_some());
        let runtimes = manifest.dependencies.iter().filter(|d| RUNTIMES.contains(&&*d.name));
        let may_offer = manifest.path == "store/Cargo.toml";
        let breaches = runtimes.filter(|d| !may && (!may_offer || d.need == Need::Always));
        found.extend(breaches.map(|dependency| {
            let what = "only sync and the node depend on a runtime";
            Complaint::new(&manifest.path, dependency.line, what)
        }));
    }
    found
}

/// A macro that prints panics when nobody reads, and knows no colour and no test.
pub(crate) fn prints(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in house.production() {
        for name in PRINTS {
            let what = format!("`{name}!` prints past the output");
            let printed = source.outside_tests(&[name, "!"]).into_iter();
            found.extend(printed.map(|line| Complaint::new(&source.path, line, &what)));
        }
    }
    found
}

fn is_driver(source: &Source) -> bool {
    let stem = source.path.trim_end_matches(".rs");
    DRIVERS.iter().any(|driver| stem == *driver || below(stem, driver).is_some())
}

/// Where `source` names one of the crates `names` outside its tests.
fn named(source: &Source, names: &[&str], what: &str) -> Vec<Complaint> {
    let production = source.mentions.iter().filter(|mention| !source.is_test(mention.at));
    let breaches = production.filter(|mention| names.contains(&mention.first()));
    breaches.map(|mention| Complaint::new(&source.path, mention.line, what)).collect()
}

fn needs(manifest: &Manifest) -> Vec<Complaint> {
    let needs = manifest.dependencies.iter().filter(|d| d.kind == Kind::Normal);
    let surplus = needs.filter(|d| {
        let is_allowed = matches!(d.name.as_str(), "serde" | "selkie-crdt-derive");
        !is_allowed || d.need == Need::Always
    });
    let what = "crdt may need nothing, and offer serde and its derive";
    surplus.map(|d| Complaint::new(&manifest.path, d.line, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn crdt_stays_alone() {
        let files = [
            ("crdt/Cargo.toml", "[dependencies]\nserde = { optional = true }\nahash = \"1\"\n"),
            ("crdt/src/a.rs", "use std::fmt;\n#[cfg(test)]\nuse std::vec;\n"),
            ("crdt/src/lib.rs", "//! Doc.\n"),
            ("store/src/lib.rs", "#![no_std]\n"),
        ];
        let expected = [
            "crdt/src/lib.rs:1: crdt alone is no_std",
            "store/src/lib.rs:1: crdt alone is no_std",
            "crdt/src/a.rs:1: crdt knows no std",
            "crdt/Cargo.toml:3: crdt may need nothing, and offer serde and its derive",
        ];
        assert_eq!(told(crdt, files), expected);
    }

    #[test]
    fn a_clock_in_a_pure_half_is_told() {
        let text = "fn f() { std::time::Instant::now() }\n";
        let files = [("sync/src/node/quic.rs", text), ("sync/src/session.rs", text)];
        let expected = ["sync/src/session.rs:1: the time is an argument here"];
        assert_eq!(told(clocks, files), expected);
    }

    #[test]
    fn a_runtime_outside_the_driver_is_told() {
        let files = [
            ("sync/src/node.rs", "use quinn::Endpoint;\nasync fn f() {}\n"),
            ("sync/src/session.rs", "use quinn::Endpoint;\nasync fn f() {}\n"),
            ("vcs/Cargo.toml", "[dependencies]\ntokio = \"1\"\n"),
        ];
        let expected = [
            "sync/src/session.rs:1: a runtime outside the driver and the node",
            "sync/src/session.rs:2: async outside the driver and the node",
            "vcs/Cargo.toml:2: only sync and the node depend on a runtime",
        ];
        assert_eq!(told(runtimes, files), expected);
    }

    #[test]
    fn printing_past_the_output_is_told() {
        let text = "fn f() { println!() }\n";
        let files = [("crdt/examples/a.rs", text), ("vcs-cli/src/a.rs", text)];
        let expected = ["vcs-cli/src/a.rs:1: `println!` prints past the output"];
        assert_eq!(told(prints, files), expected);
    }
}
