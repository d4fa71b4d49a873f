//! What of the files is passed over, and why.

use std::str::Utf8Chunk;

use selkie_vcs::gather::Gathered;
use selkie_vcs::{Litter, Refused, Unread};

use crate::line::Line;

/// A name that no tree can hold.
pub(crate) fn refused_name(refused: &Refused) -> Line {
    // Bytes that are no text are spelled out, so that two such names are told apart.
    let name: String = refused.name.utf8_chunks().map(|chunk| spelled(&chunk)).collect();
    let folder = refused.folder.as_str();
    let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
    let line = Line::note("warning").code(&path).plain(" is passed over");
    match refused.error {
        Some(error) => line.plain(": ").plain(&error.to_string()),
        None => line.plain(": its path is too long"),
    }
}

fn spelled(chunk: &Utf8Chunk<'_>) -> String {
    let strange = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
    strange.fold(chunk.valid().to_owned(), |text, byte| text + &byte)
}

/// Something that can not be read.
pub(crate) fn unread_path(unread: &Unread) -> Line {
    let line = Line::note("warning").code(unread.path.as_str()).plain(" can not be read: ");
    line.plain(&unread.error.to_string())
}

/// What a command that was killed left, and nothing else has.
pub(crate) fn left(litter: &Litter) -> Line {
    let folder = litter.folder.as_str();
    let path =
        if folder.is_empty() { litter.name.clone() } else { format!("{folder}/{}", litter.name) };
    let line = Line::note("warning")
        .code(&path)
        .plain(" was left by a command that was killed, and may have an edit");
    line.plain(" that nothing else has: give it another name, or remove it")
}

/// Everything that was named and not gathered.
pub(crate) fn not_gathered(gathered: &Gathered) -> impl Iterator<Item = Line> {
    let inner = gathered.repositories.iter().map(|path| {
        let line = Line::note("warning").code(path.as_str()).plain(" is passed over: ");
        line.plain("it is a repository of its own")
    });
    let submodules = gathered.submodules.iter().map(|path| {
        let line = Line::note("warning").code(path.as_str()).plain(" is passed over: ");
        let line =
            line.plain("it is a submodule, and where it stands git says; in a linked repository ");
        line.code(&format!("git add {}", path.as_str())).plain(" gathers it")
    });
    let refused = gathered.refused.iter().map(refused_name);
    refused.chain(gathered.unread.iter().map(unread_path)).chain(inner).chain(submodules)
}
