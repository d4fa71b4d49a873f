//! Git's index: what its next commit will hold.

use std::collections::BTreeMap;
use std::fs::{self, File as OsFile};
use std::io::{self, BufWriter, Seek as _};
use std::path::PathBuf;

use blake3::Hasher;
use gix_hash::Kind;
use gix_index::entry::{Flags, Mode, Stage as Number};
use gix_index::{File, State};
use gix_object::bstr::BStr;

use crate::git::durable::NEW;
use crate::git::id::{GitId, GitKind};
use crate::git::locks::{Alone, LONG_PATIENCE, Lock};
use crate::git::objects::Objects;
use crate::git::place::GitPlace;
use crate::git::problem::{GitError, GitPlaceError, Unkept};
use crate::git::tree::{Form, parse};

/// One path of an index.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Row {
    pub(crate) path: Vec<u8>,
    /// 0, or for a path in conflict 1 for the base, 2 for ours and 3 for theirs.
    pub(crate) stage: u8,
    pub(crate) form: Form,
    pub(crate) id: GitId,
}

/// An index as it stands on disk.
pub(crate) struct Stage {
    file: Option<File>,
    /// What it holds, by path and stage.
    pub(crate) rows: Vec<Row>,
}

/// Git's own lock of its index, in our hands: nobody else writes it meanwhile.
pub(crate) struct Held {
    path: PathBuf,
    _lock: Lock,
}

/// An index of more bytes is none.
const LENGTH_MAX: u64 = 2 << 30;

impl Stage {
    /// The index of this working copy; one that is not there holds nothing.
    pub(crate) fn read(place: &GitPlace) -> Result<Self, GitPlaceError> {
        let path = path(place);
        let length = match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { file: None, rows: Vec::new() });
            }
            found => {
                found.map_err(|source| GitPlaceError::Io { path: path.clone(), source })?.len()
            }
        };
        if length > LENGTH_MAX {
            return Err(GitPlaceError::Other("its index is too long".to_owned()));
        }
        let read = File::at(&path, Kind::Sha1, false, gix_index::decode::Options::default());
        let file = read.map_err(|error| GitPlaceError::Other(format!("its index: {error}")))?;
        let mut rows = Vec::new();
        for entry in file.entries() {
            let is_absent = entry.mode.is_sparse() || entry.flags.contains(Flags::SKIP_WORKTREE);
            if is_absent {
                return Err(GitPlaceError::Sparse);
            }
            // Somebody only means to add it.
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                continue;
            }
            let form = form(entry.mode);
            let form = form.ok_or_else(|| GitPlaceError::Other("its index".to_owned()))?;
            let id = GitId::of_sha1(&entry.id);
            let id = id.ok_or_else(|| GitPlaceError::Other("its index".to_owned()))?;
            let path = entry.path(&file).to_vec();
            rows.push(Row { path, stage: entry.stage_raw().to_le_bytes()[0], form, id });
        }
        rows.sort_unstable();
        Ok(Self { file: Some(file), rows })
    }

    /// Whether there is one.
    pub(crate) const fn is_there(&self) -> bool {
        self.file.is_some()
    }

    /// What tells one content from another, whatever was seen of the files.
    pub(crate) fn mark(rows: &[Row]) -> [u8; 32] {
        let mut hasher = Hasher::new();
        for row in rows {
            hasher.update(&(row.path.len() as u64).to_le_bytes());
            hasher.update(&row.path).update(&[row.stage]);
            hasher.update(row.form.mode()).update(row.id.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }
}

impl Held {
    /// Takes the lock. Git holds it for moments only; who waited in vain is told so.
    pub(crate) fn take(alone: &Alone<'_>, place: &GitPlace) -> Result<Self, GitError> {
        let path = path(place);
        let lock = alone.lock(&path, LONG_PATIENCE)?;
        Ok(Self { path, _lock: lock })
    }

    /// Writes the index with these rows. What `before` had seen of a file that stays as it was is kept; every other file is looked at
    /// by git itself.
    pub(crate) fn write(self, before: &Stage, rows: &[Row]) -> Result<(), GitError> {
        let failed = |error: &dyn ToString| GitError::Target(io::Error::other(error.to_string()));
        let mut state = State::new(Kind::Sha1);
        let mut seen = BTreeMap::new();
        for entry in before.file.iter().flat_map(|file| file.entries()) {
            let Some(file) = &before.file else { break };
            let path: &[u8] = entry.path(file);
            if entry.flags.contains(Flags::INTENT_TO_ADD) {
                state.dangerously_push_entry(
                    entry.stat,
                    entry.id,
                    entry.flags,
                    entry.mode,
                    path.into(),
                );
            } else if entry.stage_raw() == 0 {
                seen.insert(path, entry);
            }
        }
        state.remove_entries(|_, path, _| {
            rows.binary_search_by(|row| row.path.as_slice().cmp(path)).is_ok()
        });
        for row in rows {
            let (id, mode) = (row.id.sha1(), mode(row.form));
            let old = seen.get(&*row.path).filter(|old| old.id == id && old.mode == mode);
            let old = old.filter(|_| row.stage == 0);
            let stat = old.map(|old| old.stat).unwrap_or_default();
            let assumed = old.map_or(Flags::empty(), |old| old.flags & Flags::ASSUME_VALID);
            let flags = Flags::from_stage(number(row.stage)) | assumed;
            let path: &BStr = row.path.as_slice().into();
            state.dangerously_push_entry(stat, id, flags, mode, path);
        }
        state.sort_entries();
        let index = File::from_state(state, PathBuf::new());
        let mut new = self.path.as_os_str().to_owned();
        new.push(NEW);
        let file = OsFile::create(&new).map_err(GitError::Target)?;
        let mut file = BufWriter::with_capacity(1 << 16, file);
        index
            .write_to(&mut file, gix_index::write::Options::default())
            .map_err(|error| failed(&error))?;
        let file = file.into_inner().map_err(|error| GitError::Target(error.into_error()))?;
        drop(file);
        fs::rename(new, &self.path).map_err(GitError::Target)
    }
}

/// Every path below a tree, by path.
pub(crate) fn rows_of(objects: &Objects, tree: GitId) -> Result<Vec<Row>, Unkept> {
    let mut rows = Vec::new();
    let mut open = vec![(Vec::new(), tree, 0)];
    let mut buffer = Vec::new();
    while let Some((above, tree, depth)) = open.pop() {
        let senseless = || Unkept::Senseless(GitKind::Tree, tree);
        if depth > DEPTH_MAX {
            return Err(senseless());
        }
        let bytes = objects.read(tree, GitKind::Tree, &mut buffer)?;
        for entry in parse(bytes).ok_or_else(senseless)? {
            let mut path: Vec<u8> = above.clone();
            path.extend(entry.name);
            match Form::of(entry.mode).ok_or_else(senseless)? {
                Form::Folder => {
                    path.push(b'/');
                    open.push((path, entry.id, depth + 1));
                }
                form => rows.push(Row { path, stage: 0, form, id: entry.id }),
            }
        }
    }
    rows.sort_unstable();
    Ok(rows)
}

/// No path that is kept is deeper.
const DEPTH_MAX: usize = 4096;

/// Where the index of a working copy is.
pub(crate) fn path(place: &GitPlace) -> PathBuf {
    place.own.join("index")
}

/// The last bytes of an index, which are a hash of it unless somebody told git to save the time.
pub(crate) fn trailer(place: &GitPlace) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut file = match OsFile::open(path(place)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    let length = file.metadata()?.len();
    file.seek(io::SeekFrom::Start(length.saturating_sub(GitId::LEN as u64)))?;
    let mut bytes = Vec::new();
    file.take(GitId::LEN as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn form(mode: Mode) -> Option<Form> {
    Form::of(format!("{:o}", mode.bits()).as_bytes()).filter(|form| *form != Form::Folder)
}

fn mode(form: Form) -> Mode {
    match form {
        Form::File => Mode::FILE,
        Form::Executable => Mode::FILE_EXECUTABLE,
        Form::Link => Mode::SYMLINK,
        Form::Folder => Mode::DIR,
        Form::Submodule => Mode::COMMIT,
    }
}

const fn number(stage: u8) -> Number {
    match stage {
        1 => Number::Base,
        2 => Number::Ours,
        3 => Number::Theirs,
        _ => Number::Unconflicted,
    }
}
