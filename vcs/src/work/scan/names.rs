//! The names in a directory that are not known.

use std::collections::{HashMap, HashSet};
use std::io;

use selkie_store::{Name, NameError, Node, RepoPath};

use crate::ignore::pattern::Shape;
use crate::work::door::Door;
use crate::work::door::entry::Listed;
use crate::work::index::Index;
use crate::work::index::memory::Remembered;
use crate::work::litter::is_litter;
use crate::work::scan::finds::Finds;
use crate::work::scan::rules::{Rules, files_in};
use crate::work::stat::Form;
use crate::work::status::{
    Asked, AskedIgnored, AskedUnknown, Litter, Refused, Unknown, UnknownKind,
};

/// What marks a repository, ours or git's.
const CONTROL: [&[u8]; 2] = [b".selkie", b".git"];

/// A directory, and how its names are judged.
pub(super) struct Place<'a> {
    pub(super) door: &'a Door,
    /// With a slash at the end but for the top.
    pub(super) path: &'a str,
    pub(super) rules: &'a Rules,
    pub(super) asked: Asked,
}

/// The names in a known directory that are not known, or known as a directory and none, or the other way
/// round: then what is known is gone, and what is there is new.
pub(super) fn unknown_in(door: &Door, index: &Index, directory: usize) -> io::Result<Vec<Listed>> {
    let rows: HashMap<_, _> = index.rows(directory).map(|row| (index.row_name(row), row)).collect();
    let children = index.children(directory).map(|child| index.directory_name(child));
    let children: HashSet<_> = children.collect();
    let mut unknown = Vec::new();
    for Listed { name, mut form } in door.list()? {
        let row = rows.get(name.as_slice());
        let is_child = children.contains(name.as_slice());
        if form.is_none() && (row.is_some() || is_child) {
            form = door.look(&name)?.map(|stat| stat.form);
        }
        let is_directory = form == Some(Form::Directory);
        let is_known = match row {
            // A foreign thing is a directory, and what is in it is another tool's.
            Some(row) => !is_directory || matches!(index.node(*row), Node::Foreign(_)),
            None => is_child && is_directory,
        };
        if !is_known && !CONTROL.contains(&name.as_slice()) {
            unknown.push(Listed { name, form });
        }
    }
    Ok(unknown)
}

impl Place<'_> {
    /// What is ignored of the names, all by name. Pipes and devices are left out, as if they were not
    /// there.
    pub(super) fn judge(&self, listed: Vec<Listed>) -> Vec<Remembered> {
        let judge = |Listed { name, form }: Listed| {
            // The kind of a name that vanished meanwhile is of no account.
            let form = form.or_else(|| Some(self.door.look(&name).ok()??.form))?;
            let shape = shape(form)?;
            let is_ignored = !is_litter(&name) && self.rules.ignores(&name, shape);
            Some(Remembered { name, is_ignored, is_directory: shape == Shape::Directory })
        };
        let mut names: Vec<_> = listed.into_iter().filter_map(judge).collect();
        names.sort_unstable();
        names
    }

    /// Tells of the names what was asked for.
    pub(super) fn tell(&self, names: &[Remembered], finds: &mut Finds) {
        for Remembered { name, is_ignored, is_directory } in names {
            let path = match self.path_of(name) {
                Ok(path) => path,
                Err(error) => {
                    if !is_ignored {
                        self.refuse(name, error, finds);
                    }
                    continue;
                }
            };
            let kind = if *is_directory { UnknownKind::Directory } else { UnknownKind::File };
            if *is_ignored {
                if self.asked.ignored == AskedIgnored::Directories {
                    finds.status.ignored.push(Unknown { path, kind });
                }
            } else if *is_directory {
                self.explore(name, path, finds);
            } else {
                finds.status.unknown.push(Unknown { path, kind });
            }
        }
    }

    /// Looks into a directory that is not known.
    fn explore(&self, name: &[u8], path: RepoPath, finds: &mut Finds) {
        let found = self.look_into(name, &path, finds);
        let Some((door, rules, names)) = found else { return };
        if names.is_none() {
            return finds.status.unknown.push(Unknown { path, kind: UnknownKind::Repository });
        }
        let names = names.unwrap_or_default();
        let text = format!("{path}/");
        let inner = Place { door: &door, path: &text, rules: &rules, asked: self.asked };
        match self.asked.unknown {
            AskedUnknown::Files => inner.tell(&names, finds),
            AskedUnknown::Directories if self.asked.ignored == AskedIgnored::Directories => {
                inner.tell_as_one(path, &names, finds);
            }
            AskedUnknown::Directories => {
                if inner.holds_any(&names, finds) {
                    finds.status.unknown.push(Unknown { path, kind: UnknownKind::Directory });
                }
            }
            AskedUnknown::Nothing => {}
        }
    }

    /// Tells the directory as one, and what is ignored in it.
    fn tell_as_one(&self, path: RepoPath, names: &[Remembered], finds: &mut Finds) {
        let before = finds.status.unknown.len();
        self.tell(names, finds);
        if finds.status.unknown.len() > before {
            finds.status.unknown.truncate(before);
            finds.status.unknown.push(Unknown { path, kind: UnknownKind::Directory });
        }
    }

    /// Whether anything in here is neither ignored nor refused. Looks no further than to the first.
    fn holds_any(&self, names: &[Remembered], finds: &mut Finds) -> bool {
        let wanted = || names.iter().filter(|name| !name.is_ignored);
        let is_file = |name: &&Remembered| !name.is_directory && self.path_of(&name.name).is_ok();
        if wanted().any(|name| is_file(&name)) {
            return true;
        }
        wanted().filter(|name| name.is_directory).any(|name| {
            let Ok(path) = self.path_of(&name.name) else { return false };
            let Some((door, rules, names)) = self.look_into(&name.name, &path, finds) else {
                return false;
            };
            // A repository is something.
            let Some(names) = names else { return true };
            let path = format!("{path}/");
            let inner = Place { door: &door, path: &path, rules: &rules, asked: self.asked };
            inner.holds_any(&names, finds)
        })
    }

    /// The names in a directory, judged; no names if it is a repository; nothing if it can not be read.
    fn look_into(
        &self,
        name: &[u8],
        path: &RepoPath,
        finds: &mut Finds,
    ) -> Option<(Door, Rules, Option<Vec<Remembered>>)> {
        let text = format!("{path}/");
        let door = finds.or_unread(&text, self.door.enter(name))?;
        let listed = finds.or_unread(&text, door.list())?;
        let has = |file: &[u8]| listed.iter().any(|listed| listed.name == file);
        if CONTROL.iter().any(|control| has(control)) {
            return Some((door, self.rules.clone(), None));
        }
        let rules = match self.rules {
            Rules::AllIgnored(_) => self.rules.clone(),
            Rules::Judge(outer) => {
                let own = files_in(&door, &text, has, finds);
                Rules::Judge(outer.enter(name).with(own))
            }
        };
        let inner = Place { door: &door, path: &text, rules: &rules, asked: self.asked };
        let names = inner.judge(listed);
        Some((door, rules, Some(names)))
    }

    fn path_of(&self, name: &[u8]) -> Result<RepoPath, Option<NameError>> {
        let text = std::str::from_utf8(name).or(Err(Some(NameError::Text)))?;
        Name::new(text).map_err(Some)?;
        // Only its length and depth can still be wrong.
        RepoPath::new(&format!("{}{text}", self.path)).or(Err(None))
    }

    fn refuse(&self, name: &[u8], error: Option<NameError>, finds: &mut Finds) {
        let Ok(folder) = RepoPath::new(self.path.trim_end_matches('/')) else { return };
        match std::str::from_utf8(name) {
            Ok(name) if is_litter(name.as_bytes()) => {
                finds.status.litter.push(Litter { folder, name: name.to_owned() });
            }
            _ => finds.status.refused.push(Refused { folder, name: name.to_vec(), error }),
        }
    }
}

const fn shape(form: Form) -> Option<Shape> {
    match form {
        Form::Directory => Some(Shape::Directory),
        Form::File | Form::Executable | Form::Symlink => Some(Shape::File),
        Form::Other => None,
    }
}
