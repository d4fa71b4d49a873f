//! What the fuzz targets begin with: honest talks, as far as one side of them goes.

use std::fs;
use std::path::PathBuf;

use crate::body;
use crate::hostile::honest_words;

/// Each with the folder of its target. Written anew with `REPAIR_SEEDS=1`.
#[test]
fn the_fuzz_targets_begin_with_what_honest_sides_say() {
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus"));
    for (path, bytes) in seeds() {
        let path = corpus.join(path);
        if std::env::var_os("REPAIR_SEEDS").is_some() {
            fs::create_dir_all(path.parent().expect("a seed is in a folder")).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(
            fs::read(&path).unwrap(),
            bytes,
            "{}: write it with REPAIR_SEEDS=1",
            path.display()
        );
    }
}

fn seeds() -> Vec<(String, Vec<u8>)> {
    // Each begins with the sets that are talked over. Zeros let all through; the others change, repeat, drop and add.
    let recipes: [&[u8]; 4] = [
        &[0x40, 0, 0, 0],
        &[0x60, 0, 3, 1, 20, 0],
        &[0xa0, 0, 0, 4, 0, 5, 1],
        &[0x80, 0, 14, 1, 1, 7],
    ];
    let recipes = recipes.iter().enumerate().map(|(at, recipe)| {
        body::session(recipe);
        (format!("repair/seed-{at}"), recipe.to_vec())
    });
    let words = honest_words().into_iter().step_by(3).take(12).zip(0_u8..).map(|(words, at)| {
        let len = u16::try_from(words.len()).expect("a message has at most 64 KiB");
        let talk = [&[at][..], &len.to_le_bytes(), &words].concat();
        body::stranger(&talk);
        (format!("repair_words/seed-{at}"), talk)
    });
    recipes.chain(words).collect()
}
