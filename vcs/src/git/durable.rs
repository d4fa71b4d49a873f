//! What is to last.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// What a file is called until it is whole, after its own name.
pub(super) const NEW: &str = ".selkie-new";

/// Gives a file these bytes: whoever is killed on the way leaves it as it was.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(NEW);
    place_at(Path::new(&new), path, bytes, Durable::Now)
}

/// When a file is to outlast a machine that stops.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Durable {
    /// As soon as it has its name.
    Now,
    /// When the system comes to it.
    Soon,
}

/// The same, with a place for what is not whole yet.
pub(super) fn place_at(new: &Path, path: &Path, bytes: &[u8], when: Durable) -> io::Result<()> {
    let mut file = File::create(new)?;
    file.write_all(bytes)?;
    if when == Durable::Now {
        file.sync_all()?;
    }
    drop(file);
    match fs::rename(new, path) {
        // Somebody keeps it on another disk, by a link.
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => fs::write(path, bytes),
        renamed => renamed,
    }
}

/// Makes the names in a folder durable, where a system has a way to say so.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
