//! Whose folders are worked in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::disk::os::owner::{Others, Owner, Standing, standing};

/// Why a folder is not worked in. Nothing in it was read.
#[derive(Debug, Error)]
pub enum Untrusted {
    /// What is in it was arranged by somebody else, for whatever end.
    #[error("{0} belongs to another user: list it as trusted to work in it all the same")]
    Foreign(PathBuf),
    /// Anybody may have arranged what is in it.
    #[error("{0} may be written by everybody: close it, or list it as trusted")]
    Open(PathBuf),
    /// The folder can not be asked.
    #[error("it can not be told whose folder {folder} is")]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

/// Refuses a folder that another user owns, or that everybody may write to, unless it is listed.
///
/// It is asked before anything in the folder is read, for the repository and for the working copy. The
/// store itself runs nothing that it finds in a folder; what works on top of it may.
///
/// # Errors
///
/// The folder is not to be trusted, or it can not be told.
pub fn check_trust(folder: &Path, trusted: &[PathBuf]) -> Result<(), Untrusted> {
    let unknown = |source| Untrusted::Io { folder: folder.to_owned(), source };
    let found = standing(folder).map_err(unknown)?;
    let Some(untrusted) = judge(folder, found) else { return Ok(()) };
    // Both as they are without links, so that no link leads to what is not listed.
    let real = fs::canonicalize(folder).map_err(unknown)?;
    let is_it = |listed: &PathBuf| fs::canonicalize(listed).is_ok_and(|listed| listed == real);
    if trusted.iter().any(is_it) { Ok(()) } else { Err(untrusted) }
}

fn judge(folder: &Path, found: Standing) -> Option<Untrusted> {
    match (found.owner, found.others) {
        (Owner::Another, _) => Some(Untrusted::Foreign(folder.to_owned())),
        (Owner::Us, Others::AllWrite) => Some(Untrusted::Open(folder.to_owned())),
        (Owner::Us, Others::Nothing | Others::Read | Others::GroupWrites) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    #[test]
    fn the_folder_of_another_user_is_refused() {
        let judged = |owner, others| judge(Path::new("x"), Standing { owner, others });
        assert!(matches!(judged(Owner::Another, Others::Nothing), Some(Untrusted::Foreign(_))));
        assert!(matches!(judged(Owner::Us, Others::AllWrite), Some(Untrusted::Open(_))));
        assert!(judged(Owner::Us, Others::GroupWrites).is_none());
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        assert!(matches!(check_trust(&absent, from_ref(&absent)), Err(Untrusted::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn what_everybody_writes_is_trusted_only_if_it_is_listed() {
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let [folder, other] = ["folder", "other"].map(|name| parent.path().join(name));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(&other).unwrap();
        assert!(check_trust(&folder, &[]).is_ok());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(check_trust(&folder, &[other]), Err(Untrusted::Open(_))));
        assert!(check_trust(&folder, &[parent.path().join("./folder")]).is_ok());
    }
}
