//! What somebody can do on the conflict screen, and with which key: the one table.
//!
//! The keys, the line at the foot of the screen, the page of keys and the reference all come from it.

use crate::key::{Code, Key, With};

/// What somebody does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Take this side, the first at 0.
    Side(u8),
    /// Take what there was before.
    Base,
    /// Take what the machine offers; again, its next offer.
    Offer,
    /// Take both sides, the first one above.
    Both,
    /// Take both sides, the first one below.
    BothReversed,
    /// Take no line at all.
    Nothing,
    /// Let it be open again.
    Reopen,
    /// Write it here.
    Write,
    /// Write it in an editor.
    Editor,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Go to the next open conflict.
    NextOpen,
    /// Go to the open conflict before.
    PreviousOpen,
    /// Go to the next conflict.
    Next,
    /// Go to the conflict before.
    Previous,
    /// Go to the next file.
    NextFile,
    /// Go to the file before.
    PreviousFile,
    /// Go to the first conflict.
    First,
    /// Go to the last conflict.
    Last,
    /// Scroll by so many lines.
    Scroll(i8),
    /// Scroll sideways by so many columns.
    Aside(i8),
    /// Show why it is a conflict.
    Why,
    /// Show all keys.
    Keys,
    /// Finish: put it into the files.
    Finish,
    /// Yes, finish.
    Confirm,
    /// Leave.
    Leave,
    /// Back to the conflicts.
    Back,
    /// Stop until the shell says to go on.
    Suspend,
    /// Draw all anew.
    Redraw,
    /// Keep what was written.
    Keep,
    /// Insert the lines of this side, the first at 0.
    InsertSide(u8),
    /// Insert the lines that there were before.
    InsertBase,
    /// Change what is being written, or where.
    Text(Stroke),
}

/// What a key does to a text that is being written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stroke {
    /// Ends a line.
    Enter,
    /// Writes a tab.
    Tab,
    /// Takes away the letter before.
    Backspace,
    /// Takes away the letter behind.
    Delete,
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// A letter back.
    Left,
    /// A letter on.
    Right,
    /// To the beginning of the line.
    Home,
    /// To the end of the line.
    End,
}

/// What is on the screen, as far as keys go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// The conflicts.
    Conflicts,
    /// A text that is being written.
    Writing,
    /// A page to read, over the conflicts.
    Page,
    /// The question whether to finish.
    Finishing,
}

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

use Place::{Conflicts, Finishing, Page, Writing};

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
    bind(Conflicts, &["b"], Action::Both, "A+B", "take both, A above B"),
    bind(Conflicts, &["B"], Action::BothReversed, "B+A", "take both, B above A"),
    bind(
        Conflicts,
        &["m", "enter"],
        Action::Offer,
        "offer",
        "take what is offered; again: the next offer",
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
    bind(Conflicts, &["E"], Action::Editor, "editor", "write it in your editor"),
    bind(Conflicts, &["i"], Action::Why, "why", "show who did what, and when"),
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
        for place in [Conflicts, Writing, Page, Finishing] {
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
        let writing = BINDINGS.iter().filter(|binding| binding.place == Writing);
        for name in writing.flat_map(|binding| binding.keys) {
            assert_eq!(Key::named(name).and_then(written), None, "{name}");
        }
    }
}
