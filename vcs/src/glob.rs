//! Shell patterns as git understands them.
//!
//! Source: git's `wildmatch.c`, its behaviour and not its way. There a pattern is tried by recursion, and a
//! hostile one takes exponential time; here it is a row of steps, and all places in it that the text so
//! far leads to are kept at once. So the work is at most steps times bytes.

/// A pattern, ready to be matched.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    steps: Vec<Step>,
}

/// Whether `*` and `?` stop at a slash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Slash {
    /// The text is a path: only `**` between slashes goes on over one.
    Stops,
    /// The text is one name.
    IsOrdinary,
}

/// What one part of a pattern takes.
#[derive(Clone, Debug)]
enum Step {
    /// One byte of this set.
    One(Bytes),
    /// Any number of bytes but slashes.
    Star,
    /// Any number of bytes.
    Stars,
    /// Nothing, and the two steps after it may be left out: they are any number of bytes and a slash.
    Perhaps,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Bytes([u64; 4]);

impl Glob {
    /// The pattern, or nothing if it is malformed: such a pattern matches no text.
    pub(crate) fn new(pattern: &[u8], slash: Slash) -> Option<Self> {
        let mut rest = pattern;
        let mut steps = Vec::new();
        let mut after_slash = true;
        while let Some((&byte, after)) = rest.split_first() {
            let starts_part = std::mem::replace(&mut after_slash, byte == b'/');
            rest = after;
            let step = match byte {
                b'*' => {
                    let is_two = rest.starts_with(b"*");
                    rest = &rest[rest.iter().take_while(|byte| **byte == b'*').count()..];
                    if is_two && starts_part && slash == Slash::Stops && rest.starts_with(b"/") {
                        steps.push(Step::Perhaps);
                    }
                    stars(is_two && starts_part, rest, slash)
                }
                b'?' => Step::One(Bytes::ALL.without_slash(slash)),
                b'[' => {
                    let (set, after) = set(rest)?;
                    rest = after;
                    Step::One(set.without_slash(slash))
                }
                b'\\' => {
                    let (&literal, after) = rest.split_first()?;
                    rest = after;
                    after_slash = literal == b'/';
                    Step::One(Bytes::one(literal))
                }
                literal => Step::One(Bytes::one(literal)),
            };
            steps.push(step);
        }
        Some(Self { steps })
    }

    /// Whether the whole text is what the pattern says.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let mut places = Places::new(self.steps.len());
        self.reach(&mut places, 0);
        let mut next = Places::new(self.steps.len());
        for &byte in text {
            next.clear();
            for at in places.iter() {
                match self.steps.get(at) {
                    Some(Step::One(set)) if set.has(byte) => self.reach(&mut next, at + 1),
                    Some(Step::Star) if byte != b'/' => self.reach(&mut next, at),
                    Some(Step::Stars) => self.reach(&mut next, at),
                    Some(Step::One(_) | Step::Star | Step::Perhaps) | None => {}
                }
            }
            std::mem::swap(&mut places, &mut next);
        }
        places.has(self.steps.len())
    }

    /// Adds the place `at` and all places that nothing needs to be read for.
    fn reach(&self, places: &mut Places, mut at: usize) {
        while !places.has(at) {
            places.add(at);
            match self.steps.get(at) {
                Some(Step::Star | Step::Stars) => at += 1,
                Some(Step::Perhaps) => {
                    places.add(at + 1);
                    places.add(at + 2);
                    at += 3;
                }
                Some(Step::One(_)) | None => return,
            }
        }
    }
}

fn stars(is_own_part: bool, rest: &[u8], slash: Slash) -> Step {
    match (slash, rest) {
        (Slash::IsOrdinary, _) => Step::Stars,
        (Slash::Stops, [] | [b'/', ..] | [b'\\', b'/', ..]) if is_own_part => Step::Stars,
        (Slash::Stops, _) => Step::Star,
    }
}

/// The set whose inside and closing bracket `pattern` begins with, and what follows it.
fn set(mut pattern: &[u8]) -> Option<(Bytes, &[u8])> {
    let mut set = Bytes::default();
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    pattern = &pattern[usize::from(negated)..];
    let mut before = None; // the byte that a `-` would make a range with
    let mut is_first = true;
    loop {
        let (&byte, after) = pattern.split_first()?;
        pattern = after;
        match (byte, pattern) {
            (b']', _) if !is_first => break,
            (b'\\', _) => {
                let (&literal, after) = pattern.split_first()?;
                pattern = after;
                set.add(literal..=literal);
                before = Some(literal);
            }
            (b'-', [next, ..]) if before.is_some() && *next != b']' => {
                let skipped = usize::from(*next == b'\\');
                let (&last, after) = pattern[skipped..].split_first()?;
                pattern = after;
                set.add(before.take()?..=last);
            }
            (b'[', [b':', inside @ ..]) => {
                let end = inside.iter().position(|byte| *byte == b']')?;
                if let Some(name) = inside[..end].strip_suffix(b":") {
                    set.add_class(name)?;
                    pattern = &inside[end + 1..];
                    before = None;
                } else {
                    set.add(b'['..=b'[');
                    before = Some(b'[');
                }
            }
            (literal, _) => {
                set.add(literal..=literal);
                before = Some(literal);
            }
        }
        is_first = false;
    }
    Some((if negated { set.complement() } else { set }, pattern))
}

impl Bytes {
    const ALL: Self = Self([u64::MAX; 4]);

    fn one(byte: u8) -> Self {
        let mut set = Self::default();
        set.add(byte..=byte);
        set
    }

    const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize / 64] >> (byte % 64) & 1 == 1
    }

    fn add(&mut self, bytes: std::ops::RangeInclusive<u8>) {
        bytes.for_each(|byte| self.0[usize::from(byte) / 64] |= 1 << (byte % 64));
    }

    /// Adds what git, which knows ASCII alone, calls by this name.
    fn add_class(&mut self, name: &[u8]) -> Option<()> {
        let belongs: fn(u8) -> bool = match name {
            b"alnum" => |byte| byte.is_ascii_alphanumeric(),
            b"alpha" => |byte| byte.is_ascii_alphabetic(),
            b"blank" => |byte| matches!(byte, b' ' | b'\t'),
            b"cntrl" => |byte| byte.is_ascii_control(),
            b"digit" => |byte| byte.is_ascii_digit(),
            b"graph" => |byte| byte.is_ascii_graphic(),
            b"lower" => |byte| byte.is_ascii_lowercase(),
            b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
            b"punct" => |byte| byte.is_ascii_punctuation(),
            b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
            b"upper" => |byte| byte.is_ascii_uppercase(),
            b"xdigit" => |byte| byte.is_ascii_hexdigit(),
            _ => return None,
        };
        (0..=u8::MAX).filter(|byte| belongs(*byte)).for_each(|byte| self.add(byte..=byte));
        Some(())
    }

    fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    fn without_slash(mut self, slash: Slash) -> Self {
        if slash == Slash::Stops {
            let Self([low, ..]) = &mut self;
            *low &= !(1 << b'/');
        }
        self
    }
}

/// Places between steps.
#[derive(Debug)]
struct Places(Vec<u64>);

impl Places {
    fn new(steps: usize) -> Self {
        Self(vec![0; steps / 64 + 1])
    }

    fn clear(&mut self) {
        self.0.fill(0);
    }

    fn add(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(number, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < u64::BITS).then_some(number * 64 + bit as usize)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let glob = Glob::new(pattern.as_bytes(), Slash::Stops);
        glob.is_some_and(|glob| glob.matches(text.as_bytes()))
    }

    #[test]
    fn what_a_pattern_matches_is_what_git_matches() {
        for (pattern, fits, misses) in [
            ("a?c", &["abc", "a.c"][..], &["ac", "a/c", "abbc"][..]),
            ("*.o", &["a.o", ".o"], &["a/b.o", "a.oo"]),
            ("a/*/c", &["a/b/c"], &["a/c", "a/b/b/c", "a//b/c"]),
            ("a/**/c", &["a/c", "a/b/c", "a/b/b/c"], &["ac", "a/bc", "b/a/c"]),
            ("**/c", &["c", "a/c", "a/b/c"], &["ac", "c/a"]),
            ("a/**", &["a/b", "a/b/c", "a/"], &["a", "b/a/b"]),
            ("a**b", &["ab", "axxb"], &["a/b"]),
            ("**a", &["a", "ba"], &["b/a"]),
            ("a/***/b", &["a/b", "a/x/b"], &[]),
            ("[a-c]x", &["ax", "cx"], &["dx", "-x"]),
            ("[!a-c]x", &["dx", "-x"], &["ax", "/x"]),
            ("[^a]", &["b"], &["a"]),
            ("[]-]", &["]", "-"], &["a"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[\\]]", &["]"], &["\\"]),
            ("[[:digit:]x]", &["4", "x"], &["a", ":"]),
            ("[[:digit]", &["[", ":", "d"], &["4"]),
            ("[[:nothing:]]", &[], &["n", "[[:nothing:]]"]),
            ("[ab", &[], &["a", "[ab"]),
            ("a\\", &[], &["a", "a\\"]),
            ("\\*", &["*"], &["a"]),
            ("", &[""], &["a"]),
        ] {
            for text in fits {
                assert!(matches(pattern, text), "{pattern} {text}");
            }
            for text in misses {
                assert!(!matches(pattern, text), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_its_length_times_the_text() {
        let pattern = "*a".repeat(2000) + "b";
        let text = "a".repeat(4000);
        assert!(!matches(&pattern, &text));
        assert!(!matches(&("**/".repeat(1000) + "b"), &"a/".repeat(2000)));
    }
}
