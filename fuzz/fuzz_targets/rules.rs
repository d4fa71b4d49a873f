//! A file of rules, and what it says of files.
//!
//! It comes with the tree, so strangers write it. What must hold whatever it says: there is an answer or the line that has none,
//! reading it again gives the same, no rule that is told stands beyond the end of the file, and none speaks of the file that it
//! stands in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use selkie_vcs::{Nature, Rules};

const PATHS: [&str; 4] = ["package.json", "docs/a/b.md", "yarn.lock", "ui/menu.snap"];

fuzz_target!(|bytes: &[u8]| {
    let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
    let rules = match Rules::read(bytes) {
        Ok(rules) => rules,
        Err(error) => {
            assert!((1..=lines).contains(&error.line), "{error} of {lines} lines");
            assert_eq!(Rules::read(bytes).err(), Some(error));
            return;
        }
    };
    for path in PATHS {
        for nature in [Nature::Text, Nature::Binary] {
            for keys in [&[][..], &[b"version".to_vec()], &[b"a".to_vec(), b"b".to_vec()]] {
                let found = rules.of(path, nature, keys);
                assert!(found.is_none_or(|rule| (1..=lines).contains(&rule.line)));
            }
        }
    }
    assert!(rules.of(Rules::FILE, Nature::Text, &[]).is_none());
});
