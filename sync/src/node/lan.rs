//! Carries what a discovery says and hears, in all subnets of this machine. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc as plain;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, sleep_until};

use crate::channel_id::ChannelId;
use crate::core::Input as CoreInput;
use crate::discovery::door::Door;
use crate::discovery::packet::Secret;
use crate::discovery::{Discovery, Input, Manner, Output};
use crate::membership::notary::Notary;
use crate::moment::Moment;
use crate::node::done::Done;
use crate::node::nearby::{Discover, Nearby, Speech};
use crate::node::notice::Notice;
use crate::node::subnets::{Ear, Mouth, doors};

/// A discovery, and sockets.
pub(super) struct Lan {
    discovery: Discovery,
    /// Where the node can be called: in these subnets it looks around, and in no others.
    within: IpAddr,
    port: u16,
    began: Instant,
    wake_at: Moment,
    old: Option<Ear>,
    new: Option<Ear>,
    mouths: BTreeMap<Door, Mouth>,
    /// What does not work, by where: sockets that hear have no address.
    troubles: BTreeMap<Option<IpAddr>, io::Error>,
    /// Looks in a row at which something did not work.
    bad_looks: u32,
    done: UnboundedSender<Done>,
}

/// What a node has it do.
#[derive(Debug)]
pub(super) enum Word {
    /// This channel is shared from now on.
    Opened(ChannelId),
    /// It is not any more.
    Closed(ChannelId),
    /// Somebody is wanted or trusted now, who may have been heard of before.
    Again,
    /// Tell what is known.
    Tell(plain::Sender<Nearby>),
    /// The node ends.
    Stop,
}

/// Between two looks at which subnets there are: a laptop goes from one to another. It costs the system a fraction of a millisecond.
const LOOK: Duration = Duration::from_secs(5);

impl Lan {
    pub(super) fn new(
        notary: Notary,
        discover: Discover,
        listens_at: SocketAddr,
        seed: u64,
        done: UnboundedSender<Done>,
    ) -> Self {
        let manner = match discover.speech {
            Speech::Tells => Manner::Tells(listens_at.port()),
            Speech::Asks => Manner::Asks,
            Speech::None => Manner::Listens,
        };
        Self {
            discovery: Discovery::new(notary, manner, seed.rotate_left(24)),
            within: discover.within.unwrap_or(listens_at.ip()),
            port: discover.port,
            began: Instant::now(),
            wake_at: Moment::NEVER,
            old: None,
            new: None,
            mouths: BTreeMap::new(),
            troubles: BTreeMap::new(),
            bad_looks: 0,
            done,
        }
    }

    /// Goes on until it is told to stop, or nobody can tell it anything any more.
    pub(super) async fn run(mut self, mut words: UnboundedReceiver<Word>) {
        self.look();
        let mut look_at = Instant::now() + LOOK;
        // One byte more than a packet has, so that longer ones are told from it.
        let (mut old, mut new) = ([0; Secret::PACKET_LEN + 1], [0; Secret::PACKET_LEN + 1]);
        loop {
            let wake = self.instant(self.wake_at).min(look_at);
            let hears_at = self.instant(self.discovery.hears_at());
            tokio::select! {
                word = words.recv() => match word {
                    Some(Word::Stop) | None => break,
                    Some(word) => self.heed(word),
                },
                came = next(self.old.as_ref(), hears_at, &mut old) => match came {
                    Ok((len, from)) => self.came(from, &old[..len]),
                    Err(error) => { self.old = None; self.deaf(error) }
                },
                came = next(self.new.as_ref(), hears_at, &mut new) => match came {
                    Ok((len, from)) => self.came(from, &new[..len]),
                    Err(error) => { self.new = None; self.deaf(error) }
                },
                () = sleep_until(wake) => {
                    if look_at <= Instant::now() {
                        self.look();
                        look_at = Instant::now() + LOOK;
                    }
                    self.tell(Input::Tick);
                }
            }
        }
        self.tell(Input::Stop);
    }

    fn now(&self) -> Moment {
        Moment::START + self.began.elapsed()
    }

    fn instant(&self, at: Moment) -> Instant {
        // What no clock shows is a year from now, and then looked at again.
        self.began + (at - Moment::START).min(Duration::from_secs(365 * 86_400))
    }

    fn heed(&mut self, word: Word) {
        match word {
            Word::Opened(channel) => self.tell(Input::Opened(channel)),
            Word::Closed(channel) => self.tell(Input::Closed(channel)),
            Word::Again => self.tell(Input::Again),
            // Who asked and did not wait does not want to know.
            Word::Tell(answer) => drop(answer.send(self.nearby())),
            // It ends the loop that calls this.
            Word::Stop => {}
        }
    }

    fn nearby(&self) -> Nearby {
        let now = self.now();
        let trouble = |(at, error): (&Option<IpAddr>, &io::Error)| match at {
            Some(at) => format!("nothing can be said at {at}: {error}"),
            None => format!("nothing can be heard at port {}: {error}", self.port),
        };
        Nearby {
            is_looking: true,
            servers: Vec::new(),
            at: self.mouths.keys().map(|door| door.address).collect(),
            sightings: self.discovery.sightings(now),
            strangers: self.discovery.strangers(now),
            troubles: self.troubles.iter().map(trouble).collect(),
        }
    }

    fn came(&mut self, from: SocketAddr, packet: &[u8]) {
        self.tell(Input::Came(from, packet.to_vec()));
    }

    fn deaf(&mut self, error: io::Error) {
        self.troubles.insert(None, error);
    }

    /// Looks in which subnets the machine is now, and opens sockets there.
    fn look(&mut self) {
        let found = match doors(self.within) {
            Ok(found) => found,
            Err(error) => {
                self.deaf(error);
                return self.complain();
            }
        };
        self.mouths.retain(|door, _| found.contains(door));
        self.troubles
            .retain(|at, _| at.is_none_or(|at| found.iter().any(|door| door.address == at)));
        let fresh: Vec<_> =
            found.iter().filter(|door| !self.mouths.contains_key(door)).copied().collect();
        for door in fresh {
            match Mouth::open(door, self.port) {
                Ok(mouth) => drop(self.mouths.insert(door, mouth)),
                Err(error) => drop(self.troubles.insert(Some(door.address), error)),
            }
        }
        self.listen(&found);
        self.tell(Input::Doors(self.mouths.keys().copied().collect()));
        self.complain();
    }

    /// Tells what does not work, once, if it did not the last time either: an address that has just come may not be of use yet.
    fn complain(&mut self) {
        let Some(error) = self.troubles.values().next() else {
            self.bad_looks = 0;
            return;
        };
        let error = io::Error::new(error.kind(), error.to_string());
        self.bad_looks = self.bad_looks.saturating_add(1);
        if self.bad_looks == 2 {
            self.notify(Notice::Unheard(Arc::new(error)));
        }
    }

    /// Listens wherever there is somebody to hear.
    fn listen(&mut self, found: &BTreeSet<Door>) {
        let mut heard = Ok(());
        if found.iter().any(|door| door.address.is_ipv4()) && self.old.is_none() {
            heard = Ear::old(self.port).map(|ear| self.old = Some(ear));
        }
        let zones: BTreeSet<u32> =
            found.iter().filter(|door| door.address.is_ipv6()).map(|door| door.zone).collect();
        if !zones.is_empty() && self.new.is_none() && heard.is_ok() {
            heard = Ear::new(self.port).map(|ear| self.new = Some(ear));
        }
        if let Some(ear) = &mut self.new {
            let joined = ear.join(&zones);
            heard = heard.and(joined);
        }
        match heard {
            Ok(()) => drop(self.troubles.remove(&None)),
            Err(error) => self.deaf(error),
        }
    }

    /// Tells the discovery something, and does what it wants.
    fn tell(&mut self, input: Input) {
        // A clock before 1970 shows nothing else of use either.
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = self.now();
        let outputs: Vec<_> = self.discovery.handle(now, time_ms, input).collect();
        for output in outputs {
            match output {
                Output::Say(door, packet) => self.say(door, &packet),
                Output::Found(node, channel, address, step) => {
                    self.done(Done::Tell(CoreInput::Found(node, channel, address, step)));
                }
                Output::Appeared(node, channel, address) => {
                    self.notify(Notice::Appeared(node, channel, address));
                }
                Output::Lost(node, channel) => {
                    self.done(Done::Tell(CoreInput::Lost(node)));
                    self.notify(Notice::Lost(node, channel));
                }
                Output::WakeAt(at) => self.wake_at = at,
            }
        }
    }

    /// Says it in one subnet. What gets lost is said again.
    fn say(&mut self, door: Door, packet: &[u8]) {
        let Some(mouth) = self.mouths.get(&door) else { return };
        match mouth.say(packet) {
            Ok(()) => drop(self.troubles.remove(&Some(door.address))),
            Err(error) => drop(self.troubles.insert(Some(door.address), error)),
        }
    }

    fn notify(&self, notice: Notice) {
        self.done(Done::Notice(notice));
    }

    fn done(&self, done: Done) {
        // A driver that is gone wants to know nothing.
        let _gone = self.done.send(done);
    }
}

/// The next packet, but not before then.
async fn next(
    ear: Option<&Ear>,
    hears_at: Instant,
    packet: &mut [u8],
) -> io::Result<(usize, SocketAddr)> {
    let Some(ear) = ear else { return pending().await };
    if hears_at > Instant::now() {
        sleep_until(hears_at).await;
    }
    ear.hear(packet).await
}
