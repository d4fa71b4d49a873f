//! What says that a folder is a store, and of which format.

use std::io;

use crate::disk::Disk;
use crate::pack::FOLDER;
use crate::store::error::OpenError;

const FILE: &str = "format";
const TEMPORARY: &str = "format.tmp";
const TITLE: &str = "selkie store ";
const VERSION: u64 = 1;

/// More than any format file has: what is longer is none.
const LEN_MAX: u64 = 64;

/// Lets pass who knows the format of the store. A folder without one becomes a store.
pub(super) fn pass(disk: &dyn Disk) -> Result<(), OpenError> {
    disk.create_folder(FOLDER)?;
    let file = match disk.open(FILE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            begin(disk)?;
            disk.open(FILE)?
        }
        file => file?,
    };
    let mut text = vec![0; usize::try_from(file.size()?.min(LEN_MAX)).unwrap_or_default()];
    file.read_at(0, &mut text)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    // A number has many spellings, and the file has one.
    if text == ours() {
        return Ok(());
    }
    let version = text.strip_prefix(TITLE).and_then(|rest| rest.strip_suffix('\n')?.parse().ok());
    match version {
        Some(newer) if newer > VERSION => Err(OpenError::Version(newer)),
        Some(_) | None => Err(OpenError::NoStore(text)),
    }
}

fn ours() -> String {
    format!("{TITLE}{VERSION}\n")
}

fn begin(disk: &dyn Disk) -> io::Result<()> {
    let mut file = disk.open_locked(TEMPORARY)?;
    // Who waited for the lock may hold what is the format file by now, and must not touch it.
    if is_there(disk)? {
        // Or it made the file anew after the other one had got its last name.
        match disk.remove(TEMPORARY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => result?,
        }
    } else {
        // Somebody may have begun and died here.
        file.truncate(0)?;
        file.append(ours().as_bytes())?;
        // A crash before the rename leaves no format file, and the next one to open begins again. The
        // sync comes first, so that there is never a format file with fewer bytes.
        file.sync()?;
        disk.rename(TEMPORARY, FILE)?;
    }
    // Without this a crash could take away the folder of packs with all that was acknowledged, also by
    // one who found that somebody else had begun.
    disk.sync_folder("")
}

fn is_there(disk: &dyn Disk) -> io::Result<bool> {
    match disk.open(FILE) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
