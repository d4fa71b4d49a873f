//! The working copy alone, to be measured: `work status|seal|index FOLDER`, `work switch FOLDER TREE`.
//!
//! The store is in `FOLDER/.selkie`, and the tree that was sealed last in `FOLDER/.selkie/tree`; there are
//! no timelines here, no operations and no seals. `BENCHMARKS.md` says how it is measured against git.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use selkie_store::{Batch, ObjectId, OsDisk, RepoPath, Store, TreeId};
use selkie_vcs::{
    Asked, AskedIgnored, AskedUnknown, Door, Folding, Ignore, Index, Learned, Names, Overwrite,
    Policy, Seen, apply, observe, plan, record, scan,
};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&str> = args.iter().map(String::as_str).collect();
    match parts[..] {
        ["status", folder] => status(folder),
        ["seal", folder] => seal(folder),
        ["index", folder] => read_index(folder),
        ["switch", folder, tree] => switch(folder, tree.parse::<ObjectId>()?.into()),
        _ => Err("usage: work status|seal|index FOLDER, or work switch FOLDER TREE".into()),
    }
}

fn status(folder: &str) -> Result<(), Failure> {
    let control = Path::new(folder).join(".selkie");
    let index = control.join("index");
    let (mut known, fresh) = match Index::read(&index)? {
        Some(known) => (known, false),
        None => (open_index(folder)?, true),
    };
    let asked = Asked { unknown: AskedUnknown::Directories, ignored: AskedIgnored::Nothing };
    let rules = Ignore::new(Vec::new());
    let (status, learned) =
        scan(&Door::open(Path::new(folder))?, &mut known, rules, asked, now()?)?;
    println!("{} changes, {} unknown", status.changes.len(), status.unknown.len());
    if learned == Learned::Something || fresh {
        known.write(&index)?;
    }
    Ok(())
}

fn seal(folder: &str) -> Result<(), Failure> {
    let control = Path::new(folder).join(".selkie");
    let store = Store::open(Arc::new(OsDisk::new(&control)))?;
    let mut index = open_index(folder)?;
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let rules = Ignore::new(Vec::new());
    let (status, _) = scan(&Door::open(Path::new(folder))?, &mut index, rules, asked, now()?)?;
    let paths = status.chosen(&[RepoPath::default()]);
    let batch = Batch::new(&store);
    let top = Door::open(Path::new(folder))?;
    let before = now()?;
    let recorded = record(&batch, &top, &index, index.known(), &paths, |_| ())?;
    batch.finish()?;
    index = index.rebase(&store, recorded.tree, &recorded.seen, before)?;
    fs::write(control.join("tree"), recorded.tree.to_string())?;
    index.write(&control.join("index"))?;
    println!("{} paths, tree {}", paths.len(), recorded.tree);
    Ok(())
}

fn switch(folder: &str, to: TreeId) -> Result<(), Failure> {
    let control = Path::new(folder).join(".selkie");
    let store = Store::open(Arc::new(OsDisk::new(&control)))?;
    let mut index = open_index(folder)?;
    let top = Door::open(Path::new(folder))?;
    let against = index.against(&store, to, Folding::Apart)?;
    let observed = observe(&store, &top, &index, &against.differences)?;
    let policy =
        Policy { overwrite: Overwrite::Nothing, names: Names::OnUnix, folding: Folding::Apart };
    let plan = plan(&observed, against.gone, &against.clashes, policy);
    let seen = apply(&store, &top, &plan, |_| ())?;
    index = index.rebase(&store, to, &seen, now()?)?;
    fs::write(control.join("tree"), to.to_string())?;
    index.write(&control.join("index"))?;
    println!("{} steps", plan.steps.len());
    Ok(())
}

fn read_index(folder: &str) -> Result<(), Failure> {
    let path = Path::new(folder).join(".selkie/index");
    let mut times = Vec::new();
    for _ in 0..101 {
        let started = Instant::now();
        let index = Index::read(&path)?.ok_or("there is no index")?;
        times.push((started.elapsed(), index.len()));
    }
    times.sort_unstable();
    println!("reading {} rows: {:?}", times[50].1, times[50].0);
    Ok(())
}

fn open_index(folder: &str) -> Result<Index, Failure> {
    let control = Path::new(folder).join(".selkie");
    if let Some(index) = Index::read(&control.join("index"))? {
        return Ok(index);
    }
    let store = Store::open(Arc::new(OsDisk::new(&control)))?;
    let Ok(tree) = fs::read_to_string(control.join("tree")) else { return Ok(Index::empty()) };
    let tree = TreeId::from(tree.parse::<ObjectId>()?);
    Ok(Index::empty().rebase(&store, tree, &Seen::new(), now()?)?)
}

fn now() -> Result<i64, Failure> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?)
}
