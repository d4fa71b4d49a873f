//! Carries what is said to rendezvous servers, and what they answer. It decides nothing.

use std::net::SocketAddr;
use std::sync::mpsc as plain;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use quinn::{Connection, RecvStream, SendStream};
use selkie_store::{decode, encode};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::channel_id::ChannelId;
use crate::core::Input as CoreInput;
use crate::discovery::errand::{Errand, Reply};
use crate::discovery::visits::{Input, Output, Visits};
use crate::membership::notary::Notary;
use crate::moment::Moment;
use crate::node::done::Done;
use crate::node::nearby::{Nearby, Rendezvous, Speech, Visited};
use crate::node::notice::Notice;
use crate::node::server_name::ServerName;
use crate::node::transport::{CLOSED, Transport};
use crate::session::gate::Gate;
use crate::wire::frame::frame;

/// Visits to servers, over the socket of the node: so a server sees where the node is to be called.
pub(super) struct Visitor {
    visits: Visits,
    servers: Vec<ServerName>,
    /// Why the last visit to each came to nothing.
    troubles: Vec<Option<String>>,
    transport: Transport,
    gate: Gate,
    began: Instant,
    wake_at: Moment,
    under_way: JoinSet<(usize, Result<Vec<Reply>, String>)>,
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
    /// The node is at these addresses.
    At(Vec<SocketAddr>),
    /// Tell what is known.
    Tell(plain::Sender<Nearby>),
    /// The node ends.
    Stop,
}

/// As long as a visit may take from when there is a connection.
const VISIT: Duration = Duration::from_secs(10);
/// As long as a server is given to hear that a node goes: what was left there ends by itself.
const FAREWELL: Duration = Duration::from_secs(1);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

impl Visitor {
    pub(super) fn new(
        notary: Notary,
        Rendezvous { servers, speech }: Rendezvous,
        (transport, gate): (Transport, Gate),
        port: u16,
        seed: u64,
        done: UnboundedSender<Done>,
    ) -> Self {
        let port = match speech {
            Speech::Tells => Some(port),
            Speech::Asks | Speech::None => None,
        };
        Self {
            visits: Visits::new(notary, port, servers.len(), seed.rotate_left(40)),
            troubles: vec![None; servers.len()],
            servers,
            transport,
            gate,
            began: Instant::now(),
            wake_at: Moment::NEVER,
            under_way: JoinSet::new(),
            done,
        }
    }

    /// Goes on until it is told to stop, or nobody can tell it anything any more.
    pub(super) async fn run(mut self, mut words: UnboundedReceiver<Word>) {
        loop {
            // What no clock shows is a year from now, and then looked at again.
            let wake = (self.wake_at - Moment::START).min(Duration::from_secs(365 * 86_400));
            tokio::select! {
                word = words.recv() => match word {
                    Some(Word::Stop) | None => break,
                    Some(word) => self.heed(word),
                },
                Some(visited) = self.under_way.join_next() => match visited {
                    Ok((server, visited)) => self.visited(server, visited),
                    // It panicked, which was told where it did.
                    Err(_panicked) => {}
                },
                () = sleep_until(self.began + wake) => self.tell(Input::Tick),
            }
        }
        // What is asked now nobody waits for any more.
        self.under_way.abort_all();
        while self.under_way.join_next().await.is_some() {}
        self.tell(Input::Stop);
        let under_way = &mut self.under_way;
        let all = async { while under_way.join_next().await.is_some() {} };
        let _late = timeout(FAREWELL, all).await;
    }

    fn now(&self) -> Moment {
        Moment::START + self.began.elapsed()
    }

    fn heed(&mut self, word: Word) {
        match word {
            Word::Opened(channel) => self.tell(Input::Opened(channel)),
            Word::Closed(channel) => self.tell(Input::Closed(channel)),
            Word::Again => self.tell(Input::Again),
            Word::At(places) => self.tell(Input::At(places)),
            // Who asked and did not wait does not want to know.
            Word::Tell(answer) => drop(answer.send(self.nearby())),
            // It ends the loop that calls this.
            Word::Stop => {}
        }
    }

    fn nearby(&self) -> Nearby {
        let server = |(number, name): (usize, &ServerName)| {
            let missed = self.troubles.get(number).cloned().flatten();
            let refused = self.visits.refused(number).map(|full| full.words().to_owned());
            let was_asked = self.visits.was_asked(number);
            let is_registered = self.visits.is_registered(number);
            let trouble = missed.or(refused);
            Visited { server: name.to_string(), was_asked, is_registered, trouble }
        };
        let servers = self.servers.iter().enumerate().map(server);
        let sightings = self.visits.sightings(self.now());
        Nearby { servers: servers.collect(), sightings, ..Nearby::default() }
    }

    fn visited(&mut self, server: usize, visited: Result<Vec<Reply>, String>) {
        let (input, trouble) = match visited {
            Ok(replies) => (Input::Came(server, replies), None),
            Err(why) => (Input::Missed(server), Some(why)),
        };
        if let Some(known) = self.troubles.get_mut(server) {
            *known = trouble;
        }
        self.tell(input);
    }

    /// Tells the visits something, and does what they want.
    fn tell(&mut self, input: Input) {
        // A clock before 1970 shows nothing else of use either.
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = self.now();
        let outputs: Vec<_> = self.visits.handle(now, time_ms, input).collect();
        for output in outputs {
            match output {
                Output::Visit(server, errands) => self.visit(server, errands),
                Output::Found(node, channel, address, step) => {
                    self.done(Done::Tell(CoreInput::Found(node, channel, address, step)));
                }
                Output::Appeared(node, channel, address) => {
                    self.done(Done::Notice(Notice::Appeared(node, channel, address)));
                }
                Output::Lost(node, channel) => {
                    self.done(Done::Tell(CoreInput::Lost(node)));
                    self.done(Done::Notice(Notice::Lost(node, channel)));
                }
                Output::WakeAt(at) => self.wake_at = at,
            }
        }
    }

    fn visit(&mut self, number: usize, errands: Vec<Errand>) {
        let Some(server) = self.servers.get(number).cloned() else { return };
        let (transport, gate) = (self.transport.clone(), self.gate.clone());
        self.under_way.spawn(async move {
            let visited = visit(&transport, &gate, &server, &errands).await;
            (number, visited)
        });
    }

    fn done(&self, done: Done) {
        // A driver that is gone wants to know nothing.
        let _gone = self.done.send(done);
    }
}

/// Goes to a server, wherever its name leads, and has the errands done. Else tells why not.
async fn visit(
    transport: &Transport,
    gate: &Gate,
    server: &ServerName,
    errands: &[Errand],
) -> Result<Vec<Reply>, String> {
    let found = tokio::net::lookup_host(server.host()).await;
    let found = found.map_err(|error| format!("its name leads nowhere: {error}"))?;
    let mut why = "its name leads nowhere".to_owned();
    for at in found.take(ADDRESSES_MAX) {
        if !gate.allows(at.ip()) {
            "network.allow keeps from calling it".clone_into(&mut why);
            continue;
        }
        match transport.visit(server.key(), at).await {
            Ok(reached) => {
                let connection = reached.connection;
                let said = timeout(VISIT, ask(&connection, errands)).await;
                connection.close(CLOSED, b"");
                match said {
                    Ok(Some(replies)) => return Ok(replies),
                    Ok(None) => "it did not answer what was asked".clone_into(&mut why),
                    Err(_late) => "it took too long to answer".clone_into(&mut why),
                }
            }
            Err(unreached) => why = unreached.to_string(),
        }
    }
    Err(why)
}

/// Asks all, one after the other. None if something was answered that is no reply, or nothing.
async fn ask(connection: &Connection, errands: &[Errand]) -> Option<Vec<Reply>> {
    let (mut to, mut from) = connection.open_bi().await.ok()?;
    let mut replies = Vec::new();
    for errand in errands {
        say(&mut to, errand).await?;
        replies.push(hear(&mut from).await?);
    }
    Some(replies)
}

/// Says one message. None if nobody takes it.
pub(super) async fn say<T: selkie_store::Coded + serde::Serialize>(
    to: &mut SendStream,
    message: &T,
) -> Option<()> {
    let bytes = encode(message).ok()?;
    to.write_all(&frame(&bytes)).await.ok()
}

/// Hears one message. None if none comes, or none that may be said. Memory is taken for what the message may be long, and not
/// for what it claims.
pub(super) async fn hear<
    T: selkie_store::Coded + serde::de::DeserializeOwned + serde::Serialize,
>(
    from: &mut RecvStream,
) -> Option<T> {
    let mut head = [0; 4];
    from.read_exact(&mut head).await.ok()?;
    let len = usize::try_from(u32::from_le_bytes(head)).ok().filter(|len| *len <= T::LEN_MAX)?;
    let mut bytes = vec![0; len];
    from.read_exact(&mut bytes).await.ok()?;
    decode(&bytes).ok()
}
