//! One Rust file, as the rules see it.

use std::ops::RangeInclusive;

use proc_macro2::LexError;

use crate::tidy::comment::Comment;
use crate::tidy::comment::comments;
use crate::tidy::member::Member;
use crate::tidy::member::Standing;
use crate::tidy::member::below;
use crate::tidy::mention::Mention;
use crate::tidy::mention::mentions;
use crate::tidy::token::Kind;
use crate::tidy::token::Token;
use crate::tidy::token::find;
use crate::tidy::token::tokens;

/// A Rust file with its tokens and comments, knowing which of its parts are tests.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) member: &'static Member,
    pub(crate) role: Role,
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) mentions: Vec<Mention>,
    lines: usize,
    tests: Vec<RangeInclusive<usize>>, // tokens of items that exist in tests only
}

/// What a file is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Production,
    Test,
    Bench,
    Example,
}

/// A function, from its `fn` to its last bracket.
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) line: usize,
    pub(crate) length: usize,
    /// The place of its `fn`.
    pub(crate) at: usize,
}

impl Source {
    pub(crate) fn read(path: &str, text: &str, member: &'static Member) -> Result<Self, LexError> {
        let tokens = tokens(text)?;
        let comments = comments(text, &tokens);
        Ok(Self {
            path: path.to_owned(),
            member,
            role: role(path, member),
            lines: text.lines().count(),
            comments,
            mentions: mentions(&tokens),
            tests: test_items(&tokens),
            tokens,
        })
    }

    /// Whether the token at `at` exists in tests only.
    pub(crate) fn is_test(&self, at: usize) -> bool {
        self.role == Role::Test || self.tests.iter().any(|item| item.contains(&at))
    }

    /// The lines where `pattern` stands outside tests.
    pub(crate) fn outside_tests(&self, pattern: &[&str]) -> Vec<usize> {
        let places = find(&self.tokens, pattern).into_iter().filter(|at| !self.is_test(*at));
        places.map(|at| self.tokens[at].line).collect()
    }

    /// How many lines are no test.
    pub(crate) fn production_lines(&self) -> usize {
        let tests = self.tests.iter().map(|item| self.height(item)).sum();
        self.lines.saturating_sub(tests)
    }

    /// The inline modules that exist in tests only: the line where each starts, and its height.
    pub(crate) fn test_modules(&self) -> Vec<(usize, usize)> {
        let is_module = |item: &&RangeInclusive<usize>| {
            let is_inline = self.tokens[*item.end()].kind == Kind::Close;
            is_inline && !find(&self.tokens[(*item).clone()], &["mod"]).is_empty()
        };
        let modules = self.tests.iter().filter(is_module);
        modules.map(|item| (self.tokens[*item.start()].line, self.height(item))).collect()
    }

    /// The files that `mod` lines under `#[cfg(test)]` bring in.
    pub(crate) fn test_files(&self) -> Vec<String> {
        let folder = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let folder = match folder.rsplit_once('/') {
            Some((parent, "lib" | "main")) => parent,
            _ => folder,
        };
        let named = self.tests.iter().filter_map(|item| {
            let ends_here = self.tokens[*item.end()].text == ";";
            let at = find(&self.tokens[item.clone()], &["mod"]).first()? + item.start() + 1;
            ends_here.then(|| format!("{folder}/{}", self.tokens[at].text))
        });
        named.collect()
    }

    /// All functions with a body.
    pub(crate) fn functions(&self) -> impl Iterator<Item = Function<'_>> + '_ {
        find(&self.tokens, &["fn"]).into_iter().filter_map(|at| {
            let name = self.tokens.get(at + 1).filter(|token| token.kind == Kind::Word)?;
            let close = &self.tokens[item_end(&self.tokens, at)];
            let (name, line) = (name.text.as_str(), self.tokens[at].line);
            let length = close.line - line + 1;
            (close.text == "}").then_some(Function { name, line, length, at })
        })
    }

    /// The parts of the path inside the crate's `src`, if it lies there.
    pub(crate) fn module(&self) -> Option<Vec<&str>> {
        let inside = below(&self.path, self.member.folder)?.strip_prefix("src/")?;
        let mut parts: Vec<_> = inside.strip_suffix(".rs")?.split('/').collect();
        if matches!(parts[..], ["lib" | "main"] | ["bin", _]) {
            parts.clear();
        }
        Some(parts)
    }

    /// What `mention` names, from the crate's root on, where the path itself tells.
    pub(crate) fn rooted<'a>(&'a self, mention: &'a Mention) -> Option<Vec<&'a str>> {
        mention.rooted(&self.module()?)
    }

    /// Whether this is the face of its crate.
    pub(crate) fn is_face(&self) -> bool {
        below(&self.path, self.member.folder) == Some("src/lib.rs")
    }

    fn height(&self, item: &RangeInclusive<usize>) -> usize {
        self.tokens[*item.end()].line - self.tokens[*item.start()].line + 1
    }
}

/// The tokens of each attribute, brackets left out, with the place of its `#`.
pub(crate) fn attributes(list: &[Token]) -> impl Iterator<Item = (usize, &[Token])> + '_ {
    find(list, &["#"]).into_iter().filter_map(|at| {
        let inner = usize::from(list.get(at + 1)?.text == "!");
        let open = list.get(at + 1 + inner).filter(|token| token.text == "[")?;
        let start = at + 2 + inner;
        Some((at, &list[start..open.close]))
    })
}

/// Where the item that starts at `at` ends: at its body's bracket or its semicolon.
pub(crate) fn item_end(list: &[Token], at: usize) -> usize {
    let has_body = has_body(list, at);
    let mut end = at;
    while end + 1 < list.len() {
        let token = &list[end];
        if has_body && token.kind == Kind::Open && token.text == "{" {
            return token.close;
        }
        if token.kind == Kind::Close || (token.kind == Kind::Mark && token.text == ";") {
            return end;
        }
        end = token.close + 1;
    }
    end.min(list.len() - 1)
}

/// Whether braces end the item at `at`, rather than stand in the middle of it.
fn has_body(list: &[Token], at: usize) -> bool {
    let words = list[at..].iter().map(|token| token.text.as_str());
    let mut words = words.skip_while(|word| matches!(*word, "pub" | "(" | "crate" | "super" | ")"));
    match (words.next(), words.next()) {
        (Some("const"), next) => matches!(next, Some("fn" | "unsafe" | "async")),
        (Some("use" | "static" | "type" | "let"), _) => false,
        _ => true,
    }
}

fn role(path: &str, member: &Member) -> Role {
    let inside = below(path, member.folder).unwrap_or(path);
    let stem = inside.rsplit('/').next().unwrap_or(inside);
    let folders = inside.split('/').collect::<Vec<_>>();
    match folders[0] {
        _ if member.standing == Standing::Apart => Role::Bench,
        "tests" => Role::Test,
        "benches" => Role::Bench,
        "examples" => Role::Example,
        _ if stem == "tests.rs" || folders.contains(&"tests") => Role::Test,
        _ => Role::Production,
    }
}

fn test_items(list: &[Token]) -> Vec<RangeInclusive<usize>> {
    let mut items: Vec<RangeInclusive<usize>> = Vec::new();
    for (at, inside) in attributes(list) {
        let nested = items.last().is_some_and(|last| last.contains(&at));
        if is_for_tests(inside) && !nested {
            let start = after_attributes(list, at).min(list.len() - 1);
            items.push(at..=item_end(list, start));
        }
    }
    items
}

fn is_for_tests(attribute: &[Token]) -> bool {
    let words: Vec<_> = attribute.iter().map(|token| token.text.as_str()).collect();
    matches!(words[..], ["test"] | ["cfg", "(", "test", ")"] | ["cfg", "(", "all", "(", "test", ..])
}

/// The first token after the attributes that start at `at`, if there is one.
pub(crate) fn after_attributes(list: &[Token], mut at: usize) -> usize {
    while list.get(at).is_some_and(|token| token.text == "#") {
        let inner = usize::from(list[at + 1].text == "!");
        at = list[at + 1 + inner].close + 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::read(path, text, Member::of(path).expect("a crate")).expect("valid")
    }

    #[test]
    fn a_function_reaches_from_its_name_to_its_last_bracket() {
        let text =
            "/// Doc.\npub const fn a(b: [u8; 2]) -> u8 {\n    b[0]\n}\ntrait T { fn c(); }\n";
        let source = source("crdt/src/a.rs", text);
        let found: Vec<_> = source.functions().map(|f| (f.name, f.line, f.length)).collect();
        assert_eq!(found, [("a", 2, 3)]);
    }

    #[test]
    fn test_items_are_no_production() {
        let text = "fn a() {}\n#[cfg(test)]\nuse x::{y, z};\n#[cfg(test)]\nmod tests {\n}\n\
                    #[cfg(test)]\npub(crate) const fn b() {\n}\n";
        let source = source("crdt/src/a.rs", text);
        assert_eq!(source.production_lines(), 1);
        assert_eq!(source.test_modules(), [(4, 3)]);
    }

    #[test]
    fn a_module_line_for_tests_names_a_file() {
        let text = "mod a;\n#[cfg(test)]\nmod laws;\n";
        assert_eq!(source("crdt/src/lib.rs", text).test_files(), ["crdt/src/laws"]);
        assert_eq!(source("crdt/src/set.rs", text).test_files(), ["crdt/src/set/laws"]);
    }

    #[test]
    fn the_path_tells_the_role() {
        let role_of = |path| source(path, "").role;
        assert_eq!(role_of("store/src/pack.rs"), Role::Production);
        assert_eq!(role_of("store/src/pack/tests.rs"), Role::Test);
        assert_eq!(role_of("store/tests/crash.rs"), Role::Test);
        assert_eq!(role_of("tests/src/tidy.rs"), Role::Production);
        assert_eq!(role_of("crdt/bench-peers/src/main.rs"), Role::Bench);
    }
}
