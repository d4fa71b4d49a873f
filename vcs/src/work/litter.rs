//! The names of our temporary files in a working copy.

use std::io;

/// Windows could give such a name to `.selkie`, so no tree holds one: what is called so is ours.
const START: &str = "selkie~";

/// New names, one after the other from a random one on.
#[derive(Debug)]
pub(crate) struct TemporaryNames(u64);

impl TemporaryNames {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(getrandom::u64().map_err(io::Error::other)?))
    }

    pub(crate) fn next(&mut self) -> String {
        self.0 = self.0.wrapping_add(1);
        format!("{START}{:020}", self.0)
    }
}

/// Whether a killed command of ours left a file of this name. A short name that Windows gave itself has one
/// digit or two.
pub(crate) fn is_litter(name: &[u8]) -> bool {
    let number = name.strip_prefix(START.as_bytes());
    number.is_some_and(|digits| digits.len() > 8 && digits.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use selkie_store::Name;

    #[test]
    fn our_names_are_ours_alone() {
        assert!(Name::new("selkie~123456789").is_err());
        assert!(is_litter(b"selkie~123456789"));
        assert!(!is_litter(b"selkie~1"));
        assert!(!is_litter(b"selkie~12345678x"));
    }
}
