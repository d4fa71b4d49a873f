//! What open parts of a file of keys are about: the keys, and what each version has there.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use selkie_store::RepoPath;

use crate::merge::entry::{Entry, WayStep};
use crate::merge::file_type::Nature;
use crate::merge::keyed::{LEN_MAX, entries};
use crate::rules::Rules;
use crate::strategy::Strategy;
use crate::tree::fuse::content::Versions;
use crate::verb::settling::case::{Case, Shape};
use crate::verb::settling::part::{Open, PartId, Piece};

/// A key that an open part is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribute {
    /// The way to it, as a rule would name it but for the items of lists.
    pub key: String,
    /// What there was before, what A has and what B has; without what breaks the lines of it. None if it is not there.
    pub values: [Option<Vec<u8>>; 3],
    /// What a rule says of it.
    pub rule: Option<SaidRule>,
}

/// What a rule of `selkie.toml` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SaidRule {
    /// The word for it.
    pub strategy: Strategy,
    /// The line that it begins at, the first at 1.
    pub line: usize,
}

/// What conflicts are about, and what the rules say of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tabulated {
    /// The keys that open parts are about. Parts that are about none are not in it.
    pub attributes: BTreeMap<PartId, Vec<Attribute>>,
    /// What a rule says of a file as a whole, where one does.
    pub rules: BTreeMap<RepoPath, SaidRule>,
}

/// What these conflicts are about.
#[must_use]
pub fn tabulate(cases: &[Case], rules: &Rules) -> Tabulated {
    let said = |case: &Case| Some((case.path.clone(), rule(&case.path, rules, &[])?));
    Tabulated {
        attributes: cases.iter().flat_map(|case| attributes(case, rules)).collect(),
        rules: cases.iter().filter_map(said).collect(),
    }
}

/// The keys that the open parts of a case are about: those that stand in its lines and are not the same everywhere. Of a part
/// that is about none, and of a file without keys, nothing is told.
fn attributes(case: &Case, rules: &Rules) -> BTreeMap<PartId, Vec<Attribute>> {
    let Shape::Text(pieces) = &case.shape else { return BTreeMap::new() };
    let path = case.path.as_str();
    let picks: [fn(&Versions) -> &[u8]; 3] =
        [|open| &open.base, |open| &open.ours, |open| &open.theirs];
    let versions = picks.map(|pick| Version::of(path, pieces, pick));
    // Of a version that can not be read nobody knows whether it has a key.
    let [Some(base), Some(ours), Some(theirs)] = versions else { return BTreeMap::new() };
    let versions = [base, ours, theirs];
    // A key may have lines of a part in one version and stand elsewhere in another.
    let wanted: BTreeSet<&[WayStep]> = versions
        .iter()
        .flat_map(|version| version.ways.iter().flatten())
        .map(Vec::as_slice)
        .collect();
    let values = [0, 1, 2].map(|at| versions[at].values(path, &wanted));
    let mut told = BTreeMap::new();
    for (at, part) in open(pieces).enumerate() {
        let mut ways: Vec<&Vec<WayStep>> = Vec::new();
        for way in versions.iter().flat_map(|version| &version.ways[at]) {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        // What holds a key is named by it: one that a side removed stood in something that is still there.
        let all = ways.clone();
        ways.retain(|way| {
            !all.iter().any(|other| other.len() > way.len() && other.starts_with(way))
        });
        let attribute = |way: &Vec<WayStep>| {
            let values = [0, 1, 2].map(|version| {
                let value = values[version].get(way)?;
                Some(on_one_line(&versions[version].text[value.clone()]))
            });
            let keys: Vec<Vec<u8>> = way.iter().filter_map(key).collect();
            let rule = rule(&case.path, rules, &keys);
            Attribute { key: spelled(way), values, rule }
        };
        let attributes = ways.into_iter().map(attribute);
        let differs = |one: &Attribute| one.values.iter().any(|value| *value != one.values[0]);
        let attributes: Vec<Attribute> = attributes.filter(differs).collect();
        if !attributes.is_empty() {
            told.insert(part.id, attributes);
        }
    }
    told
}

/// One version of a text in conflict.
struct Version {
    text: Vec<u8>,
    /// The keys that each open part is about.
    ways: Vec<Vec<Vec<WayStep>>>,
}

impl Version {
    /// None if it can not be read.
    fn of(path: &str, pieces: &[Piece], pick: fn(&Versions) -> &[u8]) -> Option<Self> {
        let (mut text, mut places) = (Vec::new(), Vec::new());
        for piece in pieces {
            let start = text.len();
            match piece {
                Piece::Settled(lines) | Piece::Merged { text: lines, .. } => {
                    text.extend(&lines[..]);
                }
                Piece::Open(open) => {
                    text.extend(pick(&open.versions));
                    places.push(start..text.len());
                }
            }
            if text.len() > LEN_MAX {
                break;
            }
        }
        let mut about: Vec<About> = places.into_iter().map(About::new).collect();
        let is_read = entries(path, &text, |entry| {
            let first = about.partition_point(|about| about.place.end <= entry.place.0);
            let met =
                about[first..].iter_mut().take_while(|about| about.place.start < entry.place.1);
            met.for_each(|about| about.meet(&entry));
        });
        // Where both sides added the file there is nothing to read.
        if is_read.is_none() && !text.trim_ascii().is_empty() {
            return None;
        }
        let mut ways: Vec<_> = about.into_iter().map(|about| about.ways).collect();
        ways.resize(open(pieces).count(), Vec::new());
        Some(Self { text, ways })
    }

    /// Where the values of these keys are.
    fn values(
        &self,
        path: &str,
        wanted: &BTreeSet<&[WayStep]>,
    ) -> BTreeMap<Vec<WayStep>, Range<usize>> {
        let mut values = BTreeMap::new();
        let _ = entries(path, &self.text, |entry| {
            if wanted.contains(entry.way) {
                values.insert(entry.way.to_vec(), entry.value());
            }
        });
        values
    }
}

/// What a part is about in one version.
struct About {
    place: Range<usize>,
    ways: Vec<Vec<WayStep>>,
    /// Where the key ends that was met last and begins in the part. What is in it is told by it.
    end: usize,
}

impl About {
    const fn new(place: Range<usize>) -> Self {
        Self { place, ways: Vec::new(), end: 0 }
    }

    /// Meets a key that has a byte of the part.
    fn meet(&mut self, entry: &Entry) {
        let (start, end) = entry.place;
        if self.place.is_empty() {
            // This version has nothing there.
        } else if start < self.place.start {
            // The part is within its value, and within that of a later one that is deeper.
            self.ways = vec![entry.way.to_vec()];
        } else if start >= self.end {
            if self.end == 0 {
                self.ways.clear();
            }
            self.ways.push(entry.way.to_vec());
            self.end = end;
        }
    }
}

fn open(pieces: &[Piece]) -> impl Iterator<Item = &Open> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Open(open) => Some(&**open),
        Piece::Settled(_) | Piece::Merged { .. } => None,
    })
}

fn rule(path: &RepoPath, rules: &Rules, way: &[Vec<u8>]) -> Option<SaidRule> {
    let rule = rules.of(path.as_str(), Nature::Text, way)?;
    Some(SaidRule { strategy: rule.strategy, line: rule.line })
}

fn key(step: &WayStep) -> Option<Vec<u8>> {
    match step {
        WayStep::Key(key) => Some(key.clone()),
        WayStep::Item(_) => None,
    }
}

/// A way as somebody would write it: `jobs.test[linux]."runs.on"`.
fn spelled(way: &[WayStep]) -> String {
    let mut spelled = String::new();
    for step in way {
        match step {
            WayStep::Item(name) => {
                spelled.extend(["[", &String::from_utf8_lossy(name), "]"]);
            }
            WayStep::Key(key) => {
                let key = String::from_utf8_lossy(key);
                let is_plain = !key.is_empty() && key != "*" && !key.contains(['.', '"', '[', ' ']);
                let point = if spelled.is_empty() { "" } else { "." };
                let quote = if is_plain { "" } else { "\"" };
                spelled.extend([point, quote, &key, quote]);
            }
        }
    }
    spelled
}

/// A value without the line ends in it, and with one blank for many.
fn on_one_line(value: &[u8]) -> Vec<u8> {
    let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::file::Merging;
    use crate::merge::part::MergeSide;
    use crate::merge::rules::MergeRules;
    use crate::tree::fuse::content::{Content, content};
    use crate::verb::settling::part::pieces;

    /// Each attribute in conflict on a line: its part, its key, and what each has there.
    fn told(path: &str, texts: [&str; 3], rules: &str) -> Vec<String> {
        let [base, ours, theirs] = texts.map(str::as_bytes);
        let merge_rules = &MergeRules::default();
        let merging =
            Merging { path, base, ours, theirs, first: MergeSide::Ours, rules: merge_rules };
        let Content::Open(parts) = content(&merging) else { panic!("nothing is open") };
        let path = RepoPath::new(path).unwrap();
        let shape = Shape::Text(pieces(&path, parts));
        let case = Case::unfiled(path, Vec::new(), shape);
        let rules = Rules::read(rules.as_bytes()).unwrap();
        let attributes = attributes(&case, &rules);
        let mut told = Vec::new();
        for (number, part) in case.parts().enumerate() {
            for Attribute { key, values, rule } in attributes.get(&part).into_iter().flatten() {
                let value = |value: &Option<Vec<u8>>| {
                    value
                        .as_ref()
                        .map_or("-".into(), |value| String::from_utf8_lossy(value).into_owned())
                };
                let values = values.iter().map(value).collect::<Vec<_>>().join(" | ");
                let rule = rule.map(|rule| format!(" ({} {})", rule.strategy.name(), rule.line));
                told.push(format!("{number} {key}: {values}{}", rule.unwrap_or_default()));
            }
        }
        told
    }

    #[test]
    fn keys_of_json_that_both_changed_are_told_one_by_one() {
        let text = |port: &str, tags: &str, more: &str| {
            format!(
                "{{\n  \"server\": {{\n    \"host\": \"h\",\n    \"port\": {port}\n  }},\n  \"tags\": [{tags}]{more}\n}}\n"
            )
        };
        let texts = [
            text("1", "\"a\"", ""),
            text("2", "\"b\"", ",\n  \"new\": 1"),
            text("3", "\"c\"", ",\n  \"new\": 2"),
        ];
        let rules = "[[rule]]\npath = \"*.json\"\nkey = \"server\"\nstrategy = \"manual\"\n";
        assert_eq!(
            told("a.json", texts.each_ref().map(String::as_str), rules),
            [
                "0 server.port: 1 | 2 | 3 (manual 1)",
                "1 tags: [\"a\"] | [\"b\"] | [\"c\"]",
                "1 new: - | 1 | 2",
            ]
        );
    }

    #[test]
    fn a_key_that_one_removed_is_not_there() {
        let texts = ["[a]\nx = 1\ny = 1\n", "[a]\nx = 2\ny = 1\n", "[a]\ny = 1\n"];
        assert_eq!(told("a.toml", texts, ""), ["0 a.x: 1 | 2 | -"]);
    }

    #[test]
    fn keys_of_yaml_are_told_with_the_items_they_are_in() {
        let text = |image: &str| {
            format!(
                "jobs:\n  build:\n    steps:\n    - name: x\n      image: {image}\n    - name: y\n"
            )
        };
        let texts = [text("one"), text("two"), text("three")];
        assert_eq!(
            told("ci.yml", texts.each_ref().map(String::as_str), ""),
            ["0 jobs.build.steps[0].image: one | two | three"]
        );
    }

    #[test]
    fn a_part_within_a_long_value_is_about_its_key() {
        let text = |word: &str| format!("a: |\n  one\n  {word}\n  three\nb: 1\n");
        let texts = [text("two"), text("2"), text("zwei")];
        assert_eq!(
            told("a.yaml", texts.each_ref().map(String::as_str), ""),
            ["0 a: | one two three | | one 2 three | | one zwei three"]
        );
    }

    #[test]
    fn of_a_file_that_both_added_the_keys_are_told() {
        let texts = ["", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 2\n}\n"];
        assert_eq!(told("a.json", texts, ""), ["0 a: - | 1 | 2"]);
    }

    #[test]
    fn where_one_version_can_not_be_read_nothing_is_told() {
        let texts = ["{\n  \"a\": \n}\n", "{\n  \"a\": 1\n}\n", "{\n  \"a\": 2\n}\n"];
        assert_eq!(told("a.json", texts, ""), [""; 0]);
    }

    #[test]
    fn what_has_no_keys_tells_none() {
        assert_eq!(told("a.txt", ["a: 1\n", "a: 2\n", "a: 3\n"], ""), [""; 0]);
    }
}
