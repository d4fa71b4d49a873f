//! Why it is a conflict: who did what, when, and what could settle it.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::paint::{Palette, Pen, Role};
use crate::settle::Settle;
use crate::settle::words::{command, decided, did, kind, later, letter, seal, who};
use crate::visible::visible;

/// The facts, one a line, from this one on.
pub(super) fn why(settle: &Settle, from: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    for (row, (role, name, fact)) in (0..area.height).zip(facts(settle).iter().skip(from)) {
        let mut pen = Pen::at(buffer, palette, area, row);
        pen.put(*role, &format!("{name:<6} ")).put(Role::Plain, &visible(fact));
    }
}

/// All there is to say.
pub(super) fn facts(settle: &Settle) -> Vec<(Role, String, String)> {
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
        let did = counted.unwrap_or_else(|| did(side, case));
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
    for offer in settle.offered() {
        tell(Role::Aside, "offer", format!("{}: {}", offer.step.name(), offer.step.sentence()));
    }
    if let Some(verdict) = settle.verdict(settle.spot()) {
        tell(Role::Done, "now", decided(verdict));
        if let Some(command) = command(case, verdict) {
            tell(Role::Aside, "types", command);
        }
    }
    facts
}
