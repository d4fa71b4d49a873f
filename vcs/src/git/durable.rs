//! What is to last.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes the names in a folder durable, where a system has a way to say so.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
