//! The tree of files that the rules look at.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::tidy::complaint::Complaint;
use crate::tidy::manifest::Manifest;
use crate::tidy::member::Member;
use crate::tidy::member::below;
use crate::tidy::source::Role;
use crate::tidy::source::Source;

/// Folders that hold what tools make, not what people write.
const MADE: &[&str] = &[".git", "target", "corpus", "artifacts", "coverage"];

/// Every file of the tree, the Rust files and manifests read.
pub struct House {
    /// By path from the root, parts joined by `/`. A file that is no text is empty here.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) sources: Vec<Source>,
    pub(crate) manifests: Vec<Manifest>,
    pub(crate) unread: Vec<Complaint>,
}

impl House {
    /// Reads all files below `root`, but for what tools make.
    ///
    /// # Errors
    ///
    /// A folder or file that cannot be read. Nothing is kept of what was.
    pub fn open(root: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        collect(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    pub(crate) fn of(files: BTreeMap<String, String>) -> Self {
        let mut sources = Vec::new();
        let mut unread = Vec::new();
        for (path, text) in files.iter().filter(|(path, _)| ends_in(path, "rs")) {
            match Member::of(path).map(|member| Source::read(path, text, member)) {
                Some(Ok(source)) => sources.push(source),
                Some(Err(error)) => {
                    let line = error.span().start().line;
                    unread.push(Complaint::new(path, line, "this is no Rust"));
                }
                None => unread.push(Complaint::of_file(path, "this file belongs to no crate")),
            }
        }
        mark_test_files(&mut sources);
        let is_manifest = |path: &str| path == "Cargo.toml" || path.ends_with("/Cargo.toml");
        let manifests = files.iter().filter(|(path, _)| is_manifest(path));
        let manifests = manifests.map(|(path, text)| Manifest::read(path, text)).collect();
        Self { files, sources, manifests, unread }
    }

    /// The files whose name ends in `extension`, with their texts.
    pub(crate) fn files_in(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(move |(path, _)| ends_in(path, extension))
    }

    /// The Rust files that people run, tests, benches and examples left out.
    pub(crate) fn production(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.role == Role::Production)
    }

    /// Whether `path` is a file or a folder of the tree.
    pub(crate) fn holds(&self, path: &str) -> bool {
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.keys().any(|file| below(file, path).is_some())
    }
}

fn ends_in(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, own)| own == extension)
}

/// A file brought in by `#[cfg(test)] mod` is a test, and so is all below it.
fn mark_test_files(sources: &mut [Source]) {
    let roots: Vec<_> = sources.iter().flat_map(Source::test_files).collect();
    for source in sources {
        let stem = source.path.strip_suffix(".rs").unwrap_or(&source.path);
        if roots.iter().any(|root| stem == root || below(stem, root).is_some()) {
            source.role = Role::Test;
        }
    }
}

fn collect(folder: &Path, name: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let path = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
        let kind = entry.file_type()?;
        if MADE.contains(&own.as_str()) || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            let text = String::from_utf8(fs::read(entry.path())?).unwrap_or_default();
            files.insert(path, text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::tidy::trial::house;

    #[test]
    fn a_file_that_only_tests_include_is_a_test() {
        let house = house([
            ("crdt/src/lib.rs", "mod set;\n#[cfg(test)]\nmod laws;\n"),
            ("crdt/src/laws.rs", ""),
            ("crdt/src/laws/set.rs", ""),
            ("crdt/src/set.rs", ""),
        ]);
        let paths: Vec<_> = house.production().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["crdt/src/lib.rs", "crdt/src/set.rs"]);
    }

    #[test]
    fn what_is_no_rust_is_complained_of() {
        let house = house([("crdt/src/a.rs", "fn a( {"), ("b.rs", "")]);
        assert_eq!(house.unread.len(), 2);
    }
}
