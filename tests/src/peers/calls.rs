//! Connections, as a driver knows them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use selkie_sync::{CallId, Input, Lane, NodeId, SessionInput, Side, Unreached};

use crate::members::Names;
use crate::net::Output;
use crate::peers::letter::{Kind, Letter};
use crate::peers::word::News;

/// The calls of one peer, and what came over them that the core does not want to read yet.
#[derive(Debug, Default)]
pub(super) struct Calls {
    ringing: BTreeMap<u64, (NodeId, SocketAddr)>,
    open: BTreeMap<u64, Open>,
    count: u64,
}

#[derive(Debug)]
struct Open {
    place: usize,
    is_read: bool,
    held: Vec<(Lane, Vec<u8>)>,
}

/// What a driver does for the core, and what it tells it.
pub(super) type Sent = Output<Letter, News>;

/// Where the node of a place listens.
pub(super) fn address(place: usize) -> SocketAddr {
    let [.., high, low] = (place as u64).to_be_bytes();
    SocketAddr::from(([10, 0, high, low], 7355))
}

/// The place that listens there.
fn place_at(address: SocketAddr) -> Option<usize> {
    match address {
        SocketAddr::V4(it) => {
            let [_, _, high, low] = it.ip().octets();
            Some(usize::from(high) << 8 | usize::from(low))
        }
        SocketAddr::V6(_) => None,
    }
}

impl Calls {
    /// With none, in a run of the peer that has this number: calls of an earlier run mean nothing.
    pub(super) fn of_run(place: usize, run: u64) -> Self {
        Self { count: (place as u64) << 48 | run << 24, ..Self::default() }
    }

    /// The core calls. Where nobody lives in this village, there is no way to.
    pub(super) fn call(&mut self, names: &Names, node: NodeId, at: SocketAddr) -> Option<Sent> {
        let place = place_at(at).filter(|place| *place < names.len())?;
        self.count += 1;
        self.ringing.insert(self.count, (node, at));
        Some(Output::Send(place, Lane::Control, Letter::of(self.count, Kind::Ring)))
    }

    /// The calls that are open and whose lanes are read.
    pub(super) fn open_ones(&self) -> Vec<CallId> {
        let read = self.open.iter().filter(|(_, open)| open.is_read);
        read.map(|(call, _)| CallId(*call)).collect()
    }

    /// The core says something.
    pub(super) fn say(&self, CallId(call): CallId, lane: Lane, bytes: Vec<u8>) -> Option<Sent> {
        let open = self.open.get(&call)?;
        Some(Output::Send(open.place, lane, Letter::saying(call, bytes)))
    }

    /// The core hangs up.
    pub(super) fn hang_up(&mut self, CallId(call): CallId) -> Option<Sent> {
        let open = self.open.remove(&call)?;
        Some(Output::Send(open.place, Lane::Control, Letter::of(call, Kind::HungUp)))
    }

    /// The core reads all lanes of a call from here on: what came until now.
    pub(super) fn read(&mut self, CallId(call): CallId) -> Vec<Input> {
        let Some(open) = self.open.get_mut(&call) else { return Vec::new() };
        open.is_read = true;
        let held = open.held.drain(..);
        held.map(|(lane, bytes)| heard(call, lane, bytes)).collect()
    }

    /// A letter came.
    pub(super) fn receive(
        &mut self,
        names: &Names,
        from: usize,
        lane: Lane,
        letter: Letter,
    ) -> (Option<Sent>, Option<Input>) {
        let call = letter.call;
        match letter.kind {
            Kind::Ring => {
                let taken = Output::Send(from, Lane::Control, Letter::of(call, Kind::Taken));
                (Some(taken), Some(self.open(names, from, call, Side::IsCalled)))
            }
            Kind::Taken => match self.ringing.remove(&call) {
                None => (None, None),
                Some((node, at)) if names.id(from) != node => {
                    let other = Unreached::OtherKey(names.id(from));
                    let hung_up = Output::Send(from, Lane::Control, Letter::of(call, Kind::HungUp));
                    (Some(hung_up), Some(Input::Session(SessionInput::Unreached(node, at, other))))
                }
                Some(_) => (None, Some(self.open(names, from, call, Side::Calls))),
            },
            Kind::HungUp => {
                let broken = self.open.remove(&call).map(|_| broken(call));
                (None, broken)
            }
            Kind::Says => {
                let Some(open) = self.open.get_mut(&call).filter(|open| open.place == from) else {
                    return (None, None);
                };
                if open.is_read || lane == Lane::Control {
                    return (None, Some(heard(call, lane, letter.into_bytes())));
                }
                open.held.push((lane, letter.into_bytes()));
                (None, None)
            }
        }
    }

    /// Whatever connected us with this place is gone.
    pub(super) fn lose(&mut self, place: usize) -> Vec<Input> {
        let lost: Vec<_> = self
            .open
            .iter()
            .filter(|(_, open)| open.place == place)
            .map(|(call, _)| *call)
            .collect();
        let missed: Vec<_> = self
            .ringing
            .iter()
            .filter(|(_, (_, at))| place_at(*at) == Some(place))
            .map(|(call, _)| *call)
            .collect();
        let mut inputs = Vec::new();
        for call in lost {
            self.open.remove(&call);
            inputs.push(broken(call));
        }
        for call in missed {
            if let Some((node, at)) = self.ringing.remove(&call) {
                let unreached = SessionInput::Unreached(node, at, Unreached::Silence);
                inputs.push(Input::Session(unreached));
            }
        }
        inputs
    }

    fn open(&mut self, names: &Names, from: usize, call: u64, side: Side) -> Input {
        self.open.insert(call, Open { place: from, is_read: false, held: Vec::new() });
        let mut binding = [0; 32];
        binding[..8].copy_from_slice(&call.to_le_bytes());
        let (peer, address) = (names.id(from), address(from));
        let call = CallId(call);
        Input::Session(SessionInput::Opened { call, peer, side, address, binding })
    }
}

/// A driver reads no message that is longer than its lane allows.
fn heard(call: u64, lane: Lane, bytes: Vec<u8>) -> Input {
    let call = CallId(call);
    if bytes.len() > lane.len_max() {
        return Input::Session(SessionInput::Rude(call));
    }
    Input::Message(call, lane, bytes)
}

fn broken(call: u64) -> Input {
    Input::Session(SessionInput::Broken(CallId(call)))
}
