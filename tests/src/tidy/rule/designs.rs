//! Each crate with code states its decisions.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::member::MEMBERS;
use crate::tidy::member::Member;
use crate::tidy::member::Standing;
use crate::tidy::source::Role;

/// `DESIGN.md` answers why so, what not, and which limits.
pub(crate) fn designs(house: &House) -> Vec<Complaint> {
    let product = MEMBERS.iter().filter(|member| member.standing == Standing::Product);
    // The derive is half of `crdt`: its decisions stand there.
    let owes = product.filter(|member| member.folder != "crdt/derive" && has_code(house, member));
    let paths = owes.map(|member| format!("{}/DESIGN.md", member.folder));
    let absent = paths.filter(|path| !house.files.contains_key(path));
    absent.map(|path| Complaint::of_file(&path, "the crate has code and no DESIGN.md")).collect()
}

fn has_code(house: &House, member: &Member) -> bool {
    house.sources.iter().any(|source| {
        let is_own = source.member.folder == member.folder;
        is_own && source.role == Role::Production && source.functions().next().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn code_without_a_design_is_told() {
        let files = [
            ("crdt/DESIGN.md", "# crdt"),
            ("crdt/src/a.rs", "fn f() {}"),
            ("store/src/a.rs", "fn f() {}"),
            ("sync/src/lib.rs", "//! Nothing yet."),
        ];
        let expected = ["store/DESIGN.md:1: the crate has code and no DESIGN.md"];
        assert_eq!(told(designs, files), expected);
    }
}
