//! Writing a small file of this user.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file whole: whoever reads meanwhile sees the old or the new one. A link to it, as people have it who keep
/// such files elsewhere, stays one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
