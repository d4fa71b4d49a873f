//! The first line of the screen, and the last two.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::paint::{Palette, Pen, Role};
use crate::settle::action::Action;
use crate::settle::binding::{BINDINGS, Binding};
use crate::settle::{Mode, Settle};
use crate::text_box::TextBox;
use crate::visible::{glyphs, visible};

/// Where somebody is, how much is open, and whether the draft is on disk.
pub(super) fn header(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let case = settle.case();
    let (number, count) = settle.standing(settle.spot().case);
    let [open, decided] = settle.counts();
    let mut pen = Pen::at(buffer, palette, area, 0);
    let draft = match (&settle.unkept, settle.keeping) {
        (Some(_), _) => (Role::Wrong, " draft NOT on disk ".to_owned()),
        (None, 0) if decided == 0 => (Role::Aside, " nothing decided ".to_owned()),
        (None, 0) => (Role::Done, " draft ✓ ".to_owned()),
        (None, _) => (Role::Aside, " draft … ".to_owned()),
    };
    pen.put(Role::Title, " ").put(Role::Title, &visible(&case.name()));
    if let Some(aspect) = settle.aspect() {
        pen.put(Role::Plain, &format!("  its {}", aspect.about.name()));
    }
    let place = format!("  {number} of {count}");
    pen.put(Role::Plain, &place);
    let role = if open == 0 { Role::Done } else { Role::Open };
    pen.put(role, &format!("  {open} open"));
    match settle.put_off_count() {
        0 => {}
        count => {
            pen.put(Role::Aside, &format!(" ({count} put off)"));
        }
    }
    pen.put(Role::Plain, &format!(" · {decided} decided"));
    match settle.merged_count() {
        0 => {}
        count => {
            pen.put(Role::Aside, &format!(" · {count} merged, look"));
        }
    }
    pen.put_last(draft.0, &draft.1);
}

/// What there is to say, and the keys.
pub(super) fn footer(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::at(buffer, palette, area, 0);
    match &settle.unkept {
        Some(why) => pen.put(Role::Wrong, &format!(" not kept: {}", visible(why))),
        None => pen.put(Role::Plain, " ").put(Role::Plain, &visible(&settle.notice)),
    };
    if let (Mode::Searching(written), None) = (&settle.mode, &settle.unkept) {
        let mut pen = Pen::at(buffer, palette, area, 0);
        pen.put(Role::Key, " / ");
        line_of(written, &mut pen);
    }
    let mut pen = Pen::at(buffer, palette, area, 1);
    for binding in shown(settle) {
        let short = short(settle, binding);
        let wanted = binding.keys[0].chars().count() + short.chars().count() + 2;
        if pen.left() < wanted {
            break;
        }
        pen.put(Role::Plain, " ").put(Role::Key, binding.keys[0]);
        pen.put(Role::Plain, " ").put(Role::Plain, short);
    }
}

/// What a key does to what is looked at, in a word.
fn short(settle: &Settle, binding: &Binding) -> &'static str {
    match binding.action {
        Action::Offer if settle.diverged().is_some() => "fuse",
        Action::Both if settle.diverged().is_some() => "apart",
        _ => binding.short,
    }
}

/// A line that somebody writes, with the cursor in it.
pub(super) fn line_of(written: &TextBox, pen: &mut Pen) {
    let (_, at) = written.cursor();
    let line = written.lines().concat();
    let before: usize = glyphs(&line.as_bytes()[..at]).map(|glyph| glyph.width).sum();
    let aside = (before + 1).saturating_sub(pen.left());
    pen.line(line.as_bytes(), aside, |byte| if byte == at { Role::Here } else { Role::Plain });
    if at == line.len() {
        pen.put(Role::Here, " ");
    }
}

/// The keys at the foot: those of this place that do something to what is looked at. The way out and the page of keys come
/// first where not all fit.
fn shown(settle: &Settle) -> Vec<&'static Binding> {
    let place = settle.place();
    let is_whole = settle.open().is_none();
    let is_of_lines = |action: Action| {
        matches!(
            action,
            Action::Both
                | Action::BothReversed
                | Action::Nothing
                | Action::Lines
                | Action::Write
                | Action::Editor
        )
    };
    let is_merged = settle.merged().is_some();
    let decides = |action: Action| {
        matches!(action, Action::Side(_) | Action::Base | Action::PutOff | Action::Offer)
            || is_of_lines(action)
    };
    let is_diverged = settle.diverged().is_some();
    let does = |binding: &&Binding| match binding.action {
        Action::Offer | Action::Both if is_diverged => true,
        Action::Base | Action::Sweep if is_diverged => false,
        action if is_merged && decides(action) => false,
        Action::PutOff if settle.aspect().is_some() => false,
        Action::Offer => !settle.offered().is_empty(),
        action => !(is_whole && is_of_lines(action)),
    };
    let here =
        BINDINGS.iter().filter(|binding| binding.place == place && !binding.short.is_empty());
    let mut here: Vec<_> = here.filter(does).collect();
    let is_first = |binding: &&Binding| matches!(binding.action, Action::Leave | Action::Keys);
    here.sort_by_key(|binding| !is_first(binding));
    here
}
