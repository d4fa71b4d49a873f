//! What stands over the conflicts, or in the place of the result.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::Rules;
use selkie_vcs::settling::Shape;

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::Settle;
use crate::settle::action::Place;
use crate::settle::binding::BINDINGS;
use crate::settle::heads::comes_of;
use crate::settle::tally::Count;
use crate::settle::view::why;
use crate::text_box::TextBox;
use crate::visible::{glyphs, visible, without_end};

/// All keys, from this one on.
pub(super) fn keys(from: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let inside = framed(buffer, palette, area, &[(Role::Title, " Keys ".to_owned())]);
    let mut lines: Vec<(String, &str)> = Vec::new();
    for (place, name) in [
        (Place::Conflicts, "Conflicts"),
        (Place::Lines, "While you choose lines"),
        (Place::Sweeping, "While you decide many at once"),
        (Place::Searching, "While you look for a text"),
        (Place::Writing, "While you write"),
        (Place::Finishing, "Before it is written"),
        (Place::Page, "Pages like this one"),
    ] {
        lines.push((String::new(), name));
        let here = BINDINGS.iter().filter(|binding| binding.place == place);
        lines.extend(here.map(|binding| (binding.keys.join(" "), binding.help)));
    }
    // The last key stays on the screen, however far somebody scrolls.
    let from = from.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (row, (keys, help)) in (0..inside.height).zip(&lines[from..]) {
        let mut pen = Pen::at(buffer, palette, inside, row);
        if keys.is_empty() {
            pen.put(Role::Title, help);
        } else {
            pen.put(Role::Key, &format!("  {keys:<22}")).put(Role::Plain, help);
        }
    }
}

/// All facts about a conflict.
pub(super) fn why(settle: &Settle, from: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let inside = framed(buffer, palette, area, &[(Role::Title, " Why ".to_owned())]);
    why::why(settle, from, palette, inside, buffer);
}

/// What finishing would do, in lines.
pub(crate) fn prospect(settle: &Settle) -> Vec<(Role, String)> {
    let (mut whole, mut partly, mut not, mut left) = (0, 0, 0, 0);
    let mut heads = Vec::new();
    for (at, case) in settle.cases.iter().enumerate() {
        let Count { asked, answered, settled, spots, .. } = settle.tally.case(at);
        if answered == asked {
            left += spots - asked - (settled - answered);
        }
        match (&case.shape, settled) {
            (Shape::Merged(_), _) => {}
            (Shape::Heads(diverged), _) => {
                let verdict = case.verdict(&settle.draft, diverged.part);
                heads.extend(verdict.map(|verdict| {
                    format!("{}: {}", diverged.timeline, comes_of(diverged, verdict))
                }));
            }
            (Shape::Text(_) | Shape::Whole(_), _) if answered == asked => whole += 1,
            (_, 0) => not += 1,
            _ => partly += 1,
        }
    }
    let files = |count: usize| {
        if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") }
    };
    let [open, decided] = settle.counts();
    let mut lines = vec![
        (Role::Title, format!("Write {decided} decided, with {open} open?")),
        (Role::Plain, String::new()),
    ];
    if whole + partly + not > 0 {
        lines.push((Role::Done, format!("{} settled by that", files(whole))));
        let begun = format!("{} begun: markers stay where it is open", files(partly));
        lines.push((Role::Plain, begun));
        lines.push((Role::Plain, format!("{} not touched", files(not))));
    }
    if left > 0 {
        let told = if left == 1 { "1 name or mode stays" } else { "names and modes stay" };
        lines.push((Role::Plain, format!("{told} as the merge left it")));
    }
    lines.extend(heads.iter().map(|told| (Role::Done, visible(told))));
    for rule in settle.draft.rules() {
        let told = format!("{} gets a rule: {} {}", Rules::FILE, rule.path(), rule.strategy());
        lines.push((Role::Plain, visible(&told)));
    }
    lines.push((Role::Plain, String::new()));
    lines.push((Role::Aside, "selkie undo takes all of it back.".to_owned()));
    lines
}

/// What would be written, and whether it shall be.
pub(super) fn finishing(
    settle: &Settle,
    is_confirmed: bool,
    palette: Palette,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut lines = prospect(settle);
    lines.push((Role::Open, if is_confirmed { "Writing …".to_owned() } else { String::new() }));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let longest = lines.iter().map(|(_, line)| line.chars().count()).max().unwrap_or_default();
    let width = u16::try_from(longest + 4).unwrap_or(u16::MAX).max(56);
    let (width, height) = (width.min(area.width), height.min(area.height));
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    for row in 0..place.height {
        Pen::at(buffer, palette, place, row).fill(Role::Plain, " ");
    }
    let inside = framed(buffer, palette, place, &[(Role::Title, " Finish ".to_owned())]);
    for (row, (role, line)) in (0..inside.height).zip(&lines) {
        Pen::at(buffer, palette, inside, row).put(Role::Plain, " ").put(*role, line);
    }
}

/// The text that is being written, with the cursor on the screen.
pub(super) fn writing(written: &TextBox, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let (line, at) = written.cursor();
    let (height, width) = (usize::from(area.height), usize::from(area.width.saturating_sub(3)));
    let top = line.saturating_sub(height.saturating_sub(1));
    let before = &written.lines()[line].as_bytes()[..at];
    let column: usize = glyphs(before).map(|glyph| glyph.width).sum();
    let aside = (column + 1).saturating_sub(width);
    for (row, (number, text)) in (0..area.height).zip(written.lines().iter().enumerate().skip(top))
    {
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(Role::Open, "e ");
        if number != line {
            pen.line(without_end(text.as_bytes()), 0, |_| Role::Plain);
            continue;
        }
        let role = |byte| if byte == at { Role::Here } else { Role::Plain };
        pen.line(text.as_bytes(), aside, role);
        if at == text.len() {
            pen.put(Role::Here, " ");
        }
    }
}
