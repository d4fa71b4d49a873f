//! A disk in memory that remembers every step, and can crash, lie and fail.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::disk::sim::crash::{Loss, left_by};
use crate::disk::sim::step::{Image, Step, folder_of};
use crate::disk::{Disk, DiskFile};

pub(crate) mod crash;
mod step;
#[cfg(test)]
mod tests;

/// A [`Disk`] in memory. Clones share it, as processes share a disk.
///
/// It records each change, so that [`SimDisk::crashed`] can make what a crash after any of them
/// leaves. [`SimDisk::fail`] makes calls fail, [`SimDisk::lie`] makes syncs do nothing.
///
/// ```
/// use selkie_store::{Disk, Loss, SimDisk};
/// let disk = SimDisk::default();
/// disk.create("note")?.append(b"unsynced")?;
/// let after = disk.crashed(disk.steps(), Loss::Unsynced);
/// assert!(after.open("note").is_err());
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SimDisk {
    // Guards all of the disk; every call takes it once and holds it to its end.
    state: Arc<Mutex<State>>,
    unlocked: Arc<Condvar>,
}

/// Which calls fail.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Only the call with this number, counted from 0 at [`SimDisk::fail`].
    At(usize),
    /// The call with this number and all later ones.
    From(usize),
    /// Every call that takes space, from this number of bytes on.
    Full(usize),
}

/// Which syncs do nothing, though they say they did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Lie {
    /// All are honest.
    #[default]
    None,
    /// Those of files.
    Files,
    /// Those of folders.
    Folders,
}

#[derive(Debug, Default)]
struct State {
    folders: BTreeSet<String>,
    names: BTreeMap<String, usize>,
    files: Vec<Vec<u8>>,
    locked: BTreeSet<usize>,
    // What stood here when the recording began, durable all of it.
    origin: Image,
    steps: Vec<Step>,
    lie: Lie,
    fault: Option<Fault>,
    calls: usize,
    copy: u8,
}

impl SimDisk {
    /// How many changes were recorded.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.state().steps.len()
    }

    /// What a machine finds that lost power after the first `steps` changes.
    #[must_use]
    pub fn crashed(&self, steps: usize, loss: Loss) -> Self {
        let state = self.state();
        Self::from_image(left_by(&state.origin, &state.steps[..steps], loss), state.copy)
    }

    /// The same files on another disk, as a backup has them.
    ///
    /// # Panics
    ///
    /// If it is the 256th copy of a copy.
    #[must_use]
    pub fn copied(&self) -> Self {
        let state = self.state();
        let (folders, names) = (state.folders.clone(), state.names.clone());
        let image = Image { folders, names, files: state.files.clone() };
        Self::from_image(image, state.copy.checked_add(1).expect("few copies are made"))
    }

    /// Makes calls fail from now on, and counts calls anew.
    pub fn fail(&self, fault: Fault) {
        let mut state = self.state();
        state.calls = 0;
        state.fault = Some(fault);
    }

    /// Lets all calls succeed again, and tells how many there were since [`SimDisk::fail`].
    #[must_use]
    pub fn heal(&self) -> usize {
        let mut state = self.state();
        state.fault = None;
        state.calls
    }

    /// Makes syncs do nothing from now on.
    pub fn lie(&self, lie: Lie) {
        self.state().lie = lie;
    }

    /// The paths of all files, ascending.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.state().names.keys().cloned().collect()
    }

    /// The bytes of a file.
    #[must_use]
    pub fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.state();
        state.names.get(path).map(|file| state.files[*file].clone())
    }

    /// Puts other bytes into a file behind everybody's back, as rot does.
    pub fn rot(&self, path: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        if let Some(&file) = state.names.get(path) {
            state.files[file] = bytes;
        }
    }

    fn from_image(image: Image, copy: u8) -> Self {
        let state = State {
            folders: image.folders.clone(),
            names: image.names.clone(),
            files: image.files.clone(),
            origin: image,
            copy,
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(state)), unlocked: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no call panics while it holds the disk")
    }

    /// Begins a call: counts it, and fails it if it is to fail.
    fn call(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let number = state.calls;
        state.calls += 1;
        match state.fault {
            Some(Fault::At(at)) if at == number => Err(io::Error::other("made to fail")),
            Some(Fault::From(from)) if from <= number => Err(io::Error::other("made to fail")),
            Some(Fault::At(_) | Fault::From(_) | Fault::Full(_)) | None => Ok(state),
        }
    }

    fn handle(&self, file: usize, lock: Lock) -> Box<dyn DiskFile> {
        Box::new(SimFile { disk: self.clone(), file, lock })
    }
}

impl Disk for SimDisk {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.call()?;
        if state.folders.insert(folder.to_owned()) {
            state.steps.push(Step::CreateFolder { folder: folder.to_owned() });
        }
        Ok(())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let state = self.call()?;
        state.find_folder(folder)?;
        let inside = state.names.keys().filter(|path| folder_of(path) == folder);
        Ok(inside.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect())
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.call()?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.link(path)?;
        state.locked.insert(file);
        drop(state);
        Ok(self.handle(file, Lock::Held))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.call()?.find(path)?;
        Ok(self.handle(file, Lock::None))
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.call()?;
        let file = state.find(path).or_else(|_| state.link(path))?;
        while !state.locked.insert(file) {
            state = self.unlocked.wait(state).expect("no call panics while it holds the disk");
        }
        drop(state);
        Ok(self.handle(file, Lock::Held))
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        let mut state = self.call()?;
        let file = state.find(path).or_else(|_| state.link(path))?;
        let free = state.locked.insert(file);
        drop(state);
        Ok(free.then(|| self.handle(file, Lock::Held)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        assert_eq!(folder_of(from), folder_of(to), "a rename stays in its folder");
        let mut state = self.call()?;
        let file = state.find(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), file);
        state.steps.push(Step::Rename { from: from.to_owned(), to: to.to_owned(), file });
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.call()?.unlink(path)
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        let mut state = self.call()?;
        let file = state.find(path)?;
        if state.locked.contains(&file) { Ok(()) } else { state.unlink(path) }
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.call()?;
        state.find_folder(folder)?;
        if state.lie != Lie::Folders {
            state.steps.push(Step::SyncFolder { folder: folder.to_owned() });
        }
        Ok(())
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        let state = self.call()?;
        let is_folder = state.find_folder(path).is_ok();
        let number = if is_folder { u64::MAX } else { state.find(path)? as u64 };
        Ok([&[state.copy][..], &number.to_le_bytes()].concat())
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    file: usize,
    lock: Lock,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lock {
    None,
    Held,
}

impl DiskFile for SimFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let state = self.disk.call()?;
        let offset = usize::try_from(offset).or(Err(io::ErrorKind::UnexpectedEof))?;
        let found = state.files[self.file]
            .get(offset..)
            .and_then(|rest| rest.get(..buffer.len()))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(found);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.call()?.files[self.file].len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.call()?;
        let room = match state.fault {
            Some(Fault::Full(room)) => room.saturating_sub(state.used()).min(bytes.len()),
            Some(Fault::At(_) | Fault::From(_)) | None => bytes.len(),
        };
        let offset = state.files[self.file].len();
        state.files[self.file].extend(&bytes[..room]);
        state.steps.push(Step::Write { file: self.file, offset, bytes: bytes[..room].to_vec() });
        if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        let mut state = self.disk.call()?;
        let size = usize::try_from(size).or(Err(io::ErrorKind::InvalidInput))?;
        state.files[self.file].resize(size, 0);
        state.steps.push(Step::Truncate { file: self.file, size });
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.call()?;
        if state.lie != Lie::Files {
            state.steps.push(Step::SyncFile { file: self.file });
        }
        Ok(())
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        if self.lock == Lock::Held {
            self.disk.state().locked.remove(&self.file);
            self.disk.unlocked.notify_all();
        }
    }
}

impl State {
    fn find(&self, path: &str) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn find_folder(&self, folder: &str) -> io::Result<()> {
        let found = folder.is_empty() || self.folders.contains(folder);
        if found { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn link(&mut self, path: &str) -> io::Result<usize> {
        self.find_folder(folder_of(path))?;
        let file = self.files.len();
        self.files.push(Vec::new());
        self.names.insert(path.to_owned(), file);
        self.steps.push(Step::Link { path: path.to_owned(), file });
        Ok(file)
    }

    fn unlink(&mut self, path: &str) -> io::Result<()> {
        self.find(path)?;
        self.names.remove(path);
        self.steps.push(Step::Unlink { path: path.to_owned() });
        Ok(())
    }

    fn used(&self) -> usize {
        self.names.values().map(|file| self.files[*file].len()).sum()
    }
}
