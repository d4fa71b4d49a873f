//! Who did something, and when, as git writes it on one line.

use selkie_crdt::Hlc;
use selkie_store::Author;

/// `NAME <CONTACT> SECONDS ZONE`, read as far as it makes sense.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Person {
    pub(super) author: Author,
    pub(super) seconds: i64,
    pub(super) zone_minutes: i16,
}

/// Bytes of a name or a contact that a seal has place for.
const TEXT_MAX: usize = u16::MAX as usize;

/// The largest zone that git's four digits can say.
const ZONE_MAX: u16 = 99 * 60 + 59;

impl Person {
    /// The person on this line. `text` turns bytes into text.
    pub(super) fn parse(line: &[u8], text: impl Fn(&[u8]) -> String) -> Self {
        let open = line.iter().position(|byte| *byte == b'<').unwrap_or(line.len());
        // Names with a bracket in them are broken anyway; the time stands behind the last.
        let close = line.iter().rposition(|byte| *byte == b'>').unwrap_or(line.len());
        let name = line[..open].strip_suffix(b" ").unwrap_or(&line[..open]);
        let contact = line.get(open + 1..close).unwrap_or_default();
        let after = line.get(close + 1..).unwrap_or_default();
        let mut words = after.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let mut word = || words.next().and_then(|word| str::from_utf8(word).ok());
        let seconds = word().and_then(|word| word.parse().ok()).unwrap_or_default();
        let zone_minutes = word().and_then(zone).unwrap_or_default();
        let author = Author { name: cut(text(name)), contact: cut(text(contact)) };
        Self { author, seconds, zone_minutes }
    }

    /// The line for this author, with nothing in it that git takes for something else.
    pub(super) fn spell(author: &Author, time: Hlc, zone_minutes: i16) -> String {
        let clean = |text: &str| {
            let keeps = |c: &char| !['<', '>', '\n', '\r', '\0'].contains(c);
            text.chars().filter(keeps).collect::<String>().trim().to_owned()
        };
        let (name, contact) = (clean(&author.name), clean(&author.contact));
        let minutes = zone_minutes.unsigned_abs();
        let (sign, minutes) = match (zone_minutes < 0, minutes <= ZONE_MAX) {
            (_, false) => ('+', 0),
            (true, true) => ('-', minutes),
            (false, true) => ('+', minutes),
        };
        let seconds = time.ms() / 1000;
        format!("{name} <{contact}> {seconds} {sign}{:02}{:02}", minutes / 60, minutes % 60)
    }

    /// The time, where there is one that a seal can have.
    pub(super) fn time(&self) -> Hlc {
        let ms = u64::try_from(self.seconds).unwrap_or_default().saturating_mul(1000);
        Hlc::from_ms(ms.min(Hlc::MS_MAX))
    }
}

/// Minutes ahead of UTC.
fn zone(word: &str) -> Option<i16> {
    let (sign, digits) = match word.as_bytes().first()? {
        b'-' => (-1, &word[1..]),
        b'+' => (1, &word[1..]),
        _ => return None,
    };
    let value: i16 = digits.parse().ok()?;
    (value / 100).checked_mul(60)?.checked_add(value % 100)?.checked_mul(sign)
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (String, String, i64, i16) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let Person { author, seconds, zone_minutes } = Person::parse(line.as_bytes(), text);
        (author.name, author.contact, seconds, zone_minutes)
    }

    #[test]
    fn a_line_is_read_as_far_as_it_makes_sense() {
        let told = |name: &str, contact: &str, seconds, zone| {
            (name.to_owned(), contact.to_owned(), seconds, zone)
        };
        let table = [
            ("A B <a@b> 12 +0530", told("A B", "a@b", 12, 330)),
            ("A <a@b> 12 -0000", told("A", "a@b", 12, 0)),
            (" <> 12 -1130", told("", "", 12, -690)),
            ("A <a@b>", told("A", "a@b", 0, 0)),
            ("nobody", told("nobody", "", 0, 0)),
            ("A <a <b>> 5 +0100", told("A", "a <b>", 5, 60)),
            ("A <a> 99999999999999999999 +9", told("A", "a", 0, 9)),
            ("A <a> -7 +32767", told("A", "a", -7, 19687)),
            ("", told("", "", 0, 0)),
            ("> < 1", told(">", "", 0, 0)),
        ];
        for (line, expected) in table {
            assert_eq!(read(line), expected, "{line:?}");
        }
    }

    #[test]
    fn a_line_that_is_written_has_nothing_in_it_that_breaks_it() {
        let author = Author { name: "A\n<x> ".into(), contact: "a>b".into() };
        assert_eq!(Person::spell(&author, Hlc::from_ms(7_999), -90), "Ax <ab> 7 -0130");
        assert_eq!(Person::spell(&Author::default(), Hlc::from_ms(0), i16::MIN), " <> 0 +0000");
    }
}
