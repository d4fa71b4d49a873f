//! What a line looks like: an item of a list, a key with a value, a declaration.
//!
//! Lines of one shape that stand together are a list, and what a list holds beside an item seldom matters to the item.

/// The shape of a line that stands for itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Shape<'a> {
    /// The white space before it.
    pub(super) indent: &'a [u8],
    /// What it is.
    pub(super) kind: Kind<'a>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind<'a> {
    /// An item behind this sign.
    Bullet(u8),
    /// An item before a comma.
    Item,
    /// A key and its value, with this sign between.
    Pair(u8),
    /// A declaration: its first word, and the sign at its end.
    Declaration(&'a [u8], u8),
}

impl<'a> Shape<'a> {
    /// The shape of a line. Nothing if it is blank, opens or closes something, or may be a sentence or a step of a
    /// program.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let text = line.trim_ascii();
        let indent = &line[..line.len() - line.trim_ascii_start().len()];
        let last = *text.last()?;
        if let [sign @ (b'-' | b'*' | b'+'), b' ', _, ..] = text {
            return Some(Self { indent, kind: Kind::Bullet(*sign) });
        }
        if !is_closed(text) {
            return None;
        }
        let kind = if last == b',' {
            Kind::Item
        } else if last == b';' {
            Kind::Declaration(declared(text)?, last)
        } else if let Some((_, sign)) = pair(text) {
            Kind::Pair(sign)
        } else {
            Kind::Declaration(declared(text)?, 0)
        };
        Some(Self { indent, kind })
    }
}

/// What names the line among its like: two with the same key are not two items.
pub(super) fn key(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii();
    let text = text.strip_suffix(b",").unwrap_or(text);
    pair(text).map_or(text, |(key, _)| key)
}

/// The words that declare a thing by a name and do nothing at run time.
const DECLARING: &[&[u8]] = &[
    b"use", b"mod", b"pub", b"import", b"from", b"export", b"#include", b"@import", b"using", b"extern",
    b"require", b"gem", b"include", b"#define", b"implementation", b"api", b"testImplementation", b"compile",
    b"testCompile", b"optional", b"void", b"int", b"long", b"char", b"struct", b"static", b"exclude",
];

fn declared(text: &[u8]) -> Option<&[u8]> {
    let is_word = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'(' | b'<' | b':');
    let word = &text[..text.iter().take_while(|byte| is_word(byte)).count()];
    DECLARING.contains(&word).then_some(word)
}

/// The key of a pair and the sign behind it.
fn pair(text: &[u8]) -> Option<(&[u8], u8)> {
    let (key, rest) = match text.first()? {
        quote @ (b'"' | b'\'') => {
            let len = text[1..].iter().position(|byte| byte == quote)?;
            text.split_at(len + 2)
        }
        _ => {
            let is_key = |byte: &u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'$' | b'@')
            };
            text.split_at(text.iter().take_while(|byte| is_key(byte)).count())
        }
    };
    let rest = rest.trim_ascii_start();
    let (sign, value) = match rest {
        [b':', value @ ..] if value.first().is_none_or(u8::is_ascii_whitespace) => (b':', value),
        [b'=', value @ ..] if !matches!(value.first(), Some(b'=' | b'>')) => (b'=', value),
        [b'=', b'>', value @ ..] => (b'>', value),
        _ => return None,
    };
    (!key.is_empty() && !value.trim_ascii().is_empty()).then_some((key, sign))
}

/// Whether all brackets that open in a line close in it.
pub(super) fn is_closed(text: &[u8]) -> bool {
    let mut open = Vec::new();
    for byte in text {
        match byte {
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            b')' | b']' | b'}' if open.pop() != Some(*byte) => return false,
            _ => {}
        }
    }
    open.is_empty()
}
