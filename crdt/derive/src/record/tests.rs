//! What is refused, in what words, and at which token.

use super::*;

/// Where the compiler points, and what it says.
fn refusals_of(source: &str) -> Vec<(String, String)> {
    let input: DeriveInput = syn::parse_str(source).expect("the toy is Rust");
    let refusals = Record::of(&input).err().into_iter().flatten();
    refusals
        .map(|refusal| {
            let at = refusal.span().source_text().expect("the toy is where it points to");
            (at, refusal.to_string())
        })
        .collect()
}

fn is_refused(source: &str, at: &str, what: &str) {
    assert_eq!(refusals_of(source), [(at.to_owned(), what.to_owned())]);
}

#[test]
fn a_struct_of_named_fields_is_taken() {
    assert_eq!(refusals_of("struct Task { title: LwwRegister<String>, done: EwFlag }"), []);
    assert_eq!(refusals_of("struct Shelf<K: Value, const N: usize> { r#type: AwSet<K> }"), []);
}

#[test]
fn a_choice_is_refused() {
    is_refused(
        "enum Pet { Cat(EwFlag), Dog }",
        "enum",
        "an enum cannot be merged, since two replicas may choose different variants: keep the \
         choice in a register, or the parts of all variants in a struct",
    );
    is_refused(
        "union Pet { cat: EwFlag }",
        "union",
        "a union cannot be merged, since nobody can tell what it holds: make it a struct",
    );
}

#[test]
fn fields_without_names_are_refused() {
    is_refused(
        "struct Pair(EwFlag, EwFlag);",
        "(EwFlag, EwFlag)",
        "the fields need names: by them they are opened for changes, and told apart in bytes",
    );
}

#[test]
fn nothing_is_refused() {
    for source in ["struct Nothing;", "struct Nothing();", "struct Nothing {}"] {
        is_refused(
            source,
            "struct",
            "a struct without fields has nothing to replicate: whether something is there is \
             told by a flag, or by a key in a set",
        );
    }
}

#[test]
fn what_is_borrowed_is_refused() {
    is_refused(
        "struct Task<'a> { title: LwwRegister<&'a str> }",
        "'a",
        "a replicated type owns what it holds, since it outlives what it was merged from: take \
         `'a` out",
    );
}

#[test]
fn a_field_that_hides_behind_a_method_of_every_edit_is_refused() {
    is_refused(
        "struct Mail { read: EwFlag }",
        "read",
        "the method that opens this field would hide behind `Edit::read`: give the field another \
         name",
    );
}

#[test]
fn a_struct_that_holds_itself_is_refused() {
    for name in ["Folder", "Self"] {
        is_refused(
            &format!("struct Folder {{ title: EwFlag, folders: AwMap<String, {name}> }}"),
            &format!("AwMap<String, {name}>"),
            "`Folder` would hold itself, to a depth that bytes from outside could choose: keep \
             all of them in one map, and let them name each other by key",
        );
    }
    assert_eq!(refusals_of("struct Folder { old: older::Folder }"), []);
}

#[test]
fn too_many_fields_are_refused() {
    let field = |n: usize| format!("f{n}: EwFlag");
    let wide = |count| (0..count).map(field).collect::<Vec<_>>().join(", ");
    assert_eq!(refusals_of(&format!("struct Wide {{ {} }}", wide(63))), []);
    is_refused(
        &format!("struct Wide {{ {} }}", wide(64)),
        "f63: EwFlag",
        "a struct has at most 63 fields: group some in one of their own",
    );
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let told = refusals_of("struct Bad<'a> { read: EwFlag, part: AwSet<&'a str> }");
    assert_eq!(told.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>(), ["'a", "read", "part"]);
}
