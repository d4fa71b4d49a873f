//! With which key somebody does what on the conflict screen: the one table.
//!
//! The keys, the line at the foot of the screen, the page of keys and the reference all come from it.

use crate::key::{Code, Key, With};
use crate::settle::action::{Action, Place, Stroke, Way};

/// A key, and what it does in a place.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where.
    pub place: Place,
    /// The keys, the first being the one that is shown.
    pub keys: &'static [&'static str],
    /// What they do.
    pub action: Action,
    /// What stands at the foot of the screen; nothing for keys that people know.
    pub short: &'static str,
    /// What stands on the page of keys.
    pub help: &'static str,
}

const fn bind(
    place: Place,
    keys: &'static [&'static str],
    action: Action,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding { place, keys, action, short, help }
}

use Place::{Conflicts, Finishing, Lines, Page, Searching, Sweeping, Writing};

/// All of them, in the order in which they are shown.
pub const BINDINGS: &[Binding] = &[
    bind(Conflicts, &["1"], Action::Side(0), "A", "take side A; again: open again"),
    bind(Conflicts, &["2"], Action::Side(1), "B", "take side B"),
    bind(Conflicts, &["3"], Action::Side(2), "", "take side C"),
    bind(Conflicts, &["4"], Action::Side(3), "", "take side D"),
    bind(Conflicts, &["5"], Action::Side(4), "", "take side E"),
    bind(Conflicts, &["6"], Action::Side(5), "", "take side F"),
    bind(Conflicts, &["7"], Action::Side(6), "", "take side G"),
    bind(Conflicts, &["8"], Action::Side(7), "", "take side H"),
    bind(Conflicts, &["9"], Action::Side(8), "", "take side I"),
    bind(Conflicts, &["0"], Action::Base, "base", "take what there was before either side"),
    bind(Conflicts, &["b"], Action::Both, "A+B", "take both, A above B; of heads: keep each apart"),
    bind(Conflicts, &["B"], Action::BothReversed, "B+A", "take both, B above A"),
    bind(
        Conflicts,
        &["m", "enter"],
        Action::Offer,
        "offer",
        "take what is offered; again: the next offer; of heads: fuse",
    ),
    bind(
        Conflicts,
        &["n"],
        Action::NextOpen,
        "next",
        "go to the next open conflict, in whatever file",
    ),
    bind(Conflicts, &["p"], Action::PreviousOpen, "", "go to the open conflict before"),
    bind(Conflicts, &["u"], Action::Undo, "undo", "take the last step back, to the very first"),
    bind(Conflicts, &["U", "ctrl-r"], Action::Redo, "", "do again what was taken back"),
    bind(Conflicts, &["e"], Action::Write, "edit", "write it here"),
    bind(Conflicts, &["W"], Action::Finish, "write", "put what is decided into the files"),
    bind(Conflicts, &["x"], Action::Nothing, "drop", "take no line at all"),
    bind(Conflicts, &["v"], Action::Lines, "lines", "choose single lines"),
    bind(
        Conflicts,
        &["d"],
        Action::PutOff,
        "later",
        "put it off: it stays open and comes last; again: not any more",
    ),
    bind(Conflicts, &["s"], Action::Sweep, "many", "decide many at once"),
    bind(Conflicts, &["/"], Action::Search, "find", "look for a text, in names and in lines"),
    bind(Conflicts, &["E"], Action::Editor, "editor", "write it in your editor"),
    bind(
        Conflicts,
        &["t"],
        Action::Table,
        "table",
        "show all as a table, key by key where a file has keys; again: one beside the other",
    ),
    bind(Conflicts, &["i"], Action::Why, "why", "show who did what, and when"),
    bind(
        Conflicts,
        &["ctrl-n"],
        Action::FindNext,
        "",
        "go to the next place with what was looked for",
    ),
    bind(Conflicts, &["ctrl-p"], Action::FindPrevious, "", "go to the place with it before"),
    bind(Conflicts, &["o"], Action::Reopen, "", "let it be open again"),
    bind(Conflicts, &["]"], Action::Next, "", "go to the next conflict, open or not"),
    bind(Conflicts, &["["], Action::Previous, "", "go to the conflict before, open or not"),
    bind(Conflicts, &["J"], Action::NextFile, "", "go to the next file"),
    bind(Conflicts, &["K"], Action::PreviousFile, "", "go to the file before"),
    bind(Conflicts, &["g", "home"], Action::First, "", "go to the first conflict"),
    bind(Conflicts, &["G", "end"], Action::Last, "", "go to the last conflict"),
    bind(Conflicts, &["j", "down"], Action::Scroll(1), "", "scroll down"),
    bind(Conflicts, &["k", "up"], Action::Scroll(-1), "", "scroll up"),
    bind(Conflicts, &["ctrl-d", "pgdn"], Action::Scroll(10), "", "scroll down by ten lines"),
    bind(Conflicts, &["ctrl-u", "pgup"], Action::Scroll(-10), "", "scroll up by ten lines"),
    bind(Conflicts, &["l", "right"], Action::Aside(8), "", "scroll to the right"),
    bind(Conflicts, &["h", "left"], Action::Aside(-8), "", "scroll to the left"),
    bind(Conflicts, &["q", "esc", "ctrl-c"], Action::Leave, "leave", "leave; the draft is kept"),
    bind(Conflicts, &["?"], Action::Keys, "keys", "show all keys"),
    bind(Conflicts, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Conflicts, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(Writing, &["ctrl-s"], Action::Keep, "keep", "keep what was written"),
    bind(Writing, &["esc", "ctrl-c"], Action::Back, "discard", "throw away what was written"),
    bind(Writing, &["alt-1"], Action::InsertSide(0), "insert A", "insert the lines of A"),
    bind(Writing, &["alt-2"], Action::InsertSide(1), "insert B", "insert the lines of B"),
    bind(Writing, &["alt-0"], Action::InsertBase, "insert base", "insert the lines from before"),
    bind(Writing, &["enter"], Action::Text(Stroke::Enter), "", "end the line"),
    bind(Writing, &["tab"], Action::Text(Stroke::Tab), "", "write a tab"),
    bind(
        Writing,
        &["backspace"],
        Action::Text(Stroke::Backspace),
        "",
        "take away the letter before",
    ),
    bind(Writing, &["delete"], Action::Text(Stroke::Delete), "", "take away the letter behind"),
    bind(Writing, &["up"], Action::Text(Stroke::Up), "", "a line up"),
    bind(Writing, &["down"], Action::Text(Stroke::Down), "", "a line down"),
    bind(Writing, &["left"], Action::Text(Stroke::Left), "", "a letter back"),
    bind(Writing, &["right"], Action::Text(Stroke::Right), "", "a letter on"),
    bind(
        Writing,
        &["home", "ctrl-a"],
        Action::Text(Stroke::Home),
        "",
        "to the beginning of the line",
    ),
    bind(Writing, &["end", "ctrl-e"], Action::Text(Stroke::End), "", "to the end of the line"),
    bind(Writing, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Writing, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(
        Lines,
        &["space"],
        Action::Toggle,
        "take or not",
        "take the line, behind those that are taken; or not any more",
    ),
    bind(Lines, &["j", "down"], Action::Line(Way::On), "down", "to the line below"),
    bind(Lines, &["k", "up"], Action::Line(Way::Back), "up", "to the line above"),
    bind(
        Lines,
        &["tab", "h", "l", "left", "right"],
        Action::OtherSide,
        "other side",
        "to the other side",
    ),
    bind(Lines, &["1"], Action::LinesOf(0), "", "to the lines of A"),
    bind(Lines, &["2"], Action::LinesOf(1), "", "to the lines of B"),
    bind(Lines, &["g", "home"], Action::Line(Way::First), "", "to the first line"),
    bind(Lines, &["G", "end"], Action::Line(Way::Last), "", "to the last line"),
    bind(Lines, &["u"], Action::Undo, "undo", "take the last step back"),
    bind(Lines, &["U", "ctrl-r"], Action::Redo, "", "do again what was taken back"),
    bind(
        Lines,
        &["esc", "v", "q", "enter", "ctrl-c"],
        Action::Back,
        "back",
        "back to the conflicts; what is taken stays",
    ),
    bind(Lines, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Lines, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(Sweeping, &["enter"], Action::SweepDo, "decide", "decide all of them, in one step"),
    bind(Sweeping, &["esc", "ctrl-c"], Action::Back, "not", "back to the conflicts"),
    bind(
        Sweeping,
        &["down"],
        Action::SweepTake(Way::On),
        "take",
        "take something else of each: the next word",
    ),
    bind(
        Sweeping,
        &["up"],
        Action::SweepTake(Way::Back),
        "",
        "take something else of each: the word before",
    ),
    bind(
        Sweeping,
        &["tab"],
        Action::SweepSort,
        "sort",
        "of another sort: any, lines, whole, removed, moved",
    ),
    bind(Sweeping, &["ctrl-r"], Action::SweepRule, "rule", "make a rule of it as well, or not"),
    bind(Sweeping, &["pgdn", "ctrl-d"], Action::Scroll(10), "", "scroll down by ten lines"),
    bind(Sweeping, &["pgup", "ctrl-u"], Action::Scroll(-10), "", "scroll up by ten lines"),
    bind(
        Sweeping,
        &["backspace"],
        Action::Text(Stroke::Backspace),
        "",
        "take away the letter before",
    ),
    bind(Sweeping, &["delete"], Action::Text(Stroke::Delete), "", "take away the letter behind"),
    bind(Sweeping, &["left"], Action::Text(Stroke::Left), "", "a letter back"),
    bind(Sweeping, &["right"], Action::Text(Stroke::Right), "", "a letter on"),
    bind(Sweeping, &["home"], Action::Text(Stroke::Home), "", "to the beginning of the pattern"),
    bind(Sweeping, &["end"], Action::Text(Stroke::End), "", "to the end of the pattern"),
    bind(Sweeping, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Sweeping, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(Searching, &["enter"], Action::Find, "find", "go to the next place with it"),
    bind(Searching, &["esc", "ctrl-c"], Action::Back, "not", "back to the conflicts"),
    bind(
        Searching,
        &["backspace"],
        Action::Text(Stroke::Backspace),
        "",
        "take away the letter before",
    ),
    bind(Searching, &["delete"], Action::Text(Stroke::Delete), "", "take away the letter behind"),
    bind(Searching, &["left"], Action::Text(Stroke::Left), "", "a letter back"),
    bind(Searching, &["right"], Action::Text(Stroke::Right), "", "a letter on"),
    bind(Searching, &["home"], Action::Text(Stroke::Home), "", "to the beginning of the line"),
    bind(Searching, &["end"], Action::Text(Stroke::End), "", "to the end of the line"),
    bind(Searching, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Searching, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(
        Page,
        &["esc", "q", "enter", "?", "i", "ctrl-c"],
        Action::Back,
        "back",
        "back to the conflicts",
    ),
    bind(Page, &["j", "down"], Action::Scroll(1), "down", "scroll down"),
    bind(Page, &["k", "up"], Action::Scroll(-1), "up", "scroll up"),
    bind(Page, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Page, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
    bind(Finishing, &["y"], Action::Confirm, "yes, write it", "put what is decided into the files"),
    bind(Finishing, &["esc", "n", "q", "ctrl-c"], Action::Back, "not yet", "back to the conflicts"),
    bind(Finishing, &["ctrl-z"], Action::Suspend, "", "stop, and go on when the shell says so"),
    bind(Finishing, &["ctrl-l"], Action::Redraw, "", "draw all anew"),
];

/// What a key does in a place, if it does something.
#[must_use]
pub fn action(place: Place, key: Key) -> Option<Action> {
    let here = BINDINGS.iter().filter(|binding| binding.place == place);
    let bound = |binding: &&Binding| binding.keys.iter().any(|name| Key::named(name) == Some(key));
    here.clone().find(bound).map(|binding| binding.action)
}

/// The letter that a key writes where people write.
pub(crate) fn written(key: Key) -> Option<char> {
    match key {
        Key { code: Code::Letter(letter), with: With::Nothing } => Some(letter),
        Key { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_key_has_a_name_and_means_one_thing_in_a_place() {
        for place in [Conflicts, Writing, Lines, Sweeping, Searching, Page, Finishing] {
            let mut met = HashSet::new();
            for binding in BINDINGS.iter().filter(|binding| binding.place == place) {
                assert!(!binding.keys.is_empty() && !binding.help.is_empty());
                for name in binding.keys {
                    let key = Key::named(name).unwrap_or_else(|| panic!("{name} is no key"));
                    assert!(met.insert(*name), "{name} means two things in {place:?}");
                    assert_eq!(action(place, key), Some(binding.action));
                }
            }
        }
    }

    #[test]
    fn no_key_that_writes_a_letter_does_something_else_where_people_write() {
        let texts = [Writing, Sweeping, Searching];
        let writing = BINDINGS.iter().filter(|binding| texts.contains(&binding.place));
        for name in writing.flat_map(|binding| binding.keys) {
            assert_eq!(Key::named(name).and_then(written), None, "{name}");
        }
    }
}
