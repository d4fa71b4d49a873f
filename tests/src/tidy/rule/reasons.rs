//! A lint that is set aside has its reason beside it.

use crate::tidy::complaint::Complaint;
use crate::tidy::house::House;
use crate::tidy::source::attributes;
use crate::tidy::token::Token;
use crate::tidy::token::find;

/// `expect` is better than `allow`: it tells when it is needed no more.
pub(crate) fn lints(house: &House) -> Vec<Complaint> {
    let mut found = Vec::new();
    for source in &house.sources {
        for (at, inside) in attributes(&source.tokens) {
            if sets_aside(inside) && find(inside, &["reason", "="]).is_empty() {
                let what = "a lint is set aside without `reason = \"...\"`";
                found.push(Complaint::new(&source.path, source.tokens[at].line, what));
            }
        }
    }
    found
}

fn sets_aside(attribute: &[Token]) -> bool {
    let is_verb = |token: &Token| matches!(token.text.as_str(), "allow" | "expect");
    attribute.windows(2).any(|pair| is_verb(&pair[0]) && pair[1].text == "(")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::trial::told;

    #[test]
    fn a_lint_set_aside_without_a_reason_is_told() {
        let text = "#![allow(a)]\n#[cfg_attr(b, expect(c))]\nfn f() { d.expect(\"e\") }\n\
                    #[expect(f, reason = \"g\")]\nfn h() {}\n";
        let expected = [1, 2].map(|line| {
            format!("crdt/src/a.rs:{line}: a lint is set aside without `reason = \"...\"`")
        });
        assert_eq!(told(lints, [("crdt/src/a.rs", text)]), expected);
    }
}
