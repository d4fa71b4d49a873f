//! What a screen shows, as lines of text.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_tui::{Palette, Settle};
use unicode_width::UnicodeWidthStr;

/// The cells of a screen of this size.
pub(crate) fn cells(settle: &Settle, palette: Palette, width: u16, height: u16) -> Buffer {
    let area = Rect { x: 0, y: 0, width, height };
    let mut buffer = Buffer::empty(area);
    settle.view(palette, area, &mut buffer);
    buffer
}

/// The rows of a screen of this size, without the blanks at their ends.
pub(crate) fn text(settle: &Settle, width: u16, height: u16) -> String {
    rows(&cells(settle, Palette::Coloured, width, height))
}

/// The rows of cells, without the blanks at their ends.
pub(crate) fn rows(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let (mut row, mut x) = (String::new(), 0);
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            // What lies below a wide letter is not shown.
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}
