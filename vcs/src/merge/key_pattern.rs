//! Which keys of a file somebody means.

use std::fmt;

/// The way to a key in a file of keys, such as `package.version`, and all that is below it. `*` stands for any one key; a key
/// with points of its own stands between quotes. Items of lists are gone through: `owners.mail` is the mail of each owner.
///
/// ```
/// use selkie_vcs::KeyPattern;
/// let pattern = KeyPattern::new("jobs.*.\"runs.on\"").unwrap();
/// assert!(pattern.fits(&[b"jobs".to_vec(), b"test".to_vec(), b"runs.on".to_vec()]));
/// assert!(!pattern.fits(&[b"jobs".to_vec()]));
/// assert!(KeyPattern::new("a..b").is_none());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyPattern {
    keys: Vec<Step>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Step {
    Any,
    Key(Vec<u8>),
}

impl KeyPattern {
    /// What the text says. Nothing if a key in it is empty or a quote is not closed.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut keys = Vec::new();
        let mut rest = text;
        loop {
            let (step, after) = if let Some(quoted) = rest.strip_prefix('"') {
                let (key, after) = quoted.split_once('"')?;
                (Step::Key(key.as_bytes().to_vec()), after)
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                match &rest[..end] {
                    "" => return None,
                    "*" => (Step::Any, &rest[end..]),
                    key => (Step::Key(key.as_bytes().to_vec()), &rest[end..]),
                }
            };
            keys.push(step);
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None => return after.is_empty().then_some(Self { keys }),
            }
        }
    }

    /// Whether the key at the end of this way is meant.
    #[must_use]
    pub fn fits(&self, way: &[Vec<u8>]) -> bool {
        let is_it = |(step, key): (&Step, &Vec<u8>)| match step {
            Step::Any => true,
            Step::Key(own) => own == key,
        };
        self.keys.len() <= way.len() && self.keys.iter().zip(way).all(is_it)
    }

    /// The way that it says, as if each `*` were a key.
    #[must_use]
    pub fn way(&self) -> Vec<Vec<u8>> {
        let key = |step: &Step| match step {
            Step::Any => b"*".to_vec(),
            Step::Key(key) => key.clone(),
        };
        self.keys.iter().map(key).collect()
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.keys.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "." })?;
            match step {
                Step::Any => f.write_str("*")?,
                Step::Key(key) => {
                    let key = String::from_utf8_lossy(key);
                    let is_plain = !key.is_empty() && key != "*" && !key.contains(['.', '"']);
                    if is_plain { f.write_str(&key)? } else { write!(f, "\"{key}\"")? }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, way: &[&str]) -> bool {
        let way: Vec<Vec<u8>> = way.iter().map(|key| key.as_bytes().to_vec()).collect();
        KeyPattern::new(pattern).unwrap().fits(&way)
    }

    #[test]
    fn a_pattern_means_a_key_and_all_below_it() {
        assert!(fits("a", &["a"]));
        assert!(fits("a", &["a", "b"]));
        assert!(fits("a.*.c", &["a", "b", "c"]));
        assert!(!fits("a.b", &["a"]));
        assert!(!fits("a.b", &["a", "c"]));
        assert!(fits("\"*\"", &["*"]));
        assert!(!fits("\"*\"", &["b"]));
    }

    #[test]
    fn what_is_no_way_is_no_pattern() {
        for text in ["", ".", "a.", ".a", "a..b", "\"a", "\"a\"b"] {
            assert_eq!(KeyPattern::new(text), None, "{text}");
        }
        for text in ["a", "a.b-c.*", "\"a.b\".c", "\"\""] {
            assert_eq!(KeyPattern::new(text).unwrap().to_string(), text);
        }
    }
}
