//! The versions of one conflict, one below the other, for small screens.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use selkie_vcs::Versions;

use crate::paint::{Palette, Pen, Role};
use crate::settle::Settle;
use crate::settle::view::sides::shown as shown_line;
use crate::settle::words::letter;
use crate::visible::{visible, without_end};

/// Each side with its name and its lines, then what there was before.
pub(super) fn loupe(settle: &Settle, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let case = settle.case();
    let mut shown: Vec<(Role, String, Vec<u8>)> = Vec::new();
    let versions = settle.open().map(|open| &open.versions);
    let mut version = |role, sign: String, name: String, text: Option<&Vec<u8>>| {
        shown.push((role, format!("{sign} "), name.into_bytes()));
        let lines = text.into_iter().flat_map(|text| text.split_inclusive(|byte| *byte == b'\n'));
        shown.extend(lines.map(|line| (role, format!("{sign} ▌ "), without_end(line).to_vec())));
    };
    for (number, side) in case.sides.iter().enumerate() {
        let text =
            versions.map(|Versions { ours, theirs, .. }| if number == 0 { ours } else { theirs });
        let told = if text.is_some() { String::new() } else { format!(" {}", settle.did(number)) };
        // A head is told by what was sealed on it.
        let tip = case.diverged().and_then(|diverged| diverged.tips.get(number));
        let titles = tip.map(|tip| {
            let titles = tip.newest.iter().map(|(name, title)| format!("{title}  {name}\n"));
            titles.collect::<String>().into_bytes()
        });
        let text = text.or(titles.as_ref());
        let who = side.seal.as_ref().map(|(_, seal)| format!(" · {}", seal.author.name));
        let name = visible(&format!("{}{told}{}", side.note, who.unwrap_or_default()));
        version(Role::Side(number), letter(number).to_string(), name, text);
    }
    if let Some(versions) = versions {
        version(Role::Aside, "O".to_owned(), "before".to_owned(), Some(&versions.base));
    }
    let from =
        usize::try_from(settle.scroll).unwrap_or_default().min(shown.len().saturating_sub(1));
    for (row, (role, sign, line)) in (0..area.height).zip(&shown[from..]) {
        let mut pen = Pen::at(buffer, palette, area, row);
        let is_name = !sign.ends_with("▌ ");
        let text = if is_name { Role::Title } else { Role::Plain };
        pen.put(*role, sign);
        if is_name {
            pen.line(line, 0, |_| text);
        } else {
            shown_line(settle, line, |_| text, &mut pen);
        }
    }
}
