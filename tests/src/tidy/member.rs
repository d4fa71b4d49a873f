//! The crates of the house, and whom each may use.

/// One crate: where it lies, what `use` calls it, and which folders it may use.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) folder: &'static str,
    pub(crate) name: &'static str,
    pub(crate) uses: &'static [&'static str],
    pub(crate) standing: Standing,
}

/// How a crate stands to the product.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    /// Part of what people use.
    Product,
    /// A workspace of its own that measures or attacks the product.
    Apart,
}

const ALL: &[&str] = &["crdt", "store", "vcs", "sync", "tui", "vcs-cli"];

/// Arrows run down only. `vcs` and `sync` know nothing of each other.
pub(crate) const MEMBERS: &[Member] = &[
    product("crdt", "selkie_crdt", &["crdt/derive"]),
    product("crdt/derive", "selkie_crdt_derive", &[]),
    product("store", "selkie_store", &["crdt"]),
    product("vcs", "selkie_vcs", &["crdt", "store"]),
    product("sync", "selkie_sync", &["crdt", "store"]),
    product("tui", "selkie_tui", &["crdt", "store", "vcs", "sync"]),
    product("vcs-cli", "selkie_cli", &["crdt", "store", "vcs", "sync", "tui"]),
    product("tests", "selkie_tests", ALL),
    apart("crdt/bench-peers", "selkie_crdt_bench", &["crdt"]),
    apart("sync/bench-peers", "selkie_sync_bench", &["crdt", "store", "sync"]),
    apart("fuzz", "selkie_fuzz", ALL),
    apart("sync/bench-swim", "selkie_sync_bench_swim", &["store", "sync", "tests"]),
];

impl Member {
    /// The crate that the file at `path` belongs to: the innermost folder wins.
    pub(crate) fn of(path: &str) -> Option<&'static Self> {
        MEMBERS
            .iter()
            .filter(|member| below(path, member.folder).is_some())
            .max_by_key(|member| member.folder.len())
    }

    /// The crate that `use` calls `name`, or that a manifest does.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        // The package of the binary has the name that people type to install it.
        let name = if name == "selkie" { "selkie_cli" } else { &name };
        MEMBERS.iter().find(|member| member.name == name)
    }

    /// Whether this crate may name `other`. A crate's tests, examples and binary name it itself.
    pub(crate) fn may_use(&self, other: &Self) -> bool {
        self.folder == other.folder || self.uses.contains(&other.folder)
    }
}

/// What is left of `path` inside `folder`.
pub(crate) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

const fn product(
    folder: &'static str,
    name: &'static str,
    uses: &'static [&'static str],
) -> Member {
    Member { folder, name, uses, standing: Standing::Product }
}

const fn apart(folder: &'static str, name: &'static str, uses: &'static [&'static str]) -> Member {
    Member { folder, name, uses, standing: Standing::Apart }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_of(path: &str) -> Option<&'static str> {
        Member::of(path).map(|member| member.folder)
    }

    #[test]
    fn the_innermost_folder_owns_a_file() {
        assert_eq!(folder_of("crdt/src/dot.rs"), Some("crdt"));
        assert_eq!(folder_of("crdt/derive/src/lib.rs"), Some("crdt/derive"));
        assert_eq!(folder_of("crdts/src/lib.rs"), None);
    }

    #[test]
    fn every_arrow_runs_down() {
        for (at, member) in MEMBERS.iter().enumerate().filter(|(_, m)| m.folder != "crdt") {
            for used in member.uses {
                let below = MEMBERS.iter().position(|other| other.folder == *used);
                assert!(below.is_some_and(|below| below < at), "{} uses {used}", member.folder);
            }
        }
    }
}
