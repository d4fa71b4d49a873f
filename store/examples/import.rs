//! Puts a folder into a store: `import FOLDER STORE`. Prints what it took.
//!
//! `BENCHMARKS.md` says how it is measured against git.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use selkie_store::{Batch, Content, Hint, Name, Node, OsDisk, Store, Tree, TreeId};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let (folder, store) = args.next().zip(args.next()).ok_or("usage: import FOLDER STORE")?;
    let started = Instant::now();
    let store = Store::open(Arc::new(OsDisk::new(Path::new(&store))))?;
    let batch = Batch::new(&store);
    let mut files = Vec::new();
    let root = walk(Path::new(&folder), &mut files)?;
    let walked = started.elapsed();
    let started = Instant::now();
    let contents = put_files(&batch, &files)?;
    let put = started.elapsed();
    let started = Instant::now();
    let id = put_tree(&batch, &root, &contents)?;
    batch.finish()?;
    println!("{} files, tree {id}", files.len());
    println!("walk {walked:?}, files {put:?}, finish {:?}", started.elapsed());
    Ok(())
}

/// A folder: its files by their place in the list, its folders.
struct Folder {
    files: Vec<(Name, usize)>,
    folders: Vec<(Name, Folder)>,
}

fn walk(folder: &Path, files: &mut Vec<String>) -> Result<Folder, Box<dyn Error>> {
    let mut found = Folder { files: Vec::new(), folders: Vec::new() };
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let file_name = entry.file_name();
        let Some(Ok(name)) = file_name.to_str().map(Name::new) else { continue };
        let file_type = entry.file_type()?;
        if file_type.is_dir() {
            found.folders.push((name, walk(&entry.path(), files)?));
        } else if file_type.is_file() {
            found.files.push((name, files.len()));
            files.push(entry.path().to_str().ok_or("a path is not text")?.to_owned());
        }
    }
    Ok(found)
}

fn put_files(batch: &Batch, files: &[String]) -> Result<Vec<Content>, Box<dyn Error>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(64, Ordering::Relaxed);
            let Some(part) = files.get(at..files.len().min(at + 64)) else { break };
            for (at, path) in (at..).zip(part) {
                let file = fs::File::open(path).map_err(|error| error.to_string())?;
                let hint = Hint { path, base: None };
                done.push((at, batch.put_content(file, hint).map_err(|error| error.to_string())?));
            }
        }
        Ok::<_, String>(done)
    };
    let mut contents = std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .collect::<Result<Vec<_>, _>>()
    })?
    .concat();
    contents.sort_by_key(|(at, _)| *at);
    Ok(contents.into_iter().map(|(_, content)| content).collect())
}

fn put_tree(
    batch: &Batch,
    folder: &Folder,
    contents: &[Content],
) -> Result<TreeId, Box<dyn Error>> {
    let mut entries = Vec::new();
    for (name, inner) in &folder.folders {
        entries.push((name.clone(), Node::Directory(put_tree(batch, inner, contents)?)));
    }
    for (name, at) in &folder.files {
        entries.push((name.clone(), Node::File(contents[*at])));
    }
    Ok(batch.put_value(&Tree::from_iter(entries), Hint::NONE)?)
}
