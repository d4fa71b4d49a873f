//! What a real clone is seen to be, in the words of the model.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use selkie_store::{BlobId, Canonical, Content, Kind, Node, ObjectId, SealId, Store, Tree, TreeId};
use selkie_vcs::{Comes, Desk, Workspace};

use crate::files::Files;
use crate::model::search::Search;
use crate::model::{Model, Place, Shelf};

/// Where a clone stands, as a model says it.
pub(super) fn place(workspace: &Workspace, model: &Model) -> Place {
    let (repository, desk) = (workspace.repository(), workspace.repository().desk());
    let number = |id: &SealId| model.descent.number(*id).unwrap();
    let shared = repository.shared();
    let heads = shared.timelines().map(|(name, timeline)| {
        (name.to_owned(), timeline.heads().iter().map(number).collect::<BTreeSet<usize>>())
    });
    let strategies = shared
        .timelines()
        .filter_map(|(name, timeline)| Some((name.to_owned(), timeline.strategy()?.to_owned())));
    let private = desk.private.iter().map(|(name, head)| (name.clone(), number(head)));
    let (private, heads, strategies) = (private.collect(), heads.collect(), strategies.collect());
    Place { private, heads, strategies, ..desk_of(repository.store(), desk, &number) }
}

fn desk_of(store: &Store, desk: &Desk, number: &dyn Fn(&SealId) -> usize) -> Place {
    let shelf = |shelf: &selkie_vcs::Shelf| Shelf {
        timeline: shelf.timeline.clone().unwrap_or_default(),
        base: shelf.base.as_ref().map(number),
        gathered: shelf.gathered.map(|tree| files(store, tree)),
        work: files(store, shelf.work),
        comes_by_itself: shelf.comes == Comes::ByItself,
    };
    let search = desk.hunt.as_ref().map(|hunt| Search {
        good: hunt.good.iter().map(number).collect(),
        bad: hunt.bad.as_ref().map(number),
        skipped: hunt.skipped.iter().map(number).collect(),
        timeline: hunt.timeline.clone().unwrap_or_default(),
        home: number(&hunt.home),
    });
    Place {
        timeline: desk.timeline.clone().unwrap_or_default(),
        base: desk.bases.first().map(number),
        gathered: desk.gathered.map(|tree| files(store, tree)),
        shelves: desk.shelves.iter().map(|(name, it)| (name.clone(), shelf(it))).collect(),
        search,
        ..Place::default()
    }
}

/// Every file of a tree.
pub(super) fn files(store: &Store, tree: TreeId) -> Files {
    let mut found = Files::new();
    collect(store, tree, "", &mut found);
    found
}

fn collect(store: &Store, tree: TreeId, above: &str, found: &mut Files) {
    // The tree with nothing in it is known without being stored.
    if tree.object() == ObjectId::of(Kind::Tree, &Tree::default().encode().unwrap()) {
        return;
    }
    let text = |blob: BlobId| String::from_utf8(store.read(&blob.object()).unwrap().bytes).unwrap();
    for (name, node) in store.load::<Tree>(tree).unwrap().iter() {
        let path = format!("{above}{name}");
        match node {
            Node::File(Content::Whole(blob)) => {
                found.insert(path, (text(*blob), false));
            }
            Node::Executable(Content::Whole(blob)) => {
                found.insert(path, (text(*blob), true));
            }
            Node::Directory(tree) => collect(store, *tree, &format!("{path}/"), found),
            other => panic!("{path} is {other:?}"),
        }
    }
}

/// Every file of a folder.
pub(super) fn on_disk(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if name == ".selkie" {
                continue;
            }
            if metadata.is_dir() {
                folders.push(path);
            } else {
                let can_run = metadata.permissions().mode() & 0o111 != 0;
                found.insert(name, (fs::read_to_string(path).unwrap(), can_run));
            }
        }
    }
    found
}
