//! Values that are signed or sent but not hashed into an object: a version byte, then bincode.
//!
//! bincode's encoder gives one spelling, its decoder takes many: over-long numbers, bytes after the end,
//! keys out of order. So what is decoded is encoded again and must give the same bytes.

use bincode::config::{Configuration, Limit, LittleEndian, Varint, standard};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A value that [`encode`] spells in bytes.
///
/// What it is made of has an order and a size: no hash maps or sets, no floats, no recursion, no elements
/// without bytes, no `usize`, and no serde attribute that leaves fields out.
pub trait Coded: Serialize + DeserializeOwned {
    /// The first byte. A change of the fields takes another.
    const VERSION: u8;
    /// Bytes in the longest spelling, at most [`CODED_LEN_MAX`].
    const LEN_MAX: usize;

    /// Whether the value keeps the rules that its fields can not say.
    fn is_valid(&self) -> bool;
}

/// Why a value has no spelling, or bytes are no value.
#[derive(Debug, Error)]
pub enum CodecError {
    /// More bytes than the kind of value may have.
    #[error("the value takes {found} bytes, and at most {max} are allowed")]
    Long {
        /// Bytes there are.
        found: usize,
        /// Bytes there may be.
        max: usize,
    },
    /// Another version wrote the bytes.
    #[error("values of version {0:?} are unknown here")]
    Version(Option<u8>),
    /// The value can not be spelled.
    #[error("the value can not be encoded")]
    Encode(#[from] bincode::error::EncodeError),
    /// The bytes are no value.
    #[error("the bytes can not be decoded")]
    Decode(#[from] bincode::error::DecodeError),
    /// The bytes are a value, spelled as [`encode`] would not spell it.
    #[error("the value is spelled in another way than it has to be")]
    Spelling,
    /// The value breaks its own rules.
    #[error("the value breaks its rules")]
    Rules,
}

/// The one spelling of a value.
///
/// # Errors
///
/// The value breaks its rules, or is too long.
pub fn encode<T: Coded>(value: &T) -> Result<Vec<u8>, CodecError> {
    if !value.is_valid() {
        return Err(CodecError::Rules);
    }
    let mut bytes = vec![T::VERSION];
    bincode::serde::encode_into_std_write(value, &mut bytes, CONFIGURATION)?;
    within::<T>(&bytes)?;
    Ok(bytes)
}

/// The value that these bytes spell.
///
/// # Errors
///
/// They spell none, or not as [`encode`] does.
pub fn decode<T: Coded>(bytes: &[u8]) -> Result<T, CodecError> {
    within::<T>(bytes)?;
    let (version, body) = bytes.split_first().ok_or(CodecError::Version(None))?;
    if *version != T::VERSION {
        return Err(CodecError::Version(Some(*version)));
    }
    let (value, read) = bincode::serde::decode_from_slice::<T, _>(body, CONFIGURATION)?;
    if read != body.len() || encode(&value)? != bytes {
        return Err(CodecError::Spelling);
    }
    Ok(value)
}

/// Bytes in the longest spelling of any value: an entry of the longest kind, and what a message puts around it.
pub const CODED_LEN_MAX: usize = 3 << 20;

/// The limit bounds what a decoder may allocate, whatever length the bytes claim.
type Bounded = Configuration<LittleEndian, Varint, Limit<CODED_LEN_MAX>>;
const CONFIGURATION: Bounded = standard().with_limit::<CODED_LEN_MAX>();

fn within<T: Coded>(bytes: &[u8]) -> Result<(), CodecError> {
    const { assert!(T::LEN_MAX <= CODED_LEN_MAX, "the codec reads any value") };
    let found = bytes.len();
    if found > T::LEN_MAX { Err(CodecError::Long { found, max: T::LEN_MAX }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Note {
        number: u32,
        words: BTreeMap<String, u8>,
    }

    impl Coded for Note {
        const VERSION: u8 = 3;
        const LEN_MAX: usize = 64;

        fn is_valid(&self) -> bool {
            self.number != 13
        }
    }

    fn note() -> Note {
        Note { number: 5, words: [("a".to_owned(), 1), ("b".to_owned(), 2)].into() }
    }

    #[test]
    fn a_value_keeps_its_bytes() {
        let bytes = [3, 5, 2, 1, b'a', 1, 1, b'b', 2];
        assert_eq!(encode(&note()).unwrap(), bytes);
        assert_eq!(decode::<Note>(&bytes).unwrap(), note());
    }

    #[test]
    fn another_spelling_is_refused() {
        let spellings: [(&str, &[u8]); 5] = [
            ("an over-long number", &[3, 251, 5, 0, 2, 1, b'a', 1, 1, b'b', 2]),
            ("an over-long count", &[3, 5, 251, 2, 0, 1, b'a', 1, 1, b'b', 2]),
            ("bytes after the end", &[3, 5, 2, 1, b'a', 1, 1, b'b', 2, 0]),
            ("keys out of order", &[3, 5, 2, 1, b'b', 2, 1, b'a', 1]),
            ("a key twice", &[3, 5, 2, 1, b'a', 1, 1, b'a', 1]),
        ];
        for (what, bytes) in spellings {
            assert!(matches!(decode::<Note>(bytes), Err(CodecError::Spelling)), "{what}");
        }
    }

    #[test]
    fn a_length_that_is_claimed_is_not_believed() {
        let claim = [&[3, 5, 1, 253][..], &u64::MAX.to_le_bytes()].concat();
        assert!(matches!(decode::<Note>(&claim), Err(CodecError::Decode(_))));
        let long = [3; 65];
        assert!(matches!(decode::<Note>(&long), Err(CodecError::Long { found: 65, max: 64 })));
    }

    #[test]
    fn other_versions_and_broken_rules_are_refused() {
        assert!(matches!(decode::<Note>(&[]), Err(CodecError::Version(None))));
        assert!(matches!(decode::<Note>(&[4, 5, 0]), Err(CodecError::Version(Some(4)))));
        assert!(matches!(decode::<Note>(&[3, 13, 0]), Err(CodecError::Rules)));
    }
}
