//! Whose keys are known here, and so what a signature is worth.
//!
//! A signature proves that the holder of a key made a seal. Whose key that is no one proves: you say it. A key
//! that nobody said anything of is not trusted, whatever name the seal bears.

use selkie_store::{PublicKey, Seal, Voucher, voucher};

use crate::label::Label;
use crate::line::Line;

/// The keys that somebody knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keyring {
    /// That of this device.
    pub(crate) own: Option<PublicKey>,
    /// Those that are trusted, with the names of their owners.
    pub(crate) trusted: Vec<(String, PublicKey)>,
}

/// What the signature of a seal is worth.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// This device made it.
    Own(PublicKey),
    /// Somebody whose key is trusted made it.
    Trusted(String, PublicKey),
    /// It is as its signer made it, and nobody said who that is.
    Unknown(PublicKey),
    /// Nobody signed it.
    Unsigned,
    /// It names a key that did not sign it as it is.
    Forged(PublicKey),
}

impl Keyring {
    /// What the signature of the seal is worth.
    pub(crate) fn verdict(&self, seal: &Seal) -> Verdict {
        match voucher(seal) {
            Ok(Voucher::Key(key)) if self.own == Some(key) => Verdict::Own(key),
            Ok(Voucher::Key(key)) => {
                let found = self.trusted.iter().find(|(_, trusted)| *trusted == key);
                let trusted =
                    |(name, key): &(String, PublicKey)| Verdict::Trusted(name.clone(), *key);
                found.map_or(Verdict::Unknown(key), trusted)
            }
            Ok(Voucher::Forged(key)) => Verdict::Forged(key),
            // What is too large to be encoded was never decoded, nor signed.
            Ok(Voucher::Nobody) | Err(_) => Verdict::Unsigned,
        }
    }
}

impl Verdict {
    /// In words, behind 'signed'.
    pub(crate) fn line(&self) -> Line {
        match self {
            Self::Own(_) => Line::of("by you"),
            Self::Trusted(name, _) => Line::of("by ").plain(name).plain(", whose key you trust"),
            Self::Unknown(key) => {
                Line::of("by an unknown key, ").put(Label::Aside, &key.to_string())
            }
            Self::Unsigned => Line::of("by nobody"),
            Self::Forged(_) => {
                Line::default().put(Label::Error, "FORGED").plain(": its key did not sign this")
            }
        }
    }

    /// In a word, for programs.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Own(_) | Self::Trusted(..) => "good",
            Self::Unknown(_) => "unknown",
            Self::Unsigned => "none",
            Self::Forged(_) => "forged",
        }
    }

    /// The name of who signed, if that is known.
    pub(crate) fn signer(&self) -> Option<&str> {
        match self {
            Self::Own(_) => Some("you"),
            Self::Trusted(name, _) => Some(name),
            Self::Unknown(_) | Self::Unsigned | Self::Forged(_) => None,
        }
    }

    /// The key that the seal names.
    pub(crate) const fn key(&self) -> Option<&PublicKey> {
        match self {
            Self::Own(key) | Self::Trusted(_, key) | Self::Unknown(key) | Self::Forged(key) => {
                Some(key)
            }
            Self::Unsigned => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use selkie_crdt::Hlc;
    use selkie_store::{Author, ChangeId, ObjectId, SecretKey, sign};

    use super::*;

    fn unsigned() -> Seal {
        Seal {
            tree: ObjectId::from_bytes([1; 32]).into(),
            parents: Vec::new(),
            change: ChangeId::from_bytes([2; 16]),
            time: Hlc::from_ms(3),
            zone_minutes: 0,
            author: Author { name: "you".to_owned(), contact: String::new() },
            message: "first".to_owned(),
            replaces: BTreeSet::new(),
            labels: BTreeMap::new(),
            signature: None,
        }
    }

    #[test]
    fn a_key_counts_for_what_was_said_of_it_and_for_nothing_else() {
        let [own, bob, eve] = [1, 2, 3].map(|n| SecretKey::from_bytes(&[n; 32]));
        let trusted = vec![("bob".to_owned(), bob.public())];
        let keyring = Keyring { own: Some(own.public()), trusted };
        let by = |key: &SecretKey| sign(unsigned(), key).expect("it is small");
        let forged = Seal { message: "other".to_owned(), ..by(&own) };
        let table = [
            (by(&own), "good", Some("you")),
            (by(&bob), "good", Some("bob")),
            (by(&eve), "unknown", None),
            (unsigned(), "none", None),
            (forged, "forged", None),
        ];
        for (seal, word, signer) in table {
            let verdict = keyring.verdict(&seal);
            assert_eq!((verdict.word(), verdict.signer()), (word, signer));
            assert_eq!(verdict.key().is_some(), seal.signature.is_some());
        }
    }
}
