//! Many members, and what is asked of all of them.

use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::time::Duration;

use selkie_sync::{Dice, MemberState, Pace};

use crate::members::member::{Command, Member};
use crate::members::names::Names;
use crate::net::{Clock, Link, Net};

/// A network of members.
///
/// ```
/// use std::time::Duration;
/// use selkie_tests::members::Swarm;
/// use selkie_tests::net::Link;
///
/// let mut swarm = Swarm::gathered(1, 5, Link::LAN);
/// swarm.stop(3);
/// swarm.run_for(Duration::from_secs(10));
/// assert!(swarm.all_agree());
/// ```
pub struct Swarm {
    net: Net<Member>,
    names: Rc<Names>,
    pace: Pace,
    dice: Dice,
}

impl Swarm {
    /// So many members that know nobody.
    #[must_use]
    pub fn strangers(seed: u64, count: usize, link: Link) -> Self {
        Self::with_pace(seed, count, link, Pace::default())
    }

    /// The same, at another pace.
    #[must_use]
    pub fn with_pace(seed: u64, count: usize, link: Link, pace: Pace) -> Self {
        let names = Rc::new(Names::of(count));
        // The network and the nodes have each a source of their own.
        let mut swarm =
            Self { net: Net::new(seed, link), names, pace, dice: Dice::of(seed ^ (1 << 63)) };
        for place in 0..count {
            let member = swarm.newborn(place);
            swarm.net.add(member);
        }
        swarm
    }

    /// The same, with these clocks.
    #[must_use]
    pub fn with_clocks(seed: u64, link: Link, clocks: &[Clock]) -> Self {
        let mut swarm = Self::strangers(seed, 0, link);
        swarm.names = Rc::new(Names::of(clocks.len()));
        for (place, clock) in clocks.iter().enumerate() {
            let member = swarm.newborn(place);
            swarm.net.add_with_clock(member, *clock);
        }
        swarm
    }

    /// So many members that know each other, as after a start with what was remembered.
    #[must_use]
    pub fn gathered(seed: u64, count: usize, link: Link) -> Self {
        let mut swarm = Self::strangers(seed, count, link);
        let own = |place: usize| swarm.net.node(place).core().lives().cloned().collect::<Vec<_>>();
        let lives: Vec<_> = (0..count).flat_map(own).collect();
        for place in 0..count {
            swarm.net.ask(place, Command::Recall(lives.clone()));
        }
        swarm.net.told();
        swarm
    }

    /// The network alone.
    #[must_use]
    pub fn into_net(self) -> Net<Member> {
        self.net
    }

    /// A member for a place of another network, with the names of this one.
    #[must_use]
    pub fn twin(&self, place: usize) -> Member {
        let seed = self.dice.clone().roll() ^ ((place as u64) << 32);
        Member::new(Rc::clone(&self.names), place, self.pace, seed)
    }

    /// Stops a member and starts one at its place that remembers nothing but its key.
    pub fn restart(&mut self, place: usize) {
        self.net.stop(place);
        let member = self.newborn(place);
        self.net.start(place, member);
    }

    /// How the member at one place sees the one at another.
    #[must_use]
    pub fn sees(&self, who: usize, whom: usize) -> Option<MemberState> {
        self.net.node(who).state(whom)
    }

    /// Whether each member that runs takes exactly those that run for members that take part.
    #[must_use]
    pub fn all_agree(&self) -> bool {
        let places = || 0..self.net.len();
        places().filter(|who| self.net.is_running(*who)).all(|who| {
            places().all(|whom| {
                (self.sees(who, whom) == Some(MemberState::Here)) == self.net.is_running(whom)
            })
        })
    }

    /// Lets time pass until all agree, looking once a period; tells how long that took.
    ///
    /// # Panics
    ///
    /// They do not within `most`.
    pub fn agree_within(&mut self, most: Duration) -> Duration {
        let begin = self.net.now();
        while !self.all_agree() {
            let passed = self.net.now() - begin;
            assert!(passed < most, "no agreement within {most:?}:\n{}", self.picture());
            self.net.run_for(self.pace.period);
        }
        self.net.now() - begin
    }

    /// Who sees whom how: a line for each member, a sign for each that it knows.
    #[must_use]
    pub fn picture(&self) -> String {
        let sign = |who, whom| match self.sees(who, whom) {
            Some(MemberState::Here) => '.',
            Some(MemberState::Suspected) => '?',
            Some(MemberState::Down) => 'x',
            Some(MemberState::Left) => '<',
            None => ' ',
        };
        let line = |who| -> String {
            let runs = if self.net.is_running(who) { "runs" } else { "    " };
            let signs: String = (0..self.net.len()).map(|whom| sign(who, whom)).collect();
            format!("{who:4} {runs} {signs}")
        };
        (0..self.net.len()).map(line).collect::<Vec<_>>().join("\n")
    }

    fn newborn(&mut self, place: usize) -> Member {
        Member::new(Rc::clone(&self.names), place, self.pace, self.dice.roll())
    }
}

impl Deref for Swarm {
    type Target = Net<Member>;

    fn deref(&self) -> &Net<Member> {
        &self.net
    }
}

impl DerefMut for Swarm {
    fn deref_mut(&mut self) -> &mut Net<Member> {
        &mut self.net
    }
}
