//! Whom a member can talk to.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::identity::node_id::NodeId;
use crate::membership::ring::Ring;
use crate::membership::roster::Roster;

/// Those that what is sent gets to. Of nobody else can a member say that it does not answer.
#[derive(Debug)]
pub(crate) enum Near {
    /// Everybody, as far as the network goes.
    All,
    /// Those that there is a connection with.
    Met(Met),
}

/// Those that there is a connection with, and the order in which they are probed.
#[derive(Debug, Default)]
pub(crate) struct Met {
    all: BTreeSet<NodeId>,
    turns: Ring,
}

impl Near {
    pub(crate) fn meet(&mut self, id: NodeId) {
        match self {
            Self::All => {}
            Self::Met(met) => _ = met.all.insert(id),
        }
    }

    pub(crate) fn part(&mut self, id: &NodeId) {
        match self {
            Self::All => {}
            Self::Met(met) => _ = met.all.remove(id),
        }
    }

    pub(crate) fn has(&self, id: &NodeId) -> bool {
        match self {
            Self::All => true,
            Self::Met(met) => met.all.contains(id),
        }
    }

    /// How many of those that take part may hear of a suspicion and look themselves.
    pub(crate) fn len(&self, roster: &Roster) -> usize {
        match self {
            Self::All => roster.live(),
            Self::Met(met) => met.all.len() + 1,
        }
    }

    /// The next to probe.
    pub(crate) fn next_to_probe(&mut self, roster: &mut Roster, dice: &mut Dice) -> Option<NodeId> {
        match self {
            Self::All => roster.next_to_probe(dice),
            Self::Met(met) => met.next(roster, dice),
        }
    }

    /// Up to so many live members that are not `except`, by chance.
    pub(crate) fn some_live(
        &self,
        roster: &Roster,
        dice: &mut Dice,
        count: usize,
        except: &NodeId,
    ) -> Vec<NodeId> {
        match self {
            Self::All => roster.some_live(dice, count, except),
            Self::Met(met) => {
                let live = met.all.iter().filter(|id| *id != except && roster.is_live(id));
                let mut live: Vec<_> = live.copied().collect();
                dice.shuffle(&mut live);
                live.truncate(count);
                live
            }
        }
    }
}

impl Met {
    fn next(&mut self, roster: &Roster, dice: &mut Dice) -> Option<NodeId> {
        for _ in 0..2 {
            while let Some(id) = self.turns.next() {
                if self.all.contains(&id) && roster.is_live(&id) {
                    return Some(id);
                }
            }
            let live = self.all.iter().filter(|id| roster.is_live(id));
            self.turns.begin(live.copied().collect(), dice);
        }
        None
    }
}
