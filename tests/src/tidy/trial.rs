//! The notation of the rules' own tests: a tree of toy files, and what a rule says of it.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;

/// A tree of these paths and texts.
pub(crate) fn house<const N: usize>(files: [(&str, &str); N]) -> House {
    House::of(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
}

/// What `rule` says of a tree of these paths and texts.
pub(crate) fn told<const N: usize>(
    rule: fn(&House) -> Vec<Complaint>,
    files: [(&str, &str); N],
) -> Vec<String> {
    let house = house(files);
    assert_eq!(house.unread, [], "the toy files are Rust");
    rule(&house).iter().map(ToString::to_string).collect()
}
