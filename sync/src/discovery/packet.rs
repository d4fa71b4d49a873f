//! What one packet holds, and how it is hidden from whoever does not know the channel.
//!
//! ```text
//! offset  size  field
//!      0     1  version 1
//!      1    16  tag     a keyed hash of what is hidden
//!     17   143  hidden  under a mask, which the tag and the channel tell:
//!            1          length of the announcement
//!                       the announcement
//!                       zeros
//! ```
//!
//! All packets are as long, and to whoever does not know the channel each is noise: who says it, for which channel, and whether
//! two are for the same can not be told. The tag shows that nothing was changed, and serves as what is never used twice: equal
//! tags mean equal packets.

use blake3::Hasher;
use selkie_store::{CodecError, decode, encode};

use crate::channel_id::ChannelId;
use crate::discovery::presence::{Announcement, Presence};
use crate::identity::network::NetworkId;
use crate::identity::signed::Signed;

/// What those have who know a channel: it hides what they say of it, and shows it to them.
#[derive(Clone)]
pub struct Secret {
    tag: [u8; 32],
    mask: [u8; 32],
}

const VERSION: u8 = 1;
const TAG_AT: usize = 1;
const TAG_LEN: usize = 16;
const HIDDEN_AT: usize = TAG_AT + TAG_LEN;
const HIDDEN_LEN: usize = Secret::PACKET_LEN - HIDDEN_AT;
const _: () = assert!(HIDDEN_AT == 17 && HIDDEN_LEN == 143);
const _: () = assert!(<Announcement as selkie_store::Coded>::LEN_MAX < HIDDEN_LEN);

/// Separates the key of tags from whatever else is hashed.
const TAG: &str = "selkie 1 discovery tag";
/// Separates the key of masks from whatever else is hashed.
const MASK: &str = "selkie 1 discovery mask";

impl Secret {
    /// Bytes in a packet.
    pub const PACKET_LEN: usize = 160;

    /// That of those who know this channel, in this network.
    #[must_use]
    pub fn of(network: &NetworkId, channel: &ChannelId) -> Self {
        let key = |context| {
            let mut hasher = Hasher::new_derive_key(context);
            hasher.update(network.as_bytes()).update(channel.as_bytes());
            *hasher.finalize().as_bytes()
        };
        Self { tag: key(TAG), mask: key(MASK) }
    }

    /// The packet that says this.
    ///
    /// # Errors
    ///
    /// It breaks its own rules.
    pub fn seal(&self, said: Signed<Presence>) -> Result<Vec<u8>, CodecError> {
        let bytes = encode(&Announcement(said))?;
        let mut plain = [0; HIDDEN_LEN];
        let long = |_long| CodecError::Long { found: bytes.len(), max: HIDDEN_LEN - 1 };
        plain[0] = u8::try_from(bytes.len()).map_err(long)?;
        plain[1..=bytes.len()].copy_from_slice(&bytes);
        let tag = self.tag_of(&plain);
        self.turn(&tag, &mut plain);
        Ok([&[VERSION][..], &tag, &plain].concat())
    }

    /// What a packet says, to those who know the channel that it is for. Who signed it is not looked at.
    #[must_use]
    pub fn open(&self, packet: &[u8]) -> Option<Signed<Presence>> {
        let packet: &[u8; Self::PACKET_LEN] = packet.try_into().ok()?;
        let tag = packet[TAG_AT..HIDDEN_AT].try_into().ok()?;
        let mut plain: [u8; HIDDEN_LEN] = packet[HIDDEN_AT..].try_into().ok()?;
        self.turn(&tag, &mut plain);
        if packet[0] != VERSION || self.tag_of(&plain) != tag {
            return None;
        }
        let (bytes, rest) = plain[1..].split_at_checked(usize::from(plain[0]))?;
        let is_spelled_so = rest.iter().all(|byte| *byte == 0);
        decode::<Announcement>(bytes).ok().filter(|_| is_spelled_so).map(|said| said.0)
    }

    fn tag_of(&self, plain: &[u8; HIDDEN_LEN]) -> [u8; TAG_LEN] {
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(&blake3::keyed_hash(&self.tag, plain).as_bytes()[..TAG_LEN]);
        tag
    }

    /// Puts the mask on, or takes it off.
    fn turn(&self, tag: &[u8; TAG_LEN], bytes: &mut [u8; HIDDEN_LEN]) {
        let mut mask = [0; HIDDEN_LEN];
        Hasher::new_keyed(&self.mask).update(tag).finalize_xof().fill(&mut mask);
        bytes.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::SecretKey;

    use super::*;
    use crate::discovery::presence::Matter;

    const HOME: ChannelId = ChannelId::from_bytes([1; 16]);
    const OTHER: ChannelId = ChannelId::from_bytes([2; 16]);

    fn town() -> NetworkId {
        NetworkId::named("town")
    }

    fn said(time_ms: u64) -> Signed<Presence> {
        let address = "192.0.2.9:7355".parse().unwrap();
        let presence = Presence { matter: Matter::Here, time_ms, address };
        Signed::new(&presence, &town(), &SecretKey::from_bytes(&[7; 32])).unwrap()
    }

    #[test]
    fn who_knows_the_channel_reads_it_and_nobody_else_does() {
        let secret = Secret::of(&town(), &HOME);
        let packet = secret.seal(said(9)).unwrap();
        assert_eq!(packet.len(), Secret::PACKET_LEN);
        assert_eq!(secret.open(&packet), Some(said(9)));
        assert_eq!(Secret::of(&town(), &OTHER).open(&packet), None);
        assert_eq!(Secret::of(&NetworkId::named("elsewhere"), &HOME).open(&packet), None);
    }

    #[test]
    fn any_change_is_noticed() {
        let secret = Secret::of(&town(), &HOME);
        let packet = secret.seal(said(9)).unwrap();
        for bit in 0..8 * packet.len() {
            let mut changed = packet.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(secret.open(&changed), None, "bit {bit}");
        }
        assert_eq!(secret.open(&packet[..159]), None);
        assert_eq!(secret.open(&[&packet[..], &[0]].concat()), None);
        assert_eq!(secret.open(&[]), None);
    }

    #[test]
    fn two_packets_have_nothing_in_common_that_shows() {
        // A byte in the same place is the same by chance in one of 256.
        let packets: Vec<_> =
            (0..64).map(|time| Secret::of(&town(), &HOME).seal(said(time)).unwrap()).collect();
        let pairs = packets.iter().enumerate().flat_map(|(at, one)| {
            packets[..at].iter().map(move |other| {
                let same = one[1..].iter().zip(&other[1..]).filter(|(a, b)| a == b);
                same.count()
            })
        });
        assert!(pairs.max().unwrap() <= 10);
    }

    #[test]
    fn what_is_read_has_one_spelling() {
        let secret = Secret::of(&town(), &HOME);
        let packet = secret.seal(said(9)).unwrap();
        // Whoever knows the channel can hide anything, and is not believed.
        for at in [0, 142] {
            let mut plain: [u8; HIDDEN_LEN] = packet[HIDDEN_AT..].try_into().unwrap();
            secret.turn(&packet[TAG_AT..HIDDEN_AT].try_into().unwrap(), &mut plain);
            plain[at] = 255;
            let tag = secret.tag_of(&plain);
            secret.turn(&tag, &mut plain);
            assert_eq!(secret.open(&[&[1][..], &tag, &plain].concat()), None, "byte {at}");
        }
    }
}
