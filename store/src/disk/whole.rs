//! Files that are written whole and replaced whole: a reader finds the old one or the new one.

use std::io;

use crate::disk::{Disk, DiskFile};

/// What the bytes of a file at `path` are; `None` if there is no such file. A file that is longer than
/// `len_max` is cut there, for whoever decodes it to refuse.
pub(crate) fn read(disk: &dyn Disk, path: &str, len_max: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let length = file.size()?.min(len_max);
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_at(0, &mut bytes)?;
    Ok(Some(bytes))
}

/// Gives the file at `path` these bytes, durably. Whoever calls keeps others from doing so at once.
pub(crate) fn replace(disk: &dyn Disk, path: &str, bytes: &[u8]) -> io::Result<()> {
    replace_by(disk, path, |_| Ok(bytes.to_vec()))
}

/// As [`replace`], with bytes that depend on the file: `bytes` is told its path before it is renamed.
pub(crate) fn replace_by(
    disk: &dyn Disk,
    path: &str,
    bytes: impl FnOnce(&str) -> io::Result<Vec<u8>>,
) -> io::Result<()> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if !write(disk, path, bytes)? {
        // The lock of the caller keeps writers out, so this one knows nothing of it.
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // A crash before this may bring the old file back, so nobody was told of the new one yet.
    disk.sync_folder(folder)
}

/// Gives the file at `path` these bytes, unless somebody else is at it. A crash may bring the old file
/// back, whole.
pub(crate) fn replace_if_alone(disk: &dyn Disk, path: &str, bytes: &[u8]) -> io::Result<bool> {
    write(disk, path, |_| Ok(bytes.to_vec()))
}

fn write(
    disk: &dyn Disk,
    path: &str,
    bytes: impl FnOnce(&str) -> io::Result<Vec<u8>>,
) -> io::Result<bool> {
    let temporary = format!("{path}.tmp");
    let Some(mut file) = create(disk, &temporary)? else { return Ok(false) };
    // The sync comes before the rename, so that the name never stands on fewer bytes.
    let written = bytes(&temporary).and_then(|bytes| file.append(&bytes));
    let renamed = written.and_then(|()| file.sync()).and_then(|()| disk.rename(&temporary, path));
    if renamed.is_err() {
        // It is only litter: if it can not be removed now, the next writer does it.
        let _ = disk.remove(&temporary);
    }
    renamed.map(|()| true)
}

/// The file to write to, unless somebody else is writing to it.
fn create(disk: &dyn Disk, temporary: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
    match disk.create(temporary) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        file => return file.map(Some),
    }
    // Left by somebody who died, unless he lives: then it stays, and is his to finish.
    match disk.remove_abandoned(temporary) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => result?,
    }
    match disk.create(temporary) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        file => file.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::crash::Loss;
    use crate::disk::sim::{Fault, SimDisk};

    #[test]
    fn a_crash_leaves_the_old_file_or_the_new_one() {
        let disk = SimDisk::default();
        replace(&disk, "note", b"old").unwrap();
        let begun = disk.steps();
        replace(&disk, "note", b"newer").unwrap();
        for step in begun..=disk.steps() {
            for loss in [Loss::Nothing, Loss::Unsynced].into_iter().chain((0..20).map(Loss::Some)) {
                let left = disk.crashed(step, loss);
                let found = read(&left, "note", 100).unwrap().unwrap();
                assert!(found == b"newer" || (found == b"old" && step < disk.steps()));
                replace(&left, "note", b"next").unwrap();
                assert_eq!(left.paths(), ["note"], "litter is taken over");
            }
        }
    }

    #[test]
    fn a_file_that_somebody_writes_is_left_to_him() {
        let disk = SimDisk::default();
        let writing = disk.create("note.tmp").unwrap();
        assert!(!replace_if_alone(&disk, "note", b"mine").unwrap());
        drop(writing);
        assert!(replace_if_alone(&disk, "note", b"mine").unwrap());
        assert_eq!(read(&disk, "note", 2).unwrap().unwrap(), b"mi");
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file() {
        let disk = SimDisk::default();
        replace(&disk, "note", b"old").unwrap();
        for call in 0..4 {
            disk.fail(Fault::At(call));
            assert!(replace(&disk, "note", b"new").is_err());
            let _ = disk.heal();
            assert_eq!(read(&disk, "note", 9).unwrap().unwrap(), b"old");
            assert_eq!(disk.paths(), ["note"]);
        }
    }
}
