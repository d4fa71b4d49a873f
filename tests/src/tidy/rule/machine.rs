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
            for root in ROOTS.iter().filter(|root| begins_a_path(line, root)) {
                let what = format!("a path of one machine: {root}");
                found.push(Complaint::new(path, at + 1, what));
            }
        }
    }
    found
}

/// Whether `root` stands in the line where a path begins. Inside one it is a folder like any other.
fn begins_a_path(line: &str, root: &str) -> bool {
    let before = |at: usize| line[..at].chars().next_back();
    let inside = |c: char| c.is_alphanumeric() || "._-~*".contains(c);
    line.match_indices(root).any(|(at, _)| !before(at).is_some_and(inside))
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

    #[test]
    fn a_folder_of_ours_may_have_the_same_name() {
        assert_eq!(told(paths, [("README.md", &format!("See src{}shared.\n", ROOTS[0]))]), [""; 0]);
    }
}
