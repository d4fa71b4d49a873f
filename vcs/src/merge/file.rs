//! The merge of one file.

use super::kind::{FileKind, Layout, Writer};
use super::line_set::line_set;
use super::merged::Merged;
use super::part::{Decided, MergeConflict, MergePart, MergeSide, MergeStep, Ruling, Took};
use super::rules::{MergeRules, Ruled, Settling};
use super::text::Texts;
use super::tree::document::Document;
use super::tree::language::Language;
use super::whole::{ended_lines, whole_lines};
use super::yaml::soundness;
use crate::text::lines::{Text, is_binary};

/// What is to be merged.
#[derive(Clone, Copy, Debug)]
pub struct Merging<'a> {
    /// Where the file lies. Its name tells how it is to be read.
    pub path: &'a str,
    /// The file that both sides came from. Empty if both added it.
    pub base: &'a [u8],
    /// What our side made of it.
    pub ours: &'a [u8],
    /// What their side made of it.
    pub theirs: &'a [u8],
    /// Whose lines stand first where both sides added some at one place. Not "ours" by itself: two
    /// replicas that merge the same seals name the sides differently, and must get the same file.
    pub first: MergeSide,
    /// What somebody said about this file.
    pub rules: &'a MergeRules,
}

/// Merges what two sides made of a file.
///
/// Where only one side changed something, its change is taken. Where both did, the steps are asked in order, and each
/// part of the result says which one settled it. Swapping the sides, and [`Merging::first`] with them, swaps the sides of
/// the conflicts and changes nothing else.
///
/// ```
/// use selkie_vcs::{MergeRules, MergeSide, Merging, merge_file};
/// let merging = Merging {
///     path: "notes.txt",
///     base: b"one\ntwo\nthree\n",
///     ours: b"ONE\ntwo\nthree\n",
///     theirs: b"one\ntwo\nTHREE\n",
///     first: MergeSide::Ours,
///     rules: &MergeRules::default(),
/// };
/// assert_eq!(merge_file(&merging).bytes().unwrap(), b"ONE\ntwo\nTHREE\n");
/// ```
#[must_use]
pub fn merge_file(merging: &Merging) -> Merged {
    match merging.first {
        MergeSide::Ours => merge_ordered(merging),
        MergeSide::Theirs => {
            let Merging { ours, theirs, .. } = *merging;
            let rules = &merging.rules.swapped();
            let merged = merge_ordered(&Merging { ours: theirs, theirs: ours, rules, ..*merging });
            let parts = merged.parts.into_iter().map(MergePart::swapped);
            Merged { parts: parts.collect(), ..merged }
        }
    }
}

/// Merges with the side first whose lines stand first, which is ours.
fn merge_ordered(merging: &Merging) -> Merged {
    let Merging { path, base, ours: one, theirs: other, rules, .. } = *merging;
    let plain = |bytes: &[u8]| Merged {
        parts: vec![MergePart::Plain(bytes.to_vec())],
        ..Merged::default()
    };
    if one == other || other == base {
        return plain(one);
    }
    if one == base {
        return plain(other);
    }
    let ruled = rules.of(&[]);
    let texts = [base, one, other].map(|bytes| {
        let text = Some(bytes).filter(|bytes| !is_binary(bytes));
        text.and_then(|bytes| Text::new(bytes).ok())
    });
    let [Some(base_text), Some(one_text), Some(other_text)] = texts else {
        return Merged { parts: vec![settled(whole(merging), &ruled)], ..Merged::default() };
    };
    let kind = FileKind::of(path, [base, one, other]);
    let texts = Texts::new([&base_text, &one_text, &other_text], kind);
    let (parts, remake) = match (Language::of(path), kind.writer) {
        (_, Writer::Command(command)) => (remade(&texts, merging, &ruled), Some(command)),
        (Some(language), Writer::People | Writer::Program) => {
            (by_key(language, &texts, merging), None)
        }
        (None, Writer::People | Writer::Program) => (by_line(&texts, merging, kind), None),
    };
    let has_returns = one_text.lines().any(|line| line.ends_with(b"\r\n"));
    let parts = ended_lines(parts, if has_returns { b"\r\n" } else { b"\n" });
    Merged { parts, remake, warnings: texts.warnings(path) }
}

/// All of a file as one conflict.
fn whole(merging: &Merging) -> MergeConflict {
    let [base, ours, theirs] = [merging.base, merging.ours, merging.theirs].map(<[u8]>::to_vec);
    MergeConflict { base, ours, theirs, offers: Vec::new() }
}

/// Merges by lines. What a rule says comes behind the steps, but where it says that a person decides, or each line for itself.
fn by_line(texts: &Texts, merging: &Merging, kind: FileKind) -> Vec<MergePart> {
    let ruled = merging.rules.of(&[]);
    let parts = match ruled.settling {
        Settling::Manual | Settling::Whole | Settling::Set(_) => {
            ruled_parts(texts.unasked(), &ruled)
        }
        Settling::Steps | Settling::Side(_) | Settling::Union => ruled_parts(texts.parts(), &ruled),
    };
    if kind.layout != Layout::Yaml {
        return parts;
    }
    let Merging { ours, theirs, .. } = *merging;
    // As sound as both sides are: two who add one key in two places say different things of it.
    let sound = soundness(ours).min(soundness(theirs));
    let is_read =
        |parts: &Vec<MergePart>| readings(parts).iter().all(|text| soundness(text) >= sound);
    if is_read(&parts) { parts } else { unbroken(texts, merging, &ruled, is_read) }
}

/// Of a file that a command writes: one side whole, if a rule says so, since its lines are right only all together.
fn remade(texts: &Texts, merging: &Merging, ruled: &Ruled) -> Vec<MergePart> {
    let parts = texts.parts();
    let is_open = |part: &MergePart| matches!(part, MergePart::Conflict(_));
    match ruled.settling {
        Settling::Side(_) if parts.iter().any(is_open) => vec![settled(whole(merging), ruled)],
        Settling::Side(_) | Settling::Steps | Settling::Manual | Settling::Whole => parts,
        Settling::Union | Settling::Set(_) => ruled_parts(parts, ruled),
    }
}

/// Merges by lines where that is enough, else by key. What can be read on both sides can be read after, and says nothing twice that
/// neither side did.
///
/// Where a rule is for single keys, keys are asked first: lines know nothing of them.
fn by_key(language: Language, texts: &Texts, merging: &Merging) -> Vec<MergePart> {
    let Merging { base, ours, theirs, rules, .. } = *merging;
    let ruled = rules.of(&[]);
    let lines = || match ruled.settling {
        Settling::Manual | Settling::Whole => texts.unasked(),
        Settling::Steps | Settling::Side(_) | Settling::Union | Settling::Set(_) => {
            ruled_parts(texts.parts(), &ruled)
        }
    };
    let [base, Some(one), Some(other)] = [base, ours, theirs].map(|text| language.parse(text))
    else {
        return lines();
    };
    let may_be_twice = [&one, &other].iter().any(|side| side.has_key_twice());
    let is_read = |parts: &Vec<MergePart>| {
        readings(parts).iter().all(|bytes| {
            language.parse(bytes).is_some_and(|made| may_be_twice || !made.has_key_twice())
        })
    };
    let plain = || texts.plain().map(|bytes| vec![MergePart::Plain(bytes)]);
    let woven = || {
        let is_asked =
            !matches!(ruled.settling, Settling::Manual | Settling::Whole) || rules.speak_of_keys();
        let base = base.filter(|_| is_asked);
        base.and_then(|base| Document::weave(&base, &one, &other, rules)).map(whole_lines)
    };
    let by_line = if rules.speak_of_keys() { None } else { plain().filter(is_read) };
    let merged = by_line.or_else(|| woven().filter(is_read));
    let merged = merged.or_else(|| Some(lines()).filter(is_read));
    merged.unwrap_or_else(|| unbroken(texts, merging, &ruled, is_read))
}

/// What both sides changed, of a file that would be broken by what the steps and rules make of it. A rule for one side
/// takes that side in each place, and if that breaks it too, the whole file of that side; else nothing is settled.
fn unbroken(
    texts: &Texts,
    merging: &Merging,
    ruled: &Ruled,
    is_read: impl Fn(&Vec<MergePart>) -> bool,
) -> Vec<MergePart> {
    match ruled.settling {
        Settling::Side(_) => Some(ruled_parts(texts.unsettled(), ruled))
            .filter(is_read)
            .unwrap_or_else(|| vec![settled(whole(merging), ruled)]),
        Settling::Steps
        | Settling::Manual
        | Settling::Whole
        | Settling::Union
        | Settling::Set(_) => texts.unsettled(),
    }
}

/// The texts that these parts are for who takes one version of all conflicts among them.
fn readings(parts: &[MergePart]) -> Vec<Vec<u8>> {
    let version = |take: fn(&MergeConflict) -> &[u8]| {
        let bytes = parts.iter().map(|part| match part {
            MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. }) => bytes,
            MergePart::Conflict(conflict) => take(conflict),
        });
        bytes.collect::<Vec<_>>().concat()
    };
    let mut versions =
        [version(|it| &it.ours), version(|it| &it.theirs), version(|it| &it.base)].to_vec();
    versions.dedup();
    versions
}

/// The parts with what a rule makes of the conflicts among them.
fn ruled_parts(parts: Vec<MergePart>, ruled: &Ruled) -> Vec<MergePart> {
    let settle = |part| match part {
        MergePart::Conflict(conflict) => settled(conflict, ruled),
        MergePart::Plain(_) | MergePart::Decided(_) => part,
    };
    parts.into_iter().map(settle).collect()
}

/// What a rule makes of a conflict whose first side stands first.
fn settled(conflict: MergeConflict, ruled: &Ruled) -> MergePart {
    let is_text =
        ![&conflict.base, &conflict.ours, &conflict.theirs].into_iter().any(|text| is_binary(text));
    let (bytes, took) = match ruled.settling {
        Settling::Side(side) => (conflict.side(side).to_vec(), side.into()),
        Settling::Union if is_text => (conflict.both(), Took::Both),
        Settling::Set(_) if is_text => {
            (line_set(&conflict.base, &conflict.ours, &conflict.theirs), Took::Both)
        }
        Settling::Steps
        | Settling::Manual
        | Settling::Whole
        | Settling::Union
        | Settling::Set(_) => {
            return MergePart::Conflict(conflict);
        }
    };
    let Ruled { strategy, source, .. } = *ruled;
    MergePart::Decided(Decided { bytes, step: MergeStep::Rule(Ruling { strategy, source, took }) })
}
