//! Lines that both sides changed: the steps that may settle them, in order.

use std::collections::HashSet;
use std::ops::Range;

use super::align::{Agreement, pieces};
use super::blocks::are_definitions;
use super::inline::merge_inline;
use super::kind::{FileKind, Layout, Writer};
use super::listing::{Place, lines};
use super::part::{Decided, MergeConflict, MergePart, MergeStep};
use super::shape::is_blank;
use super::words::{Versions, merge_words};
use crate::text::lines::Text;

/// Three versions of the same lines.
#[derive(Clone, Debug)]
pub(super) struct Overlap<'a> {
    pub(super) base: &'a Text<'a>,
    pub(super) one: &'a Text<'a>,
    pub(super) other: &'a Text<'a>,
    /// Where they stand in the three texts.
    pub(super) at: [Range<usize>; 3],
    pub(super) kind: FileKind,
}

impl<'a> Overlap<'a> {
    /// What the first step that knows an answer makes of them; else what both brought, and conflicts between.
    pub(super) fn parts(&self) -> Vec<MergePart> {
        if let Writer::Command(_) = self.kind.writer {
            return vec![MergePart::Conflict(self.conflict())];
        }
        if let Some(part) = self.one_sided() {
            return vec![part];
        }
        match self.blanks().or_else(|| self.within_lines()).or_else(|| self.definitions()) {
            Some(decided) => vec![MergePart::Decided(decided)],
            None => self.by_piece(),
        }
    }

    /// What one side made of it, if the other left it as it was or made the same.
    fn one_sided(&self) -> Option<MergePart> {
        let [base, one, other] = self.bytes();
        let taken = if one == other || other == base {
            one
        } else if one == base {
            other
        } else {
            return None;
        };
        Some(MergePart::Plain(taken.to_vec()))
    }

    /// Both sides say the same but for white space: as the first one wrote it.
    fn blanks(&self) -> Option<Decided> {
        let [_, one, other] = self.bytes();
        (ink(one) == ink(other)).then(|| Decided { bytes: one.to_vec(), step: MergeStep::Blanks })
    }

    fn within_lines(&self) -> Option<Decided> {
        let [base, one, other] = self.bytes();
        let versions = match self.kind.writer {
            Writer::People => Versions::Higher,
            Writer::Program | Writer::Command(_) => Versions::AsTheyAre,
        };
        merge_words(base, one, other, versions).or_else(|| merge_inline(base, one, other))
    }

    fn definitions(&self) -> Option<Decided> {
        let [base, one, other] = self.lines();
        let is_list = matches!(self.kind.layout, Layout::Changelog | Layout::LineSet);
        let bytes = || [one.concat(), other.concat()].concat();
        (base.is_empty() && !is_list && are_definitions(&one, &other))
            .then(|| Decided { bytes: bytes(), step: MergeStep::BothDefined })
    }

    /// Line by line of what both sides made: what is the same is settled.
    fn by_piece(&self) -> Vec<MergePart> {
        let [before, one, other] = self.lines();
        let before: HashSet<&[u8]> = before.into_iter().collect();
        let did_both = !one.is_empty() && !other.is_empty();
        let pieces = pieces([self.base, self.one, self.other], &self.at);
        let parts = pieces.into_iter().map(|piece| {
            let inner = Self { at: piece.at, ..self.clone() };
            let contained = || inner.contained(&before).filter(|_| did_both);
            match piece.agreement {
                Agreement::Same => MergePart::Plain(inner.bytes()[1].to_vec()),
                Agreement::Differing => match contained().or_else(|| inner.listed()) {
                    Some(decided) => MergePart::Decided(decided),
                    None => MergePart::Conflict(inner.conflict()),
                },
            }
        });
        parts.collect()
    }

    /// What one side added to what both did: it knew the change of the other, and went on from there. A line that was there
    /// `before` was not added: the other side took it away.
    fn contained(&self, before: &HashSet<&[u8]>) -> Option<Decided> {
        let [_, one, other] = self.lines();
        if one.is_empty() == other.is_empty() {
            return None;
        }
        let added = [one, other].concat();
        let is_new = |line: &&[u8]| is_blank(line) || !before.contains(line);
        let bytes = || added.concat();
        added.iter().all(is_new).then(|| Decided { bytes: bytes(), step: MergeStep::Contained })
    }

    fn listed(&self) -> Option<Decided> {
        let [base, one, other] = self.lines();
        let place = Place { base: self.base, at: self.at[0].start, layout: self.kind.layout };
        Some(place).filter(|_| base.is_empty())?.keep_both(&one, &other)
    }

    fn conflict(&self) -> MergeConflict {
        let [base, ours, theirs] = self.bytes().map(<[u8]>::to_vec);
        let mut offers = Vec::new();
        if base.is_empty() && !ours.is_empty() && !theirs.is_empty() {
            let bytes = [ours.as_slice(), &theirs].concat();
            offers.push(Decided { bytes, step: MergeStep::BothKept });
        }
        // Right in half of all cases: a change of nothing but white space gives way, but its layout is lost.
        for (reformatted, changed) in [(&ours, &theirs), (&theirs, &ours)] {
            if !base.is_empty() && ink(reformatted) == ink(&base) {
                offers.push(Decided { bytes: changed.clone(), step: MergeStep::Reformatted });
            }
        }
        MergeConflict { base, ours, theirs, offers }
    }

    fn bytes(&self) -> [&'a [u8]; 3] {
        let [base, one, other] = self.at.clone();
        [self.base.span(base), self.one.span(one), self.other.span(other)]
    }

    fn lines(&self) -> [Vec<&'a [u8]>; 3] {
        let [base, one, other] = self.at.clone();
        [lines(self.base, base), lines(self.one, one), lines(self.other, other)]
    }
}

/// A text without its white space.
fn ink(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}
