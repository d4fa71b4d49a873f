//! How things look, and how they come into cells.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};

use crate::visible::{Kind, glyphs, glyphs_from, plain};

/// What something on the screen is. How it looks follows from that, and never the other way round: no colour is the only
/// sign of anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    Plain,
    /// What is there for whoever looks for it.
    Aside,
    /// What the eye shall find first.
    Title,
    /// Frames of boxes.
    Frame,
    /// Where somebody is.
    Here,
    /// What waits for a decision.
    Open,
    /// What is decided.
    Done,
    /// What went wrong.
    Wrong,
    /// A key that does something here.
    Key,
    /// A side, by its number.
    Side(usize),
    /// What a side took away.
    Gone,
    /// The words in which two lines differ.
    Words(usize),
    /// What was looked for.
    Found,
}

/// Whether colours are shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Palette {
    /// The sixteen colours that the user chose for their terminal.
    Coloured,
    /// None: all is told by letters, weight and lines.
    Plain,
}

/// The colours of the sides, told apart by those who do not tell red from green.
const SIDES: [Color; 4] = [Color::Blue, Color::Yellow, Color::Magenta, Color::Cyan];

impl Palette {
    pub(crate) fn style(self, role: Role) -> Style {
        let style = Style::new();
        let side = |number: usize| SIDES[number % SIDES.len()];
        let (colour, style) = match role {
            Role::Plain => (None, style),
            Role::Aside | Role::Frame | Role::Gone => (None, style.add_modifier(Modifier::DIM)),
            Role::Title => (None, style.add_modifier(Modifier::BOLD)),
            Role::Here => (None, style.add_modifier(Modifier::REVERSED)),
            Role::Found => (Some(Color::Magenta), style.add_modifier(Modifier::REVERSED)),
            Role::Open => (Some(Color::Yellow), style.add_modifier(Modifier::BOLD)),
            Role::Done => (Some(Color::Green), style),
            Role::Wrong => (Some(Color::Red), style.add_modifier(Modifier::BOLD)),
            Role::Key => (Some(Color::Cyan), style.add_modifier(Modifier::BOLD)),
            Role::Side(number) => (Some(side(number)), style),
            Role::Words(number) => {
                (Some(side(number)), style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED))
            }
        };
        match (self, colour) {
            (Self::Coloured, Some(colour)) => style.fg(colour),
            (Self::Coloured | Self::Plain, _) => style,
        }
    }
}

/// A line of cells that is being filled from the left.
pub(crate) struct Pen<'b> {
    buffer: &'b mut Buffer,
    palette: Palette,
    x: u16,
    y: u16,
    end: u16,
}

impl<'b> Pen<'b> {
    /// At the beginning of row `row` of the area. Nothing is written outside of it.
    pub(crate) fn at(buffer: &'b mut Buffer, palette: Palette, area: Rect, row: u16) -> Self {
        let area = area.intersection(buffer.area);
        let end = if row < area.height { area.right() } else { area.x };
        Self { buffer, palette, x: area.x, y: area.y.saturating_add(row), end }
    }

    /// Cells left in the row.
    pub(crate) const fn left(&self) -> usize {
        (self.end - self.x) as usize
    }

    /// Writes text of ours or from elsewhere.
    pub(crate) fn put(&mut self, role: Role, text: &str) -> &mut Self {
        self.line(text.as_bytes(), 0, |_| role)
    }

    /// Writes a line from elsewhere, from the column `from` on, each byte in the role that it has.
    pub(crate) fn line(
        &mut self,
        line: &[u8],
        from: usize,
        role: impl Fn(usize) -> Role,
    ) -> &mut Self {
        let plain = plain(line, from.saturating_add(self.left()));
        for (at, byte) in line[..plain].iter().enumerate().skip(from) {
            let cell = &mut self.buffer[(self.x, self.y)];
            cell.set_char(char::from(*byte)).set_style(self.palette.style(role(at)));
            self.x += 1;
        }
        let mut column = plain;
        if self.left() == 0 {
            return self;
        }
        for glyph in glyphs_from(line, plain) {
            if self.left() == 0 {
                break;
            }
            let start = column;
            column += glyph.width;
            if column <= from {
                continue;
            }
            let mut style = self.palette.style(role(glyph.at));
            if glyph.kind == Kind::Spelled {
                style = style.add_modifier(Modifier::REVERSED);
            }
            // Of a glyph that is cut by an edge, its columns stay empty.
            let shown = if start < from {
                " ".repeat(column - from)
            } else if glyph.width > self.left() && glyph.kind == Kind::Written {
                " ".repeat(self.left())
            } else {
                glyph.text
            };
            (self.x, _) = self.buffer.set_stringn(self.x, self.y, shown, self.left(), style);
        }
        self
    }

    /// Writes into so many columns, and goes on behind them.
    pub(crate) fn within(&mut self, width: usize, write: impl FnOnce(&mut Self)) {
        let end = self.end;
        let width = u16::try_from(width).unwrap_or(u16::MAX);
        self.end = self.x.saturating_add(width).min(end);
        write(self);
        (self.x, self.end) = (self.end, end);
    }

    /// Writes text that ends where the row ends.
    pub(crate) fn put_last(&mut self, role: Role, text: &str) -> &mut Self {
        let width: usize = glyphs(text.as_bytes()).map(|glyph| glyph.width).sum();
        let free = self.left().saturating_sub(width);
        self.repeat(Role::Plain, " ", free).put(role, text)
    }

    /// Fills what is left of the row with a letter of ours that is one column wide.
    pub(crate) fn fill(&mut self, role: Role, letter: &'static str) {
        self.repeat(role, letter, self.left());
    }

    /// Writes such a letter so many times.
    fn repeat(&mut self, role: Role, letter: &'static str, times: usize) -> &mut Self {
        let style = self.palette.style(role);
        for _ in 0..times.min(self.left()) {
            self.buffer[(self.x, self.y)].set_symbol(letter).set_style(style);
            self.x += 1;
        }
        self
    }

    /// Gives the whole row from `area`'s left edge this look as well.
    pub(crate) fn mark(&mut self, role: Role, area: Rect) {
        let style = self.palette.style(role);
        let row = Rect { y: self.y, height: 1, ..area }.intersection(self.buffer.area);
        self.buffer.set_style(row, style);
    }
}

/// Draws a box with a title, and answers with what is inside.
pub(crate) fn framed(
    buffer: &mut Buffer,
    palette: Palette,
    area: Rect,
    title: &[(Role, String)],
) -> Rect {
    if area.width < 2 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    let mut pen = Pen::at(buffer, palette, area, 0);
    pen.put(Role::Frame, "┌");
    for (role, text) in title {
        // A corner is left for the frame.
        pen.end -= u16::from(pen.left() > 0);
        pen.put(*role, text);
        pen.end = area.right().min(pen.buffer.area.right());
    }
    let line = pen.left().saturating_sub(1);
    pen.repeat(Role::Frame, "─", line).repeat(Role::Frame, "┐", 1);
    for row in 1..area.height - 1 {
        Pen::at(buffer, palette, area, row).repeat(Role::Frame, "│", 1);
        let right = Rect { x: area.right() - 1, width: 1, ..area };
        Pen::at(buffer, palette, right, row).repeat(Role::Frame, "│", 1);
    }
    let mut pen = Pen::at(buffer, palette, area, area.height - 1);
    let line = pen.left().saturating_sub(2);
    pen.repeat(Role::Frame, "└", 1).repeat(Role::Frame, "─", line).repeat(Role::Frame, "┘", 1);
    Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
}
