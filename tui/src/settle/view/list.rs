//! The files in conflict.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::settling::Shape;

use crate::paint::{Palette, Pen, Role};
use crate::settle::Settle;
use crate::visible::{glyphs, visible};

/// One line a file: how far it is, its path, how many of its conflicts are decided. The file that is looked at is always
/// among them.
pub(super) fn list(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    let here = settle.spot().case;
    let top = here.saturating_sub(height / 2).min(settle.cases.len().saturating_sub(height));
    for (row, (at, case)) in (0..area.height).zip(settle.cases.iter().enumerate().skip(top)) {
        let (_, count, decided) = settle.standing(at);
        let (role, sign) = match (&case.shape, count == decided) {
            (Shape::Torn | Shape::Unmarked, _) => (Role::Aside, "- "),
            (Shape::Text(_) | Shape::Whole(_), true) => (Role::Done, "✓ "),
            (Shape::Text(_) | Shape::Whole(_), false) => (Role::Open, "? "),
        };
        let told = match &case.shape {
            Shape::Text(_) => format!(" {decided}/{count}"),
            Shape::Whole(_) => " whole".to_owned(),
            Shape::Torn => " markers".to_owned(),
            Shape::Unmarked => " edited".to_owned(),
        };
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(Role::Plain, if at == here { ">" } else { " " }).put(role, sign);
        let room = pen.left().saturating_sub(told.len());
        pen.put(Role::Plain, &shortened(case.path.as_str(), room)).put_last(Role::Aside, &told);
        if at == here {
            pen.mark(Role::Here, Rect { y: area.y, ..area });
        }
    }
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
