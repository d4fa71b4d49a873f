//! What tells a file of the machine from a copy of it.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Changes when the file is copied, restored from a backup or carried to another machine; stays when it
/// or a folder above it is renamed.
///
/// Not the number of the device: it may be another one after each start of the machine. Not the path,
/// which a rename changes.
pub(super) fn fingerprint(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    let mut print = machine();
    print.extend(number(&metadata).to_le_bytes());
    // Numbers of files are given again once they are free; a time of birth is not. Where the file
    // system keeps none the number has to do.
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    print.extend(born.map_or(0, |born| born.as_nanos()).to_le_bytes());
    Ok(print)
}

/// What the machine is called by those who installed it, where that is written down.
fn machine() -> Vec<u8> {
    let files = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
    files.iter().find_map(|file| fs::read(file).ok()).unwrap_or_default()
}

#[cfg(unix)]
fn number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Here the time of birth has to do: files have numbers, and the standard library does not tell them.
#[cfg(windows)]
fn number(_metadata: &fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_file_has_its_print_and_a_copied_one_another() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, copy] = ["old", "new", "copy"].map(|name| folder.path().join(name));
        fs::write(&old, b"x").unwrap();
        let print = fingerprint(&old).unwrap();
        fs::rename(&old, &new).unwrap();
        assert_eq!(fingerprint(&new).unwrap(), print);
        fs::copy(&new, &copy).unwrap();
        assert_ne!(fingerprint(&copy).unwrap(), print);
    }
}
