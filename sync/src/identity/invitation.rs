//! How two who have never met come to trust each other.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;

use selkie_store::{Coded, decode, encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::channel_id::ChannelId;
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// What one person gives another, by a way that nobody else reads: who to call, where, and a word that is good for one
/// call.
///
/// The caller knows whom to expect, so nobody can answer in their place. The word shows the called that the caller is who was invited.
/// It is long enough not to be guessed, so it needs no protocol for short passwords.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invitation {
    /// Who invites.
    pub node: NodeId,
    /// In which network.
    pub network: NetworkId,
    /// Where they listen.
    pub addresses: Vec<SocketAddr>,
    /// The word.
    pub word: Word,
    /// What the guest may have.
    pub channel: ChannelId,
    /// Until when the word is good, in milliseconds of the time of the day. Clocks differ: who invites decides.
    pub until_ms: u64,
}

/// A secret that is good for one call: random bytes.
#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
pub struct Word([u8; Self::LEN]);

/// What shows that a caller has the word, and shows nobody else anything.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Proof([u8; 32]);

/// Why a text is no invitation.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("this is no invitation: it may have been cut or changed on the way")]
pub struct NoInvitation;

/// The words that were given away and not used.
#[derive(Clone, Debug, Default)]
pub struct Invited(VecDeque<(Moment, Word)>);

/// What the text of an invitation begins with.
const PREFIX: &str = "selkie-";
/// Separates proofs from whatever else is hashed.
const CONTEXT: &str = "selkie 1 invitation proof";
/// Separates the check at the end of the text from whatever else is hashed.
const CHECK: &str = "selkie 1 invitation text";
const CHECK_LEN: usize = 3;

impl Word {
    /// Bytes in a word.
    pub const LEN: usize = 16;

    /// The word of these bytes, which come from a good random source.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Shows, on a connection between these two that nobody else can have, that the caller has the word.
    ///
    /// `binding` is what only the two ends of the connection know (the exporter of TLS).
    #[must_use]
    pub fn proof(&self, caller: &NodeId, called: &NodeId, binding: &[u8; 32]) -> Proof {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&self.0).update(caller.as_bytes()).update(called.as_bytes()).update(binding);
        Proof(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(..)")
    }
}

impl Coded for Invitation {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 512;

    fn is_valid(&self) -> bool {
        self.addresses.len() <= 8
    }
}

impl Invitation {
    /// The invitation that this text spells.
    ///
    /// # Errors
    ///
    /// It spells none.
    pub fn parse(text: &str) -> Result<Self, NoInvitation> {
        let digits = text.trim().strip_prefix(PREFIX).ok_or(NoInvitation)?;
        let bytes = letters::parse(digits).ok_or(NoInvitation)?;
        let (body, check) = bytes.split_last_chunk::<CHECK_LEN>().ok_or(NoInvitation)?;
        if *check != check_of(body) {
            return Err(NoInvitation);
        }
        decode(body).or(Err(NoInvitation))
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = encode(self).or(Err(fmt::Error))?;
        let check = check_of(&bytes);
        bytes.extend(check);
        f.write_str(PREFIX)?;
        letters::write(&bytes, f)
    }
}

/// Finds what people lose when they copy a text by hand.
fn check_of(body: &[u8]) -> [u8; CHECK_LEN] {
    let hash = blake3::derive_key(CHECK, body);
    [hash[0], hash[1], hash[2]]
}

impl Invited {
    /// Words that wait at once. The oldest is let go for a new one.
    pub const COUNT_MAX: usize = 16;

    /// Expects somebody with this word until then.
    pub fn expect(&mut self, word: Word, until: Moment) {
        if self.0.len() == Self::COUNT_MAX {
            self.0.pop_front();
        }
        self.0.push_back((until, word));
    }

    /// The word that waits and that the proof is one of, if there is one. It is used up.
    pub fn admit(
        &mut self,
        now: Moment,
        caller: &NodeId,
        called: &NodeId,
        binding: &[u8; 32],
        proof: &Proof,
    ) -> Option<Word> {
        self.0.retain(|(until, _)| *until > now);
        let fits = |(_, word): &(Moment, Word)| {
            // Compared as hashes are, in a time that does not tell how much of it fits.
            let wanted = blake3::Hash::from_bytes(word.proof(caller, called, binding).0);
            wanted == blake3::Hash::from_bytes(proof.0)
        };
        self.0.iter().position(fits).and_then(|at| self.0.remove(at)).map(|(_, word)| word)
    }
}

/// Bytes as letters and digits that people can read to each other.
mod letters {
    use std::fmt::{self, Write};

    /// Lower case, without those that look like others: five bits each.
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

    pub(super) fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut bits, mut count) = (0_u32, 0);
        for byte in bytes {
            bits = bits << 8 | u32::from(*byte);
            count += 8;
            while count >= 5 {
                count -= 5;
                f.write_char(letter(bits >> count))?;
            }
            bits &= (1 << count) - 1;
        }
        if count > 0 {
            f.write_char(letter(bits << (5 - count)))?;
        }
        Ok(())
    }

    pub(super) fn parse(text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let (mut bits, mut count) = (0_u32, 0);
        for letter in text.bytes() {
            let value = LETTERS.iter().position(|it| *it == letter.to_ascii_lowercase())?;
            bits = bits << 5 | u32::try_from(value).ok()?;
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
            }
            bits &= (1 << count) - 1;
        }
        // What is left over was put there to fill the last letter.
        (count < 5 && bits == 0).then_some(bytes)
    }

    fn letter(value: u32) -> char {
        char::from(LETTERS[(value & 31) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            node: NodeId::from_bytes([7; 32]),
            network: NetworkId::named("home"),
            addresses: vec!["127.0.0.1:7355".parse().unwrap()],
            word: Word([9; 16]),
            channel: ChannelId::from_bytes([5; 16]),
            until_ms: 1_000,
        }
    }

    #[test]
    fn an_invitation_survives_being_copied() {
        let text = invitation().to_string();
        assert!(text.starts_with("selkie-"));
        assert!(text.len() < 210, "{text} has {} letters", text.len());
        assert_eq!(Invitation::parse(&text), Ok(invitation()));
        assert_eq!(Invitation::parse(&format!("  {text}\n")), Ok(invitation()));
    }

    #[test]
    fn a_slip_is_noticed() {
        let text = invitation().to_string();
        for at in PREFIX.len()..text.len() {
            let mut slip = text.clone().into_bytes();
            slip[at] = if slip[at] == b'a' { b'b' } else { b'a' };
            let slip = String::from_utf8(slip).unwrap();
            assert_eq!(Invitation::parse(&slip), Err(NoInvitation), "{slip}");
            assert_eq!(Invitation::parse(&text[..at]), Err(NoInvitation));
        }
        assert_eq!(Invitation::parse("selkie-"), Err(NoInvitation));
        assert_eq!(Invitation::parse(&format!("{text}é")), Err(NoInvitation));
    }

    #[test]
    fn a_word_lets_one_caller_in_once() {
        let [caller, called, thief] = [1, 2, 3].map(|n| NodeId::from_bytes([n; 32]));
        let (now, until) = (Moment::from_us(1), Moment::from_us(9));
        let word = Word([9; 16]);
        let mut invited = Invited::default();
        invited.expect(word, until);
        let proof = word.proof(&caller, &called, &[5; 32]);
        assert_eq!(invited.admit(now, &thief, &called, &[5; 32], &proof), None);
        assert_eq!(invited.admit(now, &caller, &called, &[6; 32], &proof), None);
        assert_eq!(invited.admit(now, &caller, &called, &[5; 32], &proof), Some(word));
        assert_eq!(invited.admit(now, &caller, &called, &[5; 32], &proof), None);
    }

    #[test]
    fn a_word_ends_and_words_do_not_pile_up() {
        let [caller, called] = [1, 2].map(|n| NodeId::from_bytes([n; 32]));
        let mut invited = Invited::default();
        (0..20).for_each(|n| invited.expect(Word([n; 16]), Moment::from_us(9)));
        let mut admit = |now, n| {
            let proof = Word([n; 16]).proof(&caller, &called, &[5; 32]);
            invited.admit(Moment::from_us(now), &caller, &called, &[5; 32], &proof).is_some()
        };
        assert!(!admit(1, 3), "the oldest was let go");
        assert!(admit(1, 4));
        assert!(!admit(1_000, 5), "its time is over");
    }

    #[test]
    fn a_word_is_never_shown() {
        assert!(!format!("{:?}", invitation()).contains('9'));
    }
}
