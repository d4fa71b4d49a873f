//! Who vouches for a seal.

use crate::object::error::TooLarge;
use crate::object::format::encode_unsigned;
use crate::object::key::{PublicKey, SecretKey};
use crate::object::seal::Seal;

/// Separates what is signed here from everything else that a key may ever sign.
const CONTEXT: &str = "selkie 1 seal signature";

/// What a seal's signature is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Voucher {
    /// Nobody signed it.
    Nobody,
    /// This key signed it as it is.
    Key(PublicKey),
    /// It names this key, but the key did not sign it as it is.
    Forged(PublicKey),
}

/// The seal, signed with `key`. A signature that it had is replaced.
///
/// # Errors
///
/// A part of the seal is too large to be written.
pub fn sign(seal: Seal, key: &SecretKey) -> Result<Seal, TooLarge> {
    let signature = key.sign(&signed_bytes(&seal)?);
    Ok(Seal { signature: Some((key.public(), signature)), ..seal })
}

/// Who vouches for the seal.
///
/// # Errors
///
/// A part of the seal is too large to be written.
pub fn voucher(seal: &Seal) -> Result<Voucher, TooLarge> {
    let Some((key, signature)) = &seal.signature else { return Ok(Voucher::Nobody) };
    let holds = key.verifies(&signed_bytes(seal)?, signature);
    Ok(if holds { Voucher::Key(*key) } else { Voucher::Forged(*key) })
}

fn signed_bytes(seal: &Seal) -> Result<[u8; 32], TooLarge> {
    Ok(blake3::derive_key(CONTEXT, &encode_unsigned(seal)?))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use selkie_crdt::Hlc;

    use super::*;
    use crate::id::ObjectId;
    use crate::object::seal::{Author, ChangeId};

    fn unsigned() -> Seal {
        Seal {
            tree: ObjectId::from_bytes([1; 32]).into(),
            parents: Vec::new(),
            change: ChangeId::from_bytes([2; 16]),
            time: Hlc::from_u64(3),
            zone_minutes: 0,
            author: Author::default(),
            message: "first".to_owned(),
            replaces: BTreeSet::new(),
            labels: BTreeMap::new(),
            signature: None,
        }
    }

    #[test]
    fn a_signed_seal_names_who_vouches() {
        let key = SecretKey::from_bytes(&[7; 32]);
        assert_eq!(voucher(&unsigned()), Ok(Voucher::Nobody));
        assert_eq!(voucher(&sign(unsigned(), &key).unwrap()), Ok(Voucher::Key(key.public())));
    }

    #[test]
    fn a_changed_seal_is_forged() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let mut seal = sign(unsigned(), &key).unwrap();
        seal.message.push('!');
        assert_eq!(voucher(&seal), Ok(Voucher::Forged(key.public())));
    }
}
