//! What nodes say about a channel.

use selkie_crdt::ActorId;
use selkie_store::{Coded, Fork, PAYLOAD_LEN_MAX, Signature};
use serde::{Deserialize, Serialize};

use crate::channel_id::ChannelId;
use crate::gossip::stand::{Stand, Sum};
use crate::wire::lane::Lane;

/// A message about one channel, on [`Lane::Gossip`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Message {
    /// The channel.
    pub channel: ChannelId,
    /// What is said of it.
    pub says: Says,
}

/// What is said of a channel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Says {
    /// The sum of where my logs stand. Whoever is asked answers with its own, or with where its logs
    /// stand if they stand elsewhere.
    Sum(Sum, Turn),
    /// Where my logs stand, all of them within the bounds.
    Stands(Listing, Wish, Turn),
    /// These stand here now; there is more of them than I sent.
    Have(Vec<(ActorId, Stand)>),
    /// Send me these logs, each from behind this position on.
    Want(Vec<(ActorId, u64)>),
    /// Entries, and a parcel of the objects that they reach if that is short: none else, and no bytes.
    Entries(Vec<Run>, Cause, #[serde(with = "crate::wire::bytes")] Vec<u8>),
    /// What you push I have from others already: tell me, and I ask.
    Prune,
    /// I do not have that channel, or not for you.
    Closed,
    /// So many bytes of parcels may come along with entries from now on, and no more before this is said again.
    Room(u32),
    /// This log ends: the proof that its replica said two things in one place.
    Ended(ActorId, #[serde(with = "crate::wire::bytes")] Vec<u8>),
}

/// Whether something is to be answered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Turn {
    /// Yes.
    Asks,
    /// No: it is an answer.
    Answers,
}

/// Whether to send at once what a listing shows to lack.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Wish {
    /// Yes.
    Entries,
    /// No: somebody else is sending it.
    Nothing,
}

/// Where some logs stand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Listing {
    /// From this one on.
    pub first: ActorId,
    /// Up to this one, and that of no log between them is left out.
    pub last: ActorId,
    /// Ascending.
    pub stands: Vec<(ActorId, Stand)>,
}

impl Listing {
    pub(super) const LEAST: ActorId = ActorId::from_bytes([0; 16]);
    pub(super) const MOST: ActorId = ActorId::from_bytes([0xff; 16]);

    /// Whether it leaves out no log at all.
    pub(super) fn is_whole(&self) -> bool {
        self.first == Self::LEAST && self.is_last()
    }

    /// Whether those that go before it leave out no log, together with it.
    pub(super) fn is_last(&self) -> bool {
        self.last == Self::MOST
    }
}

/// Entries of one log that follow each other.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Run {
    /// Whose log it is.
    pub stream: ActorId,
    /// The position before the first of them.
    pub after: u64,
    /// The entries.
    pub items: Vec<Item>,
}

/// An entry without what the ones before it tell.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Item {
    /// What it says.
    #[serde(with = "crate::wire::bytes")]
    pub payload: Vec<u8>,
    /// Who says it.
    #[serde(with = "crate::wire::bytes")]
    pub signature: [u8; Signature::LEN],
}

/// Why entries were sent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Cause {
    /// They are new.
    Push,
    /// They were wanted: all of them, or as many as fit.
    Answer,
}

/// Logs in one message.
pub(crate) const STREAMS_MAX: usize = 512;

/// Entries in one message.
pub(crate) const ITEMS_MAX: usize = 4_096;

/// Bytes of entries that are sent in one message, unless it is one alone that is longer.
pub(super) const ITEMS_LEN: usize = 512 << 10;

/// Bytes of the longest parcel that comes along with entries. It shall hold up nobody's news for long.
pub(crate) const ALONG_LEN_MAX: usize = 32 << 10;

impl Run {
    /// The position of the last of them.
    pub fn end(&self) -> u64 {
        self.after.saturating_add(self.items.len() as u64)
    }

    /// Bytes that it takes, about.
    pub(super) fn len(&self) -> usize {
        let items = self.items.iter().map(|item| item.payload.len() + Signature::LEN + 8);
        32 + items.sum::<usize>()
    }

    /// What goes no farther than `position`; none if that is nothing.
    pub(crate) fn until(mut self, position: u64) -> Option<Self> {
        let count = usize::try_from(position.checked_sub(self.after)?).unwrap_or(usize::MAX);
        self.items.truncate(count);
        (!self.items.is_empty()).then_some(self)
    }

    /// What follows `position`; none if that is nothing, or if there is a gap before it.
    pub(crate) fn behind(mut self, position: u64) -> Option<Self> {
        let known = usize::try_from(position.checked_sub(self.after)?).ok()?;
        if known >= self.items.len() {
            return None;
        }
        self.items.drain(..known);
        self.after = position;
        Some(self)
    }
}

impl Listing {
    fn is_valid(&self) -> bool {
        let within = |(stream, _): &(ActorId, Stand)| self.first <= *stream && *stream <= self.last;
        self.first <= self.last && is_list(&self.stands) && self.stands.iter().all(within)
    }
}

impl Coded for Message {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = Lane::Gossip.len_max();

    fn is_valid(&self) -> bool {
        match &self.says {
            Says::Sum(..) | Says::Prune | Says::Closed | Says::Room(_) => true,
            Says::Ended(_, proof) => proof.len() <= Fork::LEN_MAX,
            Says::Stands(listing, ..) => listing.is_valid(),
            Says::Have(stands) => is_list(stands),
            Says::Want(after) => is_list(after),
            Says::Entries(runs, _, along) => {
                let items = runs.iter().map(|run| run.items.len()).sum::<usize>();
                items <= ITEMS_MAX
                    && along.len() <= ALONG_LEN_MAX
                    && runs.is_sorted_by(|a, b| a.stream < b.stream)
                    && runs.iter().all(is_run)
            }
        }
    }
}

fn is_list<T>(streams: &[(ActorId, T)]) -> bool {
    streams.len() <= STREAMS_MAX && streams.is_sorted_by(|(a, _), (b, _)| a < b)
}

fn is_run(run: &Run) -> bool {
    let is_short = run.items.iter().all(|item| item.payload.len() <= PAYLOAD_LEN_MAX);
    is_short && !run.items.is_empty() && run.after.checked_add(run.items.len() as u64).is_some()
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

    fn message(says: Says) -> Message {
        Message { channel: ChannelId::from_bytes([0xc; 16]), says }
    }

    fn run(after: u64, items: usize) -> Run {
        let item = Item { payload: b"new".to_vec(), signature: [0x5; 64] };
        Run { stream: EAST, after, items: vec![item; items] }
    }

    #[test]
    fn messages_keep_their_bytes() {
        let stand = Stand { position: 300, mark: [0xab; 8] };
        let listing = Listing {
            first: ActorId::from_bytes([0; 16]),
            last: ActorId::from_bytes([0xff; 16]),
            stands: vec![(EAST, stand)],
        };
        let name = "ea".repeat(16);
        let placed = format!("{name}fb2c01{}", "ab".repeat(8));
        let bounds = format!("{}{}", "00".repeat(16), "ff".repeat(16));
        let item = format!("036e6577{}{}", "40", "05".repeat(64));
        let table = [
            (Says::Sum([7; 16], Turn::Asks), format!("00{}00", "07".repeat(16))),
            (
                Says::Stands(listing, Wish::Entries, Turn::Answers),
                format!("01{bounds}01{placed}0001"),
            ),
            (Says::Have(vec![(EAST, stand)]), format!("0201{placed}")),
            (Says::Want(vec![(EAST, 7)]), format!("0301{name}07")),
            (
                Says::Entries(vec![run(2, 1)], Cause::Push, Vec::new()),
                format!("0401{name}0201{item}0000"),
            ),
            (
                Says::Entries(vec![run(2, 1)], Cause::Answer, vec![0xa1, 0xa2]),
                format!("0401{name}0201{item}0102a1a2"),
            ),
            (Says::Prune, "05".to_owned()),
            (Says::Closed, "06".to_owned()),
            (Says::Room(300), "07fb2c01".to_owned()),
            (Says::Ended(EAST, vec![0xa1, 0xa2]), format!("08{name}02a1a2")),
        ];
        for (says, golden) in table {
            let bytes = encode(&message(says.clone())).unwrap();
            let hex = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            assert_eq!(hex, format!("01{}{golden}", "0c".repeat(16)), "{says:?}");
            assert_eq!(decode::<Message>(&bytes).unwrap(), message(says));
        }
    }

    #[test]
    fn what_breaks_a_rule_is_no_message() {
        let listing = |stands: Vec<(ActorId, Stand)>| {
            let listing = Listing { first: EAST, last: EAST, stands };
            Says::Stands(listing, Wish::Nothing, Turn::Asks)
        };
        let other = ActorId::from_bytes([1; 16]);
        let broken = [
            Says::Want(vec![(EAST, 1), (EAST, 2)]),
            Says::Want((0..=STREAMS_MAX).map(|n| (numbered(n), 0)).collect()),
            listing(vec![(other, Stand::default())]),
            entries(vec![run(0, 0)], 0),
            entries(vec![run(u64::MAX, 1)], 0),
            entries(vec![run(0, 1), run(1, 1)], 0),
            entries(vec![run(0, ITEMS_MAX + 1)], 0),
            entries(vec![run(0, 1)], ALONG_LEN_MAX + 1),
        ];
        for says in broken {
            assert!(encode(&message(says.clone())).is_err(), "{says:?}");
        }
    }

    fn entries(runs: Vec<Run>, along: usize) -> Says {
        Says::Entries(runs, Cause::Push, vec![7; along])
    }

    fn numbered(number: usize) -> ActorId {
        ActorId::from_bytes((number as u128).to_be_bytes())
    }

    #[test]
    fn the_longest_entry_fits() {
        let item = Item { payload: vec![1; PAYLOAD_LEN_MAX], signature: [2; 64] };
        let run = Run { stream: EAST, after: u64::MAX - 1, items: vec![item] };
        assert!(encode(&message(Says::Entries(vec![run], Cause::Answer, Vec::new()))).is_ok());
    }

    #[test]
    fn a_run_is_cut_where_it_is_known() {
        assert_eq!(run(2, 3).behind(1), None);
        assert_eq!(run(2, 3).behind(2), Some(run(2, 3)));
        assert_eq!(run(2, 3).behind(4), Some(run(4, 1)));
        assert_eq!(run(2, 3).behind(5), None);
    }
}
