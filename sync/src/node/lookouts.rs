//! What looks for others, in whichever ways a node does.

use std::net::SocketAddr;
use std::sync::mpsc as plain;

use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;

use crate::channel_id::ChannelId;
use crate::membership::notary::Notary;
use crate::node::done::Done;
use crate::node::lan::{Lan, Word as LanWord};
use crate::node::nearby::{Discover, Nearby, Rendezvous};
use crate::node::transport::Transport;
use crate::node::visitor::{Visitor, Word as VisitorWord};
use crate::session::gate::Gate;

/// The tasks that look for others. One that stopped by itself has panicked, which was told where it did.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookouts {
    /// In the local network.
    lan: Option<UnboundedSender<LanWord>>,
    /// At rendezvous servers.
    visitor: Option<UnboundedSender<VisitorWord>>,
}

/// The ways in which a node looks for others.
#[derive(Debug, Default)]
pub(super) struct Ways {
    pub(super) discover: Option<Discover>,
    pub(super) rendezvous: Option<Rendezvous>,
}

impl Lookouts {
    /// Looks in these ways, for a node that listens there. To be called inside of the runtime.
    pub(super) fn begin(
        ways: Ways,
        (notary, transport, gate): (&Notary, &Transport, &Gate),
        listens_at: SocketAddr,
        seed: u64,
        done: &UnboundedSender<Done>,
    ) -> (Self, Vec<JoinHandle<()>>) {
        let (mut lookouts, mut tasks) = (Self::default(), Vec::new());
        if let Some(discover) = ways.discover {
            let lan = Lan::new(notary.clone(), discover, listens_at, seed, done.clone());
            let (words, said) = mpsc::unbounded_channel();
            tasks.push(tokio::spawn(lan.run(said)));
            lookouts.lan = Some(words);
        }
        if let Some(rendezvous) = ways.rendezvous {
            let (over, port) = ((transport.clone(), gate.clone()), listens_at.port());
            let visitor = Visitor::new(notary.clone(), rendezvous, over, port, seed, done.clone());
            let (words, said) = mpsc::unbounded_channel();
            tasks.push(tokio::spawn(visitor.run(said)));
            lookouts.visitor = Some(words);
        }
        (lookouts, tasks)
    }

    /// This channel is shared from now on.
    pub(super) fn opened(&self, channel: ChannelId) {
        self.tell(LanWord::Opened(channel), VisitorWord::Opened(channel));
    }

    /// It is not any more.
    pub(super) fn closed(&self, channel: ChannelId) {
        self.tell(LanWord::Closed(channel), VisitorWord::Closed(channel));
    }

    /// Somebody is wanted or trusted now, who may have been heard of before.
    pub(super) fn again(&self) {
        self.tell(LanWord::Again, VisitorWord::Again);
    }

    /// The node is at these addresses. In the local network that shows by itself.
    pub(super) fn at(&self, places: Vec<SocketAddr>) {
        let _stopped = self.visitor.as_ref().map(|it| it.send(VisitorWord::At(places)));
    }

    /// The node ends.
    pub(super) fn stop(&self) {
        self.tell(LanWord::Stop, VisitorWord::Stop);
    }

    /// What is known of others; nothing if nobody looks.
    pub(super) fn nearby(&self) -> Option<Nearby> {
        let near = self.lan.as_ref().and_then(|it| asked(it, LanWord::Tell));
        let met = self.visitor.as_ref().and_then(|it| asked(it, VisitorWord::Tell));
        let (mut all, rest) = match (near, met) {
            (Some(near), met) => (near, met),
            (None, met) => (met?, None),
        };
        if let Some(Nearby { sightings, servers, .. }) = rest {
            all.sightings.extend(sightings);
            all.servers = servers;
        }
        Some(all)
    }

    fn tell(&self, near: LanWord, met: VisitorWord) {
        let _stopped = self.lan.as_ref().map(|it| it.send(near));
        let _stopped = self.visitor.as_ref().map(|it| it.send(met));
    }
}

fn asked<W>(
    words: &UnboundedSender<W>,
    ask: impl FnOnce(plain::Sender<Nearby>) -> W,
) -> Option<Nearby> {
    let (answer, answered) = plain::channel();
    words.send(ask(answer)).ok()?;
    answered.recv().ok()
}
