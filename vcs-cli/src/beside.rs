//! A new file that has its name once it is whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::CliError;

/// A file beside the one that is to be. It goes unless it is kept.
pub(crate) struct Beside {
    file: NamedTempFile,
    path: PathBuf,
}

impl Beside {
    /// Begins one. Nothing may be there yet.
    pub(crate) fn of(path: &Path, prefix: &str) -> Result<Self, CliError> {
        if fs::symlink_metadata(path).is_ok() {
            let there = io::Error::new(io::ErrorKind::AlreadyExists, "something is there already");
            return Err(unwritable(path, there));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        #[cfg(unix)]
        {
            // As every file that somebody makes, and not as one that is secret.
            let may = std::os::unix::fs::PermissionsExt::from_mode(0o666);
            builder.permissions(may);
        }
        let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|source| unwritable(path, source))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// The file, to write to.
    pub(crate) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives it its name, once it is on the disk.
    pub(crate) fn keep(self) -> Result<(), CliError> {
        let Self { file, path } = self;
        let kept = file.as_file().sync_all().and_then(|()| {
            file.persist_noclobber(&path).map_err(|error| error.error)?;
            Ok(())
        });
        kept.map_err(|source| unwritable(&path, source))
    }
}

fn unwritable(path: &Path, source: io::Error) -> CliError {
    CliError::Write { path: path.to_string_lossy().into_owned(), source }
}
