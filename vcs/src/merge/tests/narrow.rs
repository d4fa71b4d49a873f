//! What is left of a conflict, and lines that were moved.

use super::*;

const BODY: &str = "fn swim(deep: u32) {\n    let tail = deep + 1;\n    beat(tail);\n    let fins = deep + 2;\n    spread(fins);\n}\n";

/// Longer, so that a comparison calls the other lines the ones that moved.
const REST: &str = "fn rest() {\n    surface();\n    breathe();\n    float();\n    yawn();\n    doze();\n    dream();\n    wake();\n}\n";

fn is_of(part: &MergePart, step: MergeStep) -> bool {
    matches!(part, MergePart::Decided(decided) if decided.step == step)
}

#[test]
fn a_conflict_is_no_wider_than_the_lines_that_both_sides_changed() {
    let base = "first(fish, kelp);\nsecond(fish, kelp);\nthird(seal);\n";
    let ours = "pub first(fish, kelp);\npub second(fish, kelp);\npub third(seal, pup);\n";
    let theirs = "first(fish, kelp);\nsecond(fish, kelp);\nthird(walrus, seal);\n";
    let all = merged("a.txt", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let conflict = all.conflicts().next().unwrap();
    assert_eq!(conflict.base, b"third(seal);\n");
    assert_eq!(conflict.ours, b"pub third(seal, pup);\n");
    assert_eq!(conflict.theirs, b"third(walrus, seal);\n");
    assert!(all.parts.iter().any(|part| is_of(part, MergeStep::Lines)), "{all:?}");
}

#[test]
fn a_conflict_of_which_nothing_would_be_left_is_whole_and_has_an_offer() {
    let base = "fn a() {}\nfn b() {}\npub fn swim(task: Task<Fish>) {\n";
    let ours = "pub fn swim(task: Task<Fish>) {\n";
    let theirs = "pub fn swim(task: Task<Kelp>) {\n";
    let all = merged("a.rs", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let conflict = all.conflicts().next().unwrap();
    assert_eq!(conflict.base, base.as_bytes());
    let offer = conflict.offers.iter().find(|offer| offer.step == MergeStep::Lines).unwrap();
    assert_eq!(offer.bytes, theirs.as_bytes());
}

#[test]
fn lines_that_one_side_took_away_stay_together() {
    let base = format!("top\n{BODY}bottom\n");
    let theirs = base.replace("beat(tail)", "beat(tail, 3)");
    let all = merged("a.rs", base.as_bytes(), b"top\nbottom\n", theirs.as_bytes());
    let conflict = all.conflicts().next().unwrap();
    assert_eq!(conflict.base, BODY.as_bytes(), "whoever wants them back wants all of them");
}

#[test]
fn a_change_follows_lines_that_the_other_side_moved() {
    let base = format!("{BODY}\n{REST}");
    let moved = format!("{REST}\n{BODY}");
    let edited = base.replace("beat(tail)", "beat(tail, 3)");
    for (ours, theirs) in [(&moved, &edited), (&edited, &moved)] {
        let all = merged("a.rs", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        let expected = moved.replace("beat(tail)", "beat(tail, 3)");
        assert_eq!(all.bytes().map(|bytes| String::from_utf8(bytes).unwrap()), Some(expected));
        assert!(all.parts.iter().any(|part| is_of(part, MergeStep::Moved)), "{all:?}");
    }
}

#[test]
fn a_change_goes_as_deep_as_the_lines_that_were_moved() {
    let base = format!("{BODY}\nmod sea {{\n{REST}}}\n");
    let deep = format!("    {}", BODY.trim_end().replace('\n', "\n    ") + "\n");
    let moved = format!("mod sea {{\n{REST}\n{deep}}}\n");
    let edited = base.replace("    beat(tail);\n", "    beat(tail);\n    glide();\n");
    let all = merged("a.rs", base.as_bytes(), moved.as_bytes(), edited.as_bytes());
    let expected = moved.replace("beat(tail);\n", "beat(tail);\n        glide();\n");
    assert_eq!(all.bytes().map(|bytes| String::from_utf8(bytes).unwrap()), Some(expected));
}

#[test]
fn lines_that_stand_in_two_places_went_to_neither() {
    let base = format!("{BODY}\n{REST}");
    let copied = format!("{REST}\n{BODY}\n{BODY}");
    let edited = base.replace("beat(tail)", "beat(tail, 3)");
    let all = merged("a.rs", base.as_bytes(), copied.as_bytes(), edited.as_bytes());
    assert_eq!(all.bytes(), None, "{all:?}");
}
