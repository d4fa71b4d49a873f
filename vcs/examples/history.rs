//! A made-up history, for figures beside git's: `vcs/benches/history.sh` runs all of it.
//!
//! `history make STORE SEALS` writes it into a store and, as a stream for `git fast-import`, to standard
//! output. `history grow STORE` enters it into the graph; `log`, `log-path`, `newest`, `bases`,
//! `distance` ask, `add-one` seals once more.

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{
    Author, Batch, BlobId, ChangeId, Content, Hint, Kind, Name, Node, ObjectId, OsDisk, RepoPath,
    Seal, SealId, Store, Tree, TreeId,
};
use selkie_vcs::{GraphFile, Line, Paths, Row, SealName, TreeReader};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match words[..] {
        ["make", store, seals] => make(&open(store)?, seals.parse()?, store, &mut out)?,
        ["grow", store] => grow(store, Paths::Look, &mut out)?,
        ["grow-without-paths", store] => grow(store, Paths::Leave, &mut out)?,
        ["log", store] => log(store, usize::MAX, &mut out)?,
        ["newest", store] => log(store, 20, &mut out)?,
        ["log-path", store, path] => log_path(store, path, &mut out)?,
        ["bases", store] => bases(store, &mut out)?,
        ["distance", store] => distance(store, &mut out)?,
        ["add-one", store] => add_one(store, &mut out)?,
        _ => return Err("usage: history make STORE SEALS | grow STORE | log STORE | ...".into()),
    }
    Ok(out.flush()?)
}

fn open(folder: &str) -> Result<Store, Failure> {
    Ok(Store::open(Arc::new(OsDisk::new(Path::new(folder))))?)
}

/// The graph of a folder, and the newest seal.
fn graph(folder: &str) -> Result<(GraphFile, Row), Failure> {
    let file = GraphFile::open(&OsDisk::new(Path::new(folder)))?;
    let row = file.graph.row(tip(folder)?)?.ok_or("grow the graph first")?;
    Ok((file, row))
}

fn tip(folder: &str) -> Result<SealId, Failure> {
    let id = std::fs::read_to_string(Path::new(folder).join("tip"))?;
    Ok(id.parse::<ObjectId>()?.into())
}

fn grow(folder: &str, paths: Paths, out: &mut impl Write) -> Result<(), Failure> {
    let disk = OsDisk::new(Path::new(folder));
    let mut file = GraphFile::open(&disk)?;
    let count = file.grow(&open(folder)?, &[tip(folder)?], paths)?;
    let saved = file.save(&disk)?;
    Ok(writeln!(out, "{count} seals entered, {saved:?}")?)
}

/// One line each: what a list shows of a seal without reading it.
fn log(folder: &str, count: usize, out: &mut impl Write) -> Result<(), Failure> {
    let (file, tip) = graph(folder)?;
    let graph = &file.graph;
    for row in graph.walk(&[tip], &[], Line::All)?.take(count) {
        let row = row?;
        let change = graph.change(row)?.ok_or("an absent seal is not shown")?;
        writeln!(out, "{} {}", SealName::of(change), graph.title(row)?)?;
    }
    Ok(())
}

fn log_path(folder: &str, path: &str, out: &mut impl Write) -> Result<(), Failure> {
    let (file, tip) = graph(folder)?;
    let graph = &file.graph;
    let store = open(folder)?;
    let trees = TreeReader::new(&store);
    for change in graph.history_of(trees, (&[tip], &[]), RepoPath::new(path)?, None)? {
        let row = change?.row;
        let change = graph.change(row)?.ok_or("an absent seal is not shown")?;
        writeln!(out, "{} {}", SealName::of(change), graph.title(row)?)?;
    }
    Ok(())
}

/// The best common ancestors of the two sides of the newest merge.
fn bases(folder: &str, out: &mut impl Write) -> Result<(), Failure> {
    let (file, tip) = graph(folder)?;
    let graph = &file.graph;
    let parents: Vec<Row> = graph.parents(tip)?.collect();
    let [one, other, ..] = parents[..] else { return Err("the newest seal is no merge".into()) };
    for base in graph.merge_bases(&[one], &[other])? {
        writeln!(out, "{}", graph.id(base)?)?;
    }
    Ok(())
}

/// How many seals the newest is ahead of the oldest, which looks at all of them.
fn distance(folder: &str, out: &mut impl Write) -> Result<(), Failure> {
    let (file, tip) = graph(folder)?;
    let graph = &file.graph;
    let oldest = graph.walk(&[tip], &[], Line::First)?.last().ok_or("no seal")??;
    Ok(writeln!(out, "{}", graph.distance(tip, oldest)?.ahead)?)
}

/// Seals once more on top and saves: what each seal costs the graph.
fn add_one(folder: &str, out: &mut impl Write) -> Result<(), Failure> {
    let store = open(folder)?;
    let newest = tip(folder)?;
    let mut seal: Seal = store.load(newest)?;
    seal.parents = vec![newest];
    seal.time = Hlc::from_u64(seal.time.to_u64() + 1);
    let batch = Batch::new(&store);
    let id = batch.put_value(&seal, Hint::NONE)?;
    batch.finish()?;
    std::fs::write(Path::new(folder).join("tip"), id.to_string())?;
    grow(folder, Paths::Look, out)
}

const FOLDERS: usize = 20;
const INNER: usize = 10;
const FILES: usize = 10;
const LINES: usize = 5;

/// One of the lines that grow at the same time.
#[derive(Clone)]
struct Growing {
    tip: Option<(SealId, usize)>,
    /// The version of each file.
    versions: Vec<u32>,
    leaves: Vec<TreeId>,
    folders: Vec<TreeId>,
}

fn make(store: &Store, seals: usize, folder: &str, out: &mut impl Write) -> Result<(), Failure> {
    let batch = Batch::new(store);
    let mut lots = Lots(1);
    let mut first = Growing::new(&batch)?;
    let all: Vec<_> = (0..FOLDERS * INNER * FILES).collect();
    first.grow(&batch, 1, &all, None, out)?;
    let mut lines = vec![first; LINES];
    for number in 2..=seals {
        let at = lots.below(LINES);
        // One seal in eight merges, and the last one, so that there is one newest.
        let merges = number == seals || lots.below(8) == 0;
        let other = (at + 1 + lots.below(LINES - 1)) % LINES;
        if merges && lines[other].tip != lines[at].tip {
            let other = lines[other].clone();
            let changed = lines[at].take_newer(&other);
            lines[at].grow(&batch, number, &changed, other.tip, out)?;
        } else {
            let changed: Vec<_> = (0..=lots.below(3)).map(|_| draw_file(&mut lots)).collect();
            for file in &changed {
                lines[at].versions[*file] = u32::try_from(number)?;
            }
            lines[at].grow(&batch, number, &changed, None, out)?;
        }
        if number == seals {
            let (id, _) = lines[at].tip.ok_or("it was just made")?;
            std::fs::write(Path::new(folder).join("tip"), id.to_string())?;
        }
    }
    batch.finish()?;
    Ok(())
}

/// Some files change often, most seldom.
fn draw_file(lots: &mut Lots) -> usize {
    let count = FOLDERS * INNER * FILES;
    lots.below(count) * lots.below(count) / count
}

impl Growing {
    fn new(batch: &Batch) -> Result<Self, Failure> {
        let empty = batch.put_value(&Tree::default(), Hint::NONE)?;
        Ok(Self {
            tip: None,
            versions: vec![1; FOLDERS * INNER * FILES],
            leaves: vec![empty; FOLDERS * INNER],
            folders: vec![empty; FOLDERS],
        })
    }

    /// Takes the files that are newer in the other line.
    fn take_newer(&mut self, other: &Self) -> Vec<usize> {
        let mut changed = Vec::new();
        for (file, version) in other.versions.iter().enumerate() {
            if *version > self.versions[file] {
                self.versions[file] = *version;
                changed.push(file);
            }
        }
        changed
    }

    fn grow(
        &mut self,
        batch: &Batch,
        number: usize,
        changed: &[usize],
        merged: Option<(SealId, usize)>,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let tree = self.put_trees(batch, changed)?;
        let parents: Vec<_> = self.tip.into_iter().chain(merged).collect();
        let title = format!("part {}: change number {number} of this made-up history", number % 90);
        let who = number % 200;
        let mut change = [0; ChangeId::LEN];
        let hash = ObjectId::of(Kind::Blob, &number.to_string().into_bytes());
        change.copy_from_slice(&hash.as_bytes()[..ChangeId::LEN]);
        let seal = Seal {
            tree,
            parents: parents.iter().map(|(id, _)| *id).collect(),
            change: ChangeId::from_bytes(change),
            time: Hlc::from_ms(1_000_000_000_000 + number as u64 * 60_000),
            zone_minutes: 0,
            author: Author { name: format!("Author {who}"), contact: format!("{who}@example.org") },
            message: format!("{title}\n\nSome words about why.\n"),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        let base = self.tip.map(|(id, _)| id.object());
        let id = batch.put_value(&seal, Hint { path: "", base })?;
        self.tip = Some((id, number));
        let time = 1_000_000_000 + number * 60;
        let by = format!("Author {who} <{who}@example.org> {time} +0000");
        write!(out, "commit refs/heads/main\nmark :{number}\nauthor {by}\ncommitter {by}\n")?;
        writeln!(out, "data {}\n{}", seal.message.len(), seal.message)?;
        for (at, (_, mark)) in parents.iter().enumerate() {
            writeln!(out, "{} :{mark}", if at == 0 { "from" } else { "merge" })?;
        }
        for file in changed {
            let content = self.content(*file);
            let path = path(*file);
            write!(out, "M 100644 inline {path}\ndata {}\n{content}\n", content.len())?;
        }
        Ok(())
    }

    fn content(&self, file: usize) -> String {
        format!("file {file}, version {}\n", self.versions[file])
    }

    /// Makes the trees again in which a file changed.
    fn put_trees(&mut self, batch: &Batch, changed: &[usize]) -> Result<TreeId, Failure> {
        let mut leaves: Vec<_> = changed.iter().map(|file| file / FILES).collect();
        leaves.sort_unstable();
        leaves.dedup();
        for leaf in &leaves {
            let files = (0..FILES).map(|at| leaf * FILES + at);
            let named = files.map(|file| {
                let blob = ObjectId::of(Kind::Blob, self.content(file).as_bytes());
                let content = Content::Whole(BlobId::from(blob));
                Ok((Name::new(&format!("file{file}.txt"))?, Node::File(content)))
            });
            let tree: Tree = named.collect::<Result<_, Failure>>()?;
            let base = Some(self.leaves[*leaf].object());
            self.leaves[*leaf] = batch.put_value(&tree, Hint { path: "", base })?;
        }
        let mut folders: Vec<_> = leaves.iter().map(|leaf| leaf / INNER).collect();
        folders.dedup();
        for folder in folders {
            let inner = &self.leaves[folder * INNER..(folder + 1) * INNER];
            let base = Some(self.folders[folder].object());
            self.folders[folder] =
                batch.put_value(&of_trees("inner", inner)?, Hint { path: "", base })?;
        }
        Ok(batch.put_value(&of_trees("folder", &self.folders)?, Hint::NONE)?)
    }
}

fn of_trees(name: &str, trees: &[TreeId]) -> Result<Tree, Failure> {
    let named = trees
        .iter()
        .enumerate()
        .map(|(at, tree)| Ok((Name::new(&format!("{name}{at}"))?, Node::Directory(*tree))));
    named.collect()
}

fn path(file: usize) -> String {
    let leaf = file / FILES;
    format!("folder{}/inner{}/file{file}.txt", leaf / INNER, leaf % INNER)
}

/// A seeded source of numbers: `SplitMix64`.
struct Lots(u64);

impl Lots {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap_or(0)
    }
}
