//! Which conflicts are decided at once, and what would become of each.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::Rules;
use selkie_vcs::settling::Swept;

use crate::paint::{Palette, Pen, Role, framed};
use crate::settle::Settle;
use crate::settle::sweeping::Sweeping;
use crate::settle::view::edge::line_of;
use crate::settle::view::room::rows_below;
use crate::settle::words::decided;
use crate::visible::visible;

/// What is asked, the rule if it becomes one, and below that a line for each conflict that is meant.
pub(super) fn many(
    settle: &Settle,
    sweeping: &Sweeping,
    palette: Palette,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inside = framed(buffer, palette, area, &[(Role::Title, " Many at once ".to_owned())]);
    let mut pen = Pen::at(buffer, palette, inside, 0);
    pen.put(Role::Aside, " files  ");
    line_of(&sweeping.pattern, &mut pen);
    let mut pen = Pen::at(buffer, palette, inside, 1);
    pen.put(Role::Aside, " sort   ").put(Role::Plain, sweeping.sort.name());
    let mut pen = Pen::at(buffer, palette, inside, 2);
    pen.put(Role::Aside, " take   ").put(Role::Key, &sweeping.take.to_string());
    let mut used = 3;
    for (at, (role, line)) in rule(sweeping).into_iter().enumerate() {
        let name = if at == 0 { " rule   " } else { "        " };
        let mut pen = Pen::at(buffer, palette, inside, used);
        pen.put(Role::Aside, name).put(role, &visible(&line));
        used += 1;
    }
    let mut pen = Pen::at(buffer, palette, inside, used + 1);
    for (role, text) in sum(settle, sweeping) {
        pen.put(role, &visible(&text));
    }
    let list = rows_below(inside, used + 2);
    let would = match &sweeping.would {
        Some(Ok(would)) => &would[..],
        Some(Err(_)) | None => &[],
    };
    let from = sweeping.from.min(would.len());
    for (row, one) in (0..list.height).zip(&would[from..]) {
        let (role, sign, told) = becomes(settle, sweeping, one);
        let mut pen = Pen::at(buffer, palette, list, row);
        pen.put(role, sign).put(Role::Plain, &visible(one.path.as_str()));
        pen.put(Role::Aside, "  ").put(role, &visible(&told));
    }
}

/// What would become of one of them, in words.
pub(crate) fn becomes(
    settle: &Settle,
    sweeping: &Sweeping,
    one: &Swept,
) -> (Role, &'static str, String) {
    match (settle.draft().verdict(one.part), &one.verdict, one.lines) {
        (Some(verdict), ..) => {
            (Role::Aside, " ✓ ", format!("stays as it is decided: {}", decided(verdict)))
        }
        (None, Err(why), _) => (Role::Open, " ? ", format!("stays open: {why}")),
        (None, Ok(_), Some([come, go])) => {
            (Role::Done, " → ", format!("{} +{come} −{go}", sweeping.take))
        }
        (None, Ok(_), None) => (Role::Done, " → ", format!("{} as a whole", sweeping.take)),
    }
}

/// The rule, as it comes into its file.
pub(crate) fn rule(sweeping: &Sweeping) -> Vec<(Role, String)> {
    if !sweeping.is_rule {
        return Vec::new();
    }
    match sweeping.rule() {
        Err(why) => vec![(Role::Wrong, why)],
        Ok(rule) => {
            let told =
                format!("it comes into {} when you write, and settles the next:", Rules::FILE);
            let text = rule.text();
            let lines = text.lines().map(|line| (Role::Plain, line.to_owned()));
            std::iter::once((Role::Aside, told)).chain(lines).collect()
        }
    }
}

/// How many are meant, and how many of them would be decided.
pub(crate) fn sum(settle: &Settle, sweeping: &Sweeping) -> Vec<(Role, String)> {
    match &sweeping.would {
        None => vec![(Role::Aside, " looking …".to_owned())],
        Some(Err(why)) => vec![(Role::Wrong, format!(" {why}"))],
        Some(Ok(would)) => {
            let count = settle.sweep_changes(would).len();
            let role = if count == 0 { Role::Open } else { Role::Title };
            let meant = match would.len() {
                1 => "1 conflict is meant".to_owned(),
                meant => format!("{meant} conflicts are meant"),
            };
            vec![(role, format!(" {meant}, {count} would be decided by that"))]
        }
    }
}
