//! Objects that are files of their own, as git writes those that are few.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::git::durable::sync_folder;
use crate::git::id::{GitId, GitKind, to_hex};

/// Writes all of these. They are durable when it returns.
pub(super) fn write(objects: &Path, few: &[(GitId, GitKind, Vec<u8>)]) -> io::Result<()> {
    let mut folders = BTreeSet::from([objects.to_owned()]);
    for (id, kind, bytes) in few {
        let name = id.to_string();
        let folder = objects.join(&name[..2]);
        fs::create_dir_all(&folder)?;
        let mut suffix = [0; 8];
        getrandom::fill(&mut suffix).map_err(io::Error::other)?;
        // Git removes what has such a name and is old.
        let temporary = folder.join(format!("tmp_obj_{}", to_hex(&suffix)));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        let mut packer = ZlibEncoder::new(&mut file, Compression::default());
        packer.write_all(format!("{kind} {}\0", bytes.len()).as_bytes())?;
        packer.write_all(bytes)?;
        packer.finish()?;
        file.sync_all()?;
        let mut rights = file.metadata()?.permissions();
        rights.set_readonly(true);
        drop(file);
        fs::set_permissions(&temporary, rights)?;
        fs::rename(&temporary, folder.join(&name[2..]))?;
        folders.insert(folder);
    }
    folders.iter().try_for_each(|folder| sync_folder(folder))
}
