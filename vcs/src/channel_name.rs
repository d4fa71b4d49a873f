//! What a repository is called among those who share it.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// Sixteen random bytes by which the clones of one repository know each other on a network. It is no secret.
///
/// It is kept beside what is this clone's alone. A clone that was never shared has none.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct ChannelName([u8; Self::LEN]);

const FOLDER: &str = "local";
const FILE: &str = "channel";

/// Its name while it is written.
const NEW: &str = "channel.new";

impl ChannelName {
    /// Bytes in a name.
    pub const LEN: usize = 16;

    /// The name of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The name of the repository that keeps its own in this folder, if it has one.
    ///
    /// # Errors
    ///
    /// It can not be read, or is none.
    pub fn of(control: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(control.join(FOLDER).join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it is no name of a repository");
        Self::spelled(text.trim_end()).map(Some).ok_or_else(wrong)
    }

    /// The same; one that has none gets one.
    ///
    /// # Errors
    ///
    /// It can not be read or written, or there is no randomness.
    pub fn of_or_new(control: &Path) -> io::Result<Self> {
        if let Some(name) = Self::of(control)? {
            return Ok(name);
        }
        let mut bytes = [0; Self::LEN];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Self(bytes).keep(control)?;
        Ok(Self(bytes))
    }

    /// Gives the repository this name.
    ///
    /// # Errors
    ///
    /// It can not be written. It has the name that it had.
    pub fn keep(&self, control: &Path) -> io::Result<()> {
        let folder = control.join(FOLDER);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(NEW), format!("{self}\n"))?;
        fs::File::open(folder.join(NEW))?.sync_all()?;
        fs::rename(folder.join(NEW), folder.join(FILE))
    }

    /// The name that this text spells: 32 hexadecimal digits, lower case.
    #[must_use]
    pub fn spelled(text: &str) -> Option<Self> {
        let digit = |at: usize| char::from(*text.as_bytes().get(at)?).to_digit(16);
        let mut bytes = [0; Self::LEN];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(digit(2 * at)? << 4 | digit(2 * at + 1)?).ok()?;
        }
        // One spelling: what is longer, or in capitals, is another text.
        (Self(bytes).to_string() == text).then_some(Self(bytes))
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ChannelName::of(folder.path()).unwrap(), None);
        let name = ChannelName::of_or_new(folder.path()).unwrap();
        assert_eq!(ChannelName::of(folder.path()).unwrap(), Some(name));
        assert_eq!(ChannelName::of_or_new(folder.path()).unwrap(), name);
        fs::write(folder.path().join("local/channel"), "?").unwrap();
        assert!(ChannelName::of(folder.path()).is_err());
    }

    #[test]
    fn a_name_has_one_spelling() {
        let text = "ab".repeat(16);
        assert_eq!(ChannelName::spelled(&text).unwrap().to_string(), text);
        for bad in ["", "ab", &text.to_uppercase(), &format!("{text}0"), &"zz".repeat(16)] {
            assert_eq!(ChannelName::spelled(bad), None, "{bad}");
        }
    }
}
