//! The conflict screen in cells: a function of what the screen knows and of the area, and of nothing else.
//!
//! Always on the screen: where somebody is, how much is open, whether the draft is on disk, the conflict with its sides, and the keys
//! that do something here.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::view::room::{columns, rows, rows_below};
use crate::settle::{Mode, Settle, Shows};

mod edge;
mod list;
mod loupe;
pub(crate) mod many;
pub(crate) mod pages;
mod result;
mod room;
mod sides;
mod table;
pub(crate) mod why;

/// How the body is divided, by how much room there is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layout {
    /// The list, the sides beside each other, the result, and why.
    Wide,
    /// The sides beside each other, and the result.
    Middle,
    /// One below the other.
    Loupe,
    /// One below the other, without a frame.
    Bare,
}

impl Layout {
    const fn of(area: Rect) -> Self {
        match (area.width, area.height) {
            (120.., 20..) => Self::Wide,
            (90.., 20..) => Self::Middle,
            (60.., 12..) => Self::Loupe,
            _ => Self::Bare,
        }
    }
}

/// Columns of the list, and of why.
const LIST: u16 = 26;
const WHY: u16 = 40;

impl Settle {
    /// Draws the screen, all of it.
    pub fn view(&self, palette: Palette, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.height < 3 {
            return edge::header(self, palette, area, buffer);
        }
        let [top, foot] =
            [Rect { height: 1, ..area }, Rect { y: area.bottom() - 2, height: 2, ..area }];
        let body = Rect { y: area.y + 1, height: area.height - 3, ..area };
        edge::header(self, palette, top, buffer);
        edge::footer(self, palette, foot, buffer);
        let layout = Layout::of(area);
        match &self.mode {
            Mode::Keys { from } => pages::keys(*from, palette, body, buffer),
            Mode::Why { from } => pages::why(self, *from, palette, body, buffer),
            Mode::Sweeping(sweeping) => many::many(self, sweeping, palette, body, buffer),
            Mode::Conflicts | Mode::Searching(_) | Mode::Finishing { .. }
                if self.shows == Shows::Table =>
            {
                table::table(self, palette, body, buffer);
            }
            Mode::Conflicts
            | Mode::Writing(_)
            | Mode::Lines(_)
            | Mode::Searching(_)
            | Mode::Finishing { .. } => self.body(layout, palette, body, buffer),
        }
        if let Mode::Finishing { is_confirmed } = self.mode {
            pages::finishing(self, is_confirmed, palette, body, buffer);
        }
    }

    fn body(&self, layout: Layout, palette: Palette, body: Rect, buffer: &mut Buffer) {
        let (list, rest) = match layout {
            Layout::Wide => columns(body, LIST),
            Layout::Middle | Layout::Loupe | Layout::Bare => (Rect { width: 0, ..body }, body),
        };
        if list.width > 0 {
            let title = [(Role::Title, " Conflicts ".to_owned())];
            let inside = framed(buffer, palette, list, &title);
            list::list(self, palette, inside, buffer);
        }
        let (above, below) = rows(rest, if layout == Layout::Bare { 2 } else { 3 });
        match layout {
            Layout::Wide | Layout::Middle => sides::sides(self, palette, above, buffer),
            Layout::Loupe => {
                let inside = framed(buffer, palette, above, &[(Role::Title, " Sides ".to_owned())]);
                self.small(palette, inside, buffer);
            }
            Layout::Bare => self.small(palette, above, buffer),
        }
        let (result, why) = match layout {
            Layout::Wide => {
                let (result, why) = columns(below, below.width.saturating_sub(WHY));
                (result, Some(why))
            }
            Layout::Middle | Layout::Loupe | Layout::Bare => (below, None),
        };
        if let Some(why) = why {
            let inside = framed(buffer, palette, why, &[(Role::Title, " Why ".to_owned())]);
            why::why(self, 0, palette, inside, buffer);
        }
        let inside = match layout {
            Layout::Bare => {
                let mut pen = Pen::at(buffer, palette, result, 0);
                pen.put(Role::Title, "Result ").fill(Role::Frame, "─");
                rows_below(result, 1)
            }
            Layout::Wide | Layout::Middle | Layout::Loupe => {
                framed(buffer, palette, result, &result::title(self))
            }
        };
        match &self.mode {
            Mode::Writing(written) => pages::writing(written, palette, inside, buffer),
            Mode::Conflicts
            | Mode::Lines(_)
            | Mode::Sweeping(_)
            | Mode::Searching(_)
            | Mode::Keys { .. }
            | Mode::Why { .. }
            | Mode::Finishing { .. } => result::result(self, palette, inside, buffer),
        }
    }

    /// The sides where there is little room: one below the other, or the one of which lines are chosen.
    fn small(&self, palette: Palette, area: Rect, buffer: &mut Buffer) {
        match self.cursor() {
            Some(cursor) => sides::one_side(self, cursor.side, palette, area, buffer),
            None => loupe::loupe(self, palette, area, buffer),
        }
    }
}
