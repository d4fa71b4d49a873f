//! What the conflict screen says in words.

use std::collections::BTreeMap;
use std::iter::repeat;

use selkie_store::Seal;
use selkie_vcs::conflicts::{Did, ToldSide};
use selkie_vcs::settling::{Case, First, Note, PartId, PickedLine, Shape, Take, Verdict, Whose};
use selkie_vcs::{DateStyle, MergeSide, SealName, Versions, show_date, wall_clock};

/// What is said to who wants to decide what was merged.
pub(crate) const MERGED: &str =
    "this was merged, and nobody has to decide it: edit the file if it is wrong";

/// What is said of a decision that a draft can not keep, before it is taken.
pub(crate) const TOO_LONG: &str =
    "nothing is decided: a draft keeps a MiB in one step; write longer lines into the file";
const _: () = assert!(Note::LEN_MAX == 1 << 20);

/// The letter of a side.
pub(crate) fn letter(side: usize) -> char {
    u8::try_from(side).ok().filter(|side| *side < 26).map_or('?', |side| char::from(b'A' + side))
}

/// What a side did to the path.
pub(crate) fn did(side: &ToldSide, case: &Case) -> String {
    match side.did {
        Did::Added => "added it".to_owned(),
        Did::Removed => "removed it".to_owned(),
        Did::Changed => "changed it".to_owned(),
        Did::Mode => "changed whether it may be run".to_owned(),
        Did::Became => "made something else of it".to_owned(),
        Did::Moved => format!("moved it to {}", side.path),
        Did::MovedAndChanged => format!("moved it to {} and changed it", side.path),
        Did::Nothing if side.path == case.path => "left it alone".to_owned(),
        Did::Nothing => format!("has it at {}", side.path),
        Did::Sealed(1) => "has 1 seal that no other head has".to_owned(),
        Did::Sealed(count) => format!("has {count} seals that no other head has"),
    }
}

/// What sort of conflict it is: what each side did, in a word.
pub(crate) fn kind(case: &Case) -> String {
    if case.diverged().is_some() {
        return "diverged".to_owned();
    }
    let word = |side: &ToldSide| match side.did {
        Did::Added => "add",
        Did::Removed => "remove",
        Did::Changed => "edit",
        Did::Mode => "mode",
        Did::Became => "other kind",
        Did::Moved => "move",
        Did::MovedAndChanged => "move and edit",
        Did::Nothing => "as before",
        Did::Sealed(_) => "sealed",
    };
    case.sides.iter().map(word).collect::<Vec<_>>().join(" / ")
}

/// Who made a side, and when.
pub(crate) fn who(seal: &Seal) -> String {
    format!("{} {}", seal.author.name, when(seal))
}

/// When a seal was made, where it was made.
pub(crate) fn when(seal: &Seal) -> String {
    show_date(&wall_clock(seal.time, seal.zone_minutes), DateStyle::Iso)
}

/// The seal of a side: its name, and the first line of its message.
pub(crate) fn seal(seal: &Seal) -> (String, String) {
    let title = seal.message.lines().next().unwrap_or_default().to_owned();
    (SealName::of(seal.change).to_string(), title)
}

/// Which side is later, and by how much, if that can be told.
pub(crate) fn later(case: &Case) -> Option<String> {
    let side = match case.newer? {
        MergeSide::Ours => 0,
        MergeSide::Theirs => 1,
    };
    let times: BTreeMap<usize, u64> = case
        .sides
        .iter()
        .enumerate()
        .filter_map(|(number, side)| side.seal.as_ref().map(|(_, seal)| (number, seal.time.ms())))
        .collect();
    let gap = times.get(&0)?.abs_diff(*times.get(&1)?) / 1000;
    let gap = match gap {
        0 => return Some("the clocks say the same second".to_owned()),
        1..60 => format!("{gap} s"),
        60..3600 => format!("{} min {} s", gap / 60, gap % 60),
        3600..86400 => format!("{} h {} min", gap / 3600, gap % 3600 / 60),
        _ => format!("{} days", gap / 86400),
    };
    Some(format!("the clocks say that {} is later, by {gap}", letter(side)))
}

/// What was decided, in a word.
pub(crate) fn decided(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Side(side) => letter(usize::from(*side)).to_string(),
        Verdict::Base => "base".to_owned(),
        Verdict::Both(First::Ours) => "A+B".to_owned(),
        Verdict::Both(First::Theirs) => "B+A".to_owned(),
        Verdict::Nothing => "no line".to_owned(),
        Verdict::Lines(picked) if picked.lines().len() <= TOLD_MAX => picked.to_string(),
        Verdict::Lines(picked) => format!("{} lines", picked.lines().len()),
        Verdict::Offer { step, .. } => format!("offer {step}"),
        Verdict::Text(_) => "written".to_owned(),
        Verdict::Fuse => "fuse".to_owned(),
        Verdict::Apart => "apart".to_owned(),
    }
}

/// The letters of so many lines of the result: where each comes from.
pub(crate) fn origins(verdict: &Verdict, versions: &Versions, count: usize) -> Vec<char> {
    let (above, first, last) = match verdict {
        Verdict::Side(0) => return vec!['A'; count],
        Verdict::Side(_) => return vec!['B'; count],
        Verdict::Base => return vec!['O'; count],
        Verdict::Nothing | Verdict::Fuse | Verdict::Apart => return vec![' '; count],
        Verdict::Offer { .. } => return vec!['m'; count],
        Verdict::Text(_) => return vec!['e'; count],
        Verdict::Lines(picked) => {
            let letter = |line: &PickedLine| match line.whose {
                Whose::Ours => 'A',
                Whose::Theirs => 'B',
                Whose::Base => 'O',
            };
            return picked.lines().iter().map(letter).chain(repeat(' ')).take(count).collect();
        }
        Verdict::Both(First::Ours) => (&versions.ours, 'A', 'B'),
        Verdict::Both(First::Theirs) => (&versions.theirs, 'B', 'A'),
    };
    let lines = above.split_inclusive(|byte| *byte == b'\n').count();
    (0..count).map(|line| if line < lines { first } else { last }).collect()
}

/// More lines that were chosen one by one are counted, and not told.
const TOLD_MAX: usize = 12;

/// The command that does the same without a screen. None for what somebody wrote.
pub(crate) fn command(case: &Case, part: PartId, verdict: &Verdict) -> Option<String> {
    let take = match verdict {
        Verdict::Side(side) => Take::Side(*side),
        Verdict::Base => Take::Base,
        Verdict::Both(first) => Take::Both(*first),
        Verdict::Nothing => Take::Nothing,
        Verdict::Lines(picked) if picked.lines().len() <= TOLD_MAX => Take::Lines(picked.clone()),
        Verdict::Fuse => Take::Fuse,
        Verdict::Apart => Take::Apart,
        Verdict::Lines(_) | Verdict::Offer { .. } | Verdict::Text(_) => return None,
    };
    if let Some(diverged) = case.diverged() {
        return Some(format!("selkie resolve --timeline {} --take {take}", diverged.timeline));
    }
    if let Some(aspect) = case.aspect(part) {
        let about = aspect.about.name();
        return Some(format!("selkie resolve {} --about {about} --take {take}", case.path));
    }
    let part = match case.shape {
        Shape::Text(_) => format!(" --part {:.8}", part.to_string()),
        Shape::Whole(_) | Shape::Heads(_) | Shape::Merged(_) | Shape::Torn | Shape::Unmarked => {
            String::new()
        }
    };
    Some(format!("selkie resolve {}{part} --take {take}", case.path))
}
