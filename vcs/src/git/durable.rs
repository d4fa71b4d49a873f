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
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(new, path)
}

/// Makes the names in a folder durable, where a system has a way to say so.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
