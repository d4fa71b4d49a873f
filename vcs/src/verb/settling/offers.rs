//! What the machine would make of an open part, if somebody wants it to.

use crate::merge::file::{Merging, merge_file};
use crate::merge::part::{Decided, MergePart, MergeSide, MergeStep};
use crate::merge::rules::MergeRules;
use crate::tree::fuse::content::Versions;

/// Something that a step of the merge makes of an open part. It was not taken unasked: the step is right too seldom,
/// or a rule wants a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// The step.
    pub step: MergeStep,
    /// The lines.
    pub text: Vec<u8>,
}

/// What could settle an open part beyond its sides. The name of the file says how it is read.
#[must_use]
pub fn offers(path: &str, versions: &Versions) -> Vec<Offer> {
    let Versions { base, ours, theirs } = versions;
    let rules = &MergeRules::default();
    let merged = merge_file(&Merging { path, base, ours, theirs, first: MergeSide::Ours, rules });
    let mut found: Vec<Offer> = Vec::new();
    if let (Some(text), Some((_, decided))) = (merged.bytes(), merged.decided().next()) {
        found.push(Offer { step: decided.step, text });
    }
    if let [MergePart::Conflict(conflict)] = &merged.parts[..] {
        let offer = |Decided { bytes, step }: &Decided| Offer { step: *step, text: bytes.clone() };
        found.extend(conflict.offers.iter().map(offer));
    }
    // What the keys for sides and both say already is no offer.
    found.retain(|offer| {
        ![base, ours, theirs].contains(&&offer.text) && offer.step != MergeStep::BothKept
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(path: &str, base: &str, ours: &str, theirs: &str) -> Vec<(&'static str, String)> {
        let [base, ours, theirs] = [base, ours, theirs].map(|text| text.as_bytes().to_vec());
        let offers = offers(path, &Versions { base, ours, theirs }).into_iter();
        offers.map(|offer| (offer.step.name(), String::from_utf8(offer.text).unwrap())).collect()
    }

    #[test]
    fn a_step_that_fits_is_offered() {
        let found = offered(
            "a.txt",
            "one two three four five six seven\n",
            "ONE two three four five six seven\n",
            "one two three four five six SEVEN\n",
        );
        assert_eq!(found, [("words", "ONE two three four five six SEVEN\n".to_owned())]);
    }

    #[test]
    fn what_is_a_side_or_both_is_no_offer() {
        assert_eq!(offered("a.txt", "", "one\n", "two\n"), []);
        assert_eq!(offered("a.txt", "x\n", "one\n", "two\n"), []);
    }
}
