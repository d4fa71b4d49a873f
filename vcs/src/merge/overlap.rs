//! Lines that both sides changed: the steps that may settle them, in order.

use std::ops::Range;

use super::inline::merge_inline;
use super::listing::{Place, keep_both, lines};
use super::part::{Decided, MergeConflict, MergePart, MergeStep};
use super::words::{Versions, merge_words};
use crate::text::lines::Text;

/// Three versions of the same lines.
#[derive(Clone, Debug)]
pub(super) struct Overlap<'a> {
    pub(super) base: &'a Text<'a>,
    pub(super) one: &'a Text<'a>,
    pub(super) other: &'a Text<'a>,
    pub(super) at: [Range<usize>; 3],
}

impl<'a> Overlap<'a> {
    /// What the first step that knows an answer makes of them, or the conflict, without the lines that both brought.
    pub(super) fn parts(&self, is_changelog: bool, versions: Versions) -> Vec<MergePart> {
        let [base, one, other] = self.bytes();
        let decided = self.blanks()
            .or_else(|| merge_words(base, one, other, versions))
            .or_else(|| merge_inline(base, one, other));
        if let Some(decided) = decided {
            return vec![MergePart::Decided(decided)];
        }
        let (o, t) = (lines(self.one, self.at[1].clone()), lines(self.other, self.at[2].clone()));
        if self.at[0].is_empty() && super::listing::blocks(&o, &t) {
            return vec![MergePart::Decided(Decided { bytes: [o.concat(), t.concat()].concat(), step: MergeStep::BothDefined })];
        }
        let (head, tail) = self.alike();
        let inner = Overlap {
            at: [
                self.at[0].clone(),
                self.at[1].start + head..self.at[1].end - tail,
                self.at[2].start + head..self.at[2].end - tail,
            ],
            ..*self
        };
        let first = self.at[1].start;
        let mut parts = Vec::new();
        if head > 0 {
            parts.push(MergePart::Plain(self.one.span(first..first + head).to_vec()));
        }
        parts.push(match inner.both(self, head, is_changelog) {
            Some(decided) => MergePart::Decided(decided),
            None => inner.conflict(),
        });
        if tail > 0 {
            parts.push(MergePart::Plain(self.one.span(self.at[1].end - tail..self.at[1].end).to_vec()));
        }
        parts
    }

    fn bytes(&self) -> [&'a [u8]; 3] {
        let [base, one, other] = self.at.clone();
        [self.base.span(base), self.one.span(one), self.other.span(other)]
    }

    fn conflict(&self) -> MergePart {
        let [base, ours, theirs] = self.bytes().map(<[u8]>::to_vec);
        MergePart::Conflict(MergeConflict { base, ours, theirs, offers: Vec::new() })
    }

    /// Both sides say the same but for white space: as the first one wrote it.
    fn blanks(&self) -> Option<Decided> {
        let ink = |text: &[u8]| -> Vec<u8> {
            text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
        };
        let [_, one, other] = self.bytes();
        (ink(one) == ink(other)).then(|| Decided { bytes: one.to_vec(), step: MergeStep::Blanks })
    }

    /// How many lines both sides begin and end with.
    fn alike(&self) -> (usize, usize) {
        let [_, one, other] = self.at.clone();
        let (one, other) = (lines(self.one, one), lines(self.other, other));
        let head = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
        let rest = one[head..].iter().rev().zip(other[head..].iter().rev());
        (head, rest.take_while(|(one, other)| one == other).count())
    }

    /// Both sides' lines, if they only added to what `whole` was before.
    fn both(&self, whole: &Self, head: usize, is_changelog: bool) -> Option<Decided> {
        let [base, one, other] = self.at.clone();
        if !base.is_empty() {
            return None;
        }
        let _ = (whole, head);
        let place = Place { base: self.base, start: base.start, end: base.end, is_changelog };
        keep_both(&place, &lines(self.one, one), &lines(self.other, other))
    }
}
