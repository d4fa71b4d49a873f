//! The paths a Rust file names: in `use` lines, in expressions, inside macros.

use crate::tidy::token::Kind;
use crate::tidy::token::Token;

/// One path, `a::b::c`. A glob ends in `*`; a group is several paths.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Mention {
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
    /// The place of its last token.
    pub(crate) at: usize,
    /// How many inline modules surround it.
    inline: usize,
}

impl Mention {
    pub(crate) fn first(&self) -> &str {
        &self.parts[0]
    }

    pub(crate) fn is_glob(&self) -> bool {
        self.parts.last().is_some_and(|part| part == "*")
    }

    /// The parts from the crate's root on, for a path that starts at `crate`, `self` or `super`
    /// and stands in the file of `module`.
    pub(crate) fn rooted<'a>(&'a self, module: &[&'a str]) -> Option<Vec<&'a str>> {
        let parts: Vec<_> = self.parts.iter().map(String::as_str).collect();
        let climbs = parts.iter().take_while(|part| **part == "super").count();
        let base = match parts[0] {
            "crate" => 0,
            "self" if self.inline == 0 => module.len(),
            // A path that climbs no higher than to its own file says nothing about others.
            "super" if climbs >= self.inline => module.len().checked_sub(climbs - self.inline)?,
            _ => return None,
        };
        let rest = &parts[climbs.max(1)..];
        Some(module[..base].iter().chain(rest).copied().collect())
    }
}

/// All paths with more than one part, and all that follow `use` or `extern crate`.
pub(crate) fn mentions(list: &[Token]) -> Vec<Mention> {
    let mut found = Vec::new();
    for at in 0..list.len() {
        let before = at.checked_sub(1).map_or("", |before| list[before].text.as_str());
        let is_import = matches!(before, "use") || (before == "crate" && is_word(list, at));
        let is_start = is_word(list, at) && !matches!(before, "::" | "$");
        let has_more = list.get(at + 1).is_some_and(|token| token.text == "::");
        if (is_start && (has_more || is_import)) && !in_group(list, at) {
            read(list, at, &[], &mut found);
        }
    }
    found
}

fn is_word(list: &[Token], at: usize) -> bool {
    list.get(at).is_some_and(|token| token.kind == Kind::Word)
}

/// Whether `at` stands in the braces of a path, which are read with the path before them.
fn in_group(list: &[Token], at: usize) -> bool {
    let mut place = at;
    while let Some(before) = place.checked_sub(1) {
        place = before;
        let token = &list[place];
        match token.kind {
            Kind::Open if token.close > at => {
                let of_path = place > 0 && list[place - 1].text == "::";
                return token.text == "{" && of_path;
            }
            Kind::Mark if token.text == ";" => return false,
            Kind::Word | Kind::Mark | Kind::Literal | Kind::Open | Kind::Close => {}
        }
    }
    false
}

fn read(list: &[Token], mut at: usize, before: &[String], found: &mut Vec<Mention>) {
    let mut parts = before.to_vec();
    loop {
        let token = &list[at];
        match token.text.as_str() {
            "{" => return read_group(list, at, &parts, found),
            "*" => parts.push("*".to_owned()),
            _ if token.kind == Kind::Word => parts.push(token.text.clone()),
            _ => break,
        }
        if list.get(at + 1).is_none_or(|next| next.text != "::") || at + 2 >= list.len() {
            break;
        }
        at += 2;
    }
    found.push(Mention { parts, line: list[at].line, at, inline: inline_modules(list, at) });
}

fn read_group(list: &[Token], open: usize, before: &[String], found: &mut Vec<Mention>) {
    let close = list[open].close;
    let mut at = open + 1;
    while at < close {
        read(list, at, before, found);
        while at < close && list[at].text != "," {
            at = list[at].close + 1;
        }
        at += 1;
    }
}

/// How many inline modules surround the token at `at`.
fn inline_modules(list: &[Token], at: usize) -> usize {
    list.windows(3)
        .take(at)
        .filter(|window| window[0].text == "mod" && window[2].text == "{" && window[2].close > at)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::token::tokens;

    fn named(text: &str) -> Vec<String> {
        let list = tokens(text).expect("valid");
        mentions(&list).iter().map(|mention| mention.parts.join("::")).collect()
    }

    #[test]
    fn a_group_is_several_paths() {
        let text = "use a::{b, c::{d, e as f}, g::*};";
        assert_eq!(named(text), ["a::b", "a::c::d", "a::c::e", "a::g::*"]);
    }

    #[test]
    fn paths_in_expressions_and_macros_count() {
        assert_eq!(named("fn f() { assert!(a::b(c.d) == e) }"), ["a::b"]);
    }

    #[test]
    fn a_lone_crate_name_counts_where_it_is_imported() {
        assert_eq!(named("extern crate alloc; use tokio; fn f() { tokio }"), ["alloc", "tokio"]);
    }

    #[test]
    fn super_climbs_from_the_module_it_stands_in() {
        let rooted = |module: &[&str], text: &str| {
            let list = tokens(text).expect("valid");
            let mention = mentions(&list).pop().expect("a path");
            mention.rooted(module).map(|parts| parts.join("::"))
        };
        assert_eq!(rooted(&["a", "b"], "use super::c::D;"), Some("a::c::D".to_owned()));
        assert_eq!(rooted(&["a"], "mod t { use super::c; }"), Some("a::c".to_owned()));
        assert_eq!(rooted(&["a"], "mod t { use super::super::c; }"), Some("c".to_owned()));
        assert_eq!(rooted(&["a"], "use crate::c::D;"), Some("c::D".to_owned()));
        assert_eq!(rooted(&["a"], "use c::D;"), None);
    }
}
