//! The table: a row for each key, for lines that are about none, and for what is decided as a whole.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::Settle;
use crate::settle::spot::SpotKind;
use crate::settle::table::{Says, TableRow, What};
use crate::settle::view::room::rows_below;
use crate::settle::view::sides::shown;
use crate::settle::words::{kind, letter};
use crate::visible::visible;

/// A line of the table.
enum Entry {
    /// The file that those below it are in.
    File(usize),
    /// A row of a conflict, and whether it is its first one.
    Row { spot: usize, row: TableRow, is_first: bool },
}

/// Columns of how a conflict stands, and of what a rule says.
const STANDS: usize = 10;
const RULE: usize = 24;
/// A value in fewer columns tells nobody anything.
const VALUE_MIN: usize = 10;
/// Columns from which on there is room for the rules.
const WIDE: usize = 110;

/// The rows around the one that is looked at, and below them all that one has.
pub(super) fn table(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let rows = settle.rows_of(settle.spot());
    let wanted = u16::try_from(rows.len() * (2 + settle.case().sides.len()) + 2);
    let detail = wanted.unwrap_or(u16::MAX).min(area.height / 2);
    let above = Rect { height: area.height - detail, ..area };
    let inside = framed(buffer, palette, above, &[(Role::Title, " Table ".to_owned())]);
    list(settle, palette, inside, buffer);
    let below = rows_below(area, above.height);
    let title = format!(" {} ", visible(&settle.case().name()));
    let inside = framed(buffer, palette, below, &[(Role::Title, title)]);
    details(settle, &rows, palette, inside, buffer);
}

/// How wide the columns are: of what a row is about, of each value, how many of those fit, and of what a rule says.
struct Columns {
    what: usize,
    value: usize,
    values: usize,
    rule: usize,
}

impl Columns {
    fn of(settle: &Settle, width: usize) -> Self {
        let rule = if width >= WIDE { RULE } else { 0 };
        let room = width.saturating_sub(rule + STANDS);
        let what = (room / 4).max(VALUE_MIN);
        let room = room.saturating_sub(what);
        let values = settle.value_columns().min((room / VALUE_MIN).max(1));
        Self { what, value: room / values, values, rule }
    }
}

fn list(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let columns = Columns::of(settle, usize::from(area.width));
    heads(settle, &columns, palette, area, buffer);
    let area = rows_below(area, 1);
    let entries = entries(settle, usize::from(area.height));
    for (row, entry) in (0..area.height).zip(&entries) {
        let mut pen = Pen::at(buffer, palette, area, row);
        match entry {
            Entry::File(case) => {
                let case = &settle.cases[*case];
                pen.put(Role::Title, &visible(&case.name()));
                pen.put(Role::Aside, &format!("  {}", kind(case)));
            }
            Entry::Row { spot, row, is_first } => {
                line(settle, (*spot, row, *is_first), &columns, &mut pen);
                if *spot == settle.at {
                    pen.mark(Role::Here, Rect { y: area.y, ..area });
                }
            }
        }
    }
}

/// What stands above the columns.
fn heads(settle: &Settle, columns: &Columns, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::at(buffer, palette, area, 0);
    let mut head = |role, text: &str, width| {
        cell(&mut pen, width, |pen| {
            pen.put(role, text);
        });
    };
    head(Role::Aside, "    what", columns.what);
    for column in 0..columns.values {
        let Some(side) = column.checked_sub(1) else {
            head(Role::Aside, "base", columns.value);
            continue;
        };
        let note = settle.case().sides.get(side).map(|side| visible(&side.note));
        let note = note.unwrap_or_default();
        head(Role::Side(side), &format!("{} {note}", letter(side)), columns.value);
    }
    head(Role::Aside, if columns.rule > 0 { "rule" } else { "" }, columns.rule);
    head(Role::Aside, "stands", STANDS);
}

/// One row.
fn line(
    settle: &Settle,
    (spot, row, is_first): (usize, &TableRow, bool),
    columns: &Columns,
    pen: &mut Pen,
) {
    let of = &settle.spots[spot];
    let (role, sign) = match (settle.verdict(of), of.kind) {
        (Some(_), _) => (Role::Done, "✓ "),
        (None, SpotKind::Merged | SpotKind::Apart) => (Role::Aside, "≈ "),
        (None, SpotKind::Conflict) if settle.draft.put_off(of.part).is_some() => (Role::Open, "~ "),
        (None, SpotKind::Conflict) => (Role::Open, "? "),
    };
    cell(pen, columns.what, |pen| {
        pen.put(Role::Plain, if spot == settle.at { ">" } else { " " });
        // Keys that are decided together stand below the first of them.
        pen.put(role, if is_first { sign } else { "│ " });
        pen.put(Role::Plain, &what(row));
    });
    for column in 0..columns.values {
        let role = column.checked_sub(1).map_or(Role::Aside, Role::Side);
        let value = row.values.get(column).map(Vec::as_slice).unwrap_or_default();
        cell(pen, columns.value, |pen| shown(settle, value, |_| role, pen));
    }
    let rule = row.says.as_ref().map(Says::short).unwrap_or_default();
    cell(pen, columns.rule, |pen| {
        pen.put(Role::Aside, &rule);
    });
    if is_first {
        pen.put(role, &settle.stands(of));
    }
}

/// Writes into so many columns, the last of which stays empty.
fn cell(pen: &mut Pen, width: usize, write: impl FnOnce(&mut Pen)) {
    pen.within(width.saturating_sub(1), write);
    pen.put(Role::Plain, if width > 0 { " " } else { "" });
}

fn what(row: &TableRow) -> String {
    match &row.what {
        What::Key(key) => visible(key),
        What::Lines(number) => format!("lines {number}"),
        What::Whole => "whole".to_owned(),
        What::Heads => "heads".to_owned(),
        What::Apart(about) => about.name().to_owned(),
    }
}

/// As many entries as fit, those of the conflict that is looked at in their middle.
fn entries(settle: &Settle, height: usize) -> Vec<Entry> {
    let of = |at: usize| {
        let spot = &settle.spots[at];
        let is_new = at.checked_sub(1).is_none_or(|before| settle.spots[before].case != spot.case);
        let file = is_new.then_some(Entry::File(spot.case));
        let rows = settle.rows_of(spot).into_iter().enumerate();
        let rows =
            rows.map(move |(number, row)| Entry::Row { spot: at, row, is_first: number == 0 });
        file.into_iter().chain(rows)
    };
    let mut above: Vec<Entry> = Vec::new();
    for at in (0..settle.at).rev() {
        if above.len() >= height {
            break;
        }
        let entries: Vec<Entry> = of(at).collect();
        above.extend(entries.into_iter().rev());
    }
    above.reverse();
    let below: Vec<Entry> = (settle.at..settle.spots.len()).flat_map(of).take(height).collect();
    let from = above.len() - above.len().min(height.saturating_sub(below.len()).max(height / 2));
    above.into_iter().skip(from).chain(below).take(height).collect()
}

/// All that the conflict has which is looked at, a line for each value.
fn details(settle: &Settle, rows: &[TableRow], palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut at = 0;
    let mut next = |role, name: &str, value: &[u8]| {
        let mut pen = Pen::at(buffer, palette, area, at);
        pen.put(role, &format!(" {name:<5}"));
        shown(settle, value, |_| role, &mut pen);
        at += 1;
    };
    for row in rows {
        let says = row.says.as_ref().map(|says| format!("  {}", visible(&says.sentence())));
        let told = format!("{}{}", what(row), says.unwrap_or_default());
        next(Role::Title, "", told.as_bytes());
        for (number, value) in row.values.iter().enumerate() {
            match number.checked_sub(1) {
                None => next(Role::Aside, "base", value),
                Some(side) => next(Role::Side(side), &letter(side).to_string(), value),
            }
        }
    }
}
