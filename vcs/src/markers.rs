//! Open parts of a text as people see them in a file, and back.
//!
//! A part begins with a line of seven `<` and the name of our side, and then has our lines. Seven `|` and the name of the
//! base come before the lines of the base, seven `=` before theirs, and seven `>` with the name of their side end
//! it. So editors know it, and so does git.
//!
//! A line of the text may itself look like a marker. Then ours are longer than the longest such line, so that
//! what is read back is never in doubt. A part that ends without a newline says so in its marker, since a
//! marker begins a line.

use std::io::BufRead as _;
use std::ops::Range;

use crate::tree::fuse::content::{Part, Versions};

/// What the parts are called in the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Labels<'a> {
    pub(crate) base: &'a str,
    pub(crate) ours: &'a str,
    pub(crate) theirs: &'a str,
}

/// What a file has in the place of a text with open parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Read {
    /// No marker: everything is settled.
    Settled,
    /// Some parts are open still.
    Open(Vec<Part>),
    /// There are markers, but not as they have to be.
    Torn,
}

const OURS: u8 = b'<';
const BASE: u8 = b'|';
const MIDDLE: u8 = b'=';
const THEIRS: u8 = b'>';
const MARKERS: [u8; 4] = [OURS, BASE, MIDDLE, THEIRS];

/// As git has it: editors know them.
const LENGTH_MIN: usize = 7;

/// Said in the marker of a part whose last line has no newline.
const NO_NEWLINE: &str = " (no newline at its end)";

/// How long the markers between such parts have to be.
pub(crate) fn length(parts: &[Part]) -> usize {
    let texts = parts.iter().flat_map(|part| match part {
        Part::Settled(text) => vec![text],
        Part::Open(Versions { base, ours, theirs }) => vec![base, ours, theirs],
    });
    let longest = texts.flat_map(|text| lines(text)).filter_map(run).map(|(_, length)| length);
    longest.max().map_or(LENGTH_MIN, |longest| LENGTH_MIN.max(longest + 1))
}

/// The parts as one text.
pub(crate) fn marked(parts: &[Part], labels: Labels, length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let end = if has_returns(parts) { "\r\n" } else { "\n" };
    let marker = |out: &mut Vec<u8>, sign: u8, label: &str, text: &[u8]| {
        if out.last().is_some_and(|last| *last != b'\n') {
            out.push(b'\n');
        }
        out.extend(std::iter::repeat_n(sign, length));
        let blank = if label.is_empty() { "" } else { " " };
        let rest = if is_cut(text) { NO_NEWLINE } else { "" };
        // A label is one line, whatever somebody named a timeline.
        let label = label.replace(['\n', '\r'], " ");
        out.extend(format!("{blank}{label}{rest}{end}").as_bytes());
    };
    for part in parts {
        match part {
            Part::Settled(text) => out.extend(text),
            Part::Open(Versions { base, ours, theirs }) => {
                marker(&mut out, OURS, labels.ours, ours);
                out.extend(ours);
                marker(&mut out, BASE, labels.base, base);
                out.extend(base);
                marker(&mut out, MIDDLE, "", b"");
                out.extend(theirs);
                marker(&mut out, THEIRS, labels.theirs, theirs);
            }
        }
    }
    out
}

/// Reads back what has become of a text whose markers were so long.
pub(crate) fn read(text: &[u8], length: usize) -> Read {
    let mut parts: Vec<Part> = Vec::new();
    let mut open: Option<Opening> = None;
    let mut done = 0; // what stands above was taken in
    for (sign, span) in markers(text, length) {
        let lines = &text[done..span.start];
        done = span.end;
        match &mut open {
            None if lines.is_empty() => {}
            None => parts.push(Part::Settled(lines.to_vec())),
            Some(opening) => opening.part().extend(lines),
        }
        match (sign, &mut open) {
            (OURS, None) => open = Some(Opening::new(&text[span])),
            (sign, Some(opening)) => match (opening.within, sign) {
                (OURS, BASE) | (BASE, MIDDLE) => opening.go_on(sign, &text[span]),
                (MIDDLE, THEIRS) => {
                    opening.go_on(sign, &text[span]);
                    parts.extend(open.take().map(|opening| Part::Open(opening.closed())));
                }
                _ => return Read::Torn,
            },
            (_, None) => return Read::Torn,
        }
    }
    match open {
        Some(_) => Read::Torn,
        None if parts.is_empty() => Read::Settled,
        None => {
            if done < text.len() {
                parts.push(Part::Settled(text[done..].to_vec()));
            }
            Read::Open(parts)
        }
    }
}

/// The markers of this length: the sign and the line of each.
fn markers(text: &[u8], length: usize) -> impl Iterator<Item = (u8, Range<usize>)> {
    let mut at = 0;
    let lines = std::iter::from_fn(move || {
        let mut rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        // Faster than byte by byte, and long files are met each time somebody asks how a conflict stands.
        at += rest.skip_until(b'\n').expect("bytes in memory can be read");
        Some(start..at)
    });
    lines.filter_map(move |span| {
        let (sign, _) = run(&text[span.clone()]).filter(|(_, own)| *own == length)?;
        Some((sign, span))
    })
}

/// An open part that is being read.
struct Opening {
    versions: Versions,
    /// The marker that was met last.
    within: u8,
    /// The markers that say that their part has no newline at its end.
    cut: Vec<u8>,
}

impl Opening {
    fn new(line: &[u8]) -> Self {
        let mut opening = Self { versions: Versions::default(), within: OURS, cut: Vec::new() };
        opening.go_on(OURS, line);
        opening
    }

    /// What is being read: between the markers.
    const fn part(&mut self) -> &mut Vec<u8> {
        match self.within {
            OURS => &mut self.versions.ours,
            BASE => &mut self.versions.base,
            _ => &mut self.versions.theirs,
        }
    }

    /// Goes on behind a marker.
    fn go_on(&mut self, sign: u8, line: &[u8]) {
        self.within = sign;
        if line.trim_ascii_end().ends_with(NO_NEWLINE.as_bytes()) {
            self.cut.push(sign);
        }
    }

    fn closed(self) -> Versions {
        let Self { mut versions, cut, .. } = self;
        let texts = [&mut versions.ours, &mut versions.base, &mut versions.theirs];
        for (sign, text) in [OURS, BASE, THEIRS].into_iter().zip(texts) {
            if cut.contains(&sign) && text.ends_with(b"\n") {
                text.pop();
            }
        }
        versions
    }
}

/// The sign and length of the run of one sign that the line begins with, if it looks like a marker.
fn run(line: &[u8]) -> Option<(u8, usize)> {
    let sign = *line.first().filter(|sign| MARKERS.contains(sign))?;
    let length = line.iter().take_while(|byte| **byte == sign).count();
    let ends = line.get(length).is_none_or(u8::is_ascii_whitespace);
    ends.then_some((sign, length))
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

/// Whether the last line has no newline.
fn is_cut(text: &[u8]) -> bool {
    text.last().is_some_and(|last| *last != b'\n')
}

/// Whether lines end in a carriage return and a newline, as far as the first line tells.
fn has_returns(parts: &[Part]) -> bool {
    let mut texts = parts.iter().map(|part| match part {
        Part::Settled(text) => text,
        Part::Open(versions) => &versions.ours,
    });
    let first = texts.find_map(|text| lines(text).next());
    first.is_some_and(|line| line.ends_with(b"\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::file::Merging;
    use crate::merge::part::MergeSide;
    use crate::merge::rules::MergeRules;
    use crate::text::dice::Dice;
    use crate::tree::fuse::content::{Content, content};

    const LABELS: Labels = Labels { base: "base", ours: "main", theirs: "side" };

    fn merged(base: &str, ours: &str, theirs: &str) -> Content {
        let rules = &MergeRules::default();
        let [base, ours, theirs] = [base, ours, theirs].map(str::as_bytes);
        content(&Merging { path: "a", base, ours, theirs, first: MergeSide::Ours, rules })
    }

    fn parts(base: &str, ours: &str, theirs: &str) -> Vec<Part> {
        match merged(base, ours, theirs) {
            Content::Open(parts) => parts,
            other => panic!("nothing is open: {other:?}"),
        }
    }

    fn shown(parts: &[Part]) -> String {
        String::from_utf8(marked(parts, LABELS, length(parts))).unwrap()
    }

    #[test]
    fn an_open_part_stands_between_markers() {
        let parts = parts("a\nb\nc\n", "a\nB\nc\n", "a\nx\nc\n");
        let expected = "a\n<<<<<<< main\nB\n||||||| base\nb\n=======\nx\n>>>>>>> side\nc\n";
        assert_eq!(shown(&parts), expected);
    }

    #[test]
    fn lines_that_look_like_markers_make_ours_longer() {
        let parts = parts("=======\nb\n", "=======\nB\n", "=======\n>>>>>>>> old\n");
        let text = shown(&parts);
        assert!(text.contains("\n<<<<<<<<< main\n"), "{text}");
        assert_eq!(read(text.as_bytes(), length(&parts)), Read::Open(parts));
    }

    #[test]
    fn what_is_shown_is_read_back() {
        let mut dice = Dice(4);
        let mut open = 0;
        for _ in 0..3000 {
            let base = dice.text();
            let (ours, theirs) = (dice.edited(&base), dice.edited(&base));
            let Content::Open(parts) = merged(&base, &ours, &theirs) else { continue };
            open += 1;
            let text = marked(&parts, LABELS, length(&parts));
            assert_eq!(read(&text, length(&parts)), Read::Open(parts), "{base:?} {ours:?}");
        }
        assert!(open > 500, "only {open} were open");
    }

    #[test]
    fn what_people_leave_of_it_is_told() {
        let parts = parts("b\n", "B\n", "x\n");
        let text = shown(&parts);
        let half = text.replace("=======\n", "");
        let no_base = text.replace("||||||| base\nb\n", "");
        for (text, expected) in [
            ("B\nx\n", Read::Settled),
            ("<<<<<< six\n", Read::Settled),
            ("<<<<<<<\n", Read::Torn),
            ("=======\n", Read::Torn),
            (&half, Read::Torn),
            (&no_base, Read::Torn),
        ] {
            assert_eq!(read(text.as_bytes(), 7), expected, "{text}");
        }
        let edited = text.replace("B\n", "B\nmore\n") + "below\n";
        let Read::Open(parts) = read(edited.as_bytes(), 7) else { panic!("{edited}") };
        let versions = Versions {
            base: b"b\n".to_vec(),
            ours: b"B\nmore\n".to_vec(),
            theirs: b"x\n".to_vec(),
        };
        assert_eq!(parts, [Part::Open(versions), Part::Settled(b"below\n".to_vec())]);
    }
}
