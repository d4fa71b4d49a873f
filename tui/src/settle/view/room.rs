//! How an area is divided.

use ratatui_core::layout::Rect;

/// The area in two, the left one so wide.
pub(super) const fn columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = if left < area.width { left } else { area.width };
    let right = Rect { x: area.x + left, width: area.width - left, ..area };
    (Rect { width: left, ..area }, right)
}

/// The area in two, the upper one with `share` parts of five.
pub(super) const fn rows(area: Rect, share: u16) -> (Rect, Rect) {
    let above = area.height * share / 5;
    (Rect { height: above, ..area }, rows_below(area, above))
}

/// What is left of the area below so many rows.
pub(super) const fn rows_below(area: Rect, above: u16) -> Rect {
    let above = if above < area.height { above } else { area.height };
    Rect { y: area.y + above, height: area.height - above, ..area }
}
