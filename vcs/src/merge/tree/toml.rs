//! TOML: sections of keys and values.

use std::collections::HashSet;

use super::cursor::{Cursor, DEPTH_MAX};
use super::document::Document;
use super::node::{Child, Container, Form, Node, NodeKind};

/// The text as a tree of sections. Nothing if it is no TOML, is too deep, or has a key twice.
pub(super) fn parse(text: &[u8]) -> Option<Document<'_>> {
    let mut cursor = Cursor::new(text);
    let mut children = vec![section(&mut cursor, 0)?];
    while !cursor.rest().is_empty() {
        let before = cursor.at;
        children.push(section(&mut cursor, children.len())?);
        // Comments at the very end belong to nothing.
        if cursor.at == before {
            return None;
        }
    }
    let container = Container { form: Form::Lines, open: b"", children, close: b"" };
    (container.is_plain() && are_apart(&container.children)).then_some(())?;
    let root = Node { text, kind: NodeKind::Container(container) };
    Some(Document { before: b"", root, after: b"" })
}

/// Whether no key has a value and is a table besides: `b = 1` in `[a]`, and a section `[a.b]`.
fn are_apart(sections: &[Child]) -> bool {
    let mut valued: HashSet<Vec<u8>> = HashSet::new();
    for section in sections {
        if let NodeKind::Container(body) = &section.value.kind {
            let pairs = body.children.iter();
            valued.extend(pairs.map(|pair| [table_name(section), &pair.key].concat()));
        }
    }
    let is_below_value =
        |name: &[u8]| (1..name.len()).any(|at| name[at] == b'.' && valued.contains(&name[..at]));
    let mut tables = sections.iter().map(table_name);
    !tables.any(|name| valued.contains(name) || is_below_value(name))
        && !valued.iter().any(|name| is_below_value(name))
}

/// The name of a section's table, without what tells it from others of the same list.
fn table_name<'a>(section: &'a Child) -> &'a [u8] {
    match section.key.strip_prefix(b"[") {
        Some(key) => &key[..key.iter().position(|byte| *byte == b'\n').unwrap_or(key.len())],
        None => &section.key,
    }
}

/// One section with its header; the first one has none.
fn section<'a>(cursor: &mut Cursor<'a>, count: usize) -> Option<Child<'a>> {
    let start = cursor.at;
    let (mut lead, mut head, mut key): (&[u8], &[u8], _) = (b"", b"", Vec::new());
    if count > 0 {
        skip(cursor);
        lead = cursor.since(start);
        let head_start = cursor.at;
        cursor.takes(b'[').then_some(())?;
        let is_list = cursor.takes(b'[');
        key = keys(cursor)?;
        cursor.takes(b']').then_some(())?;
        (!is_list || cursor.takes(b']')).then_some(())?;
        line_end(cursor)?;
        head = cursor.since(head_start);
        if is_list {
            key.insert(0, b'[');
        }
    }
    let body = cursor.at;
    let mut children = Vec::new();
    loop {
        let lead_start = cursor.at;
        skip(cursor);
        if matches!(cursor.peek(), None | Some(b'[')) {
            // What stands before a header belongs to it.
            if cursor.peek().is_some() {
                cursor.at = lead_start;
            }
            let close = cursor.since(lead_start);
            let container = Container { form: Form::Lines, open: b"", children, close };
            container.is_plain().then_some(())?;
            if key.first() == Some(&b'[') {
                key.push(b'\n');
                key.extend(named(&container, count));
            }
            let value = Node { text: cursor.since(body), kind: NodeKind::Container(container) };
            return Some(Child { key, lead, head, value, tail: b"", comma: None });
        }
        let child = pair(cursor, lead_start, 0)?;
        let tail_start = cursor.at;
        line_end(cursor)?;
        children.push(Child { tail: cursor.since(tail_start), ..child });
    }
}

/// What a table in a list of tables is called: by its name, else by its place.
fn named(table: &Container, count: usize) -> Vec<u8> {
    let keys: [&[u8]; 4] = [b".id", b".name", b".path", b".key"];
    let children = table.by_key();
    let name = keys.into_iter().find_map(|key| children.get(key));
    name.map_or_else(|| count.to_string().into_bytes(), |name| name.value.text.to_vec())
}

/// Goes over white space, lines without anything, and comments.
fn skip(cursor: &mut Cursor) {
    loop {
        cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        if cursor.peek() != Some(b'#') {
            return;
        }
        cursor.take_line();
    }
}

/// Goes to the next line, over nothing but white space and a comment.
fn line_end(cursor: &mut Cursor) -> Option<()> {
    cursor.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    if cursor.peek() == Some(b'#') {
        cursor.take_line();
    }
    (cursor.takes(b'\n') || cursor.peek().is_none()).then_some(())
}

/// A key, its parts without blanks and each with a point before it.
fn keys(cursor: &mut Cursor) -> Option<Vec<u8>> {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut name = Vec::new();
    for _ in 0..DEPTH_MAX {
        cursor.take_while(|byte| matches!(byte, b' ' | b'\t'));
        let part = match cursor.peek()? {
            b'"' | b'\'' => {
                let text = string(cursor)?;
                &text[1..text.len() - 1]
            }
            _ => Some(cursor.take_while(is_bare)).filter(|part| !part.is_empty())?,
        };
        name.push(b'.');
        name.extend_from_slice(part);
        cursor.take_while(|byte| matches!(byte, b' ' | b'\t'));
        if !cursor.takes(b'.') {
            return Some(name);
        }
    }
    None
}

/// A key and its value, which stand behind what was read since `lead_start`.
fn pair<'a>(cursor: &mut Cursor<'a>, lead_start: usize, depth: usize) -> Option<Child<'a>> {
    let lead = cursor.since(lead_start);
    let head_start = cursor.at;
    let key = keys(cursor)?;
    cursor.takes(b'=').then_some(())?;
    cursor.take_while(|byte| matches!(byte, b' ' | b'\t'));
    let head = cursor.since(head_start);
    let value = value(cursor, depth)?;
    Some(Child { key, lead, head, value, tail: b"", comma: None })
}

fn value<'a>(cursor: &mut Cursor<'a>, depth: usize) -> Option<Node<'a>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let start = cursor.at;
    let kind = match cursor.peek()? {
        b'{' => NodeKind::Container(container(cursor, Form::Map, depth)?),
        b'[' => NodeKind::Container(container(cursor, Form::List, depth)?),
        b'"' | b'\'' => {
            string(cursor)?;
            NodeKind::Scalar
        }
        _ => {
            let ends = |byte: u8| {
                matches!(byte, b',' | b'}' | b']' | b'#' | b'\n' | b'\r' | b' ' | b'\t' | b'=')
            };
            (!cursor.take_while(|byte| !ends(byte)).is_empty()).then_some(NodeKind::Scalar)?
        }
    };
    Some(Node { text: cursor.since(start), kind })
}

/// A string of any of the four kinds.
fn string<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let start = cursor.at;
    let quote = cursor.peek()?;
    let is_long = cursor.rest().starts_with(&[quote; 3]);
    cursor.at += if is_long { 3 } else { 1 };
    loop {
        let next = cursor.peek()?;
        if next == b'\\' && quote == b'"' {
            cursor.at += 2;
        } else if next == quote && (!is_long || cursor.rest().starts_with(&[quote; 3])) {
            cursor.at += if is_long { 3 } else { 1 };
            // Up to two quotes may stand before those that close.
            while is_long && cursor.takes(quote) {}
            return Some(cursor.since(start));
        } else if next == b'\n' && !is_long {
            return None;
        } else {
            cursor.at += 1;
        }
    }
}

fn container<'a>(cursor: &mut Cursor<'a>, form: Form, depth: usize) -> Option<Container<'a>> {
    let closing = if form == Form::Map { b'}' } else { b']' };
    let start = cursor.at;
    cursor.at += 1;
    let open = cursor.since(start);
    let mut children: Vec<Child> = Vec::new();
    loop {
        let lead_start = cursor.at;
        skip(cursor);
        if cursor.takes(closing) {
            let container = Container { form, open, children, close: cursor.since(lead_start) };
            // A list may say the same twice.
            return (form == Form::List || container.is_plain()).then_some(container);
        }
        if children.last().is_some_and(|last| last.comma.is_none()) {
            return None;
        }
        let mut child = match form {
            Form::Map => pair(cursor, lead_start, depth + 1)?,
            Form::List | Form::Lines => {
                let lead = cursor.since(lead_start);
                let value = value(cursor, depth + 1)?;
                Child { key: value.text.to_vec(), lead, head: b"", value, tail: b"", comma: None }
            }
        };
        let tail_start = cursor.at;
        let mut ahead = *cursor;
        skip(&mut ahead);
        if ahead.takes(b',') {
            *cursor = ahead;
            child.comma = Some(cursor.at - 1 - tail_start);
        }
        let mut ahead = *cursor;
        ahead.take_while(|byte| matches!(byte, b' ' | b'\t'));
        if ahead.peek() == Some(b'#') {
            ahead.take_line();
            *cursor = ahead;
        }
        child.tail = cursor.since(tail_start);
        children.push(child);
    }
}
