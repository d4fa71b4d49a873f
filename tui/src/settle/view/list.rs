//! The files in conflict.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::settling::Shape;

use crate::paint::{Palette, Pen, Role};
use crate::settle::Settle;
use crate::settle::tally::Count;
use crate::visible::{glyphs, visible};

/// A row of the list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Entry {
    /// A file.
    File(usize),
    /// A conflict that was put off.
    PutOff(usize),
}

/// One line a file: how far it is, its path, how many of its conflicts are decided; then one for each conflict that was put
/// off. What is looked at is always among them.
pub(super) fn list(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    let (entries, here) = entries(settle);
    let top = here.saturating_sub(height / 2).min(entries.len().saturating_sub(height));
    for (row, (at, entry)) in (0..area.height).zip(entries.iter().enumerate().skip(top)) {
        let (case, role, sign, told) = match *entry {
            Entry::File(case) => file(settle, case),
            Entry::PutOff(spot) => (settle.spots[spot].case, Role::Open, "~ ", " later".to_owned()),
        };
        let path = settle.cases[case].name();
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(Role::Plain, if at == here { ">" } else { " " }).put(role, sign);
        let room = pen.left().saturating_sub(told.len());
        let name = shortened(&path, room);
        let found = settle.found_in(name.as_bytes());
        let is_found = |at: usize| found.iter().any(|place| place.contains(&at));
        pen.line(name.as_bytes(), 0, |at| if is_found(at) { Role::Found } else { Role::Plain });
        pen.put_last(Role::Aside, &told);
        if at == here {
            pen.mark(Role::Here, Rect { y: area.y, ..area });
        }
    }
}

/// How far a file is.
fn file(settle: &Settle, case: usize) -> (usize, Role, &'static str, String) {
    let Count { asked: count, answered: decided, .. } = settle.tally.case(case);
    let shape = &settle.cases[case].shape;
    let (role, sign) = match (shape, count == decided) {
        (Shape::Torn | Shape::Unmarked, _) => (Role::Aside, "- "),
        (Shape::Merged(_), _) => (Role::Aside, "≈ "),
        (Shape::Text(_) | Shape::Whole(_) | Shape::Heads(_), true) => (Role::Done, "✓ "),
        (Shape::Text(_) | Shape::Whole(_) | Shape::Heads(_), false) => (Role::Open, "? "),
    };
    let told = match shape {
        Shape::Text(_) => format!(" {decided}/{count}"),
        Shape::Whole(_) => " whole".to_owned(),
        Shape::Heads(_) => " heads".to_owned(),
        Shape::Merged(_) => " look".to_owned(),
        Shape::Torn => " markers".to_owned(),
        Shape::Unmarked => " edited".to_owned(),
    };
    (case, role, sign, told)
}

/// The rows, and which of them is looked at. A file of which all was put off has rows for that alone.
fn entries(settle: &Settle) -> (Vec<Entry>, usize) {
    let is_later = |case: &usize| {
        let Count { asked, put_off, .. } = settle.tally.case(*case);
        put_off > 0 && put_off == asked
    };
    let files = (0..settle.cases.len()).filter(|case| !is_later(case)).map(Entry::File);
    let all: Vec<Entry> = files.chain(settle.tally.later().map(Entry::PutOff)).collect();
    let is_put_off = settle.draft.put_off(settle.spot().part).is_some();
    let own = if is_put_off { Entry::PutOff(settle.at) } else { Entry::File(settle.spot().case) };
    let here = all.iter().position(|entry| *entry == own).unwrap_or_default();
    (all, here)
}

/// A path in so many columns: its end says more than its beginning.
fn shortened(path: &str, room: usize) -> String {
    let shown = visible(path);
    let all: Vec<_> = glyphs(shown.as_bytes()).collect();
    let width: usize = all.iter().map(|glyph| glyph.width).sum();
    if width <= room {
        return shown;
    }
    let mut left = room.saturating_sub(1);
    let fits = all.iter().rev().take_while(|glyph| {
        let fits = glyph.width <= left;
        left = left.saturating_sub(glyph.width);
        fits
    });
    let count = fits.count();
    let end: String = all[all.len() - count..].iter().map(|glyph| glyph.text.as_str()).collect();
    format!("…{end}")
}
