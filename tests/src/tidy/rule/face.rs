//! `lib.rs` is a face: docs, modules, re-exports.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::source::Source;
use crate::tidy::source::after_attributes;
use crate::tidy::source::item_end;
use crate::tidy::token::Token;
use crate::tidy::token::find;

/// A face holds nothing of its own.
pub(crate) fn faces(house: &House) -> Vec<Complaint> {
    house.sources.iter().filter(|source| source.is_face()).flat_map(face).collect()
}

fn face(source: &Source) -> Vec<Complaint> {
    let list = &source.tokens;
    // The compiler wants the functions of a derive at the root of their crate.
    let is_macro_crate = !find(list, &["proc_macro"]).is_empty();
    let mut found = Vec::new();
    let mut at = after_attributes(list, 0);
    while at < list.len() {
        let end = item_end(list, at);
        let item = &list[at..=end];
        let belongs = allowed(item) || (is_macro_crate && derives(item)) || source.is_test(at);
        if !belongs {
            let what = "a face holds docs, modules and re-exports only";
            found.push(Complaint::new(&source.path, item[0].line, what));
        }
        at = after_attributes(list, end + 1);
    }
    found
}

fn allowed(item: &[Token]) -> bool {
    let words: Vec<_> = item.iter().map(|token| token.text.as_str()).collect();
    match words[..] {
        ["pub", "use", ..] | ["pub", "(", _, ")", "use", ..] | ["extern", "crate", ..] => true,
        ["mod", _, end] | ["pub", "mod", _, end] | ["pub", "(", _, ")", "mod", _, end] => {
            end == ";"
        }
        _ => false,
    }
}

fn derives(item: &[Token]) -> bool {
    matches!(item[0].text.as_str(), "use") || (item.len() > 1 && item[1].text == "fn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    const WHAT: &str = "a face holds docs, modules and re-exports only";

    #[test]
    fn a_function_or_type_in_a_face_is_told() {
        let text = "//! Doc.\n#![no_std]\nmod a;\npub fn f() {}\n/// Doc.\n#[derive(Debug)]\npub \
                    struct S { a: u8 }\nuse a::b;\nmod c {}\n";
        let expected = [4, 7, 8, 9].map(|line| format!("crdt/src/lib.rs:{line}: {WHAT}"));
        assert_eq!(told(faces, [("crdt/src/lib.rs", text)]), expected);
    }

    #[test]
    fn modules_and_re_exports_pass() {
        let text = "//! Doc.\n#![no_std]\n\nextern crate alloc;\n\nmod a;\n/// Doc.\npub mod b;\n\
                    #[cfg(test)]\nmod laws;\npub use self::a::{A, B};\n#[cfg(feature = \"c\")]\n\
                    pub use d::D;\n";
        assert_eq!(told(faces, [("crdt/src/lib.rs", text)]), Vec::<String>::new());
    }

    #[test]
    fn a_derive_stands_where_the_compiler_wants_it() {
        let text = "use proc_macro::TokenStream;\nmod field;\n#[proc_macro_derive(Crdt)]\npub fn \
                    derive(input: TokenStream) -> TokenStream { field::f(input) }\n";
        assert_eq!(told(faces, [("crdt/derive/src/lib.rs", text)]), Vec::<String>::new());
    }
}
