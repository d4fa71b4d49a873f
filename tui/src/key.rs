//! Keys, as people name them.

use std::fmt;

/// A key that was pressed, with what was held.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Key {
    /// The key.
    pub code: Code,
    /// What was held with it. Shift is in the letter.
    pub with: With,
}

/// Which key it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Code {
    /// One that writes a letter.
    Letter(char),
    /// The one that ends a line.
    Enter,
    /// The one that gets out of things.
    Escape,
    /// The one that goes to the next column.
    Tab,
    /// Takes away what is before the cursor.
    Backspace,
    /// Takes away what is behind it.
    Delete,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// What is held together with a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum With {
    /// Nothing but shift.
    Nothing,
    /// Control.
    Control,
    /// Alt.
    Alt,
}

/// The keys that write no letter, and what they are called.
const NAMED: [(&str, Code); 13] = [
    ("enter", Code::Enter),
    ("esc", Code::Escape),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
];

impl Key {
    /// The key of this name: `n`, `W`, `space`, `esc`, `ctrl-s`, `alt-1`.
    ///
    /// ```
    /// use selkie_tui::Key;
    /// assert_eq!(Key::named("ctrl-s").map(|key| key.to_string()), Some("ctrl-s".to_owned()));
    /// assert_eq!(Key::named("ctrl-nothing"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let holds = [("ctrl-", With::Control), ("alt-", With::Alt)];
        let held = holds.iter().find_map(|(held, with)| Some((name.strip_prefix(held)?, *with)));
        let (name, with) =
            held.filter(|(name, _)| !name.is_empty()).unwrap_or((name, With::Nothing));
        let known = NAMED.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
        let mut letters = name.chars();
        let letter = match (name, letters.next(), letters.next()) {
            ("space", _, _) => Some(Code::Letter(' ')),
            (_, Some(letter), None) => Some(Code::Letter(letter)),
            _ => None,
        };
        Some(Self { code: known.or(letter)?, with })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.with {
            With::Nothing => "",
            With::Control => "ctrl-",
            With::Alt => "alt-",
        })?;
        match self.code {
            Code::Letter(' ') => f.write_str("space"),
            Code::Letter(letter) => write!(f, "{letter}"),
            code => {
                let named = NAMED.iter().find(|(_, known)| *known == code);
                f.write_str(named.map_or("", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_as_it_is_shown() {
        for name in ["a", "W", "?", "space", "ctrl-r", "alt-1", "-", "ctrl--", "日"] {
            assert_eq!(Key::named(name).unwrap().to_string(), name);
        }
        for (name, code) in NAMED {
            let key = Key { code, with: With::Nothing };
            assert_eq!((Key::named(name), key.to_string()), (Some(key), name.to_owned()));
        }
        for wrong in ["", "ab", "ctrl-", "ctrl-ab", "alt-"] {
            assert_eq!(Key::named(wrong), None, "{wrong:?}");
        }
    }
}
