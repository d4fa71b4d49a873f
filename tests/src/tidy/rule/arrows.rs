//! Arrows between crates run down only.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::member::Member;
use crate::tidy::mention::Mention;

/// A manifest depends on those crates of ours alone that its place allows.
pub(crate) fn manifests(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for manifest in house.manifests.iter().filter(|manifest| manifest.package.is_some()) {
        let folder = manifest.path.trim_end_matches("/Cargo.toml");
        let Some(member) = Member::of(&manifest.path).filter(|member| member.folder == folder)
        else {
            found.push(Complaint::of_file(&manifest.path, "the table of crates lacks this one"));
            continue;
        };
        for dependency in &manifest.dependencies {
            let Some(other) = Member::named(&dependency.name) else { continue };
            if !member.may_use(other) {
                let what = format!("{folder} may not depend on {}", other.folder);
                found.push(Complaint::new(&manifest.path, dependency.line, what));
            }
        }
    }
    found
}

/// A Rust file names those crates of ours alone that its crate may use.
pub(crate) fn sources(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for mention in &source.mentions {
            let breach = Member::named(mention.first())
                .filter(|_| mention.first().starts_with("selkie_"))
                .and_then(|other| breach(source.member, other, mention));
            found.extend(breach.map(|what| Complaint::new(&source.path, mention.line, what)));
        }
    }
    found
}

fn breach(member: &Member, other: &Member, mention: &Mention) -> Option<String> {
    if !member.may_use(other) {
        return Some(format!("{} may not use {}", member.folder, other.folder));
    }
    let is_status = mention.parts.get(1).is_some_and(|part| part == "status");
    let looks_too_deep = member.folder == "tui" && other.folder == "sync" && !is_status;
    looks_too_deep.then(|| "tui uses only the status types of sync".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn an_arrow_up_is_told_in_a_manifest() {
        let bad =
            "[package]\nname = \"selkie-store\"\n[dependencies]\nselkie-vcs.workspace = true\n";
        let good = "[package]\nname = \"selkie-vcs\"\n[dependencies]\nselkie-store = \"1\"\nserde = \"1\"\n";
        let files = [("store/Cargo.toml", bad), ("vcs/Cargo.toml", good)];
        assert_eq!(told(manifests, files), ["store/Cargo.toml:4: store may not depend on vcs"]);
    }

    #[test]
    fn a_crate_outside_the_table_is_told() {
        let files = [("crdt/new/Cargo.toml", "[package]\nname = \"new\"\n")];
        let expected = ["crdt/new/Cargo.toml:1: the table of crates lacks this one"];
        assert_eq!(told(manifests, files), expected);
    }

    #[test]
    fn vcs_and_sync_know_nothing_of_each_other() {
        let files = [
            ("vcs/src/a.rs", "use selkie_crdt::Dot;\nuse selkie_sync::Peer;\n"),
            ("vcs/src/b.rs", "use selkie_store::Store;\n"),
        ];
        assert_eq!(told(sources, files), ["vcs/src/a.rs:2: vcs may not use sync"]);
    }

    #[test]
    fn screens_see_the_status_of_sync_only() {
        let files = [("tui/src/a.rs", "use selkie_sync::{status::Peer, Node};\n")];
        assert_eq!(
            told(sources, files),
            ["tui/src/a.rs:1: tui uses only the status types of sync"]
        );
    }
}
