//! The words and signs of a revision.

use crate::rev::ast::Place;
use crate::rev::error::{ParseRevError, RevProblem};

/// One word or sign.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Token {
    pub(super) place: Place,
    pub(super) kind: Kind,
    pub(super) gap: Gap,
}

/// Whether a token follows the one before it without a blank.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Gap {
    Joined,
    Apart,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A name, a number, or a function.
    Word(String),
    /// What stood in quotes.
    Quoted(String),
    /// `@`
    At,
    /// `@{...}`, without the brackets.
    Past(String),
    Dots,
    MoreDots,
    Minus,
    Plus,
    Caret,
    Tilde,
    Or,
    And,
    Open,
    Close,
    Comma,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseRevError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut gap = Gap::Apart;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            gap = Gap::Apart;
            continue;
        }
        let (kind, length) = token(text, at, c)?;
        tokens.push(Token { place: at..at + length, kind, gap });
        at += length;
        gap = Gap::Joined;
    }
    Ok(tokens)
}

fn token(text: &str, at: usize, c: char) -> Result<(Kind, usize), ParseRevError> {
    let rest = &text[at..];
    let sign = |kind| Ok((kind, c.len_utf8()));
    match c {
        _ if rest.starts_with("...") => Ok((Kind::MoreDots, 3)),
        _ if rest.starts_with("..") => Ok((Kind::Dots, 2)),
        _ if rest.starts_with("@{") => past(rest, at),
        '@' => sign(Kind::At),
        '"' | '\'' => quoted(rest, at, c),
        '-' => sign(Kind::Minus),
        '+' => sign(Kind::Plus),
        '^' => sign(Kind::Caret),
        '~' => sign(Kind::Tilde),
        '|' => sign(Kind::Or),
        '&' => sign(Kind::And),
        '(' => sign(Kind::Open),
        ')' => sign(Kind::Close),
        ',' => sign(Kind::Comma),
        _ => match word_len(rest) {
            0 => Err(ParseRevError {
                place: at..at + c.len_utf8(),
                problem: RevProblem::Wanted {
                    wanted: "a seal, a timeline or a set",
                    found: format!("'{}'", c.escape_debug()),
                },
            }),
            length => Ok((Kind::Word(rest[..length].to_owned()), length)),
        },
    }
}

/// How long the word is that the text begins with. Signs at its end are not part of it, in it they are:
/// `brave-otter-` is a name and its parent.
fn word_len(rest: &str) -> usize {
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        let after = &rest[at..];
        let is_sign = matches!(c, '-' | '+' | '@');
        let is_word = c.is_alphanumeric() || "_/.#%=!$;:*?<>`".contains(c);
        if after.starts_with("..") || after.starts_with("@{") || !(is_sign || is_word) {
            break;
        }
        if is_word {
            end = at + c.len_utf8();
        }
    }
    end
}

fn quoted(rest: &str, at: usize, quote: char) -> Result<(Kind, usize), ParseRevError> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((place, c)) = chars.next() {
        match c {
            _ if c == quote => return Ok((Kind::Quoted(text), place + 1)),
            '\\' => text.extend(chars.next().map(|(_, c)| c)),
            _ => text.push(c),
        }
    }
    Err(ParseRevError { place: at..at + 1, problem: RevProblem::Open("quote") })
}

fn past(rest: &str, at: usize) -> Result<(Kind, usize), ParseRevError> {
    match rest.find('}') {
        Some(end) => Ok((Kind::Past(rest[2..end].trim().to_owned()), end + 1)),
        None => Err(ParseRevError { place: at..at + 2, problem: RevProblem::Open("bracket") }),
    }
}
