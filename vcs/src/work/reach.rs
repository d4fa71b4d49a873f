//! From path to path, through doors that are open already, and what is said of files behind them.

use std::io;

use selkie_store::RepoPath;

use crate::attributes::{Attributes, LineEnds};
use crate::work::door::Door;
use crate::work::pattern_file::pattern_bytes;
use crate::work::stat::{Form, Stat};

/// The doors on the way to the path asked for last. Asking in the order of paths opens each but once.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    top: &'a Door,
    open: Vec<(String, Door)>, // from the top down, by their own names
    // Of the top and of the doors that are open, as far down as somebody asked.
    attributes: Vec<Attributes>,
}

impl<'a> Reach<'a> {
    pub(crate) const fn new(top: &'a Door) -> Self {
        Self { top, open: Vec::new(), attributes: Vec::new() }
    }

    /// The directory at a path, unless something else is there or on the way. No link is followed.
    pub(crate) fn directory(&mut self, path: &str) -> io::Result<Option<&Door>> {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let same =
            self.open.iter().zip(&names).take_while(|((open, _), name)| open == *name).count();
        self.open.truncate(same);
        self.attributes.truncate(same + 1);
        for name in &names[same..] {
            let Some(inner) = enter(self.last(), name.as_bytes())? else { return Ok(None) };
            self.open.push(((*name).to_owned(), inner));
        }
        Ok(Some(self.last()))
    }

    /// The directory that a path is in, and its name there.
    pub(crate) fn parent<'p>(
        &mut self,
        path: &'p RepoPath,
    ) -> io::Result<Option<(&Door, &'p [u8])>> {
        let (folder, name) = split(path);
        Ok(self.directory(folder)?.map(|door| (door, name.as_bytes())))
    }

    /// The directory that a path is in, made with those above it where nothing is.
    pub(crate) fn make_parent<'p>(&mut self, path: &'p RepoPath) -> io::Result<(&Door, &'p [u8])> {
        let (folder, name) = split(path);
        if self.directory(folder)?.is_none() {
            self.make(folder)?;
        }
        Ok((self.last(), name.as_bytes()))
    }

    /// What stands at a path, if anything does.
    pub(crate) fn look(&mut self, path: &RepoPath) -> io::Result<Option<Stat>> {
        match self.parent(path)? {
            Some((door, name)) => door.look(name),
            None => Ok(None),
        }
    }

    /// How the lines of the file at a path end on disk, by the lists that are there.
    pub(crate) fn line_ends(&mut self, path: &RepoPath) -> io::Result<LineEnds> {
        Ok(self.attributes(path)?.line_ends(path.as_str()))
    }

    /// What the lists that are there say of the files beside this one. Where a folder is not there, those above it hold.
    pub(crate) fn attributes(&mut self, path: &RepoPath) -> io::Result<Attributes> {
        let (folder, _) = split(path);
        self.directory(folder)?;
        while self.attributes.len() <= self.open.len() {
            let depth = self.attributes.len();
            let door = depth.checked_sub(1).map_or(self.top, |at| &self.open[at].1);
            let outer = self.attributes.last().cloned().unwrap_or_default();
            let inner = match pattern_bytes(door, Attributes::FILE.as_bytes())? {
                Some(list) => {
                    let names = self.open[..depth].iter().map(|(name, _)| format!("{name}/"));
                    outer.inside(&names.collect::<String>(), &list)
                }
                None => outer,
            };
            self.attributes.push(inner);
        }
        Ok(self.attributes.last().cloned().unwrap_or_default())
    }

    /// Forgets the doors below the top: some of these directories may be gone.
    pub(crate) fn close(&mut self) {
        self.open.clear();
        self.attributes.clear();
    }

    /// Goes on from the doors that are open, which lead as far into `folder` as there is a way.
    fn make(&mut self, folder: &str) -> io::Result<()> {
        for name in folder.split('/').skip(self.open.len()) {
            match self.last().make_directory(name.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) | Err(_) => {}
            }
            let inner = self.last().enter(name.as_bytes())?;
            self.open.push((name.to_owned(), inner));
        }
        Ok(())
    }

    fn last(&self) -> &Door {
        self.open.last().map_or(self.top, |(_, door)| door)
    }
}

/// The directory `name` in another, unless something else is there.
pub(crate) fn enter(door: &Door, name: &[u8]) -> io::Result<Option<Door>> {
    door.enter(name).map(Some).or_else(|error| match door.look(name)? {
        // Another thread made it after we did not find it.
        Some(Stat { form: Form::Directory, .. }) if error.kind() == io::ErrorKind::NotFound => {
            door.enter(name).map(Some)
        }
        Some(Stat { form: Form::Directory, .. }) => Err(error),
        Some(_) | None => Ok(None),
    })
}

/// The path of the directory that a path is in, and the name.
pub(crate) fn split(path: &RepoPath) -> (&str, &str) {
    path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    /// A checkout of many files failed now and then with "no such file", where a directory had come into being
    /// between two looks at it.
    #[test]
    fn a_directory_that_another_thread_makes_meanwhile_is_entered() {
        const COUNT: usize = 100;
        let place = tempfile::tempdir().unwrap();
        let top = Door::open(place.path()).unwrap();
        let name = |number: usize| format!("d{number}").into_bytes();
        // How many were found. The next is made while somebody looks for it all the time.
        let found = AtomicUsize::new(0);
        let failed = thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..COUNT {
                    while found.load(Ordering::Relaxed) < number {
                        thread::yield_now();
                    }
                    top.make_directory(&name(number)).unwrap();
                }
            });
            let mut failed = 0;
            for number in 0..COUNT {
                loop {
                    match enter(&top, &name(number)) {
                        Ok(Some(_)) => break,
                        Ok(None) => {}
                        Err(_) => failed += 1,
                    }
                }
                found.store(number + 1, Ordering::Relaxed);
            }
            failed
        });
        assert_eq!(failed, 0);
    }
}
