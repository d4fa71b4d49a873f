//! Seals the newest commits of a git repository again, one after the other:
//! `replay REPOSITORY STORE COUNT`. Prints the CPU and wall seconds that the store took, without reading git.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{
    Author, Batch, ChangeId, Content, Hint, Name, Node, OsDisk, Seal, SealId, Store, Tree, TreeId,
    tidy,
};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [repository, store, count] = &args[..] else {
        return Err("usage: replay REPOSITORY STORE COUNT".into());
    };
    let git = Git { repository };
    let log = git.run(&["log", "--first-parent", "--format=%H", "-n", count, "HEAD"])?;
    let store = Store::open(Arc::new(OsDisk::new(Path::new(store))))?;
    let mut last = Sealed::default();
    let (mut cpu, mut wall) = (Duration::ZERO, Duration::ZERO);
    for commit in String::from_utf8(log)?.lines().rev() {
        let folder = git.folder(commit)?;
        let blobs = git.fresh_blobs(&folder, &last)?;
        let (started, spent) = (Instant::now(), clock());
        last = seal(&store, commit, folder, &blobs, &last)?;
        tidy(&store)?;
        cpu += clock().saturating_sub(spent);
        wall += started.elapsed();
    }
    println!("{:.6} {:.6}", cpu.as_secs_f64(), wall.as_secs_f64());
    Ok(())
}

/// The CPU time of this process so far.
#[cfg(unix)]
fn clock() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.try_into().unwrap_or_default())
}

/// The time of day, where a process is not told what it takes.
#[cfg(not(unix))]
fn clock() -> Duration {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// Folders by name, files by name: the git id of each.
#[derive(Default)]
struct Folder {
    folders: BTreeMap<String, Folder>,
    files: BTreeMap<String, String>,
}

/// What was sealed last.
#[derive(Default)]
struct Sealed {
    seal: Option<SealId>,
    files: BTreeMap<String, (String, Content)>,
    trees: BTreeMap<String, TreeId>,
}

fn seal(
    store: &Store,
    commit: &str,
    folder: Folder,
    blobs: &BTreeMap<String, Vec<u8>>,
    last: &Sealed,
) -> Result<Sealed, Failure> {
    let batch = Batch::new(store);
    let mut sealed = Sealed::default();
    let tree = put_folder(&batch, "", folder, blobs, last, &mut sealed)?;
    let seal = Seal {
        tree,
        parents: last.seal.into_iter().collect(),
        change: ChangeId::from_bytes(*commit.as_bytes().first_chunk().ok_or("a short hash")?),
        time: selkie_crdt::Hlc::from_ms(1),
        zone_minutes: 0,
        author: Author { name: "replay".to_owned(), contact: String::new() },
        message: format!("as {commit}"),
        replaces: [].into(),
        labels: [].into(),
        signature: None,
    };
    sealed.seal = Some(batch.put_value(&seal, Hint::NONE)?);
    batch.finish()?;
    Ok(sealed)
}

fn put_folder(
    batch: &Batch,
    path: &str,
    folder: Folder,
    blobs: &BTreeMap<String, Vec<u8>>,
    last: &Sealed,
    sealed: &mut Sealed,
) -> Result<TreeId, Failure> {
    let mut entries = Vec::new();
    for (name, inner) in folder.folders {
        let tree = put_folder(batch, &format!("{path}/{name}"), inner, blobs, last, sealed)?;
        entries.push((Name::new(&name)?, Node::Directory(tree)));
    }
    for (name, git) in folder.files {
        let path = format!("{path}/{name}");
        let before = last.files.get(&path);
        let content = match before {
            Some((same, content)) if *same == git => *content,
            _ => {
                let base = before.map(|(_, content)| content.link().1);
                let bytes = blobs.get(&git).map_or(&[][..], Vec::as_slice);
                batch.put_content(bytes, Hint { path: &path, base })?
            }
        };
        sealed.files.insert(path, (git, content));
        entries.push((Name::new(&name)?, Node::File(content)));
    }
    let base = last.trees.get(path).map(|tree| tree.object());
    let tree = batch.put_value(&Tree::from_iter(entries), Hint { path: "", base })?;
    sealed.trees.insert(path.to_owned(), tree);
    Ok(tree)
}

struct Git<'a> {
    repository: &'a str,
}

impl Git<'_> {
    fn run(&self, args: &[&str]) -> Result<Vec<u8>, Failure> {
        Ok(Command::new("git").arg("-C").arg(self.repository).args(args).output()?.stdout)
    }

    fn folder(&self, commit: &str) -> Result<Folder, Failure> {
        let listed = self.run(&["ls-tree", "-r", "-z", commit])?;
        let mut top = Folder::default();
        for line in String::from_utf8(listed)?.split_terminator('\0') {
            let (what, path) = line.split_once('\t').ok_or("no path")?;
            let git = what.split(' ').nth(2).ok_or("no id")?;
            let mut folder = &mut top;
            let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
            for name in folders.split_terminator('/') {
                folder = folder.folders.entry(name.to_owned()).or_default();
            }
            folder.files.insert(name.to_owned(), git.to_owned());
        }
        Ok(top)
    }

    /// The bytes of the files that are not as they were.
    fn fresh_blobs(
        &self,
        folder: &Folder,
        last: &Sealed,
    ) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut wanted = Vec::new();
        collect(folder, "", last, &mut wanted);
        let mut blobs = BTreeMap::new();
        for git in wanted {
            let blob = self.run(&["cat-file", "blob", &git])?;
            blobs.insert(git, blob);
        }
        Ok(blobs)
    }
}

fn collect(folder: &Folder, path: &str, last: &Sealed, wanted: &mut Vec<String>) {
    for (name, inner) in &folder.folders {
        collect(inner, &format!("{path}/{name}"), last, wanted);
    }
    for (name, git) in &folder.files {
        let before = last.files.get(&format!("{path}/{name}"));
        if before.is_none_or(|(before, _)| before != git) {
            wanted.push(git.clone());
        }
    }
}
