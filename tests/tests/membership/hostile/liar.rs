//! A member that lies, beside what it has to do to be one.

use std::rc::Rc;
use std::time::Duration;

use selkie_store::SecretKey;
use selkie_sync::{
    Accusation, Dice, Hail, Incarnation, Lane, Life, MembershipMessage, Moment, News as Statements,
    NodeId, Signed, Standing, Stretch,
};
use selkie_tests::members::{Command, Letter, Member, Names, News, network};
use selkie_tests::net::{Input, Node, Output, Parcel};

use super::HONEST;

/// In which way one lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lie {
    /// It accuses everybody, signed and in time.
    Accuse,
    /// It tells what others never signed.
    Forge,
    /// It tells everything again that it ever heard.
    Replay,
    /// It speaks of the last life, its own and those of others.
    Last,
    /// It tells of members that nobody ever saw, and accuses in their names.
    Invent,
    /// It asks and pings and sends noise, as much as it can.
    Flood,
    /// It says of everybody it is asked about that he answers.
    Vouch,
}

/// A member that does as it should, and lies some times a second.
pub(crate) struct Liar {
    member: Member,
    names: Rc<Names>,
    place: usize,
    lie: Lie,
    dice: Dice,
    heard: Vec<Letter>,
    next_lie: Moment,
    wake: Moment,
}

/// Whoever lives in a network with liars. What the honest send each other is counted.
pub(crate) enum Actor {
    Honest(Box<Member>, u64),
    Liar(Box<Liar>),
}

const HEARD_MAX: usize = 5_000;

impl Lie {
    pub(crate) const ALL: [Self; 7] = [
        Self::Accuse,
        Self::Forge,
        Self::Replay,
        Self::Last,
        Self::Invent,
        Self::Flood,
        Self::Vouch,
    ];

    /// From one lie to the next. Keys and signatures of members that do not exist take their time here too.
    const fn pause(self) -> Duration {
        match self {
            Self::Accuse | Self::Forge | Self::Replay | Self::Last | Self::Vouch => {
                Duration::from_millis(100)
            }
            Self::Flood => Duration::from_millis(500),
            Self::Invent => Duration::from_secs(2),
        }
    }
}

impl Actor {
    pub(crate) fn member(&self) -> &Member {
        match self {
            Self::Honest(member, _) => member,
            Self::Liar(liar) => &liar.member,
        }
    }

    /// How many messages an honest member sent to honest ones.
    pub(crate) fn sent(&self) -> u64 {
        match self {
            Self::Honest(_, sent) => *sent,
            Self::Liar(_) => 0,
        }
    }
}

impl Node for Actor {
    type Message = Letter;
    type Command = Command;
    type News = News;

    fn handle(&mut self, now: Moment, input: Input<Letter, Command>) -> Vec<Output<Letter, News>> {
        match self {
            Self::Honest(member, sent) => {
                let outputs = member.handle(now, input);
                let to_honest = |output: &&Output<Letter, News>| matches!(output, Output::Send(to, _, _) if *to < HONEST);
                *sent += outputs.iter().filter(to_honest).count() as u64;
                outputs
            }
            Self::Liar(liar) => liar.handle(now, input),
        }
    }
}

impl Liar {
    pub(crate) fn new(member: Member, names: Rc<Names>, place: usize, lie: Lie, seed: u64) -> Self {
        let dice = Dice::of(seed ^ 0x11a5 ^ place as u64);
        let (next_lie, wake) = (Moment::START, Moment::NEVER);
        Self { member, names, place, lie, dice, heard: Vec::new(), next_lie, wake }
    }

    fn handle(&mut self, now: Moment, input: Input<Letter, Command>) -> Vec<Output<Letter, News>> {
        let mut outputs = Vec::new();
        if let Input::Received(from, _, letter) = &input {
            if self.heard.len() < HEARD_MAX {
                self.heard.push(letter.clone());
            }
            if let (Lie::Vouch, Some(MembershipMessage::Ask { number, .. })) =
                (self.lie, letter.open())
            {
                outputs.push(send(*from, &MembershipMessage::Answered { number }));
            }
        }
        for output in self.member.handle(now, input) {
            if let Output::WakeAt(wake) = output {
                self.wake = wake;
            } else {
                outputs.push(output);
            }
        }
        if self.next_lie <= now {
            self.next_lie = now + self.lie.pause();
            let to = self.dice.index(HONEST);
            outputs.extend(self.lie_to(to));
        }
        outputs.push(Output::WakeAt(self.wake.min(self.next_lie)));
        outputs
    }

    fn lie_to(&mut self, to: usize) -> Vec<Output<Letter, News>> {
        match self.lie {
            Lie::Accuse => {
                let whom = self.dice.index(HONEST);
                let incarnation = self.life_of(whom);
                vec![self.accuse(to, whom, incarnation), self.accuse(whom, whom, incarnation)]
            }
            Lie::Forge => vec![self.forge(to)],
            Lie::Replay => {
                let heard: Vec<_> = (0..20).filter_map(|_| self.dice.pick(&self.heard)).collect();
                let is_short = |letter: &&&Letter| letter.bytes().len() <= Lane::Datagram.len_max();
                let again = heard.iter().filter(is_short);
                again.map(|letter| Output::Send(to, Lane::Datagram, (*letter).clone())).collect()
            }
            Lie::Last => {
                let whom = self.dice.index(HONEST);
                let last = Life { incarnation: Incarnation::LAST, standing: Standing::Here };
                let own = Signed::new(&last, &network(), &self.names.key(self.place)).unwrap();
                let told = Statements { lives: vec![own], ..Statements::default() };
                vec![
                    self.accuse(to, whom, Incarnation::LAST),
                    self.accuse(whom, whom, Incarnation::LAST),
                    send(to, &MembershipMessage::Tell(told)),
                    send(to, &hail(Incarnation::LAST)),
                ]
            }
            Lie::Invent => vec![self.invent(to)],
            Lie::Flood => self.flood(to),
            Lie::Vouch => Vec::new(),
        }
    }

    /// The life that it knows another to be in.
    fn life_of(&self, whom: usize) -> Incarnation {
        let id = self.names.id(whom);
        let mut lives = self.member.core().lives();
        let life = lives.find(|life| life.by() == id).and_then(|life| life.claim().ok());
        life.map_or(Incarnation::FIRST, |life| life.incarnation)
    }

    fn accuse(&self, to: usize, whom: usize, incarnation: Incarnation) -> Output<Letter, News> {
        let said = Accusation { whom: self.names.id(whom), incarnation };
        let signed = Signed::new(&said, &network(), &self.names.key(self.place)).unwrap();
        send(to, &MembershipMessage::Tell(accusations(vec![signed])))
    }

    /// An accusation in the name of an honest member, of another.
    fn forge(&mut self, to: usize) -> Output<Letter, News> {
        let (by, whom) = (self.dice.index(HONEST), self.dice.index(HONEST));
        let said = Accusation { whom: self.names.id(whom), incarnation: self.life_of(whom) };
        let signed = Signed::new(&said, &network(), &self.names.key(self.place)).unwrap();
        let honest =
            Letter::new(&MembershipMessage::Tell(accusations(vec![signed])), Lane::Datagram);
        // After a version, a kind and two counts comes the name of who says it.
        let mut bytes = honest.bytes().to_vec();
        bytes[4..4 + NodeId::LEN].copy_from_slice(self.names.id(by).as_bytes());
        Output::Send(to, Lane::Datagram, Letter::of(bytes))
    }

    /// Members with keys and signatures of their own, who were never anywhere, and what they say of the
    /// honest.
    fn invent(&mut self, to: usize) -> Output<Letter, News> {
        let mut told = Statements::default();
        let whom = self.dice.index(HONEST);
        let said = Accusation { whom: self.names.id(whom), incarnation: self.life_of(whom) };
        for _ in 0..4 {
            let mut key = [0; SecretKey::LEN];
            key.chunks_mut(8)
                .for_each(|part| part.copy_from_slice(&self.dice.roll().to_le_bytes()));
            let key = SecretKey::from_bytes(&key);
            let life = Life { incarnation: Incarnation::FIRST, standing: Standing::Here };
            told.lives.push(Signed::new(&life, &network(), &key).unwrap());
            told.accusations.push(Signed::new(&said, &network(), &key).unwrap());
        }
        send(to, &MembershipMessage::Tell(told))
    }

    fn flood(&mut self, to: usize) -> Vec<Output<Letter, News>> {
        let mut all = Vec::new();
        for number in 0..5 {
            let whom = self.names.id(self.dice.index(HONEST));
            all.push(send(to, &MembershipMessage::Ask { number, whom }));
            all.push(send(to, &hail(Incarnation::FIRST)));
            all.push(send(to, &MembershipMessage::Who));
            let upto = NodeId::from_bytes([0xff; NodeId::LEN]);
            let stretches = vec![Stretch { upto, digest: [7; Stretch::DIGEST_LEN] }];
            let compare = MembershipMessage::Compare { after: None, stretches };
            all.push(Output::Send(to, Lane::Members, Letter::new(&compare, Lane::Members)));
            let noise = (0..40).map(|_| self.dice.roll().to_le_bytes()[0]).collect();
            all.push(Output::Send(to, Lane::Datagram, Letter::of(noise)));
        }
        all
    }
}

fn hail(incarnation: Incarnation) -> MembershipMessage {
    MembershipMessage::Ping(Hail { number: 0, incarnation, news: Statements::default() })
}

fn accusations(accusations: Vec<Signed<Accusation>>) -> Statements {
    Statements { accusations, ..Statements::default() }
}

fn send(to: usize, message: &MembershipMessage) -> Output<Letter, News> {
    Output::Send(to, Lane::Datagram, Letter::new(message, Lane::Datagram))
}
