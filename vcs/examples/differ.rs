//! Compares trees of a store: `differ take FOLDER STORE [LIKE]` puts a folder in, made like the tree LIKE where they
//! share paths, and prints its tree; `differ show STORE BEFORE AFTER names|patch` prints what differs.
//!
//! `BENCHMARKS.md` says how it is measured against git.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use selkie_store::{
    Batch, Content, Hint, Name, Node, ObjectId, OsDisk, Parts, ReadError, Store, Tree, TreeId,
};
use selkie_vcs::{
    CONTEXT_LINES, Comparing, FileMode, FilePatch, FileVersion, FindingRenames, PathChange,
    PathFilter, Sample, Shortfall, TreeChanges, pair_renames,
};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let open = |path: &str| Store::open(Arc::new(OsDisk::new(Path::new(path))));
    match args[..] {
        ["take", folder, store] => take(folder, &open(store)?, None),
        ["take", folder, store, like] => {
            take(folder, &open(store)?, Some(like.parse::<ObjectId>()?.into()))
        }
        ["show", store, before, after, what @ ("names" | "patch")] => {
            let tree = |text: &str| text.parse::<ObjectId>().map(TreeId::from);
            show(&open(store)?, tree(before)?, tree(after)?, what)
        }
        _ => {
            Err("usage: differ take FOLDER STORE [LIKE] | show STORE BEFORE AFTER names|patch"
                .into())
        }
    }
}

fn take(folder: &str, store: &Store, like: Option<TreeId>) -> Result<(), Failure> {
    let batch = Batch::new(store);
    let like = like.map(|like| store.load::<Tree>(like)).transpose()?.unwrap_or_default();
    let tree = put(store, &batch, Path::new(folder), &like)?;
    batch.finish()?;
    println!("{tree}");
    Ok(())
}

fn put(store: &Store, batch: &Batch, folder: &Path, like: &Tree) -> Result<TreeId, Failure> {
    let mut entries = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(Ok(name)) = name.to_str().map(Name::new) else { continue };
        let known = like.get(name.as_str());
        let base = known.and_then(Node::link).map(|(_, id)| id);
        let path = entry.path();
        let hint = Hint { path: path.to_str().unwrap_or_default(), base };
        let meta = entry.metadata()?;
        let node = if meta.is_dir() {
            let below = match known {
                Some(Node::Directory(tree)) => store.load(*tree)?,
                _ => Tree::default(),
            };
            Node::Directory(put(store, batch, &path, &below)?)
        } else if meta.is_symlink() {
            let target = fs::read_link(&path)?;
            let target = target.to_str().ok_or("a link leads to a name that is no text")?;
            let (_, id) = batch.put_content(target.as_bytes(), hint)?.link();
            Node::Symlink(id.into())
        } else {
            let content = batch.put_content(fs::File::open(&path)?, hint)?;
            if may_run(&meta) { Node::Executable(content) } else { Node::File(content) }
        };
        entries.insert(name, node);
    }
    Ok(batch.put_value(&Tree::from(entries), Hint::NONE)?)
}

#[cfg(unix)]
fn may_run(meta: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
const fn may_run(_: &fs::Metadata) -> bool {
    false
}

fn show(store: &Store, before: TreeId, after: TreeId, what: &str) -> Result<(), Failure> {
    let filter = PathFilter::default();
    let changes = TreeChanges::new(store, Some(before), Some(after), &filter);
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    let sample = |_, _: &_, content| Sample::of_stored(store, content);
    let paired = pair_renames(changes, &[], FindingRenames::default(), sample)?;
    if paired.shortfall != Shortfall::None {
        eprintln!("{:?}", paired.shortfall);
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    for change in &paired.changes {
        if what == "names" {
            writeln!(out, "{:?}\t{}\t{}", change.origin, change.from, change.path)?;
        } else {
            write_patch(store, change, &mut out)?;
        }
    }
    Ok(out.flush()?)
}

fn write_patch(store: &Store, change: &PathChange, out: &mut impl Write) -> Result<(), Failure> {
    let (old, new) = (bytes(store, change.before.as_ref())?, bytes(store, change.after.as_ref())?);
    let version = |node: Option<&Node>, path, bytes| {
        let mode = node.and_then(FileMode::of)?;
        Some(FileVersion { path, mode, bytes })
    };
    let before = version(change.before.as_ref(), change.from.clone(), &old);
    let after = version(change.after.as_ref(), change.path.clone(), &new);
    let how = Comparing::default();
    for patch in FilePatch::between(before, after, change.origin, how, CONTEXT_LINES) {
        out.write_all(&patch.to_bytes())?;
    }
    Ok(())
}

fn bytes(store: &Store, node: Option<&Node>) -> Result<Vec<u8>, ReadError> {
    let content = match node {
        Some(Node::File(content) | Node::Executable(content)) => *content,
        Some(Node::Symlink(target)) => Content::Whole(*target),
        Some(Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_)) | None => {
            return Ok(Vec::new());
        }
    };
    Ok(Parts::new(store, content).collect::<Result<Vec<_>, _>>()?.concat())
}
