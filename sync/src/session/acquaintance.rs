//! What is known of a node that we may call.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dice::Dice;
use crate::identity::invitation::Word;
use crate::moment::Moment;
use crate::session::why::Why;

/// A node that this one knows of: where it may be, when to call it next, and why there is no session.
#[derive(Clone, Debug)]
pub(super) struct Acquaintance {
    /// Whether somebody here wants a session with it.
    pub(super) is_wanted: bool,
    /// A word to show it, which it gave us.
    pub(super) word: Option<Word>,
    /// Whether a call is under way.
    pub(super) is_called: bool,
    /// How many are: one, or one more, to where it was heard of meanwhile.
    calls: u32,
    called_at: Moment,
    /// When to call it again.
    pub(super) call_at: Moment,
    /// What was said last of why there is no session.
    pub(super) why: Why,
    addresses: Vec<SocketAddr>,
    next: usize,
    /// Whether a place was found while a call was under way to another.
    is_fresh: bool,
    failures: u32,
}

/// Addresses of one node. Those that came first are let go for newer ones.
const ADDRESSES_MAX: usize = 16;
/// Before a node is called again that could not be reached.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// As long as a call may take until it is tried at the same time where the node was heard of since.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest such time.
const PAUSE_MAX: Duration = Duration::from_secs(300);

impl Acquaintance {
    pub(super) const fn new() -> Self {
        Self {
            is_wanted: false,
            word: None,
            is_called: false,
            calls: 0,
            called_at: Moment::START,
            call_at: Moment::START,
            why: Why::NoAddress,
            addresses: Vec::new(),
            next: 0,
            is_fresh: false,
            failures: 0,
        }
    }

    /// It may be at these addresses. If one of them is new, it is worth calling at once.
    pub(super) fn found(&mut self, now: Moment, addresses: &[SocketAddr]) {
        for address in addresses {
            if self.addresses.contains(address) {
                continue;
            }
            if self.addresses.len() == ADDRESSES_MAX {
                self.addresses.pop();
            }
            // Newest first: where it was heard of last is where it most likely is.
            self.addresses.insert(0, *address);
            self.next = 0;
            self.is_fresh = self.is_called;
            self.failures = 0;
            self.call_at = now;
        }
        if self.why == Why::NoAddress && !self.addresses.is_empty() {
            self.why = Why::NotYet;
        }
    }

    /// The address to call now, if it is time and one is known.
    pub(super) fn call(&mut self, now: Moment) -> Option<SocketAddr> {
        if self.due() > now {
            return None;
        }
        let address = *self.addresses.get(self.next)?;
        (self.is_called, self.is_fresh) = (true, false);
        (self.calls, self.called_at) = (self.calls + 1, now);
        Some(address)
    }

    /// A call came to nothing: the next address at once, or the first one again after a pause.
    pub(super) fn missed(&mut self, now: Moment, why: Why, dice: &mut Dice) {
        if self.calls == 0 {
            // It was there by then, or somebody forgot it meanwhile.
            return;
        }
        self.why = why;
        self.calls -= 1;
        if self.calls > 0 {
            return;
        }
        self.is_called = false;
        // What was found meanwhile is first, and was not tried.
        self.next = if std::mem::take(&mut self.is_fresh) { 0 } else { self.next + 1 };
        if self.next < self.addresses.len() {
            self.call_at = now;
            return;
        }
        self.next = 0;
        self.failures = self.failures.saturating_add(1);
        self.call_at = now + self.pause(dice);
    }

    /// It was there, and a session began.
    pub(super) const fn met(&mut self) {
        (self.is_called, self.calls) = (false, 0);
        self.next = 0;
        self.failures = 0;
        self.word = None;
    }

    /// A session ended: to be called again after at least so long.
    pub(super) fn lost(&mut self, now: Moment, why: Why, rest: Duration, dice: &mut Dice) {
        (self.is_called, self.calls) = (false, 0);
        self.why = why;
        self.call_at = now + rest.max(self.pause(dice));
    }

    /// When to call it next; never if it can not be.
    pub(super) fn due(&self) -> Moment {
        match (self.is_called, self.is_fresh) {
            _ if !self.is_wanted || self.addresses.is_empty() => Moment::NEVER,
            (false, _) => self.call_at,
            (true, true) => self.called_at + PATIENCE,
            (true, false) => Moment::NEVER,
        }
    }

    /// Twice as long after each failure, and never as long as anybody else's: after a power cut a thousand nodes come up at once.
    fn pause(&self, dice: &mut Dice) -> Duration {
        let longest = PAUSE_MIN * 2_u32.saturating_pow(self.failures.min(16));
        let longest = longest.min(PAUSE_MAX);
        dice.span(longest / 2, longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, number], 7355))
    }

    fn wanted() -> Acquaintance {
        Acquaintance { is_wanted: true, ..Acquaintance::new() }
    }

    #[test]
    fn all_addresses_are_tried_before_a_pause() {
        let (mut it, mut dice) = (wanted(), Dice::of(1));
        let now = Moment::START;
        it.found(now, &[address(1), address(2)]);
        assert_eq!(it.call(now), Some(address(2)));
        assert_eq!(it.call(now), None, "one call at a time");
        it.missed(now, Why::Broken, &mut dice);
        assert_eq!(it.call(now), Some(address(1)));
        it.missed(now, Why::Broken, &mut dice);
        assert_eq!(it.call(now), None);
        assert!(it.due() > now && it.due() <= now + Duration::from_secs(2));
    }

    #[test]
    fn what_is_found_during_a_call_is_tried_next() {
        let (mut it, mut dice) = (wanted(), Dice::of(1));
        let now = Moment::START;
        it.found(now, &[address(1)]);
        assert_eq!(it.call(now), Some(address(1)));
        it.found(now, &[address(2)]);
        it.missed(now, Why::Broken, &mut dice);
        assert_eq!(it.call(now), Some(address(2)));
        it.missed(now, Why::Broken, &mut dice);
        assert_eq!(it.call(now), Some(address(1)));
        it.missed(now, Why::Broken, &mut dice);
        assert_eq!(it.call(now), None);
    }

    #[test]
    fn a_call_that_takes_long_is_tried_elsewhere_at_the_same_time() {
        let (mut it, mut dice) = (wanted(), Dice::of(1));
        let now = Moment::START;
        it.found(now, &[address(1)]);
        assert_eq!(it.call(now), Some(address(1)));
        it.found(now, &[address(2)]);
        assert_eq!(it.call(now), None, "it may answer any moment");
        assert_eq!(it.due(), now + PATIENCE);
        let later = it.due();
        assert_eq!(it.call(later), Some(address(2)));
        assert_eq!(it.due(), Moment::NEVER, "two are enough");
        it.missed(later, Why::Broken, &mut dice);
        assert_eq!(it.call(later), None, "the other one may answer");
        it.met();
        it.missed(later, Why::NoHello, &mut dice);
        assert_eq!((it.failures, it.why), (0, Why::Broken), "it answered elsewhere");
    }

    #[test]
    fn pauses_grow_to_minutes_and_end_when_it_is_found_elsewhere() {
        let (mut it, mut dice) = (wanted(), Dice::of(1));
        let mut now = Moment::START;
        it.found(now, &[address(1)]);
        for _ in 0..20 {
            now = it.due();
            assert!(it.call(now).is_some());
            it.missed(now, Why::Broken, &mut dice);
        }
        let pause = it.due() - now;
        assert!((Duration::from_secs(150)..=PAUSE_MAX).contains(&pause), "{pause:?}");
        it.found(now, &[address(1)]);
        assert_eq!(it.call(now), None, "that address is not new");
        it.found(now, &[address(2)]);
        assert_eq!(it.call(now), Some(address(2)));
    }

    #[test]
    fn addresses_do_not_pile_up() {
        let mut it = wanted();
        (0..100).for_each(|number| it.found(Moment::START, &[address(number)]));
        assert_eq!(it.addresses.len(), ADDRESSES_MAX);
        assert_eq!(it.call(Moment::START), Some(address(99)));
    }
}
