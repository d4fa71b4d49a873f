//! The tree is held to the rules of the house.

use std::path::Path;

use selkie_tests::tidy::Complaint;
use selkie_tests::tidy::House;
use selkie_tests::tidy::complaints;

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let house = House::open(&root).expect("the tree can be read");
    let found = complaints(&house);
    let lines: Vec<_> = found.iter().map(Complaint::to_string).collect();
    assert!(lines.is_empty(), "complaints: {}\n{}", lines.len(), lines.join("\n"));
}
