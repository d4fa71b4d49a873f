//! The files of patterns in the working copy.

use std::io::{self, Read};

use crate::ignore::FILES;
use crate::ignore::list::PatternList;
use crate::work::door::Door;

/// Bytes read of a file of patterns. What comes later is no longer written by people.
const FILE_LEN_MAX: u64 = 16 << 20;

/// The files of patterns in a directory, the one that decides first last. Each that can not be read is an error of
/// its own. `has` tells whether a file is in it, `path` is that of the directory with a slash at its end.
pub(crate) fn pattern_files(
    door: &Door,
    path: &str,
    has: impl Fn(&[u8]) -> bool,
) -> impl Iterator<Item = io::Result<PatternList>> {
    let files = FILES.into_iter().filter(move |file| has(file.as_bytes()));
    files.filter_map(move |file| {
        let bytes = pattern_bytes(door, file.as_bytes()).transpose()?;
        Some(bytes.map(|bytes| PatternList::parse(&format!("{path}{file}"), &bytes)))
    })
}

/// What is in a file of patterns, if it is one. Like git, we do not follow a link to it.
pub(crate) fn pattern_bytes(door: &Door, file: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let is_file = door.look(file)?.is_some_and(|stat| stat.form.is_file());
    if !is_file {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    door.read(file)?.0.take(FILE_LEN_MAX).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
