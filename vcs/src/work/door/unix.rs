//! A door by file descriptor.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, fchmod, fstat, mkdirat, openat, readlinkat,
    renameat, statat, symlinkat, unlinkat,
};
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
use rustix::fs::{RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::work::door::entry::{Exchange, Listed, Replace, Run};
use crate::work::stat::{Form, Stat};

/// An open directory.
#[derive(Debug)]
pub struct Door(OwnedFd);

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Door {
    /// Opens the directory at a path of the machine, links in it followed.
    ///
    /// # Errors
    ///
    /// There is none, or it can not be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, DIRECTORY, Mode::empty())?))
    }

    /// The same directory again.
    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }

    /// Opens the directory of this name.
    pub(crate) fn enter(&self, name: &[u8]) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// The stat of the directory itself.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        Ok(stat_of(&fstat(&self.0)?))
    }

    /// The names in it, in no order.
    pub(crate) fn list(&self) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                let form = match entry.file_type() {
                    FileType::Directory => Some(Form::Directory),
                    FileType::Symlink => Some(Form::Symlink),
                    // Whether it may be run is not told with the name.
                    FileType::RegularFile => Some(Form::File),
                    FileType::Unknown => None,
                    _ => Some(Form::Other),
                };
                listed.push(Listed { name: name.to_vec(), form });
            }
        }
        Ok(listed)
    }

    /// What stands at this name, if anything.
    pub(crate) fn look(&self, name: &[u8]) -> io::Result<Option<Stat>> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat_of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a file for reading, and tells its stat.
    pub(crate) fn read(&self, name: &[u8]) -> io::Result<(File, Stat)> {
        // A pipe would hold us until somebody writes into it.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = openat(&self.0, name, flags, Mode::empty())?;
        let stat = stat_of(&fstat(&file)?);
        match stat.form {
            Form::File | Form::Executable => Ok((file.into(), stat)),
            Form::Symlink | Form::Directory | Form::Other => Err(Errno::INVAL.into()),
        }
    }

    /// What a symbolic link says.
    pub(crate) fn target(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(readlinkat(&self.0, name, Vec::new())?.into_bytes())
    }

    /// Makes a file that is not there yet, for writing.
    pub(crate) fn create(&self, name: &[u8], run: Run) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = match run {
            Run::May => 0o777,
            Run::MayNot => 0o666,
        };
        Ok(openat(&self.0, name, flags, Mode::from_raw_mode(mode))?.into())
    }

    /// The stat of a file that is open.
    pub(crate) fn stat_of(file: &File) -> io::Result<Stat> {
        Ok(stat_of(&fstat(file.as_fd())?))
    }

    /// Lets a file be run, or no longer, by those who may read it.
    pub(crate) fn set_run(&self, name: &[u8], run: Run) -> io::Result<Stat> {
        let (file, _) = self.read(name)?;
        let old = Mode::from_raw_mode(fstat(&file)?.st_mode);
        let mode = match run {
            Run::May => old | Mode::from_raw_mode((old.as_raw_mode() & 0o444) >> 2),
            Run::MayNot => old - Mode::from_raw_mode(0o111),
        };
        fchmod(&file, mode & Mode::from_raw_mode(0o777))?;
        Self::stat_of(&file)
    }

    /// Makes a symbolic link that is not there yet.
    pub(crate) fn symlink(&self, target: &[u8], name: &[u8]) -> io::Result<()> {
        Ok(symlinkat(target, &self.0, name)?)
    }

    /// Makes a directory that is not there yet.
    pub(crate) fn make_directory(&self, name: &[u8]) -> io::Result<()> {
        Ok(mkdirat(&self.0, name, Mode::from_raw_mode(0o777))?)
    }

    /// Gives a file or link another name.
    pub(crate) fn rename(&self, from: &[u8], to: &[u8], replace: Replace) -> io::Result<()> {
        match replace {
            Replace::May => Ok(renameat(&self.0, from, &self.0, to)?),
            Replace::MayNot => self.rename_new(from, to),
        }
    }

    /// Removes a file or link.
    pub(crate) fn remove_file(&self, name: &[u8]) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes a directory, which must be empty.
    pub(crate) fn remove_directory(&self, name: &[u8]) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// Gives two names each what the other has, where the file system can do that in one step.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    pub(crate) fn exchange(&self, one: &[u8], other: &[u8]) -> io::Result<Exchange> {
        match renameat_with(&self.0, one, &self.0, other, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(Exchange::Done),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(Exchange::CanNot),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives two names each what the other has: this system can not.
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    pub(crate) fn exchange(&self, _one: &[u8], _other: &[u8]) -> io::Result<Exchange> {
        Ok(Exchange::CanNot)
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn rename_new(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        match renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
            // Not every file system can; then there is a moment between look and rename.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.look_and_rename(from, to),
            result => Ok(result?),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn rename_new(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        self.look_and_rename(from, to)
    }

    fn look_and_rename(&self, from: &[u8], to: &[u8]) -> io::Result<()> {
        match self.look(to)? {
            Some(_) => Err(Errno::EXIST.into()),
            None => Ok(renameat(&self.0, from, &self.0, to)?),
        }
    }
}

fn stat_of(stat: &rustix::fs::Stat) -> Stat {
    let form = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile if stat.st_mode & 0o100 != 0 => Form::Executable,
        FileType::RegularFile => Form::File,
        FileType::Symlink => Form::Symlink,
        FileType::Directory => Form::Directory,
        _ => Form::Other,
    };
    Stat {
        form,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified_ns: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
        changed_ns: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
        inode: stat.st_ino,
    }
}

/// Times are compared, not computed with, so one outside of 1677 to 2262 may be any.
#[expect(clippy::allow_attributes, reason = "the widths of these fields differ between systems")]
#[allow(
    clippy::cast_lossless,
    clippy::unnecessary_cast,
    clippy::cast_possible_wrap,
    reason = "as above"
)]
fn nanoseconds(seconds: impl Into<i64>, fraction: impl TryInto<i64>) -> i64 {
    let fraction = fraction.try_into().unwrap_or_default();
    seconds.into().wrapping_mul(1_000_000_000).wrapping_add(fraction)
}
