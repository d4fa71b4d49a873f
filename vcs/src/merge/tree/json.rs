//! JSON, with the comments and last commas that many programs allow in it.

use super::cursor::{Cursor, DEPTH_MAX};
use super::document::Document;
use super::node::{Child, Container, Form, Node, NodeKind};

/// The text as a tree. Nothing if it is no JSON or too deep. A key that is there twice is no error: programs read the last.
pub(super) fn parse(text: &[u8]) -> Option<Document<'_>> {
    let mut cursor = Cursor::new(text);
    if text.starts_with(b"\xef\xbb\xbf") {
        cursor.at = 3;
    }
    skip(&mut cursor)?;
    let before = cursor.since(0);
    let root = value(&mut cursor, 0)?;
    let end = cursor.at;
    skip(&mut cursor)?;
    cursor.rest().is_empty().then(|| Document { before, root, after: cursor.since(end) })
}

/// Goes over white space and comments.
fn skip(cursor: &mut Cursor) -> Option<()> {
    loop {
        cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        if !comment(cursor)? {
            return Some(());
        }
    }
}

/// Goes over one comment, if it is next. Nothing if it has no end.
fn comment(cursor: &mut Cursor) -> Option<bool> {
    if cursor.rest().starts_with(b"//") {
        cursor.take_line();
        return Some(true);
    }
    if !cursor.rest().starts_with(b"/*") {
        return Some(false);
    }
    let len = cursor.rest()[2..].windows(2).position(|pair| pair == b"*/")?;
    cursor.at += 2 + len + 2;
    Some(true)
}

fn value<'a>(cursor: &mut Cursor<'a>, depth: usize) -> Option<Node<'a>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let start = cursor.at;
    let kind = match cursor.peek()? {
        b'{' => NodeKind::Container(container(cursor, Form::Map, depth)?),
        b'[' => NodeKind::Container(container(cursor, Form::List, depth)?),
        b'"' => {
            string(cursor)?;
            NodeKind::Scalar
        }
        _ => {
            let is_word =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
            (!cursor.take_while(is_word).is_empty()).then_some(NodeKind::Scalar)?
        }
    };
    Some(Node { text: cursor.since(start), kind })
}

fn string<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let start = cursor.at;
    cursor.at += 1;
    loop {
        match cursor.peek()? {
            b'"' => {
                cursor.at += 1;
                return Some(cursor.since(start));
            }
            b'\\' => cursor.at += 2,
            b'\n' => return None,
            _ => cursor.at += 1,
        }
    }
}

fn container<'a>(cursor: &mut Cursor<'a>, form: Form, depth: usize) -> Option<Container<'a>> {
    let closing = if form == Form::Map { b'}' } else { b']' };
    let start = cursor.at;
    cursor.at += 1;
    let open = cursor.since(start);
    let mut children = Vec::new();
    loop {
        let lead_start = cursor.at;
        skip(cursor)?;
        if cursor.takes(closing) {
            return Some(Container { form, open, children, close: cursor.since(lead_start) });
        }
        if children.last().is_some_and(|last: &Child| last.comma.is_none()) {
            return None;
        }
        children.push(child(cursor, form, lead_start, depth)?);
    }
}

fn child<'a>(
    cursor: &mut Cursor<'a>,
    form: Form,
    lead_start: usize,
    depth: usize,
) -> Option<Child<'a>> {
    let lead = cursor.since(lead_start);
    let head_start = cursor.at;
    let mut key = Vec::new();
    if form == Form::Map {
        key = (cursor.peek()? == b'"').then(|| string(cursor))??.to_vec();
        skip(cursor)?;
        cursor.takes(b':').then_some(())?;
        skip(cursor)?;
    }
    let head = cursor.since(head_start);
    let value = value(cursor, depth + 1)?;
    if form == Form::List {
        key = name(&value);
    }
    let (tail, comma) = tail(cursor)?;
    Some(Child { key, lead, head, value, tail, comma })
}

/// The rest of the line behind a value, and where in it the comma is: a comma, and a comment that ends there.
fn tail<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], Option<usize>)> {
    let start = cursor.at;
    let mut ahead = *cursor;
    skip(&mut ahead)?;
    let has_comma = ahead.takes(b',');
    if has_comma {
        *cursor = ahead;
    }
    let comma = has_comma.then(|| cursor.at - 1 - start);
    let mut ahead = *cursor;
    ahead.take_while(|byte| matches!(byte, b' ' | b'\t'));
    if comment(&mut ahead)? && matches!(ahead.peek(), Some(b'\n' | b'\r')) {
        *cursor = ahead;
    }
    Some((cursor.since(start), comma))
}

/// The keys that tell an object in a list from the others, the most telling first.
const NAMING: &[&[u8]] =
    &[b"\"id\"", b"\"name\"", b"\"key\"", b"\"path\"", b"\"command\"", b"\"label\""];

/// What an item of a list is called: what it says of itself, else all of it.
fn name(item: &Node) -> Vec<u8> {
    let NodeKind::Container(Container { form: Form::Map, children, .. }) = &item.kind else {
        return item.text.to_vec();
    };
    let named = NAMING.iter().find_map(|key| children.iter().find(|child| child.key == *key));
    let named = named.filter(|child| matches!(child.value.kind, NodeKind::Scalar));
    named.map_or_else(|| item.text.to_vec(), |child| [child.head, child.value.text].concat())
}
