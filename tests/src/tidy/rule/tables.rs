//! One table of lints and one of versions, at the root.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::manifest::Manifest;
use crate::tidy::manifest::Origin;
use crate::tidy::member::Member;
use crate::tidy::member::Standing;

/// A crate that forgets the table is held to nothing.
pub(crate) fn lints(house: &House) -> Vec<Complaint> {
    let owed = manifests(house).filter(|manifest| manifest.lints == Origin::Here);
    let what = "the lints are not those of the root";
    owed.map(|manifest| Complaint::of_file(&manifest.path, what)).collect()
}

/// A version named twice is soon two versions.
pub(crate) fn versions(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for manifest in manifests(house) {
        let own = manifest.dependencies.iter().filter(|d| d.version == Origin::Here);
        found.extend(own.map(|dependency| {
            let what = format!("the version of {} is not the root's", dependency.name);
            Complaint::new(&manifest.path, dependency.line, what)
        }));
    }
    found
}

/// The manifests of the product. The root has no package, and what stands apart has its own root.
fn manifests(house: &House) -> impl Iterator<Item = &Manifest> {
    house.manifests.iter().filter(|manifest| {
        let member = Member::of(&manifest.path);
        member.is_some_and(|member| member.standing == Standing::Product)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    const GOOD: &str = "[dependencies]\na.workspace = true\n\
                        b = { workspace = true, optional = true }\n[lints]\nworkspace = true\n";
    const BAD: &str = "[dependencies]\na = \"1\"\n[lints.rust]\nunsafe_code = \"allow\"\n";

    #[test]
    fn lints_of_its_own_are_told() {
        let files = [
            ("Cargo.toml", "[workspace.dependencies]\na = \"1\"\n"),
            ("crdt/bench-peers/Cargo.toml", BAD),
            ("store/Cargo.toml", BAD),
            ("vcs/Cargo.toml", GOOD),
        ];
        assert_eq!(told(lints, files), ["store/Cargo.toml:1: the lints are not those of the root"]);
    }

    #[test]
    fn a_version_of_its_own_is_told() {
        let files = [("store/Cargo.toml", BAD), ("vcs/Cargo.toml", GOOD)];
        let expected = ["store/Cargo.toml:2: the version of a is not the root's"];
        assert_eq!(told(versions, files), expected);
    }
}
