//! The sides beside each other, each against what there was before.

use std::ops::Range;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::conflicts::ToldSide;
use selkie_vcs::settling::{PartId, Picked};

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::Settle;
use crate::settle::aligned::Cell;
use crate::settle::cursor::{Cursor, picked_line};
use crate::settle::lines::Line;
use crate::settle::view::room::rows_below;
use crate::settle::words::{decided, letter, seal, who};
use crate::visible::{visible, without_end};

/// A box for each side, as many as there is room for.
pub(super) fn sides(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let sides = &settle.case().sides;
    let count = u16::try_from(sides.len()).unwrap_or(u16::MAX).clamp(1, (area.width / 30).max(1));
    for (number, side) in sides.iter().enumerate().take(usize::from(count)) {
        let at = u16::try_from(number).unwrap_or_default();
        let (left, right) = (area.width * at / count, area.width * (at + 1) / count);
        let place = Rect { x: area.x + left, width: right - left, ..area };
        let title = [
            (Role::Side(number), format!(" {} ", letter(number))),
            (Role::Title, format!(" {} ", visible(&side.note))),
        ];
        let inside = framed(buffer, palette, place, &title);
        heading(side, palette, inside, buffer);
        let body = rows_below(inside, 1);
        if settle.open().is_some() {
            text(settle, number, palette, body, buffer);
        } else {
            whole(settle, number, palette, body, buffer);
        }
    }
}

/// Who made the side, and in which seal.
fn heading(side: &ToldSide, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::at(buffer, palette, area, 0);
    match &side.seal {
        Some((_, of)) => {
            let (name, title) = seal(of);
            let named = if side.note.contains(&name) { String::new() } else { format!("{name} ") };
            pen.put(Role::Plain, &visible(&who(of)));
            pen.put(Role::Aside, &format!("  {named}{}", visible(&title)))
        }
        None => pen.put(Role::Aside, "the seal is not here"),
    };
}

/// What a side did to something that is no text.
fn whole(settle: &Settle, number: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::at(buffer, palette, area, 1);
    let told = format!(" {} {}", letter(number), settle.did(number));
    pen.put(Role::Side(number), &visible(&told));
    let tip = settle.diverged().and_then(|diverged| diverged.tips.get(number));
    for (row, (name, title)) in (2..area.height).zip(tip.iter().flat_map(|tip| &tip.newest)) {
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(Role::Side(number), " ▌ ").put(Role::Plain, &visible(title));
        pen.put(Role::Aside, &format!("  {name}"));
    }
}

/// One side alone, where somebody chooses lines of it and there is no room for the other.
pub(super) fn one_side(
    settle: &Settle,
    number: usize,
    palette: Palette,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some(side) = settle.case().sides.get(number) else { return };
    let mut pen = Pen::at(buffer, palette, area, 0);
    pen.put(Role::Side(number), &letter(number).to_string());
    pen.put(Role::Title, &format!(" {}", visible(&side.note)));
    text(settle, number, palette, rows_below(area, 1), buffer);
}

/// The text of a side around the conflict.
fn text(settle: &Settle, number: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let cursor = settle.cursor();
    let picked = cursor.and_then(|_| settle.picked()).unwrap_or_default();
    let rows = settle.aligned.rows.len();
    let row = cursor.map(|cursor| cursor.row);
    let lines = settle.lines(usize::from(area.height), rows, row);
    for (row, line) in (0..).zip(&lines) {
        let mut pen = Pen::at(buffer, palette, area, row);
        match line {
            Line::Outside => {}
            Line::Settled(line) => {
                pen.put(Role::Plain, "  ");
                shown(settle, without_end(line), |_| Role::Aside, &mut pen);
            }
            Line::Other(part) => other(settle, *part, &mut pen),
            Line::Row(row) => {
                let box_of = cursor.map(|_| &picked);
                cell(settle, number, &settle.aligned.rows[*row], box_of, &mut pen);
                if cursor == Some(Cursor { side: number, row: *row }) {
                    pen.mark(Role::Here, Rect { y: area.y, ..area });
                }
            }
        }
    }
}

/// A line of a file, with what was looked for marked in it.
pub(super) fn shown(settle: &Settle, line: &[u8], role: impl Fn(usize) -> Role, pen: &mut Pen) {
    let found = settle.found_in(line);
    let is_found = |at: usize| found.iter().any(|place| place.contains(&at));
    pen.line(line, settle.aside, |at| if is_found(at) { Role::Found } else { role(at) });
}

/// What stands for another conflict.
pub(super) fn other(settle: &Settle, part: PartId, pen: &mut Pen) {
    match settle.draft.verdict(part) {
        Some(verdict) => {
            pen.put(Role::Done, "✓ ").put(Role::Aside, &format!("decided: {}", decided(verdict)));
        }
        None if settle.is_merged() => {
            pen.put(Role::Aside, "≈ another place that was merged");
        }
        None if settle.draft.put_off(part).is_some() => {
            pen.put(Role::Open, "~ ").put(Role::Aside, "another conflict, put off");
        }
        None => {
            pen.put(Role::Open, "? ").put(Role::Aside, "another conflict");
        }
    }
}

/// What a side has in a row; with a box to tick, if lines are chosen.
fn cell(settle: &Settle, number: usize, cells: &[Cell; 2], picked: Option<&Picked>, pen: &mut Pen) {
    let Some(versions) = settle.open().map(|open| &open.versions) else { return };
    let own = number.min(1);
    let text = [&versions.ours, &versions.theirs][own];
    let is_in = |words: &[Range<usize>], at| words.iter().any(|word| word.contains(&at));
    let sign = match &cells[own] {
        Cell::Filler => return pen.fill(Role::Aside, "╱"),
        Cell::Kept(..) => "▌ ",
        Cell::Gone(..) => "▌-",
        Cell::New(..) => "▌+",
    };
    pen.put(Role::Side(own), sign);
    if let (Some(picked), Some(line)) = (picked, picked_line(&cells[own], own)) {
        match picked.place(line) {
            Some(place) => pen.put(Role::Done, &format!("[{:>2}] ", place + 1)),
            None => pen.put(Role::Aside, "[  ] "),
        };
    }
    match &cells[own] {
        Cell::Filler => {}
        Cell::Kept(span, _) => {
            shown(settle, without_end(&text[span.clone()]), |_| Role::Plain, pen);
        }
        Cell::Gone(span, _, words) => {
            let role = |at| if is_in(words, at) { Role::Words(own) } else { Role::Gone };
            shown(settle, without_end(&versions.base[span.clone()]), role, pen);
        }
        Cell::New(span, _, words) => {
            let role = |at| if is_in(words, at) { Role::Words(own) } else { Role::Side(own) };
            shown(settle, without_end(&text[span.clone()]), role, pen);
        }
    }
}
