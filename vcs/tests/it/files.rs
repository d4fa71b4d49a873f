//! Trees of files in the model: what two of them become together.

use std::collections::BTreeMap;

/// Text and executable bit of each file, by path.
pub(crate) type Files = BTreeMap<String, (String, bool)>;

/// Why nothing is changed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Refused {
    /// The command is refused.
    No,
    /// Lines would have to be merged, which this model leaves to other tests.
    Lines,
}

/// What becomes of a file that both sides changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Within {
    Merge,
    Dispute,
}

/// The disk once files that are as in the one tree are as in the other.
pub(crate) fn moved(disk: &Files, from: &Files, to: &Files) -> Result<Files, Refused> {
    let differs = |path: &&String| from.get(*path) != to.get(*path);
    let leaves = |path: &String| from.contains_key(path) && differs(&path);
    let mut after = disk.clone();
    for path in from.keys().chain(to.keys()).filter(differs) {
        let (old, new, here) = (from.get(path), to.get(path), disk.get(path));
        let Some(new) = new else {
            // What is gone already needs not go, and what was changed does not.
            if here.is_some() && here != old {
                return Err(Refused::No);
            }
            after.remove(path);
            continue;
        };
        let is_in_the_way = |other: &&String| is_below(path, other) || is_below(other, path);
        let in_the_way: Vec<_> = disk.keys().filter(is_in_the_way).collect();
        if !in_the_way.iter().all(|other| leaves(other)) {
            return Err(Refused::No);
        }
        let fits = here == old || here == Some(new);
        // A directory took the place of a file: all in it goes, so the file comes back.
        let is_made_room = in_the_way.iter().any(|other| is_below(other, path));
        if !fits && !is_made_room {
            return Err(Refused::No);
        }
        after.insert(path.clone(), new.clone());
    }
    Ok(after)
}

/// Whether somebody who names `by` means the path.
pub(crate) fn is_meant(path: &str, by: &str) -> bool {
    by.is_empty() || path == by || is_below(path, by)
}

/// What two trees become together, path by path.
pub(crate) fn blended(
    base: &Files,
    ours: &Files,
    theirs: &Files,
    within: Within,
) -> Result<Files, Refused> {
    if within == Within::Merge && (may_follow(base, ours, theirs) || may_follow(base, theirs, ours))
    {
        return Err(Refused::Lines);
    }
    let mut all = Files::new();
    let (mut disputed, mut lines) = (false, false);
    for path in base.keys().chain(ours.keys()).chain(theirs.keys()) {
        let sides = [base, ours, theirs].map(|files| files.get(path));
        let file = match (settled(sides), sides) {
            (Some(file), _) => file.cloned(),
            (None, [Some(base), Some(ours), Some(theirs)]) => {
                let runs = settled([base.1, ours.1, theirs.1]).expect("there are two ways");
                let text = settled([&base.0, &ours.0, &theirs.0]);
                disputed |= within == Within::Dispute;
                lines |= text.is_none();
                text.map(|text| (text.clone(), runs))
            }
            // Both came upon it: as texts, they may have come upon the same.
            (None, [None, Some(ours), Some(theirs)])
                if within == Within::Merge && ours.1 == theirs.1 =>
            {
                lines = true;
                None
            }
            (None, _) => {
                disputed = true;
                None
            }
        };
        all.extend(file.map(|file| (path.clone(), file)));
    }
    disputed |= all.keys().any(|path| all.keys().any(|other| is_below(path, other)));
    match (disputed, lines) {
        (true, _) => Err(Refused::No),
        (false, true) => Err(Refused::Lines),
        (false, false) => Ok(all),
    }
}

/// Whether one side may have moved a file, and the other did something that could follow it there. This model knows no
/// moves.
fn may_follow(base: &Files, mover: &Files, other: &Files) -> bool {
    let gone = || base.keys().filter(|path| !mover.contains_key(*path));
    let came = mover.keys().any(|path| !base.contains_key(path));
    let follows = gone().any(|path| base.get(path) != other.get(path))
        || other.keys().any(|path| !base.contains_key(path));
    came && gone().next().is_some() && follows
}

fn settled<T: PartialEq>([base, ours, theirs]: [T; 3]) -> Option<T> {
    if base == theirs || ours == theirs {
        return Some(ours);
    }
    (base == ours).then_some(theirs)
}

/// Whether the tree has something at the path, a file or a folder.
pub(crate) fn has(files: &Files, path: &str) -> bool {
    files.keys().any(|own| own == path || is_below(own, path))
}

/// Whether the path is in the folder.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
