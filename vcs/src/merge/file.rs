//! The merge of one file.

use super::kind::{FileKind, Layout, Writer};
use super::merged::Merged;
use super::part::{Decided, MergeConflict, MergePart, MergeSide, MergeStep};
use super::rules::{MergeRules, Settling};
use super::text::Texts;
use super::tree::document::Document;
use super::tree::language::Language;
use super::whole::{ended_lines, whole_lines};
use super::yaml::is_broken;
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
    /// What somebody said about files of this kind.
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
    let (one, other) = match merging.first {
        MergeSide::Ours => (merging.ours, merging.theirs),
        MergeSide::Theirs => (merging.theirs, merging.ours),
    };
    let merged = merge_ordered(merging.path, merging.base, one, other);
    let settling = merging.rules.of(merging.path);
    let finish = |part| match part {
        MergePart::Conflict(conflict) => {
            let conflict = match merging.first {
                MergeSide::Ours => conflict,
                MergeSide::Theirs => conflict.swapped(),
            };
            settle(conflict, settling, merging.first)
        }
        MergePart::Plain(_) | MergePart::Decided(_) => part,
    };
    Merged { parts: merged.parts.into_iter().map(finish).collect(), ..merged }
}

/// Merges with the side first whose lines stand first, which conflicts call ours.
fn merge_ordered(path: &str, base: &[u8], one: &[u8], other: &[u8]) -> Merged {
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
    let texts = [base, one, other].map(|bytes| {
        let text = Some(bytes).filter(|bytes| !is_binary(bytes));
        text.and_then(|bytes| Text::new(bytes).ok())
    });
    let [Some(base_text), Some(one_text), Some(other_text)] = texts else {
        let [base, ours, theirs] = [base, one, other].map(<[u8]>::to_vec);
        let conflict = MergeConflict { base, ours, theirs, offers: Vec::new() };
        return Merged { parts: vec![MergePart::Conflict(conflict)], ..Merged::default() };
    };
    let kind = FileKind::of(path, [base, one, other]);
    let texts = Texts::new([&base_text, &one_text, &other_text], kind);
    let (parts, remake) = match (Language::of(path), kind.writer) {
        (_, Writer::Command(command)) => (texts.parts(), Some(command)),
        (Some(language), Writer::People | Writer::Program) => {
            let files = [base, one, other].map(|text| language.parse(text));
            (by_key(language, &texts, files), None)
        }
        (None, Writer::People | Writer::Program) if kind.layout == Layout::Yaml => {
            let breaks = |text: &Vec<u8>| is_broken(text) && !is_broken(one) && !is_broken(other);
            let merged = Merged { parts: texts.parts(), ..Merged::default() };
            let is_broken = merged.bytes().is_some_and(|text| breaks(&text));
            (if is_broken { texts.unsettled() } else { merged.parts }, None)
        }
        (None, Writer::People | Writer::Program) => (texts.parts(), None),
    };
    let has_returns = one_text.lines().any(|line| line.ends_with(b"\r\n"));
    let parts = ended_lines(parts, if has_returns { b"\r\n" } else { b"\n" });
    Merged { parts, remake, warnings: texts.warnings(path) }
}

/// Merges by lines where that is enough, else by key. What can be read on both sides can be read after.
fn by_key(language: Language, texts: &Texts, files: [Option<Document>; 3]) -> Vec<MergePart> {
    let [base, Some(one), Some(other)] = files else { return texts.parts() };
    let is_read = |parts: &Vec<MergePart>| {
        let merged = Merged { parts: parts.clone(), ..Merged::default() };
        merged.bytes().is_none_or(|bytes| language.parse(&bytes).is_some())
    };
    let plain = texts.plain().map(|bytes| vec![MergePart::Plain(bytes)]);
    let by_key = || base.and_then(|base| Document::weave(&base, &one, &other)).map(whole_lines);
    let by_line = || Some(texts.parts());
    let merged = plain.filter(is_read).or_else(|| by_key().filter(is_read));
    merged.or_else(|| by_line().filter(is_read)).unwrap_or_else(|| texts.unsettled())
}

/// What a rule for the path makes of a conflict.
fn settle(conflict: MergeConflict, settling: Settling, first: MergeSide) -> MergePart {
    let bytes = match settling {
        Settling::Manual => return MergePart::Conflict(conflict),
        Settling::Side(side) => conflict.side(side).to_vec(),
        Settling::Union => [conflict.side(first), conflict.side(first.other())].concat(),
    };
    MergePart::Decided(Decided { bytes, step: MergeStep::Rule })
}
