//! What a rendezvous server keeps: who left word where.
//!
//! It reads no word and knows no repository. Of whoever visits it knows the key that the connection showed, and the address; under
//! that key alone something is left, or taken away again. So nobody speaks for another, and nobody can take another's place.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::discovery::errand::{Errand, Full, Packet, Reply, WORDS_MAX};
use crate::discovery::spot::Spot;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::session::gate::neighbourhood;

/// The words that were left, each until its time is over.
#[derive(Debug)]
pub struct Register {
    /// No word is held for longer.
    hold: Duration,
    held: BTreeMap<Name, Held>,
    ends: BTreeSet<(Moment, Name)>,
    of_node: BTreeMap<NodeId, usize>,
    of_home: BTreeMap<IpAddr, usize>,
}

type Name = (Spot, NodeId);

#[derive(Debug)]
struct Held {
    until: Moment,
    home: IpAddr,
    word: Vec<Packet>,
}

/// Words of all: with everything around them some 8 MiB.
const HELD_MAX: usize = 8_192;
/// Words of one visitor, at as many spots.
const OF_NODE_MAX: usize = 64;
/// Words of those whose addresses are alike: a household, an office, a rack.
const OF_HOME_MAX: usize = 256;

impl Register {
    /// Nothing is there yet, and nothing is held for longer than that.
    #[must_use]
    pub fn new(hold: Duration) -> Self {
        let (held, ends, of_node, of_home) = Default::default();
        Self { hold: hold.max(Duration::from_secs(1)), held, ends, of_node, of_home }
    }

    /// Does what somebody wants who showed this key, and comes from there.
    pub fn answer(&mut self, now: Moment, who: NodeId, from: SocketAddr, errand: Errand) -> Reply {
        self.forget(now);
        match errand {
            Errand::List(spot) => {
                let you = SocketAddr::new(from.ip().to_canonical(), from.port());
                let there = self.at(spot).map(|(_, held)| held.word.clone());
                Reply::Listed { you, words: there.take(WORDS_MAX).collect() }
            }
            Errand::Register { spot, seconds, word } => {
                let wanted = Duration::from_secs(seconds.into()).min(self.hold);
                let home = neighbourhood(from.ip().to_canonical());
                match self.keep((spot, who), Held { until: now + wanted, home, word }) {
                    Ok(()) => {
                        Reply::Registered(u32::try_from(wanted.as_secs()).unwrap_or(u32::MAX))
                    }
                    Err(full) => Reply::Refused(full),
                }
            }
            Errand::Unregister(spot) => {
                self.drop((spot, who));
                Reply::Unregistered
            }
        }
    }

    /// How many words are here, and at how many spots.
    #[must_use]
    pub fn count(&mut self, now: Moment) -> (usize, usize) {
        self.forget(now);
        let mut spots: Vec<_> = self.held.keys().map(|(spot, _)| *spot).collect();
        spots.dedup();
        (self.held.len(), spots.len())
    }

    fn at(&self, spot: Spot) -> impl Iterator<Item = (&Name, &Held)> {
        let [first, last] = [[0; NodeId::LEN], [0xff; NodeId::LEN]].map(NodeId::from_bytes);
        self.held.range((spot, first)..=(spot, last))
    }

    fn keep(&mut self, name: Name, held: Held) -> Result<(), Full> {
        let known = self.drop(name);
        let count = |of: Option<&usize>| of.copied().unwrap_or_default();
        let full = if self.held.len() >= HELD_MAX {
            Some(Full::Server)
        } else if count(self.of_home.get(&held.home)) >= OF_HOME_MAX {
            Some(Full::Neighbourhood)
        } else if count(self.of_node.get(&name.1)) >= OF_NODE_MAX {
            Some(Full::Visitor)
        } else if self.at(name.0).count() >= WORDS_MAX {
            Some(Full::Spot)
        } else {
            None
        };
        match (full, known) {
            (None, _) => self.put(name, held),
            (Some(full), None) => return Err(full),
            // There was room for it where it came from before, and it stays there until its time is over.
            (Some(full), Some(known)) => {
                self.put(name, known);
                return Err(full);
            }
        }
        Ok(())
    }

    fn put(&mut self, name: Name, held: Held) {
        *self.of_home.entry(held.home).or_default() += 1;
        *self.of_node.entry(name.1).or_default() += 1;
        self.ends.insert((held.until, name));
        self.held.insert(name, held);
    }

    fn drop(&mut self, name: Name) -> Option<Held> {
        let held = self.held.remove(&name)?;
        self.ends.remove(&(held.until, name));
        less(&mut self.of_home, &held.home);
        less(&mut self.of_node, &name.1);
        Some(held)
    }

    /// What its time is over of is not here.
    fn forget(&mut self, now: Moment) {
        while let Some((until, name)) = self.ends.first().copied()
            && until <= now
        {
            self.drop(name);
        }
    }
}

fn less<K: Ord>(counts: &mut BTreeMap<K, usize>, of: &K) {
    if let Some(count) = counts.get_mut(of) {
        *count -= 1;
        if *count == 0 {
            counts.remove(of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::packet::Secret;

    const HOME: Spot = Spot::from_bytes([1; 16]);
    const OTHER: Spot = Spot::from_bytes([2; 16]);

    fn register() -> Register {
        Register::new(Duration::from_secs(60))
    }

    fn node(number: u32) -> NodeId {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        NodeId::from_bytes(bytes)
    }

    fn many(count: usize) -> u32 {
        u32::try_from(count).unwrap()
    }

    /// Each in a neighbourhood of its own.
    fn from(number: u32) -> SocketAddr {
        SocketAddr::new(IpAddr::V4((0x0a00_0000 + (number << 8)).into()), 7_355)
    }

    fn word(byte: u8) -> Vec<Packet> {
        vec![Packet([byte; Secret::PACKET_LEN])]
    }

    fn at(seconds: u64) -> Moment {
        Moment::START + Duration::from_secs(seconds)
    }

    fn leaves(spot: Spot, byte: u8) -> Errand {
        Errand::Register { spot, seconds: 600, word: word(byte) }
    }

    fn listed(register: &mut Register, now: Moment, spot: Spot) -> Vec<Vec<Packet>> {
        match register.answer(now, node(99), from(99), Errand::List(spot)) {
            Reply::Listed { words, .. } => words,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_left_at_a_spot_is_there_and_nowhere_else_until_its_time_is_over() {
        let mut register = register();
        let held = register.answer(at(0), node(1), from(1), leaves(HOME, 1));
        assert_eq!(held, Reply::Registered(60), "for no longer than the server wants");
        register.answer(at(30), node(2), from(2), leaves(HOME, 2));
        assert_eq!(listed(&mut register, at(59), HOME), [word(1), word(2)]);
        assert_eq!(listed(&mut register, at(59), OTHER), [[]; 0]);
        assert_eq!(listed(&mut register, at(60), HOME), [word(2)]);
        assert_eq!(register.count(at(60)), (1, 1));
        assert_eq!(register.count(at(90)), (0, 0));
        assert!(register.of_home.is_empty() && register.of_node.is_empty());
    }

    #[test]
    fn nobody_changes_or_takes_away_what_another_left() {
        let mut register = register();
        register.answer(at(0), node(1), from(1), leaves(HOME, 1));
        register.answer(at(1), node(2), from(1), leaves(HOME, 2));
        register.answer(at(1), node(3), from(1), Errand::Unregister(HOME));
        assert_eq!(listed(&mut register, at(2), HOME), [word(1), word(2)]);
        register.answer(at(3), node(1), from(7), leaves(HOME, 3));
        assert_eq!(listed(&mut register, at(4), HOME), [word(3), word(2)]);
        register.answer(at(5), node(1), from(8), Errand::Unregister(HOME));
        assert_eq!(listed(&mut register, at(6), HOME), [word(2)]);
    }

    #[test]
    fn a_visitor_hears_where_it_comes_from() {
        let mut register = register();
        let mapped = "[::ffff:192.0.2.7]:9000".parse().unwrap();
        let reply = register.answer(at(0), node(1), mapped, Errand::List(HOME));
        let you = "192.0.2.7:9000".parse().unwrap();
        assert_eq!(reply, Reply::Listed { you, words: Vec::new() });
    }

    #[test]
    fn a_flood_fills_no_more_than_its_share_and_who_is_there_stays() {
        let refused = |reply| match reply {
            Reply::Refused(full) => Some(full),
            _ => None,
        };
        let spot = |number: u32| {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&number.to_le_bytes());
            Spot::from_bytes(bytes)
        };
        let mut register = register();
        let mut leave = |number: u32, home: u32, at_spot: Spot| {
            refused(register.answer(at(1), node(number), from(home), leaves(at_spot, 1)))
        };
        assert_eq!(leave(0, 0, HOME), None);
        for number in 0..many(OF_NODE_MAX) {
            assert_eq!(leave(1, number, spot(1_000 + number)), None);
        }
        assert_eq!(leave(1, 200, HOME), Some(Full::Visitor));
        assert_eq!(leave(1, 200, spot(1_000)), None, "what is there is renewed");
        for number in 0..many(OF_HOME_MAX) {
            assert_eq!(leave(10_000 + number, 5_000, spot(2_000 + number)), None);
        }
        assert_eq!(leave(20_000, 5_000, spot(9_000)), Some(Full::Neighbourhood));
        for number in 1..many(WORDS_MAX) {
            assert_eq!(leave(30_000 + number, 6_000 + number, HOME), None);
        }
        assert_eq!(leave(40_000, 6_900, HOME), Some(Full::Spot));
        let mut number = 0;
        let full = loop {
            number += 1;
            assert!(number <= many(HELD_MAX));
            if let Some(full) = leave(50_000 + number, 7_000 + number, spot(50_000 + number)) {
                break full;
            }
        };
        assert_eq!(full, Full::Server);
        assert_eq!(leave(0, 0, HOME), None, "who is there is renewed all the same");
        assert_eq!(register.count(at(2)).0, HELD_MAX);
        assert_eq!(register.count(at(61)), (0, 0));
    }

    #[test]
    fn who_comes_from_where_there_is_no_room_keeps_what_it_had() {
        let mut register = register();
        register.answer(at(0), node(1), from(1), leaves(HOME, 1));
        for number in 0..many(OF_HOME_MAX) {
            let at_spot = Spot::from_bytes([u8::try_from(number % 200).unwrap() + 3; 16]);
            register.answer(at(1), node(100 + number), from(2), leaves(at_spot, 2));
        }
        let moved = register.answer(at(2), node(1), from(2), leaves(HOME, 9));
        assert_eq!(moved, Reply::Refused(Full::Neighbourhood));
        assert_eq!(listed(&mut register, at(3), HOME), [word(1)]);
        assert_eq!(listed(&mut register, at(60), HOME), [[]; 0]);
    }
}
