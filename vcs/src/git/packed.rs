//! The file of all names that are packed: a line for each, and a second one behind a tag with what that leads to.

use std::collections::BTreeSet;

/// What is left of it without these names. None if none of them is in it.
pub(super) fn without(text: &[u8], gone: &BTreeSet<&str>) -> Option<Vec<u8>> {
    let (mut rest, mut is_gone) = (Vec::with_capacity(text.len()), false);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        // What a tag leads to goes with the tag.
        if !line.starts_with(b"^") {
            is_gone = name_in(line).is_some_and(|name| gone.contains(name));
        }
        if !is_gone {
            rest.extend(line);
        }
    }
    (rest.len() < text.len()).then_some(rest)
}

/// The name behind the digits of an id.
fn name_in(line: &[u8]) -> Option<&str> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    if line.starts_with(b"#") {
        return None;
    }
    str::from_utf8(&line[space + 1..]).ok().map(|name| name.trim_end_matches(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_go_take_along_what_they_lead_to_and_nothing_else() {
        let id = "1".repeat(40);
        let head = "# pack-refs with: peeled fully-peeled sorted \n";
        let [a, ab] = ["refs/heads/a", "refs/heads/a-b"].map(|name| format!("{id} {name}\n"));
        let tag = format!("{id} refs/tags/v1\n^{id}\n");
        let all = format!("{head}{a}{ab}{tag}");
        let left = |gone: &[&str]| {
            let rest = without(all.as_bytes(), &gone.iter().copied().collect());
            rest.map(|rest| String::from_utf8(rest).unwrap())
        };
        assert_eq!(left(&["refs/heads", "refs/heads/b", "pack-refs"]), None);
        assert_eq!(left(&["refs/heads/a"]), Some(format!("{head}{ab}{tag}")));
        assert_eq!(left(&["refs/tags/v1"]), Some(format!("{head}{a}{ab}")));
        assert_eq!(left(&["refs/heads/a-b", "refs/tags/v1"]), Some(format!("{head}{a}")));
        // The last line may have no end.
        assert_eq!(without(a.trim_end().as_bytes(), &["refs/heads/a"].into()), Some(Vec::new()));
    }
}
