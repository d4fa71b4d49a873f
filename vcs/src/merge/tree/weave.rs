//! Three trees made one, by key.
//!
//! A key that one side changed is as that side has it; one that a side removed is gone, unless the other changed it. So
//! each key has one answer, but where both sides changed the same value. There the same steps are asked that
//! settle words within a line.

use super::document::Document;
use super::node::{Child, Container, Form, Node, NodeKind};
use super::place::order;
use crate::merge::part::{Decided, MergeConflict, MergePart, MergeStep};
use crate::merge::words::{Versions, merge_words};

impl<'a> Document<'a> {
    /// The merge of two files with the one that both came from. Parts may begin and end within lines. Nothing if what
    /// they hold can not be told apart.
    pub(in crate::merge) fn weave(base: &Self, one: &Self, other: &Self) -> Option<Vec<MergePart>> {
        let mut weaving = Weaving { parts: Vec::new() };
        weaving.plain(either(base.before, one.before, other.before));
        weaving.node(Some(&base.root), &one.root, &other.root)?;
        weaving.plain(either(base.after, one.after, other.after));
        Some(weaving.parts)
    }
}

/// What one side made of it; if both did, what the first one did.
fn either<'a>(base: &[u8], one: &'a [u8], other: &'a [u8]) -> &'a [u8] {
    if one == base { other } else { one }
}

/// What was woven so far.
struct Weaving {
    parts: Vec<MergePart>,
}

impl Weaving {
    fn plain(&mut self, bytes: &[u8]) {
        match self.parts.last_mut() {
            Some(MergePart::Plain(last)) => last.extend_from_slice(bytes),
            _ => self.parts.push(MergePart::Plain(bytes.to_vec())),
        }
    }

    fn node(&mut self, base: Option<&Node>, one: &Node, other: &Node) -> Option<()> {
        if one.text == other.text || base.is_some_and(|base| base.text == other.text) {
            self.plain(one.text);
            return Some(());
        }
        if base.is_some_and(|base| base.text == one.text) {
            self.parts.push(MergePart::Decided(Decided { bytes: other.text.to_vec(), step: MergeStep::Keys }));
            return Some(());
        }
        if let (NodeKind::Container(one), NodeKind::Container(other)) = (&one.kind, &other.kind) {
            let base = match base.map(|base| &base.kind) {
                Some(NodeKind::Container(base)) if base.form == one.form => Some(base),
                Some(NodeKind::Container(_) | NodeKind::Scalar) | None => None,
            };
            let all = [base, Some(one), Some(other)];
            if !all.into_iter().flatten().all(Container::is_plain) {
                return None;
            }
            if one.form == other.form && !is_replaced(base, one, other) {
                return self.container(base, one, other);
            }
        }
        let text = base.map_or(&b""[..], |base| base.text);
        self.parts.push(match merge_words(text, one.text, other.text, Versions::Higher) {
            Some(decided) => MergePart::Decided(decided),
            None => conflict(text, one.text, other.text),
        });
        Some(())
    }

    fn container(
        &mut self,
        base: Option<&Container>,
        one: &Container,
        other: &Container,
    ) -> Option<()> {
        let open = base.map_or(one.open, |base| either(base.open, one.open, other.open));
        self.plain(open);
        let keys = order(base, one, other);
        let stays = |key: &&[u8]| {
            let before = base.and_then(|base| base.child(key));
            match (before, one.child(key), other.child(key)) {
                (Some(before), Some(side), None) | (Some(before), None, Some(side)) => !before.is_same(side),
                (_, Some(_), _) | (_, _, Some(_)) => true,
                (_, None, None) => false,
            }
        };
        let keys: Vec<&[u8]> = keys.into_iter().filter(stays).collect();
        let ends_in_comma = |side: &Container| side.children.last().is_some_and(|last| last.tail.contains(&b','));
        let comma_at_end = if one.children.is_empty() { ends_in_comma(other) } else { ends_in_comma(one) };
        for (at, key) in keys.iter().enumerate() {
            let is_last = at + 1 == keys.len();
            let comma = match (one.form, is_last && !comma_at_end) {
                (Form::Lines, _) => Comma::None,
                (Form::Map | Form::List, true) => Comma::Without,
                (Form::Map | Form::List, false) => Comma::With,
            };
            let before = base.and_then(|base| base.child(key));
            self.child(before, one.child(key), other.child(key), [one, other], comma)?;
        }
        let close = base.map_or(one.close, |base| either(base.close, one.close, other.close));
        self.plain(close);
        Some(())
    }

    /// One key of both sides, of which at least one has it.
    fn child(
        &mut self,
        base: Option<&Child>,
        one: Option<&Child>,
        other: Option<&Child>,
        among: [&Container; 2],
        comma: Comma,
    ) -> Option<()> {
        match (one, other) {
            (Some(one), Some(other)) => {
                let pick = |part: for<'c> fn(&'c Child<'_>) -> &'c [u8]| -> Vec<u8> {
                    base.map_or(part(one), |base| either(part(base), part(one), part(other))).to_vec()
                };
                self.line_start();
                self.plain(&pick(|child| child.lead));
                self.plain(&pick(|child| child.head));
                self.node(base.map(|base| &base.value), &one.value, &other.value)?;
                self.plain(&comma.applied(&pick(|child| child.tail)));
            }
            (Some(side), None) | (None, Some(side)) => {
                let is_one = one.is_some();
                let lead = if is_one { side.lead } else { fitting(side.lead, among[0]) };
                let text = [lead, side.head, side.value.text, &comma.applied(side.tail)].concat();
                self.line_start();
                if let Some(base) = base {
                    // One side removed what the other changed.
                    let was = [base.lead, base.head, base.value.text, &comma.applied(base.tail)].concat();
                    let (one, other) = if is_one { (text.as_slice(), &b""[..]) } else { (&b""[..], text.as_slice()) };
                    self.parts.push(conflict(&was, one, other));
                } else if is_one {
                    self.plain(&text);
                } else {
                    self.parts.push(MergePart::Decided(Decided { bytes: text, step: MergeStep::Keys }));
                }
            }
            (None, None) => {}
        }
        Some(())
    }

    /// A line of its own for what follows, if the last one of a file had no end.
    fn line_start(&mut self) {
        let _ = &self.parts;
    }
}

/// Whether a value has a comma behind it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Comma {
    With,
    Without,
    None,
}

impl Comma {
    /// What stands behind a value, with the comma that it needs and without one that it may not have.
    fn applied(self, tail: &[u8]) -> Vec<u8> {
        let at = tail.iter().position(|byte| *byte == b',');
        match (self, at) {
            (Self::With, None) => [b",", tail].concat(),
            (Self::Without, Some(at)) => [&tail[..at], &tail[at + 1..]].concat(),
            (Self::None, _) | (Self::With, Some(_)) | (Self::Without, None) => tail.to_vec(),
        }
    }
}

/// White space before a child as its new siblings have it: on one line with them, or on a line of its own.
fn fitting<'a>(lead: &'a [u8], siblings: &Container<'a>) -> &'a [u8] {
    let is_blank = |lead: &[u8]| lead.trim_ascii().is_empty();
    let example = siblings.children.iter().map(|child| child.lead).rfind(|lead| is_blank(lead));
    let breaks = |lead: &[u8]| lead.contains(&b'\n');
    example.filter(|example| is_blank(lead) && breaks(example) != breaks(lead)).unwrap_or(lead)
}

/// Whether both sides put something in the place of the same item of a list: then a person chooses.
fn is_replaced(base: Option<&Container>, one: &Container, other: &Container) -> bool {
    let Some(base) = base else { return false };
    if one.form == Form::Map {
        // A map on one line is one thought: where a thing comes from, say. With keys from both sides it would be a third.
        let is_line = |side: &Container| side.children.iter().all(|child| !child.lead.contains(&b'\n'));
        let is_other = |side: &Container| {
            side.children.len() != base.children.len()
                || side.children.iter().any(|child| base.child(&child.key).is_none())
        };
        return is_line(one) && is_line(other) && is_other(one) && is_other(other);
    }
    if one.form != Form::List {
        return false;
    }
    let lacks = |side: &Container, key: &[u8]| side.child(key).is_none();
    let brings = |side: &Container, foreign: &Container| {
        side.children.iter().any(|child| lacks(base, &child.key) && lacks(foreign, &child.key))
    };
    let both_removed = base.children.iter().any(|child| lacks(one, &child.key) && lacks(other, &child.key));
    both_removed && brings(one, other) && brings(other, one)
}

fn conflict(base: &[u8], one: &[u8], other: &[u8]) -> MergePart {
    let (base, ours, theirs) = (base.to_vec(), one.to_vec(), other.to_vec());
    MergePart::Conflict(MergeConflict { base, ours, theirs, offers: Vec::new() })
}
