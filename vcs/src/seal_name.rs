//! Names of changes that people can say: `brave-otter-dives`.

use std::fmt;
use std::ops::RangeInclusive;

use selkie_store::ChangeId;

use crate::seal_name::words::{ADJECTIVES, NOUNS, VERBS};

#[cfg(test)]
mod tests;
mod words;

/// What a change is called: an adjective, a noun and a verb made from the first 28 bits of its id.
///
/// Names keep the order of the ids, so the ids that a beginning of a name may mean stand together.
/// Two changes may share a name; then further letters of the id tell them apart, see
/// [`SealName::with_letters`].
///
/// ```
/// use selkie_store::ChangeId;
/// use selkie_vcs::SealName;
/// let change = ChangeId::from_bytes([0x47; 16]);
/// assert_eq!(SealName::of(change).to_string(), "firm-mitre-dodges");
/// assert!(SealName::changes("firm-mit").unwrap().contains(&change));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SealName {
    change: ChangeId,
}

/// A run of change ids.
pub type ChangeRange = RangeInclusive<ChangeId>;

/// The words of a name, in order, and the bits that choose each.
const PARTS: [(&[Word], u32); 3] = {
    static WORDS: (List<512>, List<1024>, List<512>) =
        (Word::all(ADJECTIVES), Word::all(NOUNS), Word::all(VERBS));
    [(&WORDS.0, 9), (&WORDS.1, 10), (&WORDS.2, 9)]
};
const BITS: u32 = u128::BITS;
const NIBBLE_BITS: u32 = 4;
const NAMED_NIBBLES: u32 = 7;
const _: () = assert!(
    ADJECTIVES.len() == 1 << PARTS[0].1
        && NOUNS.len() == 1 << PARTS[1].1
        && VERBS.len() == 1 << PARTS[2].1,
    "every bit pattern chooses a word"
);
const _: () = assert!(
    PARTS[0].1 + PARTS[1].1 + PARTS[2].1 == NAMED_NIBBLES * NIBBLE_BITS,
    "what follows the words starts at a digit"
);

/// The first of the sixteen letters that spell a change id. None of them is a hexadecimal digit.
const LETTER_OF_ZERO: u8 = b'k';

impl SealName {
    /// The name of a change.
    #[must_use]
    pub const fn of(change: ChangeId) -> Self {
        Self { change }
    }

    /// The name followed by so many letters of the rest of the id: `brave-otter-dives-kz`.
    #[must_use]
    pub fn with_letters(self, count: usize) -> String {
        let letters = change_letters(self.change);
        let start = NAMED_NIBBLES as usize;
        match &letters[start..(start + count).min(letters.len())] {
            "" => self.to_string(),
            rest => format!("{self}-{rest}"),
        }
    }

    /// The ids of the changes whose names begin with this text, if any could.
    #[must_use]
    pub fn changes(text: &str) -> Option<ChangeRange> {
        let mut known = Prefix { bits: 0, count: 0 };
        let mut rest = text;
        for (words, bits) in PARTS {
            let Some((word, after)) = rest.split_once('-') else {
                return known.words_from(words, bits, rest);
            };
            let at = words.binary_search_by(|own| own.text().cmp(word)).ok()?;
            known = known.then(at as u128, bits);
            rest = after;
        }
        known.letters(rest).map(Prefix::range)
    }
}

impl fmt::Display for SealName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = u128::from_be_bytes(*self.change.as_bytes());
        let mut separator = "";
        for (words, count) in PARTS {
            let at = usize::try_from(bits >> (BITS - count)).expect("ten bits are an index");
            write!(f, "{separator}{}", words[at].text())?;
            bits <<= count;
            separator = "-";
        }
        Ok(())
    }
}

/// A change id in letters from `k` to `z`, which no hash is spelled with.
#[must_use]
pub fn change_letters(change: ChangeId) -> String {
    let nibbles = change.as_bytes().iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    nibbles.map(|nibble| char::from(LETTER_OF_ZERO + nibble)).collect()
}

/// The change ids whose letters begin with this text, if it is made of such letters.
#[must_use]
pub fn changes_by_letters(text: &str) -> Option<ChangeRange> {
    Prefix { bits: 0, count: 0 }.letters(text).map(Prefix::range)
}

type List<const COUNT: usize> = [Word; COUNT];

/// A word as its letters, and not as a place where they are: the address of each of two thousand would be put right
/// every time that the program starts.
#[derive(Clone, Copy)]
struct Word {
    letters: [u8; LETTERS_MAX],
    count: usize,
}

/// Letters in the longest word.
const LETTERS_MAX: usize = 9;

impl Word {
    const fn all<const COUNT: usize>(texts: [&str; COUNT]) -> [Self; COUNT] {
        let mut words = [Self { letters: [0; LETTERS_MAX], count: 0 }; COUNT];
        let mut at = 0;
        while at < COUNT {
            let text = texts[at].as_bytes();
            let mut letter = 0;
            while letter < text.len() {
                words[at].letters[letter] = text[letter];
                letter += 1;
            }
            words[at].count = letter;
            at += 1;
        }
        words
    }

    fn text(&self) -> &str {
        let letters = &self.letters[..self.count];
        str::from_utf8(letters).expect("words are made of ASCII letters")
    }
}

/// What is known of the beginning of an id: that many bits, the first ones highest.
#[derive(Clone, Copy)]
struct Prefix {
    bits: u128,
    count: u32,
}

impl Prefix {
    const fn then(self, value: u128, count: u32) -> Self {
        let count = self.count + count;
        Self { bits: self.bits | value << (BITS - count), count }
    }

    fn letters(self, text: &str) -> Option<Self> {
        let mut known = self;
        for letter in text.bytes() {
            let nibble = letter.checked_sub(LETTER_OF_ZERO).filter(|nibble| *nibble < 16)?;
            if known.count == BITS {
                return None;
            }
            known = known.then(nibble.into(), NIBBLE_BITS);
        }
        Some(known)
    }

    /// The ids whose next word begins with `start`.
    fn words_from(self, words: &[Word], bits: u32, start: &str) -> Option<ChangeRange> {
        let first = words.partition_point(|word| word.text() < start);
        let has_start = |word: &&Word| word.text().starts_with(start);
        let count = words[first..].iter().take_while(has_start).count();
        let last = (first + count).checked_sub(1).filter(|_| count > 0)?;
        let first = self.then(first as u128, bits).range();
        let last = self.then(last as u128, bits).range();
        Some(*first.start()..=*last.end())
    }

    fn range(self) -> ChangeRange {
        let rest = u128::MAX.checked_shr(self.count).unwrap_or(0);
        let id = |bits: u128| ChangeId::from_bytes(bits.to_be_bytes());
        id(self.bits)..=id(self.bits | rest)
    }
}
