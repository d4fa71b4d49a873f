//! What the file will have.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::settling::{Diverged, Verdict};

use crate::paint::{Palette, Pen, Role};
use crate::settle::apart::taken;
use crate::settle::heads::{comes_of, foreseen, waits};
use crate::settle::lines::Line;
use crate::settle::view::sides::{other, shown};
use crate::settle::words::{decided, letter, origins};
use crate::settle::{Mode, Settle};
use crate::visible::{visible, without_end};

/// What stands in the frame: how the conflict stands.
pub(super) fn title(settle: &Settle) -> [(Role, String); 2] {
    let state = match (&settle.mode, settle.verdict(settle.spot())) {
        (Mode::Writing(_), _) => (Role::Open, " being written ".to_owned()),
        (_, Some(verdict)) => (Role::Done, format!(" decided: {} ", visible(&decided(verdict)))),
        (_, None) if settle.merged().is_some() => (Role::Aside, " merged, look ".to_owned()),
        (_, None) if settle.aspect().is_some() => {
            (Role::Aside, " as the merge left it ".to_owned())
        }
        (_, None) if settle.draft.put_off(settle.spot().part).is_some() => {
            (Role::Open, " open, put off ".to_owned())
        }
        (_, None) => (Role::Open, " open ".to_owned()),
    };
    [(Role::Title, " Result ".to_owned()), state]
}

/// The lines around the conflict, and in its place what was decided, or what is offered.
pub(super) fn result(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let verdict = settle.verdict(settle.spot());
    let Some(open) = settle.open() else { return whole(settle, palette, area, buffer) };
    let offer = settle.offered().first();
    let merged = settle.merged();
    let (role, text) = match (verdict, offer) {
        _ if merged.is_some() => (Role::Plain, merged.unwrap_or_default().into()),
        (Some(verdict), _) => (Role::Plain, verdict.lines(&open.versions)),
        (None, Some(offer)) => (Role::Aside, (&offer.text).into()),
        (None, None) => (Role::Aside, (&b""[..]).into()),
    };
    let text: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let signs = match verdict {
        Some(verdict) => origins(verdict, &open.versions, text.len()),
        None if merged.is_some() => vec!['≈'; text.len()],
        None => vec!['?'; text.len()],
    };
    let is_told = text.is_empty();
    // Where lines are chosen, the one that came last is seen.
    let last = settle.cursor().map(|_| text.len().saturating_sub(1));
    let rows = settle.lines(usize::from(area.height), text.len().max(1), last);
    for (row, line) in (0..).zip(rows) {
        let mut pen = Pen::at(buffer, palette, area, row);
        match line {
            Line::Outside => {}
            Line::Settled(line) => {
                pen.put(Role::Plain, "  ");
                shown(settle, without_end(line), |_| Role::Aside, &mut pen);
            }
            Line::Other(part) => other(settle, part, &mut pen),
            Line::Row(_) if is_told && verdict.is_some() => {
                pen.put(Role::Done, "✓ ").put(Role::Aside, "no line");
            }
            Line::Row(_) if is_told && merged.is_some() => {
                pen.put(Role::Aside, "≈ no line");
            }
            Line::Row(_) if is_told => {
                pen.put(Role::Open, "? ").put(Role::Aside, "open: take a side, or write it");
            }
            Line::Row(at) => {
                let sign_role = if verdict.is_some() { Role::Done } else { Role::Open };
                pen.put(sign_role, &format!("{} ", signs[at]));
                shown(settle, without_end(text[at]), |_| role, &mut pen);
                if let (None, Some(offer), 0) = (verdict, offer, at) {
                    pen.put_last(Role::Aside, &format!(" m takes this: {}", offer.step.name()));
                }
            }
        }
    }
}

/// What becomes of a path that is decided as a whole.
fn whole(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let case = settle.case();
    if let Some(diverged) = settle.diverged() {
        return heads(settle, diverged, palette, area, buffer);
    }
    let mut pen = Pen::at(buffer, palette, area, 0);
    let verdict = settle.verdict(settle.spot());
    if let Some(aspect) = settle.aspect() {
        let told = verdict.and_then(|verdict| taken(aspect, verdict));
        match told {
            Some(told) => pen.put(Role::Done, "✓ ").put(Role::Plain, &visible(&told)),
            None => pen.put(Role::Aside, "≈ ").put(Role::Aside, &visible(&settle.stays(aspect))),
        };
        return;
    }
    match verdict {
        Some(Verdict::Side(side)) => {
            let side = usize::from(*side);
            let told = settle.did(side);
            pen.put(Role::Done, "✓ ").put(Role::Plain, "as ");
            pen.put(Role::Side(side), &letter(side).to_string());
            pen.put(Role::Plain, &format!(" has it, which {}", visible(&told)))
        }
        Some(_) => pen.put(Role::Done, "✓ ").put(
            Role::Plain,
            match &case.base {
                Some(_) => "as it was before either side",
                None => "nothing, as it was before either side",
            },
        ),
        None => pen.put(Role::Open, "? ").put(Role::Aside, "open: take a side as a whole"),
    };
}

/// What becomes of a timeline that diverged, and what a fuse of its heads would be.
fn heads(settle: &Settle, diverged: &Diverged, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::at(buffer, palette, area, 0);
    if let Some(verdict) = settle.verdict(settle.spot()) {
        pen.put(Role::Done, "✓ ").put(Role::Plain, &visible(&comes_of(diverged, verdict)));
    } else {
        let told = waits(diverged).unwrap_or("open: take a head, m fuses, b keeps each apart");
        pen.put(Role::Open, "? ").put(Role::Aside, told);
    }
    let mut pen = Pen::at(buffer, palette, area, 1);
    pen.put(Role::Plain, "  ").put(Role::Aside, &visible(&foreseen(diverged)));
}
