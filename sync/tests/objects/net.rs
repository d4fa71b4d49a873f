//! Nodes that fetch objects from each other, over links that keep order and may be cut.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use selkie_sync::{
    Dice, Moment, NodeId, Objects, ObjectsInput, ObjectsMessage, ObjectsOutput, ObjectsWhy as Why,
    Porter, Request,
};

use crate::garden::Garden;

/// What somebody does to messages on their way from a node.
pub(crate) type Tamper<'a> = Box<dyn FnMut(ObjectsMessage) -> Vec<ObjectsMessage> + 'a>;

pub(crate) struct Net<'a> {
    pub(crate) now: Moment,
    nodes: Vec<Member>,
    links: BTreeMap<(usize, usize), VecDeque<Vec<u8>>>,
    dice: Dice,
    pub(crate) tampers: BTreeMap<usize, Tamper<'a>>,
    /// Bytes that went from a node, each message with the four bytes of its length.
    pub(crate) sent: BTreeMap<usize, u64>,
    /// Messages that were delivered.
    pub(crate) delivered: usize,
    /// The largest number of bytes that were in a core or on a link at once.
    pub(crate) held_max: usize,
}

struct Member {
    core: Objects,
    porter: Porter,
    work: VecDeque<ObjectsOutput>,
    wake_at: Moment,
    /// What it told whoever runs it.
    told: Vec<ObjectsOutput>,
}

/// So many seeds, or as many as `FETCH_SEEDS` says.
pub(crate) fn seeds(few: u64) -> u64 {
    std::env::var("FETCH_SEEDS").map_or(few, |seeds| seeds.parse().unwrap())
}

pub(crate) fn name(node: usize) -> NodeId {
    NodeId::from_bytes([u8::try_from(node + 1).unwrap(); 32])
}

fn number(name: NodeId) -> usize {
    usize::from(name.as_bytes()[0]) - 1
}

impl Net<'_> {
    pub(crate) fn of(seed: u64, gardens: &[&Garden]) -> Self {
        Self {
            now: Moment::START,
            nodes: gardens.iter().map(|garden| Member::of(garden)).collect(),
            links: BTreeMap::new(),
            dice: Dice::of(seed),
            tampers: BTreeMap::new(),
            sent: BTreeMap::new(),
            delivered: 0,
            held_max: 0,
        }
    }

    /// Has the first node fetch from others, and returns what became of it.
    pub(crate) fn fetch(&mut self, sources: &[usize], request: Request) -> ObjectsOutput {
        self.begin(sources, request);
        self.end()
    }

    /// As [`Net::fetch`], where the first source sent this along with the wish.
    pub(crate) fn fetch_along(
        &mut self,
        sources: &[usize],
        request: Request,
        along: Vec<u8>,
    ) -> ObjectsOutput {
        let from = name(sources[0]);
        self.begin_with(sources, request, Some((from, along)));
        self.end()
    }

    pub(crate) fn begin(&mut self, sources: &[usize], request: Request) {
        self.begin_with(sources, request, None);
    }

    fn begin_with(
        &mut self,
        sources: &[usize],
        request: Request,
        along: Option<(NodeId, Vec<u8>)>,
    ) {
        let sources = sources.iter().map(|node| name(*node)).collect();
        let bytes_max = 1 << 30;
        self.tell(0, ObjectsInput::Fetch { fetch: 1, sources, request, bytes_max, along });
    }

    fn end(&mut self) -> ObjectsOutput {
        self.run(usize::MAX);
        self.outcome().expect("a fetch ends")
    }

    pub(crate) fn outcome(&self) -> Option<ObjectsOutput> {
        let mut told = self.nodes[0].told.iter();
        let is_end = |output: &&ObjectsOutput| {
            matches!(output, ObjectsOutput::Fetched(..) | ObjectsOutput::Failed(..))
        };
        told.find(is_end).cloned()
    }

    /// Whom the first node blames, and why.
    pub(crate) fn blamed(&self) -> Vec<(usize, Why)> {
        let blamed = self.nodes[0].told.iter().filter_map(|output| match output {
            ObjectsOutput::Blamed(peer, why) => Some((number(*peer), *why)),
            _ => None,
        });
        blamed.collect()
    }

    pub(crate) fn is_accused(&self, node: usize) -> bool {
        self.nodes[node].told.iter().any(|told| matches!(told, ObjectsOutput::Accused(_)))
    }

    /// Ways from a node that are open.
    pub(crate) fn outlets(&self, node: usize) -> usize {
        self.nodes[node].porter.outlet_count()
    }

    pub(crate) fn tell(&mut self, node: usize, input: ObjectsInput) {
        let outputs: Vec<_> = self.nodes[node].core.handle(self.now, input).collect();
        for output in outputs {
            match output {
                ObjectsOutput::Send(to, message) => self.send(node, number(to), message),
                ObjectsOutput::WakeAt(at) => self.nodes[node].wake_at = at,
                ObjectsOutput::Fetched(..) | ObjectsOutput::Failed(..) => {
                    self.nodes[node].told.push(output.clone());
                    let done = self.nodes[node].porter.work(output);
                    assert_eq!(done.map(|_| ()), None);
                }
                ObjectsOutput::Blamed(..) | ObjectsOutput::Accused(_) => {
                    self.nodes[node].told.push(output);
                }
                ObjectsOutput::Look(..)
                | ObjectsOutput::Take { .. }
                | ObjectsOutput::TakeAlong { .. }
                | ObjectsOutput::Keep { .. }
                | ObjectsOutput::Forget { .. }
                | ObjectsOutput::Plan(..)
                | ObjectsOutput::Load { .. }
                | ObjectsOutput::Close(_) => self.nodes[node].work.push_back(output),
            }
        }
    }

    /// Says something in the name of a node.
    pub(crate) fn send(&mut self, from: usize, to: usize, message: ObjectsMessage) {
        let messages = match self.tampers.get_mut(&from) {
            Some(tamper) => tamper(message),
            None => vec![message],
        };
        for message in messages {
            let bytes = message.into_bytes().unwrap();
            *self.sent.entry(from).or_default() += 4 + bytes.len() as u64;
            self.links.entry((from, to)).or_default().push_back(bytes);
        }
    }

    /// Ends the connection between two nodes, with all that is on its way.
    pub(crate) fn cut(&mut self, one: usize, other: usize) {
        self.links.remove(&(one, other));
        self.links.remove(&(other, one));
        self.tell(one, ObjectsInput::Lost(name(other)));
        self.tell(other, ObjectsInput::Lost(name(one)));
    }

    /// A node is killed, and begins anew on its store. Another learns that it is gone, and goes on with what it works on.
    pub(crate) fn kill(&mut self, node: usize, garden: &Garden, other: usize) {
        self.cut(node, other);
        self.nodes[node] = Member::of(garden);
    }

    /// Goes on until nothing is left to do, or so many messages were delivered.
    pub(crate) fn run(&mut self, until: usize) {
        while self.delivered < until {
            let on_links: usize = self.links.values().flatten().map(Vec::len).sum();
            self.held_max = self.held_max.max(on_links);
            let links = self.links.iter().filter(|(_, queue)| !queue.is_empty());
            let mut ready: Vec<_> = links.map(|(link, _)| Next::Deliver(*link)).collect();
            let work = self.nodes.iter().enumerate().filter(|(_, node)| !node.work.is_empty());
            ready.extend(work.map(|(node, _)| Next::Work(node)));
            match self.dice.pick(&ready) {
                Some(Next::Deliver((from, to))) => self.deliver(*from, *to),
                Some(Next::Work(node)) => self.work(*node),
                None if self.outcome().is_some() => return,
                None if !self.wait() => return,
                None => {}
            }
        }
    }

    fn deliver(&mut self, from: usize, to: usize) {
        let queue = self.links.get_mut(&(from, to)).unwrap();
        let bytes = queue.pop_front().unwrap();
        self.delivered += 1;
        // Who speaks nonsense is not listened to; the session would end.
        if let Ok(message) = ObjectsMessage::from_bytes(bytes) {
            self.tell(to, ObjectsInput::Received(name(from), message));
        }
    }

    /// Lets time go by until somebody wants to be woken.
    fn wait(&mut self) -> bool {
        let at = self.nodes.iter().map(|node| node.wake_at).min().unwrap_or(Moment::NEVER);
        if at == Moment::NEVER {
            return false;
        }
        self.now = self.now.max(at);
        for node in 0..self.nodes.len() {
            if self.nodes[node].wake_at <= self.now {
                self.nodes[node].wake_at = Moment::NEVER;
                self.tell(node, ObjectsInput::Tick);
            }
        }
        true
    }

    fn work(&mut self, node: usize) {
        let member = &mut self.nodes[node];
        let output = member.work.pop_front();
        if let Some(done) = output.and_then(|output| member.porter.work(output)) {
            self.tell(node, done);
        }
    }
}

impl Member {
    fn of(garden: &Garden) -> Self {
        Self {
            core: Objects::default(),
            porter: Porter::new(Arc::clone(&garden.store)),
            work: VecDeque::new(),
            wake_at: Moment::NEVER,
            told: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Deliver((usize, usize)),
    Work(usize),
}
