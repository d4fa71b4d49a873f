//! Why it is a conflict: who did what, when, and what could settle it.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::paint::{Palette, Pen, Role};
use crate::settle::Settle;
use crate::settle::heads::foreseen;
use crate::settle::words::{command, decided, kind, later, letter, seal, who};
use crate::visible::glyphs;

/// The facts, each on as many lines as it takes, from this line on.
pub(super) fn why(settle: &Settle, from: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(NAME).max(1);
    let lines = facts(settle).into_iter().flat_map(|(role, name, fact)| {
        let lines = wrapped(&fact, room).into_iter().enumerate();
        lines
            .map(move |(at, line)| (role, if at == 0 { name.clone() } else { String::new() }, line))
    });
    let lines: Vec<_> = lines.collect();
    // The last line stays on the screen, however far somebody scrolls.
    let from = from.min(lines.len().saturating_sub(1));
    for (row, (role, name, line)) in (0..area.height).zip(&lines[from..]) {
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(*role, &format!("{name:<NAME$}")).put(Role::Plain, line);
    }
}

/// Columns of the name of a fact.
const NAME: usize = 7;

/// The text in lines of so many columns, broken between words where there are some.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0);
    for glyph in glyphs(text.as_bytes()) {
        if width + glyph.width > room && !line.is_empty() {
            let rest = match line.rfind(' ') {
                Some(space) if glyph.text != " " => line.split_off(space + 1),
                Some(_) | None => String::new(),
            };
            lines.push(std::mem::replace(&mut line, rest));
            width = glyphs(line.as_bytes()).map(|glyph| glyph.width).sum();
        }
        if line.is_empty() && glyph.text == " " && !lines.is_empty() {
            continue;
        }
        line.push_str(&glyph.text);
        width += glyph.width;
    }
    lines.push(line);
    lines
}

/// All there is to say: how it looks, the name of the fact, and the fact.
pub(crate) fn facts(settle: &Settle) -> Vec<(Role, String, String)> {
    let case = settle.case();
    let mut facts = Vec::new();
    let mut tell = |role, name: &str, fact: String| facts.push((role, name.to_owned(), fact));
    tell(Role::Aside, "kind", kind(case));
    if let Some(base) = &case.base {
        tell(Role::Aside, "base", base.clone());
    }
    for (number, side) in case.sides.iter().enumerate() {
        let counted = settle.aligned.counts.get(number).filter(|_| settle.open().is_some());
        let counted = counted.map(|(come, gone)| format!("+{come} −{gone}"));
        let did = counted.unwrap_or_else(|| settle.did(number));
        tell(Role::Side(number), &letter(number).to_string(), format!("{did}  {}", side.note));
        if let Some((_, of)) = &side.seal {
            let (_, title) = seal(of);
            tell(Role::Aside, "", format!("\"{title}\""));
            tell(Role::Aside, "", who(of));
        }
    }
    if let Some(later) = later(case) {
        tell(Role::Aside, "order", later);
    }
    if let Some(diverged) = settle.diverged() {
        tell(Role::Aside, "fuse", foreseen(diverged));
    }
    for offer in settle.offered() {
        tell(Role::Aside, "offer", format!("{}: {}", offer.step.name(), offer.step.sentence()));
    }
    if let Some(verdict) = settle.verdict(settle.spot()) {
        tell(Role::Done, "now", decided(verdict));
        if let Some(command) = command(case, settle.spot().part, verdict) {
            tell(Role::Aside, "types", command);
        }
    }
    facts
}
