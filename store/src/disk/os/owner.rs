//! What others may do with a file of the machine.

use std::io;
use std::path::Path;

/// How a file stands to people other than the one who runs this program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    pub(crate) owner: Owner,
    pub(crate) others: Others,
}

/// Whose a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    Us,
    Another,
}

/// The most that anybody else may do with a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Others {
    Nothing,
    Read,
    /// People of one group may change it.
    GroupWrites,
    /// Anybody may change it.
    AllWrite,
}

#[cfg(unix)]
pub(crate) fn standing(path: &Path) -> io::Result<Standing> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::metadata(path)?;
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    let others = match metadata.mode() {
        // In a folder with the sticky bit nobody renames or removes what is another's.
        mode if mode & 0o002 != 0 && mode & 0o1000 == 0 => Others::AllWrite,
        mode if mode & 0o020 != 0 => Others::GroupWrites,
        mode if mode & 0o044 != 0 => Others::Read,
        _ => Others::Nothing,
    };
    Ok(Standing { owner: if is_ours { Owner::Us } else { Owner::Another }, others })
}

/// Windows keeps the folders of people apart by lists that they inherit, which this does not read.
#[cfg(windows)]
pub(crate) fn standing(path: &Path) -> io::Result<Standing> {
    std::fs::metadata(path)?;
    Ok(Standing { owner: Owner::Us, others: Others::Nothing })
}
