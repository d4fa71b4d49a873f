//! Pages in `docs` that are played as they stand.
//!
//! What follows a prompt in a block of `console` is typed; a line below it is in what was said then, and `…` in it is whatever it was.

use std::fs;
use std::path::Path;

/// Plays a page with these prompts: `types` gets which of them it was and what was typed, and returns what was said.
pub(crate) fn play(
    name: &str,
    prompts: &[&str],
    mut types: impl FnMut(usize, &str) -> Option<String>,
) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    let page = fs::read_to_string(path).expect("the page is there");
    let (mut is_inside, mut said, mut count) = (false, String::new(), 0);
    for line in page.lines() {
        if line.starts_with("```") {
            is_inside = line == "```console";
            continue;
        }
        if !is_inside || line.is_empty() {
            continue;
        }
        let mut typed = prompts.iter().enumerate();
        let typed = typed.find_map(|(who, prompt)| Some((who, line.strip_prefix(*prompt)?)));
        if let Some((who, command)) = typed {
            count += 1;
            said = types(who, command).unwrap_or_default();
        } else {
            assert!(says(&said, line), "{line:?} is not in {said}");
        }
    }
    assert!(count > 10, "the page has commands");
}

/// Whether a line of what was said is as the page has it: what differs from day to day is left open there.
fn says(said: &str, line: &str) -> bool {
    said.lines().any(|said| {
        let mut rest = said;
        line.split('…').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

#[test]
fn what_a_page_leaves_open_may_be_anything() {
    let said = "ann: both have the same.\nReceived 2 entries";
    assert!(says(said, "ann: both have the same.") && says(said, "Received … entries"));
    assert!(!says(said, "bob: both have the same.") && !says(said, "entries … Received"));
}
