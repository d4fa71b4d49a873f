//! What takes its time, and is told of while it is done.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::online::ALL;
use crate::online::address::addresses;
use crate::serving::door::{Talk, TalkError};
use crate::serving::happening::Happening;
use crate::serving::host::{ADDRESSES_MAX, Host, LOOK, now_ms};
use crate::serving::hub::Next;
use crate::serving::matter::Matter;
use crate::serving::message::Answer;

/// Names for guests that are remembered.
const GUESTS_MAX: usize = 64;

/// As long as nothing may happen while something is healed.
const HEALING: Duration = Duration::from_secs(60);

impl Host<'_> {
    pub(super) fn heal(&self, talk: &mut Talk) -> Result<(), TalkError> {
        if self.node.peers().is_empty() {
            return talk.say(&Answer::Refused("no peer is connected".to_owned()));
        }
        let mut cursor = self.hub.now();
        let (mut is_broken, mut heard) = (false, Instant::now());
        self.node.heal(self.channel);
        while !self.is_over() && heard.elapsed() < HEALING && talk.is_wanted() {
            let Next::Happened(happening) = self.hub.next_within(&mut cursor, LOOK) else {
                continue;
            };
            let (matter, count) = (happening.matter, happening.count.unwrap_or_default());
            if !matter.is_of_healing() {
                continue;
            }
            heard = Instant::now();
            is_broken |= matter == Matter::Broken;
            talk.say(&Answer::Happened(happening))?;
            let is_end = match matter {
                Matter::Unhealed | Matter::Whole | Matter::Uncompared => true,
                Matter::Compared => count == 0 && !is_broken,
                Matter::Healed => !is_broken,
                _ => false,
            };
            if is_end {
                break;
            }
        }
        talk.say(&Answer::Done)
    }

    pub(super) fn invite(
        &self,
        name: Option<String>,
        mut at: Vec<SocketAddr>,
        time: Duration,
        talk: &mut Talk,
    ) -> Result<(), TalkError> {
        at.extend(addresses(self.node));
        at.truncate(ADDRESSES_MAX);
        let mut cursor = self.hub.now();
        let invitation = match self.node.invite(at, self.channel, ALL, time) {
            Ok(invitation) => invitation,
            Err(error) => return talk.say(&Answer::Refused(error.to_string())),
        };
        if let Some(name) = name {
            let mut known = self.known();
            if known.guests.len() == GUESTS_MAX {
                known.guests.remove(0);
            }
            known.guests.push((invitation.word, name));
        }
        talk.say(&Answer::Invited(invitation.to_string(), invitation.until_ms))?;
        let (until, mut guest, mut is_here) = (Instant::now() + time, None, false);
        // Whoever gave up waiting may still have a guest: the invitation is good as long as it says.
        while !self.is_over() && talk.is_wanted() && (is_here || Instant::now() < until) {
            let Next::Happened(happening) = self.hub.next_within(&mut cursor, LOOK) else {
                continue;
            };
            match happening.matter {
                Matter::Paired if guest.is_none() => {
                    (guest, is_here) = (happening.peer, true);
                    talk.say(&Answer::Happened(happening))?;
                }
                Matter::Agreed if guest.is_some() && guest == happening.peer => {
                    return talk.say(&Answer::Done);
                }
                Matter::Connected if guest == happening.peer => is_here = true,
                Matter::Disconnected if guest == happening.peer => is_here = false,
                _ => {}
            }
        }
        let why = match guest {
            Some(_) => "they came, and left before everything was there",
            None => "nobody came",
        };
        talk.say(&Answer::Refused(why.to_owned()))
    }

    pub(super) fn follow(&self, talk: &mut Talk) -> Result<(), TalkError> {
        let mut cursor = self.hub.oldest();
        loop {
            match self.hub.next_within(&mut cursor, LOOK) {
                Next::Happened(happening) => talk.say(&Answer::Happened(happening))?,
                Next::Missed(count) => {
                    let missed = Happening::of(now_ms(), Matter::Missed);
                    let missed = Happening { count: Some(count), ..missed };
                    talk.say(&Answer::Happened(missed))?;
                }
                Next::Nothing if talk.is_wanted() => {}
                Next::Nothing | Next::Over => return Ok(()),
            }
        }
    }
}
