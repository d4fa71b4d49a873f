//! The sides beside each other, each against what there was before.

use std::ops::Range;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::conflicts::ToldSide;
use selkie_vcs::settling::PartId;

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::Settle;
use crate::settle::aligned::Cell;
use crate::settle::lines::Line;
use crate::settle::view::room::rows_below;
use crate::settle::words::{decided, did, letter, seal, who};
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
            whole(settle, (number, side), palette, body, buffer);
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
fn whole(
    settle: &Settle,
    (number, side): (usize, &ToldSide),
    palette: Palette,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut pen = Pen::at(buffer, palette, area, 1);
    let told = format!(" {} {}", letter(number), did(side, settle.case()));
    pen.put(Role::Side(number), &visible(&told));
}

/// The text of a side around the conflict.
fn text(settle: &Settle, number: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let lines = settle.lines(usize::from(area.height), settle.aligned.rows.len());
    for (row, line) in (0..).zip(&lines) {
        let mut pen = Pen::at(buffer, palette, area, row);
        match line {
            Line::Outside => {}
            Line::Settled(line) => {
                pen.put(Role::Plain, "  ").line(without_end(line), settle.aside, |_| Role::Aside);
            }
            Line::Other(part) => other(settle, *part, &mut pen),
            Line::Row(row) => cell(settle, number, &settle.aligned.rows[*row], &mut pen),
        }
    }
}

/// What stands for another conflict.
pub(super) fn other(settle: &Settle, part: PartId, pen: &mut Pen) {
    match settle.draft.verdict(part) {
        Some(verdict) => {
            pen.put(Role::Done, "✓ ").put(Role::Aside, &format!("decided: {}", decided(verdict)));
        }
        None => {
            pen.put(Role::Open, "? ").put(Role::Aside, "another conflict");
        }
    }
}

fn cell(settle: &Settle, number: usize, cells: &[Cell; 2], pen: &mut Pen) {
    let Some(versions) = settle.open().map(|open| &open.versions) else { return };
    let (own, aside) = (number.min(1), settle.aside);
    let text = [&versions.ours, &versions.theirs][own];
    let is_in = |words: &[Range<usize>], at| words.iter().any(|word| word.contains(&at));
    match &cells[own] {
        Cell::Filler => pen.fill(Role::Aside, "╱"),
        Cell::Kept(span, _) => {
            pen.put(Role::Side(own), "▌ ");
            pen.line(without_end(&text[span.clone()]), aside, |_| Role::Plain);
        }
        Cell::Gone(span, words) => {
            pen.put(Role::Side(own), "▌-");
            let role = |at| if is_in(words, at) { Role::Words(own) } else { Role::Gone };
            pen.line(without_end(&versions.base[span.clone()]), aside, role);
        }
        Cell::New(span, _, words) => {
            pen.put(Role::Side(own), "▌+");
            let role = |at| if is_in(words, at) { Role::Words(own) } else { Role::Side(own) };
            pen.line(without_end(&text[span.clone()]), aside, role);
        }
    }
}
