//! Whether a YAML file can be read, and which keys it has.
//!
//! A merge puts lines of two files below each other, and in YAML a line belongs to what its indentation says.

use std::collections::HashSet;

use saphyr_parser::{Event, Marker, Parser, Span};

use super::entry::{Entry, WayStep};

/// How much of YAML a text is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Soundness {
    /// None.
    Unreadable,
    /// Some map has a key twice. That is no matter of the grammar, and people's readers differ in it: some refuse it, and some
    /// take the last.
    KeyTwice,
    /// All of it.
    Sound,
}

/// How much of YAML the text is. Takes time in proportion to its length, and no more of the stack for what lies deep.
pub(super) fn soundness(text: &[u8]) -> Soundness {
    let Ok(text) = str::from_utf8(text) else { return Soundness::Unreadable };
    let mut is_twice = false;
    let mut open: Vec<Option<Keys>> = Vec::new(); // none for a list
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else { return Soundness::Unreadable };
        let text = match &event {
            Event::Scalar(text, ..) => Some(text.as_ref()),
            Event::Alias(_) | Event::MappingStart(..) | Event::SequenceStart(..) => None,
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                continue;
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
        };
        if let Some(Some(keys)) = open.last_mut() {
            is_twice |= !keys.meet(text);
        }
        match event {
            Event::MappingStart(..) => open.push(Some(Keys::default())),
            Event::SequenceStart(..) => open.push(None),
            _ => {}
        }
    }
    if is_twice { Soundness::KeyTwice } else { Soundness::Sound }
}

/// The keys of a map so far.
#[derive(Default)]
struct Keys {
    met: HashSet<Box<str>>,
    is_value_next: bool,
}

impl Keys {
    /// Takes in a key or a value; false if it is a key that was there. One that is no text is told from no other, and what is brought
    /// in from elsewhere (`<<`) may be so several times.
    fn meet(&mut self, text: Option<&str>) -> bool {
        self.is_value_next = !self.is_value_next;
        let is_value = !self.is_value_next;
        let named = text.filter(|text| !is_value && *text != "<<");
        named.is_none_or(|key| self.met.insert(key.into()))
    }
}

/// Tells all keys in the order in which they stand there, each before those in its value. Nothing if it is no YAML.
pub(super) fn yaml_entries(text: &[u8], mut tell: impl FnMut(Entry)) -> Option<()> {
    let text = str::from_utf8(text).ok()?;
    let mut reading = Reading::new(text);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        reading.meet(&event, span);
    }
    // Where the value of a key ends is known only behind all that is in it.
    for found in &reading.found {
        tell(Entry { way: &found.way, place: (found.start, found.end), value: found.value });
    }
    Some(())
}

/// What is known of a text so far.
struct Reading<'t> {
    text: &'t str,
    /// A place in it, in letters and in bytes.
    place: [usize; 2],
    open: Vec<Holder>,
    way: Vec<WayStep>,
    /// Of each step of the way, which of those that were found it is.
    own: Vec<Option<usize>>,
    found: Vec<Found>,
    /// Where the last value ends that holds nothing.
    end: usize,
}

/// A value that holds others, and is being read.
enum Holder {
    /// By key; the key whose value comes next.
    Map(Option<MapKey>),
    /// In a row; how many there were.
    List(usize),
}

/// A key, where it begins and where it ends.
struct MapKey {
    /// What it is, if it is a text.
    text: Option<Vec<u8>>,
    start: usize,
    end: usize,
}

struct Found {
    way: Vec<WayStep>,
    start: usize,
    value: usize,
    end: usize,
}

/// What lies deeper is part of what holds it: each key would repeat the whole way to it.
const DEPTH_MAX: usize = 64;

impl<'t> Reading<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            place: [0, 0],
            open: Vec::new(),
            way: Vec::new(),
            own: Vec::new(),
            found: Vec::new(),
            end: 0,
        }
    }

    /// The bytes before this mark, which counts letters. Marks come nearly in order, so the way from the last one is short.
    fn bytes(&mut self, mark: &Marker) -> usize {
        let [letters, bytes] = self.place;
        let bytes = if let Some(on) = mark.index().checked_sub(letters) {
            bytes + self.text[bytes..].chars().take(on).map(char::len_utf8).sum::<usize>()
        } else {
            let back = self.text[..bytes].chars().rev().take(letters - mark.index());
            bytes - back.map(char::len_utf8).sum::<usize>()
        };
        self.place = [mark.index(), bytes];
        bytes
    }

    fn meet(&mut self, event: &Event, span: Span) {
        match event {
            Event::Scalar(text, ..) => self.value(&span, Some(text.as_bytes())),
            Event::Alias(_) => self.value(&span, None),
            Event::MappingStart(..) => self.opens(&span, Holder::Map(None)),
            Event::SequenceStart(..) => self.opens(&span, Holder::List(0)),
            Event::MappingEnd | Event::SequenceEnd => {
                if span.end.index() > span.start.index() {
                    self.end = self.end.max(self.bytes(&span.end));
                }
                self.open.pop();
                self.ends();
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }

    /// Something that holds nothing: a key, a value or an item.
    fn value(&mut self, span: &Span, text: Option<&[u8]>) {
        let (start, end) = (self.bytes(&span.start), self.bytes(&span.end));
        if let Some(Holder::Map(key @ None)) = self.open.last_mut() {
            *key = Some(MapKey { text: text.map(<[u8]>::to_vec), start, end });
            return;
        }
        self.begins(start);
        let shown = self.text.get(start..end).unwrap_or_default().trim_end();
        self.end = self.end.max(start + shown.len());
        self.ends();
    }

    fn opens(&mut self, span: &Span, holder: Holder) {
        let start = self.bytes(&span.start);
        // A key that holds others has no name.
        if let Some(Holder::Map(key @ None)) = self.open.last_mut() {
            *key = Some(MapKey { text: None, start, end: start });
        }
        self.begins(start);
        self.open.push(holder);
    }

    /// A value begins.
    fn begins(&mut self, value: usize) {
        let (start, value, step) = match self.open.last() {
            Some(Holder::Map(Some(MapKey { text, start, end }))) => {
                // Signs before it are part of it, and the reader tells only where what they are for begins.
                let behind = self.text[*end..].trim_start();
                let behind = behind.strip_prefix(':').unwrap_or(behind).trim_start();
                let value = value.min(self.text.len() - behind.len());
                (*start, value, text.clone().map(WayStep::Key))
            }
            Some(Holder::List(count)) => {
                (value, value, Some(WayStep::Item(count.to_string().into_bytes())))
            }
            Some(Holder::Map(None)) | None => (value, value, None),
        };
        let is_key = matches!(step, Some(WayStep::Key(_)));
        self.way.push(step.unwrap_or_else(|| WayStep::Key(Vec::new())));
        let is_told = is_key && self.way.len() <= DEPTH_MAX;
        self.own.push(is_told.then_some(self.found.len()));
        if is_told {
            // The value of the document itself has no step.
            let way = self.way.get(1..).unwrap_or_default().to_vec();
            self.found.push(Found { way, start, value, end: value });
        }
    }

    /// A value ends.
    fn ends(&mut self) {
        if let Some(own) = self.own.pop().flatten().and_then(|own| self.found.get_mut(own)) {
            own.end = self.end.max(own.value);
        }
        self.way.pop();
        match self.open.last_mut() {
            Some(Holder::Map(key)) => *key = None,
            Some(Holder::List(count)) => *count += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_can_not_be_read_together_are_no_yaml() {
        for (text, is_read) in [
            ("a:\n  b: 1\n  c: 2\nd: 3\n", true),
            ("a:\n- b: 1\n  c: 2\n- d\n", true),
            ("a: |\n  any: thing\n    - here\nb: 1\n", true),
            ("a: some\n  more words\nb: 1\n", true),
            ("a:\n    b: 1\n  c: 2\n", false),
            ("a: 1\n  b: 2\n", false),
            ("a:\n  - b: 1\n   c: 2\n", false),
            ("a:\n  - b: 1\n  c: 2\n", false),
            ("a: [1,\n 2]\n", true),
            ("a: [1,\n 2\nb: 3\n", false),
            ("a: \"one\n  line\"\n", true),
            ("a: \"one\n", false),
            ("a: &x\n  b: 1\nc: *x\n", true),
            ("c: *x\n", false),
            ("# c\n---\n- a\n-\n  b: 1\n", true),
            ("\u{feff}a: 1\r\nb: 2\r\n", true),
            ("{% if a %}\nb: 1\n", false),
            ("", true),
        ] {
            assert_eq!(soundness(text.as_bytes()) > Soundness::Unreadable, is_read, "{text}");
        }
        assert_eq!(soundness(b"a: \xff\n"), Soundness::Unreadable);
    }

    #[test]
    fn a_key_that_stands_twice_in_one_map_is_seen() {
        for (text, is_twice) in [
            ("a: 1\nb: 2\na: 3\n", true),
            ("a: 1\nb:\n  a: 2\n", false),
            ("a: b\nb: a\n", false),
            ("a: a\n", false),
            ("- a: 1\n- a: 2\n", false),
            ("x:\n- a: 1\n  b: {c: 1, c: 2}\n", true),
            ("\"a\": 1\na: 2\n", true),
            ("a: 1\n---\na: 2\n", false),
            ("x: &x {c: 1}\na:\n  <<: *x\n  <<: *x\n", false),
            ("? [a]\n: 1\n? [a]\n: 2\na: 3\n", false),
            ("? [a]\n: 1\na: 3\na: 4\n", true),
        ] {
            let expected = if is_twice { Soundness::KeyTwice } else { Soundness::Sound };
            assert_eq!(soundness(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_lies_deep_takes_no_stack() {
        assert_eq!(soundness("- ".repeat(100_000).as_bytes()), Soundness::Sound);
        assert_eq!(soundness("[".repeat(100_000).as_bytes()), Soundness::Unreadable);
    }
}
