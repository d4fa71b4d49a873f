//! A door by path, for systems without calls relative to a directory.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::work::door::entry::{Exchange, Listed, Replace, Run};
use crate::work::stat::{Form, Stat};

/// A directory that was there when it was entered.
#[derive(Debug)]
pub struct Door(PathBuf);

impl Door {
    /// Opens the directory at a path of the machine, links in it followed.
    ///
    /// # Errors
    ///
    /// There is none, or it can not be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        if fs::metadata(&path)?.is_dir() { Ok(Self(path)) } else { Err(not_a_directory()) }
    }

    /// The same directory again.
    #[expect(clippy::unnecessary_wraps, reason = "the other door may run out of descriptors")]
    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(Self(self.0.clone()))
    }

    /// Opens the directory of this name.
    pub(crate) fn enter(&self, name: &[u8]) -> io::Result<Self> {
        let path = self.path(name)?;
        let is_directory = fs::symlink_metadata(&path)?.file_type().is_dir();
        if is_directory { Ok(Self(path)) } else { Err(not_a_directory()) }
    }

    /// The stat of the directory itself.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        Ok(stat_of(&fs::symlink_metadata(&self.0)?))
    }

    /// The names in it, in no order.
    pub(crate) fn list(&self) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let file_type = entry.file_type()?;
            let form = if file_type.is_dir() {
                Some(Form::Directory)
            } else if file_type.is_symlink() {
                Some(Form::Symlink)
            } else if file_type.is_file() {
                Some(Form::File)
            } else {
                Some(Form::Other)
            };
            // Names that are no text get their odd parts replaced. They can not be opened by that
            // name, and need not be: they are told and passed over.
            let name = entry.file_name().to_string_lossy().into_owned().into_bytes();
            listed.push(Listed { name, form });
        }
        Ok(listed)
    }

    /// What stands at this name, if anything.
    pub(crate) fn look(&self, name: &[u8]) -> io::Result<Option<Stat>> {
        match fs::symlink_metadata(self.path(name)?) {
            Ok(metadata) => Ok(Some(stat_of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a file for reading, and tells its stat.
    pub(crate) fn read(&self, name: &[u8]) -> io::Result<(File, Stat)> {
        let path = self.path(name)?;
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::open(path)?;
        let stat = Self::stat_of(&file)?;
        Ok((file, stat))
    }

    /// What a symbolic link says.
    pub(crate) fn target(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        let target = fs::read_link(self.path(name)?)?;
        let text = target.into_os_string().into_string();
        // Windows spells targets with backslashes, a tree with slashes.
        let text = text.or(Err(io::ErrorKind::InvalidData))?;
        Ok(if cfg!(windows) { text.replace('\\', "/") } else { text }.into_bytes())
    }

    /// Makes a file that is not there yet, for writing.
    pub(crate) fn create(&self, name: &[u8], _run: Run) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.path(name)?)
    }

    /// The stat of a file that is open.
    pub(crate) fn stat_of(file: &File) -> io::Result<Stat> {
        Ok(stat_of(&file.metadata()?))
    }

    /// Nothing: which files may be run is not kept here.
    pub(crate) fn set_run(&self, name: &[u8], _run: Run) -> io::Result<Stat> {
        Ok(self.read(name)?.1)
    }

    /// Makes a file with the target in it, which stands for the link.
    pub(crate) fn symlink(&self, target: &[u8], name: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.create(name, Run::MayNot)?, target)
    }

    /// Makes a directory that is not there yet.
    pub(crate) fn make_directory(&self, name: &[u8]) -> io::Result<()> {
        fs::create_dir(self.path(name)?)
    }

    /// Gives a file or link another name.
    pub(crate) fn rename(&self, from: &[u8], to: &[u8], replace: Replace) -> io::Result<()> {
        if replace == Replace::MayNot && self.look(to)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(self.path(from)?, self.path(to)?)
    }

    /// Gives two names each what the other has: not by path.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the other door needs both")]
    pub(crate) fn exchange(&self, _one: &[u8], _other: &[u8]) -> io::Result<Exchange> {
        Ok(Exchange::CanNot)
    }

    /// Removes a file or link.
    pub(crate) fn remove_file(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_file(self.path(name)?)
    }

    /// Removes a directory, which must be empty.
    pub(crate) fn remove_directory(&self, name: &[u8]) -> io::Result<()> {
        fs::remove_dir(self.path(name)?)
    }

    fn path(&self, name: &[u8]) -> io::Result<PathBuf> {
        let name = std::str::from_utf8(name).or(Err(io::ErrorKind::InvalidInput))?;
        let is_one = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\']);
        if is_one { Ok(self.0.join(name)) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }
}

fn not_a_directory() -> io::Error {
    io::ErrorKind::NotADirectory.into()
}

fn stat_of(metadata: &fs::Metadata) -> Stat {
    let file_type = metadata.file_type();
    let form = if file_type.is_dir() {
        Form::Directory
    } else if file_type.is_symlink() {
        Form::Symlink
    } else if file_type.is_file() {
        Form::File
    } else {
        Form::Other
    };
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns =
        modified.and_then(|time| i64::try_from(time.as_nanos()).ok()).unwrap_or_default();
    Stat { form, size: metadata.len(), modified_ns, changed_ns: modified_ns, inode: 0 }
}
