//! Who was heard of, and where.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::channel_id::ChannelId;
use crate::discovery::presence::Presence;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// A node, as one that knows a channel.
pub(super) type Name = (ChannelId, NodeId);

/// The nodes that were heard of, each for a channel.
///
/// Whoever knows the channel can invent nodes, each with a key and a signature. So there is a limit for one address and one in
/// all, beyond which who was heard of longest ago is forgotten; one that is there is heard again within half a minute.
#[derive(Debug, Default)]
pub(super) struct Heard(BTreeMap<Name, Sight>);

/// What was heard of one.
#[derive(Clone, Debug)]
struct Sight {
    at: Moment,
    /// The time of the newest that it said.
    newest_ms: u64,
    /// Where it is to be called.
    places: Vec<Place>,
    /// How far its clock is before ours, if it is so far off that what it says could be anything said before.
    ahead_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    address: SocketAddr,
    at: Moment,
    newest_ms: u64,
}

/// A node that was heard of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// Its name.
    pub node: NodeId,
    /// In which way.
    pub by: HeardBy,
    /// A channel that it knows.
    pub channel: ChannelId,
    /// Where it is to be called, and how long ago it said so; the newest first.
    pub places: Vec<(SocketAddr, Duration)>,
    /// How many milliseconds its clock is ahead of ours (behind, if it is less than none), where that is too much to believe what
    /// it says. It is called nowhere for that.
    pub ahead_ms: Option<i64>,
}

/// In which way somebody was heard of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum HeardBy {
    /// It spoke in the local network.
    Lan,
    /// It left word at a rendezvous server.
    Rendezvous,
}

/// Whether what a node says is worth checking its signature, and for what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Worth {
    /// It is known, or was said before.
    None,
    /// It is new.
    News,
    /// Its time is so many milliseconds ahead of ours: it could be anything that the node said before.
    Doubt(i128),
}

/// What came of something that was heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// It is there, as was known.
    None,
    /// It is at this place, which is new.
    Appeared,
    /// It is at no place any more.
    Lost,
}

/// Nodes that are remembered.
pub(super) const NODES_MAX: usize = 256;
/// Of these, with one address.
pub(super) const AT_ONE_ADDRESS_MAX: usize = 16;
/// Places of one node. It may be in several subnets.
pub(super) const PLACES_MAX: usize = 4;
/// Of who says nothing for so long it is not known where it is: three times it would have been heard.
pub(super) const STALE: Duration = Duration::from_secs(110);
/// Clocks differ so much. What is further off could be anything that the node said before.
pub(crate) const SLACK_MS: u64 = 10 * 60 * 1_000;
/// Whose clock is wrong is not looked at more often.
const DOUBT: Duration = Duration::from_secs(10);

impl Heard {
    /// Whether this is worth checking.
    pub(super) fn worth(&self, now: Moment, time_ms: u64, name: Name, said: &Presence) -> Worth {
        let ahead_ms = i128::from(said.time_ms) - i128::from(time_ms);
        if ahead_ms.unsigned_abs() > u128::from(SLACK_MS) {
            return if self.is_doubted(now, name) { Worth::Doubt(ahead_ms) } else { Worth::None };
        }
        if self.is_news(name, said) { Worth::News } else { Worth::None }
    }

    /// Whether it is no replay of what this node said before.
    fn is_news(&self, name: Name, said: &Presence) -> bool {
        let Some(sight) = self.0.get(&name) else { return true };
        let known = sight.places.iter().find(|place| is_at(place, said.address));
        // In several subnets it says the same at the same time; in one only later.
        match known {
            Some(place) => said.time_ms > place.newest_ms && said.time_ms >= sight.newest_ms,
            None if said.address.port() == 0 => said.time_ms > sight.newest_ms,
            None => said.time_ms >= sight.newest_ms,
        }
    }

    /// Whether a time that is too far off is to be told: nothing better is known of this node, and it was not checked lately.
    fn is_doubted(&self, now: Moment, name: Name) -> bool {
        let sight = self.0.get(&name);
        sight.is_none_or(|sight| sight.ahead_ms.is_some() && now - sight.at >= DOUBT)
    }

    /// The node said this, which was checked; it came from that address. Who had to be forgotten for it is lost.
    pub(super) fn hear(
        &mut self,
        now: Moment,
        name: Name,
        said: &Presence,
        address: SocketAddr,
    ) -> (Change, Vec<Name>) {
        let lost = self.make_room(name, address.ip());
        let sight = self.0.entry(name).or_insert_with(|| Sight::at(now));
        (sight.at, sight.newest_ms, sight.ahead_ms) = (now, said.time_ms, None);
        if address.port() == 0 {
            return (Change::None, lost);
        }
        let place = Place { address, at: now, newest_ms: said.time_ms };
        if let Some(known) = sight.places.iter_mut().find(|known| known.address == address) {
            *known = place;
            return (Change::None, lost);
        }
        if sight.places.len() == PLACES_MAX {
            let oldest = sight.places.iter().enumerate().min_by_key(|(_, place)| place.at);
            if let Some((at, _)) = oldest {
                sight.places.swap_remove(at);
            }
        }
        sight.places.push(place);
        (Change::Appeared, lost)
    }

    /// The node signed a time that is so far off.
    pub(super) fn doubt(
        &mut self,
        now: Moment,
        name: Name,
        from: IpAddr,
        ahead_ms: i128,
    ) -> Vec<Name> {
        let limits = i128::from(i64::MIN)..=i128::from(i64::MAX);
        let ahead_ms = ahead_ms.clamp(*limits.start(), *limits.end());
        let ahead_ms = i64::try_from(ahead_ms).expect("it was brought between its limits");
        let lost = self.make_room(name, from);
        let sight = self.0.entry(name).or_insert_with(|| Sight::at(now));
        (sight.at, sight.ahead_ms) = (now, Some(ahead_ms));
        lost
    }

    /// The node that is called at this port goes, from all its addresses.
    pub(super) fn leave(&mut self, name: Name, said: &Presence) -> Change {
        let Some(sight) = self.0.get_mut(&name) else { return Change::None };
        let before = sight.places.len();
        sight.places.retain(|place| place.address.port() != said.address.port());
        sight.newest_ms = sight.newest_ms.max(said.time_ms);
        if before > 0 && sight.places.is_empty() { Change::Lost } else { Change::None }
    }

    /// The node is there no more. Tells whether it was somewhere.
    pub(super) fn remove(&mut self, name: Name) -> bool {
        self.0.remove(&name).is_some_and(|sight| !sight.places.is_empty())
    }

    /// Forgets what is too long ago, and tells who is at no place any more for that.
    pub(super) fn forget(&mut self, now: Moment) -> Vec<Name> {
        let mut lost = Vec::new();
        self.0.retain(|name, sight| {
            let before = sight.places.len();
            sight.places.retain(|place| now - place.at < STALE);
            if before > 0 && sight.places.is_empty() {
                lost.push(*name);
            }
            now - sight.at < STALE
        });
        lost
    }

    /// Forgets all that know this channel, and tells who was somewhere.
    pub(super) fn close(&mut self, channel: ChannelId) -> Vec<Name> {
        let of = |(known, _): &Name| *known == channel;
        let lost = self.0.iter().filter(|(name, sight)| of(name) && !sight.places.is_empty());
        let lost = lost.map(|(name, _)| *name).collect();
        self.0.retain(|name, _| !of(name));
        lost
    }

    /// When something will be too long ago.
    pub(super) fn due(&self) -> Moment {
        let sights = self.0.values();
        let times = sights.flat_map(|sight| sight.places.iter().map(|it| it.at).chain([sight.at]));
        times.min().map_or(Moment::NEVER, |at| at + STALE)
    }

    /// All places that are known.
    pub(super) fn places(&self) -> impl Iterator<Item = (Name, SocketAddr)> {
        let of = |(name, sight): (&Name, &Sight)| {
            let name = *name;
            sight.places.clone().into_iter().map(move |place| (name, place.address))
        };
        self.0.iter().flat_map(of)
    }

    /// All that is to be told.
    pub(super) fn sightings(&self, now: Moment, by: HeardBy) -> Vec<Sighting> {
        let seen = self.0.iter().filter(|(_, sight)| {
            // Who only called, or went, is nowhere.
            !sight.places.is_empty() || sight.ahead_ms.is_some()
        });
        let sighting = |((channel, node), sight): (&Name, &Sight)| {
            let mut places: Vec<_> =
                sight.places.iter().map(|place| (place.address, now - place.at)).collect();
            places.sort_by_key(|(_, age)| *age);
            Sighting { node: *node, by, channel: *channel, places, ahead_ms: sight.ahead_ms }
        };
        seen.map(sighting).collect()
    }

    /// Forgets who was heard of longest ago, if somebody else would be one too many.
    fn make_room(&mut self, name: Name, from: IpAddr) -> Vec<Name> {
        if self.0.contains_key(&name) {
            return Vec::new();
        }
        let is_there = |sight: &Sight| sight.places.iter().any(|it| it.address.ip() == from);
        let there: Vec<_> =
            self.0.iter().filter(|(_, sight)| is_there(sight)).map(|(name, _)| *name).collect();
        let crowd = match (there.len() >= AT_ONE_ADDRESS_MAX, self.0.len() >= NODES_MAX) {
            (true, _) => there,
            (false, true) => self.0.keys().copied().collect(),
            (false, false) => return Vec::new(),
        };
        let oldest = crowd.into_iter().min_by_key(|name| self.0.get(name).map(|sight| sight.at));
        let gone = oldest.and_then(|name| Some((name, self.0.remove(&name)?)));
        gone.into_iter().filter(|(_, it)| !it.places.is_empty()).map(|(name, _)| name).collect()
    }
}

impl Sight {
    const fn at(now: Moment) -> Self {
        Self { at: now, newest_ms: 0, places: Vec::new(), ahead_ms: None }
    }
}

/// Which subnet an address of the new kind means is left out: what is signed does not tell.
fn is_at(place: &Place, said: SocketAddr) -> bool {
    (place.address.ip(), place.address.port()) == (said.ip(), said.port())
}
