//! What a command adds to the store is held until it is named somewhere.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

/// The one place that makes batches beside the store itself: the hand that holds what they add.
const HAND: &str = "vcs/src/repository.rs";

/// A batch of anybody else could be collected between its end and the operation that names it.
pub(crate) fn batches(house: &House) -> Vec<Complaint> {
    let holds = |folder: &str| ["vcs", "vcs-cli", "tui"].contains(&folder);
    let mut found = Vec::new();
    for source in house.production().filter(|source| holds(source.member.folder)) {
        if source.path != HAND {
            let what = "batches are made by `Hand::batch`, which holds what they add";
            let made = source.outside_tests(&["Batch", "::", "new"]).into_iter();
            found.extend(made.map(|line| Complaint::new(&source.path, line, what)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_batch_that_nobody_holds_is_told() {
        let text = "fn f() { Batch::new(&store) }\n";
        let files = [("vcs/src/repository.rs", text), ("vcs/src/verb/seal.rs", text)];
        let expected = [
            "vcs/src/verb/seal.rs:1: batches are made by `Hand::batch`, which holds what they add",
        ];
        assert_eq!(told(batches, files), expected);
    }
}
