//! The keys of a file that holds keys and values.

use super::entry::Entry;
use super::tree::language::Language;
use super::yaml::yaml_entries;

/// Longer files are read line by line, and by nobody key by key.
pub(crate) const LEN_MAX: usize = 8 << 20;

/// Tells all keys of a file in the order in which they stand there, each before those in its value. Nothing if the name
/// of the file is not that of one with keys, or the text is none.
pub(crate) fn entries(path: &str, text: &[u8], tell: impl FnMut(Entry)) -> Option<()> {
    if text.len() > LEN_MAX {
        return None;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    match (Language::of(path), name.rsplit_once('.')) {
        (Some(language), _) => {
            language.parse(text)?.entries(tell);
            Some(())
        }
        (None, Some((_, "yaml" | "yml"))) => yaml_entries(text, tell),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::WayStep;
    use super::*;

    /// Each key as its way and its value.
    fn told(path: &str, text: &str) -> Vec<String> {
        let mut told = Vec::new();
        let tell = |entry: Entry| {
            let step = |step: &WayStep| match step {
                WayStep::Key(key) => String::from_utf8_lossy(key).into_owned(),
                WayStep::Item(name) => format!("[{}]", String::from_utf8_lossy(name)),
            };
            let way: Vec<String> = entry.way.iter().map(step).collect();
            let place = &text[entry.place.0..entry.place.1];
            assert!(place.ends_with(&text[entry.value()]), "{place}");
            told.push(format!("{}={}", way.join("."), &text[entry.value()]));
        };
        entries(path, text.as_bytes(), tell).unwrap();
        told
    }

    #[test]
    fn keys_of_json_are_told_with_their_values() {
        assert_eq!(
            told("a.json", "{\n  \"a\": 1, // x\n  \"b\": { \"c\": [2] }\n}\n"),
            ["a=1", "b={ \"c\": [2] }", "b.c=[2]"]
        );
        assert_eq!(
            told("a.json", "{\"s\": [{\"id\": \"x\", \"v\": 1}, {\"v\": 2}]}"),
            [
                "s=[{\"id\": \"x\", \"v\": 1}, {\"v\": 2}]",
                "s.[x]={\"id\": \"x\", \"v\": 1}",
                "s.[x].id=\"x\"",
                "s.[x].v=1"
            ]
        );
    }

    #[test]
    fn keys_of_toml_are_told_with_their_tables() {
        let text = "a = 1 # x\n\n[p.q]\nb.c = \"two\"\n\n[[l]]\nname = \"n\"\n";
        assert_eq!(
            told("a.toml", text),
            [
                "a=1",
                "p.q=b.c = \"two\"",
                "p.q.b.c=\"two\"",
                "l.[n]=name = \"n\"",
                "l.[n].name=\"n\""
            ]
        );
    }

    #[test]
    fn keys_of_yaml_are_told_with_what_is_below_them() {
        let text = "é: 1 # x\nb:\n  c: two\n    words\n  d: [x, {e: 3}]\nl:\n- f: 1\n  g: |\n    text\n\n- h\nz: \"é\"\n";
        assert_eq!(
            told("a.yaml", text),
            [
                "é=1",
                "b=c: two\n    words\n  d: [x, {e: 3}]",
                "b.c=two\n    words",
                "b.d=[x, {e: 3}]",
                "b.d.[1].e=3",
                "l=- f: 1\n  g: |\n    text\n\n- h",
                "l.[0].f=1",
                "l.[0].g=|\n    text",
                "z=\"é\""
            ]
        );
    }

    #[test]
    fn what_holds_no_keys_or_can_not_be_read_tells_none() {
        for (path, text) in [
            ("a.txt", "a: 1\n"),
            ("a.json", "{"),
            ("a.toml", "a = \n"),
            ("a.yaml", "a: 1\n  b: 2\n"),
        ] {
            assert_eq!(entries(path, text.as_bytes(), |_| ()), None, "{path}");
        }
    }
}
