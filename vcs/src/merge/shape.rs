//! What a line looks like: an item of a list, or a key with a value.
//!
//! Lines of one shape that stand together are a list. Imports and other declarations are none here, though they look like
//! one: of those that both sides add at one place, people keep the order of neither side in more than half of all cases.

/// The shape of a line that stands for itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Shape<'a> {
    /// The white space before it.
    pub(super) indent: &'a [u8],
    pub(super) kind: ShapeKind,
}

/// What a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ShapeKind {
    /// An item behind this sign.
    Bullet(u8),
    /// An item before a comma.
    Item,
    /// A key and its value, with this sign between.
    Pair(u8),
    /// A word or a path, alone.
    Word,
}

impl<'a> Shape<'a> {
    /// The shape of a line. Nothing if it is blank, opens or closes something, or may be a sentence or a step of a
    /// program.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let text = line.trim_ascii();
        let indent = &line[..indent_len(line)];
        if let [sign @ (b'-' | b'*' | b'+'), b' ', _, ..] = text {
            return Some(Self { indent, kind: ShapeKind::Bullet(*sign) });
        }
        let kind = match text.last()? {
            b',' => ShapeKind::Item,
            b';' => return None,
            _ if is_word(text) => ShapeKind::Word,
            _ => ShapeKind::Pair(pair(text)?.1),
        };
        is_closed(text).then_some(Self { indent, kind })
    }
}

fn is_word(text: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./@".contains(byte);
    text.len() > 1 && text[0].is_ascii_alphanumeric() && text.iter().all(belongs)
}

/// What names the line among its like: two with the same key are not two items.
pub(super) fn key(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii();
    let text = text.strip_suffix(b",").unwrap_or(text);
    pair(text).map_or(text, |(key, _)| key)
}

/// The key of a pair and the sign behind it.
fn pair(text: &[u8]) -> Option<(&[u8], u8)> {
    let (key, rest) = if let [quote @ (b'"' | b'\''), inner @ ..] = text {
        text.split_at(inner.iter().position(|byte| byte == quote)? + 2)
    } else {
        let is_key = |byte: &&u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'$' | b'@')
        };
        text.split_at(text.iter().take_while(is_key).count())
    };
    let (sign, value) = match rest.trim_ascii_start() {
        [b':', value @ ..] if value.first().is_none_or(u8::is_ascii_whitespace) => (b':', value),
        [b'=', b'>', value @ ..] => (b'>', value),
        [b'=', value @ ..] if value.first() != Some(&b'=') => (b'=', value),
        _ => return None,
    };
    (!key.is_empty() && !value.trim_ascii().is_empty()).then_some((key, sign))
}

/// Whether all brackets that open in a text close in it.
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

/// Whether there is nothing but white space.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// The bytes of white space that a line begins with.
pub(super) fn indent_len(line: &[u8]) -> usize {
    line.len() - line.trim_ascii_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stand_for_themselves_have_a_shape() {
        use ShapeKind::{Bullet, Item, Pair, Word};
        for (line, kind) in [
            ("- one", Some(Bullet(b'-'))),
            ("  \"a\": 1,", Some(Item)),
            ("name = \"x\"", Some(Pair(b'='))),
            ("name: x", Some(Pair(b':'))),
            ("\"a b\" => 1", Some(Pair(b'>'))),
            ("else:", None),
            ("if a == b", None),
            ("call(a,", None),
            ("let a = b;", None),
            ("use a::b;", None),
            ("unit/cluster", Some(Word)),
            ("std::fmt", None),
            ("", None),
        ] {
            assert_eq!(Shape::of(line.as_bytes()).map(|shape| shape.kind), kind, "{line}");
        }
        assert_eq!(key(b"  \"a\": 1,\n"), b"\"a\"");
        assert_eq!(key(b"  b,\n"), b"b");
    }
}
