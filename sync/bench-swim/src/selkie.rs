//! The membership of this repository, as it is and with nothing but datagrams.

use selkie_sync::{Lane, MemberState, Moment};
use selkie_tests::members::{Command, Letter, Member, News, Swarm};
use selkie_tests::net::{Input, Link, Net, Node, Output};

use crate::contender::Contender;

/// As it is: what is worth it goes over a stream too, which loses nothing and takes time instead.
pub(crate) enum Selkie {}

/// Where no stream ever brings anything: what would go on one is a datagram, and may be lost.
pub(crate) enum SelkieAlone {}

/// A member whose streams are datagrams.
pub(crate) struct Alone(Member);

impl Contender for Selkie {
    type Member = Member;

    fn gathered(seed: u64, size: usize, link: Link) -> Net<Member> {
        Swarm::gathered(seed, size, link).into_net()
    }

    fn death(news: &News, _: usize) -> Option<usize> {
        death(news)
    }
}

impl Contender for SelkieAlone {
    type Member = Alone;

    fn gathered(seed: u64, size: usize, link: Link) -> Net<Alone> {
        let swarm = Swarm::strangers(seed, size, link);
        let mut net = Net::new(seed, link);
        for place in 0..size {
            net.add(Alone(swarm.twin(place)));
        }
        let lives: Vec<_> =
            (0..size).flat_map(|place| net.node(place).0.core().lives().cloned()).collect();
        (0..size).for_each(|place| net.ask(place, Command::Recall(lives.clone())));
        net.told();
        net
    }

    fn death(news: &News, _: usize) -> Option<usize> {
        death(news)
    }
}

impl Node for Alone {
    type Message = Letter;
    type Command = Command;
    type News = News;

    fn handle(&mut self, now: Moment, input: Input<Letter, Command>) -> Vec<Output<Letter, News>> {
        let mut outputs = self.0.handle(now, input);
        for output in &mut outputs {
            if let Output::Send(_, lane, _) = output {
                *lane = Lane::Datagram;
            }
        }
        outputs
    }
}

fn death(news: &News) -> Option<usize> {
    match news {
        News::Changed(whom, MemberState::Down) => Some(*whom),
        News::Changed(..) | News::Forgotten(_) | News::Lied(_) => None,
    }
}
