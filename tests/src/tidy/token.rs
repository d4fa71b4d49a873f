//! A Rust file as a flat list of tokens that know their line.

use std::ops::Range;

use proc_macro2::Delimiter;
use proc_macro2::Group;
use proc_macro2::LexError;
use proc_macro2::Spacing;
use proc_macro2::Span;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

/// One token. `::` is one mark; every other mark is one character.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    /// The bytes it covers. All tokens of a doc comment cover the whole comment.
    pub(crate) bytes: Range<usize>,
    /// Where the bracket closes, for an opening one; the token's own place for all others.
    pub(crate) close: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Word,
    Mark,
    Literal,
    Open,
    Close,
}

/// Reads `text` as Rust.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, LexError> {
    let stream: TokenStream = text.parse()?;
    let mut list = Vec::new();
    flatten(stream, &mut list);
    Ok(list)
}

/// Where the words or marks of `pattern` stand side by side.
pub(crate) fn find(list: &[Token], pattern: &[&str]) -> Vec<usize> {
    let is_like =
        |(token, text): (&Token, &&str)| token.kind != Kind::Literal && token.text == **text;
    let windows = list.windows(pattern.len()).enumerate();
    let found = windows.filter(|(_, window)| window.iter().zip(pattern).all(is_like));
    found.map(|(at, _)| at).collect()
}

fn flatten(stream: TokenStream, list: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Group(group) => flatten_group(&group, list),
            TokenTree::Ident(word) => push(list, Kind::Word, word.to_string(), word.span()),
            TokenTree::Literal(literal) => {
                push(list, Kind::Literal, literal.to_string(), literal.span());
            }
            TokenTree::Punct(mark) => {
                let joint = mark.as_char() == ':' && mark.spacing() == Spacing::Joint;
                let second = trees.next_if(|next| {
                    joint && matches!(next, TokenTree::Punct(next) if next.as_char() == ':')
                });
                let text = second.map_or_else(|| mark.to_string(), |_| "::".to_owned());
                push(list, Kind::Mark, text, mark.span());
            }
        }
    }
}

fn flatten_group(group: &Group, list: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => return flatten(group.stream(), list),
    };
    let at = list.len();
    push(list, Kind::Open, open.to_owned(), group.span_open());
    flatten(group.stream(), list);
    list[at].close = list.len();
    push(list, Kind::Close, close.to_owned(), group.span_close());
}

fn push(list: &mut Vec<Token>, kind: Kind, text: String, span: Span) {
    let (line, bytes, close) = (span.start().line, span.byte_range(), list.len());
    list.push(Token { text, kind, line, bytes, close });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[Token]) -> Vec<&str> {
        list.iter().map(|token| token.text.as_str()).collect()
    }

    #[test]
    fn brackets_know_where_they_close() {
        let list = tokens("f(a::b)").expect("valid");
        assert_eq!(texts(&list), ["f", "(", "a", "::", "b", ")"]);
        assert_eq!(list[1].close, 5);
        assert_eq!(list[2].close, 2);
    }

    #[test]
    fn what_stands_in_a_literal_is_not_found() {
        let list = tokens("let x = \"dbg\"; dbg!(x)").expect("valid");
        assert_eq!(find(&list, &["dbg", "!"]), [5]);
    }
}
