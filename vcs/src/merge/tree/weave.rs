//! Three trees made one, by key.
//!
//! A key that one side changed is as that side has it; one that a side removed is gone, unless the other changed it. So
//! each key has one answer, but where both sides changed the same value. There a rule for the key decides, if somebody wrote
//! one; else the same steps are asked that settle words within a line.

use std::borrow::Cow;
use std::collections::HashMap;

use super::comma::{Comma, Place};
use super::document::Document;
use super::node::{Child, Container, Form, Node, NodeKind};
use super::place::order;
use crate::merge::part::{Decided, MergeConflict, MergePart, MergeSide, MergeStep, Ruling};
use crate::merge::rules::{MergeRules, Ruled, Settling};
use crate::merge::words::{Versions, merge_words};

impl Document<'_> {
    /// The merge of two files with the one that both came from. Parts may begin and end within lines. Nothing if what
    /// they hold can not be told apart.
    pub(in crate::merge) fn weave(
        base: &Self,
        one: &Self,
        other: &Self,
        rules: &MergeRules,
    ) -> Option<Vec<MergePart>> {
        let mut weaving = Weaving { parts: Vec::new(), way: Vec::new(), rules };
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
struct Weaving<'r> {
    parts: Vec<MergePart>,
    /// The keys that lead to what is woven now.
    way: Vec<Vec<u8>>,
    rules: &'r MergeRules,
}

/// The versions of one child.
#[derive(Clone, Copy)]
struct Strand<'a> {
    base: Option<&'a Child<'a>>,
    one: Option<&'a Child<'a>>,
    other: Option<&'a Child<'a>>,
}

impl Weaving<'_> {
    fn plain(&mut self, bytes: &[u8]) {
        match self.parts.last_mut() {
            Some(MergePart::Plain(last)) => last.extend_from_slice(bytes),
            _ => self.parts.push(MergePart::Plain(bytes.to_vec())),
        }
    }

    /// What only the other side brought or changed.
    fn taken(&mut self, bytes: &[u8]) {
        self.parts
            .push(MergePart::Decided(Decided { bytes: bytes.to_vec(), step: MergeStep::Keys }));
    }

    /// Begins a line for what follows: the last one of a file may have no end, and stand elsewhere now.
    fn line_start(&mut self) {
        if let Some(MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. })) =
            self.parts.last_mut()
            && bytes.last().is_some_and(|last| *last != b'\n')
        {
            bytes.push(b'\n');
        }
    }

    fn conflict(&mut self, base: &[u8], one: &[u8], other: &[u8]) {
        let (base, ours, theirs) = (base.to_vec(), one.to_vec(), other.to_vec());
        self.parts.push(MergePart::Conflict(MergeConflict {
            base,
            ours,
            theirs,
            offers: Vec::new(),
        }));
    }

    fn node(&mut self, base: Option<&Node>, one: &Node, other: &Node) -> Option<()> {
        let before = base.map(|base| base.text);
        if one.text == other.text || before == Some(other.text) {
            self.plain(one.text);
            return Some(());
        }
        if before == Some(one.text) {
            self.taken(other.text);
            return Some(());
        }
        let ruled = self.rules.of(&self.way);
        if let (NodeKind::Container(one), NodeKind::Container(other)) = (&one.kind, &other.kind) {
            let base = match base.map(|base| &base.kind) {
                Some(NodeKind::Container(base)) if base.form == one.form => Some(base),
                Some(NodeKind::Container(_) | NodeKind::Scalar) | None => None,
            };
            let named = |side| named_by(side, &ruled.settling);
            let (base, one, other) = (base.map(named), named(one), named(other));
            let (base, one, other) = (base.as_deref(), &*one, &*other);
            let all = [base, Some(one), Some(other)];
            if !all.into_iter().flatten().all(Container::is_plain) {
                return None;
            }
            let is_one_thought = || base.is_some_and(|base| base.is_rethought(one, other));
            if one.form == other.form && (ruled.keeps_all() || !is_one_thought()) {
                return self.container(base, one, other);
            }
        }
        self.clash(before.unwrap_or_default(), one.text, other.text, &ruled);
        Some(())
    }

    /// A value that both sides changed and that can not be taken apart.
    fn clash(&mut self, before: &[u8], one: &[u8], other: &[u8], ruled: &Ruled) {
        match decided(before, one, other, ruled) {
            Some(decided) => self.parts.push(MergePart::Decided(decided)),
            None => self.conflict(before, one, other),
        }
    }

    /// Whether somebody has to decide between the values that both sides brought at a new key.
    fn is_open(&self, one: &Child, other: &Child) -> bool {
        let (one, other) = (&one.value, &other.value);
        let is_apart = match (&one.kind, &other.kind) {
            (NodeKind::Container(one), NodeKind::Container(other)) => one.form != other.form,
            (NodeKind::Scalar, _) | (_, NodeKind::Scalar) => one.text != other.text,
        };
        let ruled = self.rules.of(&self.way);
        is_apart && decided(b"", one.text, other.text, &ruled).is_none()
    }

    /// What a rule says of a child that one side removed and the other changed.
    fn ruled_side(&self, strand: &Strand) -> Option<(MergeSide, Ruled)> {
        let ruled = self.rules.of(&self.way);
        let has = if strand.one.is_some() { MergeSide::Ours } else { MergeSide::Theirs };
        let side = match ruled.settling {
            Settling::Side(side) => side,
            // What a side has is there.
            Settling::Union | Settling::Set(_) => has,
            Settling::Steps | Settling::Manual | Settling::Whole => return None,
        };
        Some((side, ruled))
    }

    /// Whether a rule lets the child go that one side removed and the other changed.
    fn drops(&mut self, strand: &Strand, form: Form) -> bool {
        let removed = match (strand.base, strand.one, strand.other) {
            (Some(_), Some(_), None) => MergeSide::Theirs,
            (Some(_), None, Some(_)) => MergeSide::Ours,
            _ => return false,
        };
        let before = self.way.len();
        self.way.extend(strand.steps(form));
        let ruled = self.ruled_side(strand).filter(|(side, _)| *side == removed);
        self.way.truncate(before);
        let Some((side, ruled)) = ruled else { return false };
        self.parts.push(MergePart::Decided(ruled.took(side, b"", b"")));
        true
    }

    /// A child that one side removed and the other changed, as it stands there.
    fn torn(&mut self, strand: &Strand, before: &[u8], one: &[u8], other: &[u8]) {
        match self.ruled_side(strand) {
            Some((side, ruled)) => {
                self.parts.push(MergePart::Decided(ruled.took(side, one, other)));
            }
            None => self.conflict(before, one, other),
        }
    }

    fn container(
        &mut self,
        base: Option<&Container>,
        one: &Container,
        other: &Container,
    ) -> Option<()> {
        self.plain(base.map_or(one.open, |base| either(base.open, one.open, other.open)));
        let children = base.map_or_else(HashMap::new, Container::by_key);
        let (ones, others) = (one.by_key(), other.by_key());
        let strand = |key: &[u8]| Strand {
            base: children.get(key).copied(),
            one: ones.get(key).copied(),
            other: others.get(key).copied(),
        };
        let mut strands: Vec<Strand> =
            order(base, one, other).into_iter().map(strand).filter(Strand::stays).collect();
        // What goes has to be known before the commas are set.
        strands.retain(|strand| !self.drops(strand, one.form));
        let model = if one.children.is_empty() { other } else { one };
        let last = self.doubtful(&strands, one.form, Comma::of(model, Place::Last));
        for (at, strand) in strands[..last].iter().enumerate() {
            let place = if at + 1 == strands.len() { Place::Last } else { Place::BeforeOthers };
            let before = self.way.len();
            self.way.extend(strand.steps(one.form));
            self.strand(strand, one, Comma::of(model, place))?;
            self.way.truncate(before);
        }
        self.last_ones(strands[..last].last(), &strands[last..], one);
        self.plain(base.map_or(one.close, |base| either(base.close, one.close, other.close)));
        Some(())
    }

    /// Where the children at the end begin each of which somebody may take away. The last of what they leave has no comma, so they are
    /// decided together, and with the comma before them.
    fn doubtful(&mut self, strands: &[Strand], form: Form, comma: Comma) -> usize {
        let mut first = strands.len();
        while comma == Comma::Without && first > 0 {
            let strand = &strands[first - 1];
            let before = self.way.len();
            self.way.extend(strand.steps(form));
            let may_go = match (strand.base, strand.one, strand.other) {
                (None, Some(one), Some(other)) => self.is_open(one, other),
                (Some(_), Some(_), None) | (Some(_), None, Some(_)) => {
                    self.ruled_side(strand).is_none()
                }
                _ => false,
            };
            self.way.truncate(before);
            if !may_go {
                break;
            }
            first -= 1;
        }
        first
    }

    /// Children at the end each of which somebody may take away, as one conflict with the comma behind the child before them.
    fn last_ones(&mut self, before: Option<&Strand>, strands: &[Strand], siblings: &Container) {
        if strands.is_empty() {
            return;
        }
        let tails = before
            .and_then(Strand::ending)
            .map(|child| [Comma::With, Comma::Without].map(|comma| comma.applied(child)));
        let [with, without] = tails.unwrap_or_default();
        if let Some(MergePart::Plain(bytes) | MergePart::Decided(Decided { bytes, .. })) =
            self.parts.last_mut()
        {
            // It was woven as a child before others.
            bytes.truncate(bytes.len() - if bytes.ends_with(&with) { with.len() } else { 0 });
        }
        let text = |pick: for<'s> fn(&'s Strand<'s>) -> Option<&'s Child<'s>>| {
            let children: Vec<(&Child, bool)> = strands
                .iter()
                .filter_map(|strand| Some((pick(strand)?, strand.one.is_some())))
                .collect();
            let mut text = if children.is_empty() { without.clone() } else { with.clone() };
            for (at, (child, is_ours)) in children.iter().enumerate() {
                let comma = if at + 1 == children.len() { Comma::Without } else { Comma::With };
                let lead = if *is_ours { child.lead } else { fitting(child.lead, siblings) };
                text.extend(written(child, lead, comma));
            }
            text
        };
        let texts =
            [text(|strand| strand.base), text(|strand| strand.one), text(|strand| strand.other)];
        self.conflict(&texts[0], &texts[1], &texts[2]);
    }

    /// One child, which at least one side has.
    fn strand(&mut self, strand: &Strand, siblings: &Container, comma: Comma) -> Option<()> {
        if comma == Comma::Never {
            self.line_start();
        }
        match (strand.one, strand.other) {
            // Before, there was nothing of it: its key alone would be no file that can be read.
            (Some(one), Some(other)) if strand.base.is_none() && self.is_open(one, other) => {
                let other = written(other, fitting(other.lead, siblings), comma);
                self.conflict(b"", &written(one, one.lead, comma), &other);
            }
            (Some(one), Some(other)) => {
                let base = strand.base.unwrap_or(one);
                self.plain(either(base.lead, one.lead, other.lead));
                self.plain(either(base.head, one.head, other.head));
                self.node(strand.base.map(|base| &base.value), &one.value, &other.value)?;
                self.plain(
                    &strand.ending().map(|ending| comma.applied(ending)).unwrap_or_default(),
                );
            }
            (Some(one), None) => {
                let text = written(one, one.lead, comma);
                match strand.base {
                    Some(base) => {
                        self.torn(strand, &written(base, base.lead, comma), &text, b"");
                    }
                    None => self.plain(&text),
                }
            }
            (None, Some(other)) => {
                let text = written(other, fitting(other.lead, siblings), comma);
                match strand.base {
                    Some(base) => {
                        self.torn(strand, &written(base, base.lead, comma), b"", &text);
                    }
                    None => self.taken(&text),
                }
            }
            (None, None) => {}
        }
        Some(())
    }
}

/// What a step or a rule makes of a value that both sides changed.
fn decided(before: &[u8], one: &[u8], other: &[u8], ruled: &Ruled) -> Option<Decided> {
    match ruled.settling {
        Settling::Side(side) => Some(ruled.took(side, one, other)),
        Settling::Steps | Settling::Union | Settling::Set(_) => {
            merge_words(before, one, other, Versions::Higher)
        }
        Settling::Manual | Settling::Whole => None,
    }
}

impl Ruled {
    /// Whether each item stands for itself, so that both sides together are what both meant.
    const fn keeps_all(&self) -> bool {
        matches!(self.settling, Settling::Union | Settling::Set(_))
    }

    /// What one side has.
    fn took(&self, side: MergeSide, one: &[u8], other: &[u8]) -> Decided {
        let bytes = match side {
            MergeSide::Ours => one.to_vec(),
            MergeSide::Theirs => other.to_vec(),
        };
        let Self { strategy, source, .. } = *self;
        let ruling = Ruling { strategy, source, took: side.into() };
        Decided { bytes, step: MergeStep::Rule(ruling) }
    }
}

/// The items of a list as a rule says that they are told apart.
fn named_by<'c, 'a>(list: &'c Container<'a>, settling: &Settling) -> Cow<'c, Container<'a>> {
    match settling {
        Settling::Set(Some(key)) if list.form == Form::List => Cow::Owned(list.named_by(key)),
        Settling::Set(_)
        | Settling::Steps
        | Settling::Manual
        | Settling::Whole
        | Settling::Side(_)
        | Settling::Union => Cow::Borrowed(list),
    }
}

impl Strand<'_> {
    /// The keys that lead from what holds the child to it. The items of a list are called nothing.
    fn steps(&self, form: Form) -> Vec<Vec<u8>> {
        let child = self.one.or(self.other);
        child.map(|child| child.steps(form)).unwrap_or_default()
    }

    /// The version whose tail it has in the result.
    fn ending(&self) -> Option<&Child<'_>> {
        match (self.one, self.other) {
            (Some(one), Some(other)) if one.tail == self.base.unwrap_or(one).tail => Some(other),
            (one, other) => one.or(other),
        }
    }

    /// Whether it is in the result: no side removed it, or the other changed it meanwhile.
    fn stays(&self) -> bool {
        match (self.base, self.one, self.other) {
            (Some(base), Some(side), None) | (Some(base), None, Some(side)) => !base.is_same(side),
            (_, one, other) => one.is_some() || other.is_some(),
        }
    }
}

impl Container<'_> {
    /// Whether both sides put something in the place of what was here, so that both together would be a third thing that
    /// nobody meant: of a list, the same item; of a map on one line, its keys. Such a map is one thought (where a package
    /// comes from, say), while one of many lines is a list of independent things.
    fn is_rethought(&self, one: &Self, other: &Self) -> bool {
        let base = self.by_key();
        let (ones, others) = (one.by_key(), other.by_key());
        let lacks = |side: &HashMap<&[u8], &Child>| base.keys().any(|key| !side.contains_key(key));
        let brings = |side: &HashMap<&[u8], &Child>| side.keys().any(|key| !base.contains_key(key));
        match self.form {
            Form::Lines => false,
            Form::Map => {
                let on_one_line =
                    |side: &Self| side.children.iter().all(|child| !child.lead.contains(&b'\n'));
                let has_changed = |side| lacks(side) || brings(side);
                on_one_line(one) && on_one_line(other) && has_changed(&ones) && has_changed(&others)
            }
            Form::List => {
                let is_gone = |key: &&[u8]| !ones.contains_key(key) && !others.contains_key(key);
                base.keys().any(is_gone) && brings(&ones) && brings(&others)
            }
        }
    }
}

/// A child as it stands in a file, behind other white space perhaps.
fn written(child: &Child, lead: &[u8], comma: Comma) -> Vec<u8> {
    [lead, child.head, child.value.text, &comma.applied(child)].concat()
}

/// White space before a child as its new siblings have it: on one line with them, or on a line of its own.
fn fitting<'a>(lead: &'a [u8], siblings: &Container<'a>) -> &'a [u8] {
    let is_blank = |lead: &[u8]| lead.trim_ascii().is_empty();
    let breaks = |lead: &[u8]| lead.contains(&b'\n');
    if siblings.form == Form::Lines {
        return lead;
    }
    let example = siblings.children.iter().map(|child| child.lead).rfind(|lead| is_blank(lead));
    example.filter(|example| is_blank(lead) && breaks(example) != breaks(lead)).unwrap_or(lead)
}
