//! How much is listened to.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::moment::Moment;

/// What came from which address of late.
///
/// An address costs nothing, so a flood may bear any number of them: those that spoke longest ago are forgotten for new ones,
/// and what is looked at of all together is bounded besides.
#[derive(Debug, Default)]
pub(super) struct Sources {
    of_one: BTreeMap<IpAddr, Source>,
    /// When all together have used up nothing any more.
    free_at: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    /// When this one has used up nothing any more.
    free_at: Moment,
    /// When it last said what nobody here can read.
    strange_at: Option<Moment>,
}

/// Between two packets from one address, in the long run.
const PACE: Duration = Duration::from_millis(100);
/// Packets of one address at once.
const BURST: u32 = 32;
/// Between two packets of all.
const PACE_OF_ALL: Duration = Duration::from_millis(1);
/// Packets of all at once.
const BURST_OF_ALL: u32 = 256;
/// Addresses that are remembered.
pub(super) const SOURCES_MAX: usize = 256;

impl Sources {
    /// When the next packet is to be looked at: now, unless there is a flood. What comes before that the system holds or drops.
    pub(super) fn hears_at(&self) -> Moment {
        let ahead = PACE_OF_ALL * BURST_OF_ALL;
        Moment::START + (self.free_at - (Moment::START + ahead))
    }

    /// Whether a packet from this address is looked at.
    pub(super) fn takes(&mut self, now: Moment, from: IpAddr) -> bool {
        if self.hears_at() > now {
            return false;
        }
        self.free_at = self.free_at.max(now) + PACE_OF_ALL;
        if !self.of_one.contains_key(&from) && self.of_one.len() == SOURCES_MAX {
            let oldest = self.of_one.iter().min_by_key(|(_, source)| source.free_at);
            if let Some(oldest) = oldest.map(|(from, _)| *from) {
                self.of_one.remove(&oldest);
            }
        }
        let fresh = Source { free_at: now, strange_at: None };
        let source = self.of_one.entry(from).or_insert(fresh);
        let free_at = source.free_at.max(now) + PACE;
        let is_taken = free_at - now <= PACE * BURST;
        if is_taken {
            source.free_at = free_at;
        }
        is_taken
    }

    /// Nobody here can read what came from this address.
    pub(super) fn strange(&mut self, now: Moment, from: IpAddr) {
        let source = self.of_one.get_mut(&from);
        source.into_iter().for_each(|source| source.strange_at = Some(now));
    }

    /// What came before could be read now.
    pub(super) fn forget_strangers(&mut self) {
        self.of_one.values_mut().for_each(|source| source.strange_at = None);
    }

    /// The addresses from which something came since then that nobody here can read.
    pub(super) fn strangers(&self, since: Moment) -> usize {
        let is_new = |source: &&Source| source.strange_at.is_some_and(|at| at >= since);
        self.of_one.values().filter(is_new).count()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.of_one.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(number: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 + number).into())
    }

    #[test]
    fn one_is_heard_so_often_and_no_oftener() {
        let mut sources = Sources::default();
        let start = Moment::START + Duration::from_secs(9);
        let mut taken = |now, from, count| (0..count).filter(|_| sources.takes(now, from)).count();
        assert_eq!(taken(start, ip(1), 100), 32);
        assert_eq!(taken(start, ip(2), 100), 32, "another one is heard all the same");
        assert_eq!(taken(start + Duration::from_secs(1), ip(1), 100), 10);
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_too() {
        let mut sources = Sources::default();
        let start = Moment::START + Duration::from_secs(9);
        let taken = (0..100_000).filter(|number| sources.takes(start, ip(*number))).count();
        assert_eq!(taken, 257);
        assert_eq!(sources.len(), SOURCES_MAX);
        assert!(sources.hears_at() > start);
        let later = start + Duration::from_secs(1);
        assert!(sources.hears_at() <= later && sources.takes(later, ip(200_000)));
        assert_eq!(sources.len(), SOURCES_MAX);
    }

    #[test]
    fn strangers_are_counted_by_where_they_are() {
        let mut sources = Sources::default();
        let [first, later] = [1, 90].map(|seconds| Moment::START + Duration::from_secs(seconds));
        for (now, number) in [(first, 1), (first, 2), (later, 2), (later, 3)] {
            sources.takes(now, ip(number));
            sources.strange(now, ip(number));
        }
        sources.takes(later, ip(4));
        assert_eq!((sources.strangers(first), sources.strangers(later)), (3, 2));
        sources.forget_strangers();
        assert_eq!(sources.strangers(first), 0);
    }
}
