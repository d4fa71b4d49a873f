//! foca, with the times it has for a local network, which are those of memberlist.

use std::num::NonZeroU32;

use foca::{Config, Identity, Member, Notification, PostcardCodec, Runtime, Timer};
use rand::SeedableRng;
use rand::rngs::StdRng;
use selkie_sync::{Lane, Moment};
use selkie_tests::net::{Input, Link, Net, Node, Output, Parcel};
use serde::{Deserialize, Serialize};

use crate::contender::Contender;

/// foca among those that are measured.
pub(crate) enum Foca {}

/// A name: a place, and how often whoever lives there took another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Name {
    place: u32,
    taken: u32,
}

/// What it sends.
#[derive(Clone, Debug)]
pub(crate) struct Datagram(Vec<u8>);

/// What it tells.
#[derive(Debug)]
pub(crate) enum News {
    /// A member is down for it.
    Down(u32),
    /// It was told that it is down, and took another name.
    Rejoined,
}

/// What it is asked: to know these.
pub(crate) struct Recall(Vec<Name>);

/// One member, with the timers it wants.
pub(crate) struct FocaMember {
    core: foca::Foca<Name, PostcardCodec, StdRng, foca::NoCustomBroadcast>,
    effects: Effects,
}

/// What a call of it did.
#[derive(Default)]
struct Effects {
    sent: Vec<(u32, Vec<u8>)>,
    told: Vec<News>,
    wanted: Vec<(std::time::Duration, Timer<Name>)>,
    timers: Vec<(Moment, u64, Timer<Name>)>,
    serial: u64,
}

impl Identity for Name {
    type Addr = u32;

    fn renew(&self) -> Option<Self> {
        Some(Self { place: self.place, taken: self.taken + 1 })
    }

    fn addr(&self) -> u32 {
        self.place
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        self.taken > adversary.taken
    }
}

impl Parcel for Datagram {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Runtime<Name> for &mut Effects {
    fn notify(&mut self, notification: Notification<'_, Name>) {
        match notification {
            Notification::MemberDown(name) => self.told.push(News::Down(name.place)),
            Notification::Rejoin(_) => self.told.push(News::Rejoined),
            Notification::MemberUp(_)
            | Notification::Rename(..)
            | Notification::Active
            | Notification::Idle
            | Notification::Defunct => {}
        }
    }

    fn send_to(&mut self, to: Name, data: &[u8]) {
        self.sent.push((to.place, data.to_vec()));
    }

    fn submit_after(&mut self, event: Timer<Name>, after: std::time::Duration) {
        self.wanted.push((after, event));
    }
}

impl FocaMember {
    fn new(place: u32, size: usize, seed: u64) -> Self {
        let size = u32::try_from(size).ok().and_then(NonZeroU32::new).expect("some members");
        let rng = StdRng::seed_from_u64(seed ^ (u64::from(place) << 32));
        let name = Name { place, taken: 0 };
        let core = foca::Foca::new(name, Config::new_lan(size), rng, PostcardCodec);
        Self { core, effects: Effects::default() }
    }

    fn run_timers(&mut self, now: Moment) {
        self.effects.timers.sort_by_key(|(at, serial, _)| (*at, *serial));
        while self.effects.timers.first().is_some_and(|(at, _, _)| *at <= now) {
            let (_, _, timer) = self.effects.timers.remove(0);
            // What it refuses is a timer of an earlier state.
            drop(self.core.handle_timer(timer, &mut self.effects));
            self.effects.plan(now);
        }
    }
}

impl Effects {
    fn plan(&mut self, now: Moment) {
        for (after, timer) in std::mem::take(&mut self.wanted) {
            self.serial += 1;
            self.timers.push((now + after, self.serial, timer));
        }
        self.timers.sort_by_key(|(at, serial, _)| (*at, *serial));
    }
}

impl Node for FocaMember {
    type Message = Datagram;
    type Command = Recall;
    type News = News;

    fn handle(
        &mut self,
        now: Moment,
        input: Input<Datagram, Recall>,
    ) -> Vec<Output<Datagram, News>> {
        match input {
            Input::Started | Input::Lost(_) => {}
            Input::Tick => self.run_timers(now),
            // What it refuses it was not meant to get, as messages for an earlier name.
            Input::Received(_, _, Datagram(bytes)) => {
                drop(self.core.handle_data(&bytes, &mut self.effects));
            }
            Input::Asked(Recall(names)) => {
                let alive = names.into_iter().map(Member::alive);
                self.core.apply_many(alive, false, &mut self.effects).expect("it takes members");
            }
        }
        self.effects.plan(now);
        let sent = std::mem::take(&mut self.effects.sent).into_iter();
        let mut outputs: Vec<_> = sent
            .map(|(to, bytes)| Output::Send(to as usize, Lane::Datagram, Datagram(bytes)))
            .collect();
        outputs.extend(self.effects.told.drain(..).map(Output::Tell));
        outputs.extend(self.effects.timers.first().map(|(at, _, _)| Output::WakeAt(*at)));
        outputs
    }
}

impl Contender for Foca {
    type Member = FocaMember;

    fn gathered(seed: u64, size: usize, link: Link) -> Net<FocaMember> {
        let mut net = Net::new(seed, link);
        let places = || (0..size).map(|place| u32::try_from(place).expect("few places"));
        for place in places() {
            net.add(FocaMember::new(place, size, seed));
        }
        let names: Vec<_> = places().map(|place| Name { place, taken: 0 }).collect();
        for at in 0..size {
            // At moments of their own, so that they do not ping together.
            net.run_for(std::time::Duration::from_micros(1_000_000 / size as u64));
            let others = names.iter().filter(|name| name.place as usize != at).cloned();
            net.ask(at, Recall(others.collect()));
        }
        net.told();
        net
    }

    fn death(news: &News, teller: usize) -> Option<usize> {
        match news {
            News::Down(place) => Some(*place as usize),
            // It lives, so that somebody took it for dead was wrong.
            News::Rejoined => Some(teller),
        }
    }
}
