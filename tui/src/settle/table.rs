//! All conflicts one below the other: what each is about, what each version has there, what a rule says, and what was decided.

use selkie_store::Seal;
use selkie_vcs::conflicts::ToldSide;
use selkie_vcs::settling::{About, Aspect, Attribute, Case, Diverged, Had, Open, SaidRule, Tip};

use crate::settle::heads::{foreseen, foreseen_short};
use crate::settle::message::Effect;
use crate::settle::spot::{Spot, SpotKind};
use crate::settle::words::{decided, did, seal, when};
use crate::settle::{Settle, Shows};
use crate::visible::without_end;

/// A row of the table.
///
/// A conflict has a row for each key that it is about, and one if it is about none. They are decided together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TableRow {
    /// What it is about: a key, lines of a file, or all of it.
    pub(crate) what: What,
    /// What there was before and what each side has, from elsewhere.
    pub(crate) values: Vec<Vec<u8>>,
    /// What is said of it beside that.
    pub(crate) says: Option<Says>,
}

/// What is said of a row beside what each version has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Says {
    /// What a rule says.
    Rule(SaidRule),
    /// What a fuse of the heads would be: in few columns, and as a sentence.
    Fuse(String, String),
}

impl Says {
    /// In few columns.
    pub(crate) fn short(&self) -> String {
        match self {
            Self::Rule(rule) => said(*rule),
            Self::Fuse(short, _) => short.clone(),
        }
    }

    /// As a sentence without its end.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Rule(rule) => format!("a rule says {}", said(*rule)),
            Self::Fuse(_, sentence) => sentence.clone(),
        }
    }
}

/// What a row is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum What {
    /// A key, from elsewhere.
    Key(String),
    /// Lines of a text: the number of the conflict among those of its file.
    Lines(usize),
    /// The file as a whole.
    Whole,
    /// The heads of a timeline.
    Heads,
    /// What is decided apart from what is in a file.
    Apart(About),
}

/// What stands for a key that is not there.
pub(crate) const ABSENT: &str = "–";

impl Settle {
    /// Shows the table, or one conflict again.
    pub(super) fn show_table(&mut self) -> Vec<Effect> {
        self.shows = match self.shows {
            Shows::Sides => Shows::Table,
            Shows::Table => Shows::Sides,
        };
        self.tabulate()
    }

    /// What is to be asked before the table can tell of keys.
    #[must_use]
    pub fn tabulate(&self) -> Vec<Effect> {
        if self.tabulated.is_some() { Vec::new() } else { vec![Effect::Tabulate] }
    }

    /// Goes down by so many conflicts.
    pub(super) fn go_rows(&mut self, rows: isize) -> Vec<Effect> {
        let to = self.at.saturating_add_signed(rows).min(self.spots.len() - 1);
        if to == self.at {
            return self.tell("there is none further on");
        }
        self.look(to)
    }

    /// The rows of a conflict.
    pub(crate) fn rows_of(&self, spot: &Spot) -> Vec<TableRow> {
        let tabulated = self.tabulated.as_ref();
        let attributes = tabulated.and_then(|tabulated| tabulated.attributes.get(&spot.part));
        if let Some(attributes) = attributes {
            return attributes.iter().map(of_key).collect();
        }
        if let Some(aspect) = self.aspect_of(spot) {
            return vec![of_aspect(aspect)];
        }
        let case = &self.cases[spot.case];
        if let Some(diverged) = case.diverged() {
            return vec![of_heads(case, diverged)];
        }
        let rule = tabulated.and_then(|tabulated| tabulated.rules.get(&case.path)).copied();
        let (what, values) = if let Some(open) = self.open_of(spot) {
            (What::Lines(self.number(spot)), of_lines(open).into())
        } else {
            let before = if case.base.is_some() { "as it was" } else { ABSENT };
            let sides = case.sides.iter().map(|side| did(side, case).into_bytes());
            (What::Whole, std::iter::once(before.into()).chain(sides).collect())
        };
        vec![TableRow { what, values, says: rule.map(Says::Rule) }]
    }

    /// How many columns the table has for values: one for what there was before, and one for each side.
    pub(crate) fn value_columns(&self) -> usize {
        1 + self.cases.iter().map(|case| case.sides.len()).max().unwrap_or_default()
    }

    /// How a conflict stands, in a word.
    pub(crate) fn stands(&self, spot: &Spot) -> String {
        match self.verdict(spot) {
            Some(verdict) => decided(verdict),
            None if spot.kind == SpotKind::Merged => "merged".to_owned(),
            None if spot.kind == SpotKind::Apart => "as it is".to_owned(),
            None if self.draft.put_off(spot.part).is_some() => "later".to_owned(),
            None => "open".to_owned(),
        }
    }

    /// The number of a conflict among those of its file, the first at 1.
    fn number(&self, spot: &Spot) -> usize {
        let first = self.spots.partition_point(|other| other.case < spot.case);
        let of_file = self.spots[first..].iter();
        1 + of_file.take_while(|other| other.piece != spot.piece).count()
    }
}

/// What a rule says, in a word.
fn said(rule: SaidRule) -> String {
    format!("{}, line {}", rule.strategy.name(), rule.line)
}

fn of_key(attribute: &Attribute) -> TableRow {
    let value = |value: &Option<Vec<u8>>| value.clone().unwrap_or_else(|| ABSENT.into());
    TableRow {
        what: What::Key(attribute.key.clone()),
        values: attribute.values.iter().map(value).collect(),
        says: attribute.rule.map(Says::Rule),
    }
}

fn of_aspect(aspect: &Aspect) -> TableRow {
    let value = |had: &Option<Had>| had.as_ref().map_or(ABSENT.to_owned(), Had::to_string);
    TableRow {
        what: What::Apart(aspect.about),
        values: aspect.versions.iter().map(|had| value(had).into_bytes()).collect(),
        says: None,
    }
}

/// What the heads came from, and of each how far it is ahead, which seal it is, who made it and when.
fn of_heads(case: &Case, diverged: &Diverged) -> TableRow {
    let value = |(side, tip): (&ToldSide, &Tip)| {
        let here = if tip.is_here { " (here)" } else { "" };
        let told = |of: &Seal| format!(" {}, {}, {}", of.author.name, seal(of).0, when(of));
        let of = side.seal.as_ref().map(|(_, of)| told(of)).unwrap_or_default();
        format!("+{}{here}{of}", tip.ahead).into_bytes()
    };
    let heads = case.sides.iter().zip(&diverged.tips).map(value);
    let base = case.base.clone().unwrap_or_else(|| ABSENT.to_owned()).into_bytes();
    let says = Says::Fuse(foreseen_short(diverged), foreseen(diverged));
    TableRow {
        what: What::Heads,
        values: std::iter::once(base).chain(heads).collect(),
        says: Some(says),
    }
}

/// What each version of an open part begins with, and how many lines there are more.
fn of_lines(open: &Open) -> [Vec<u8>; 3] {
    let versions = &open.versions;
    [&versions.base, &versions.ours, &versions.theirs].map(|text| {
        let mut lines = text.split_inclusive(|byte| *byte == b'\n');
        let Some(first) = lines.next() else { return ABSENT.into() };
        let first = without_end(first).trim_ascii();
        match lines.count() {
            0 => first.to_vec(),
            more => [format!("+{more} ").as_bytes(), first].concat(),
        }
    })
}
