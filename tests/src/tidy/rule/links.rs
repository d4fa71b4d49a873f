//! A document leads nowhere that is not there.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::markdown;

/// Links to other sites are not followed: a test needs no network.
pub(crate) fn links(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (path, text) in house.files_in("md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in markdown::links(text) {
            let target = link.text.split('#').next().unwrap_or(link.text);
            let is_outside = link.text.contains("://") || link.text.starts_with("mailto:");
            let is_there = resolve(folder, target).is_some_and(|target| house.holds(&target));
            if !is_outside && !target.is_empty() && !is_there {
                let what = format!("the link leads nowhere: {}", link.text);
                found.push(Complaint::new(path, link.line, what));
            }
        }
    }
    found
}

/// The path from the root, unless it leaves the tree.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_link_to_nothing_is_told() {
        let text = "[a](../README.md#top) [b](gone.md) [c](https://a.b/c) [d](#e)\n[f](src)\n\
                    [g](../../out.md)\n";
        let files = [("README.md", ""), ("crdt/DESIGN.md", text), ("crdt/src/lib.rs", "")];
        let expected = [
            "crdt/DESIGN.md:1: the link leads nowhere: gone.md",
            "crdt/DESIGN.md:3: the link leads nowhere: ../../out.md",
        ];
        assert_eq!(told(links, files), expected);
    }
}
