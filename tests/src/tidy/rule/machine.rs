//! Nothing in the tree knows the machine it was written on.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

/// In two parts, so that this file passes its own rule.
const ROOTS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/fa", "rm/")];

/// A path of one machine means nothing on another.
pub(crate) fn paths(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (path, text) in &house.files {
        for (at, line) in text.lines().enumerate() {
            for root in ROOTS.iter().filter(|root| line.contains(**root)) {
                let what = format!("a path of one machine: {root}");
                found.push(Complaint::new(path, at + 1, what));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_path_of_one_machine_is_told() {
        let text = format!("# A\nSee {}shared.\nSee /usr/bin.\n", ROOTS[0]);
        let expected = [format!("README.md:2: a path of one machine: {}", ROOTS[0])];
        assert_eq!(told(paths, [("README.md", &text)]), expected);
    }
}
