//! Whom this node lets in.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::identity::delegation::{Delegation, Revocation};
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::signed::{Forged, Signed};

/// The persons that this node trusts, and their devices as far as they are known. Everybody else is a stranger.
///
/// The order in which statements are learned does not matter: the same ones give the same answers.
///
/// ```
/// use selkie_store::SecretKey;
/// use selkie_sync::{Delegation, NetworkId, NodeId, Signed, Trust, Verdict};
/// let home = NetworkId::named("home");
/// let [laptop, phone] = [1, 2].map(|n| SecretKey::from_bytes(&[n; 32]));
/// let [ada, device] = [&laptop, &phone].map(|key| NodeId::of(key.public()));
/// let mut trust = Trust::new(home);
/// trust.trust(ada);
/// assert_eq!(trust.judge(&device), Verdict::Stranger);
/// trust.learn(&Signed::new(&Delegation { device, number: 1 }, &home, &laptop)?)?;
/// assert_eq!(trust.judge(&device), Verdict::Trusted(ada));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trust {
    network: NetworkId,
    persons: BTreeMap<NodeId, Person>,
    blocked: BTreeSet<NodeId>,
}

/// What a device is to this node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// A device of this person, whom we trust.
    Trusted(NodeId),
    /// A device of this person, whom we trust; but the device was revoked.
    Revoked(NodeId),
    /// Never to be let in, by a decision made here.
    Blocked,
    /// Nobody told us of it.
    Stranger,
}

/// Why a statement changed nothing.
#[derive(Debug, Error)]
pub enum NotLearned {
    /// It is not to be believed.
    #[error(transparent)]
    Forged(#[from] Forged),
    /// It is about somebody whom this node does not trust, so that it does not matter.
    #[error("{0} is not trusted here")]
    Stranger(NodeId),
    /// Who revokes a device is no device of the same person.
    #[error("{by} can not speak for {person}")]
    NotTheirs {
        /// Who signed.
        by: NodeId,
        /// For whom.
        person: NodeId,
    },
    /// One person has no more devices than this.
    #[error("{0} has too many devices")]
    TooMany(NodeId),
}

#[derive(Clone, Debug, Default)]
struct Person {
    devices: BTreeMap<NodeId, u64>, // by the least number of a delegation
    revoked: BTreeMap<NodeId, BTreeMap<NodeId, u64>>, // by whom, and how many delegations are left
}

/// Devices of one person, those that were revoked included.
const DEVICES_MAX: usize = 256;

impl Trust {
    /// Nobody is trusted.
    #[must_use]
    pub const fn new(network: NetworkId) -> Self {
        Self { network, persons: BTreeMap::new(), blocked: BTreeSet::new() }
    }

    /// Trusts a person: the device with this key, and those that the key delegates to.
    pub fn trust(&mut self, person: NodeId) {
        self.blocked.remove(&person);
        self.persons.entry(person).or_default();
    }

    /// Trusts a person no more, and forgets their devices.
    pub fn distrust(&mut self, person: &NodeId) {
        self.persons.remove(person);
    }

    /// Lets a device in never again, whoever vouches for it.
    pub fn block(&mut self, device: NodeId) {
        self.blocked.insert(device);
    }

    /// The persons that are trusted.
    pub fn persons(&self) -> impl Iterator<Item = NodeId> {
        self.persons.keys().copied()
    }

    /// Learns that a device belongs to a person.
    ///
    /// # Errors
    ///
    /// See [`NotLearned`]. Nothing was changed.
    pub fn learn(&mut self, said: &Signed<Delegation>) -> Result<(), NotLearned> {
        let by = said.by();
        // Before the signature, which takes its time: strangers must not be able to keep us busy.
        let person = self.persons.get_mut(&by).ok_or(NotLearned::Stranger(by))?;
        let Delegation { device, number } = said.open(&self.network)?;
        if person.devices.len() >= DEVICES_MAX && !person.devices.contains_key(&device) {
            return Err(NotLearned::TooMany(by));
        }
        let known = person.devices.entry(device).or_insert(number);
        *known = number.min(*known);
        Ok(())
    }

    /// Learns that a device is not to be let in any more.
    ///
    /// # Errors
    ///
    /// See [`NotLearned`]. Nothing was changed.
    pub fn revoke(&mut self, said: &Signed<Revocation>) -> Result<(), NotLearned> {
        let by = said.by();
        let Revocation { person: name, device, delegations } = said.open(&self.network)?;
        let person = self.persons.get_mut(&name).ok_or(NotLearned::Stranger(name))?;
        if by != name && !person.devices.contains_key(&by) {
            return Err(NotLearned::NotTheirs { by, person: name });
        }
        if person.revoked.len() >= DEVICES_MAX && !person.revoked.contains_key(&device) {
            return Err(NotLearned::TooMany(name));
        }
        let left = person.revoked.entry(device).or_default().entry(by).or_insert(delegations);
        *left = delegations.min(*left);
        Ok(())
    }

    /// The devices that are trusted, ascending.
    #[must_use]
    pub fn devices(&self) -> BTreeSet<NodeId> {
        let theirs = self.persons.iter().flat_map(|(name, person)| {
            let named = std::iter::once(name).chain(person.devices.keys());
            named.filter(|device| person.standing(name, device) == Standing::Theirs)
        });
        theirs.filter(|device| !self.blocked.contains(device)).copied().collect()
    }

    /// What this device is to us.
    #[must_use]
    pub fn judge(&self, device: &NodeId) -> Verdict {
        if self.blocked.contains(device) {
            return Verdict::Blocked;
        }
        let mut verdict = Verdict::Stranger;
        for (name, person) in &self.persons {
            match person.standing(name, device) {
                Standing::Theirs => return Verdict::Trusted(*name),
                Standing::Revoked => verdict = Verdict::Revoked(*name),
                Standing::Foreign => {}
            }
        }
        verdict
    }
}

/// What a device is to a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    Theirs,
    Revoked,
    Foreign,
}

impl Person {
    fn standing(&self, name: &NodeId, device: &NodeId) -> Standing {
        let delegated = self.devices.get(device).is_some_and(|number| *number <= self.left(name));
        if device != name && !delegated {
            return Standing::Foreign;
        }
        if self.revoked.contains_key(device) { Standing::Revoked } else { Standing::Theirs }
    }

    /// The number up to which delegations hold: all, unless the key that makes them was revoked.
    fn left(&self, name: &NodeId) -> u64 {
        let by = self.revoked.get(name);
        by.and_then(|by| by.values().min().copied()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::SecretKey;

    use super::*;

    fn home() -> NetworkId {
        NetworkId::named("home")
    }

    fn key(number: u8) -> SecretKey {
        SecretKey::from_bytes(&[number; 32])
    }

    fn id(number: u8) -> NodeId {
        NodeId::of(key(number).public())
    }

    fn delegates(person: u8, device: u8, number: u64) -> Signed<Delegation> {
        Signed::new(&Delegation { device: id(device), number }, &home(), &key(person)).unwrap()
    }

    fn revokes(by: u8, person: u8, device: u8, delegations: u64) -> Signed<Revocation> {
        let said = Revocation { person: id(person), device: id(device), delegations };
        Signed::new(&said, &home(), &key(by)).unwrap()
    }

    fn trusting(person: u8) -> Trust {
        let mut trust = Trust::new(home());
        trust.trust(id(person));
        trust
    }

    #[test]
    fn who_is_not_known_is_not_let_in() {
        let mut trust = Trust::new(home());
        assert_eq!(trust.judge(&id(1)), Verdict::Stranger);
        assert!(matches!(trust.learn(&delegates(1, 2, 1)), Err(NotLearned::Stranger(_))));
        assert_eq!(trust.judge(&id(2)), Verdict::Stranger);
    }

    #[test]
    fn a_lost_device_is_revoked_by_another() {
        let mut trust = trusting(1);
        for (number, device) in [(1, 2), (2, 3)] {
            trust.learn(&delegates(1, device, number)).unwrap();
        }
        trust.revoke(&revokes(3, 1, 2, 0)).unwrap();
        assert_eq!(trust.judge(&id(2)), Verdict::Revoked(id(1)));
        // It does not come back by the same word said again.
        trust.learn(&delegates(1, 2, 3)).unwrap();
        assert_eq!(trust.judge(&id(2)), Verdict::Revoked(id(1)));
        assert_eq!(trust.judge(&id(3)), Verdict::Trusted(id(1)));
        assert_eq!(trust.devices(), [id(1), id(3)].into());
    }

    #[test]
    fn a_stranger_revokes_nothing() {
        let mut trust = trusting(1);
        let refused = trust.revoke(&revokes(9, 1, 1, 0));
        assert!(matches!(refused, Err(NotLearned::NotTheirs { .. })));
        assert_eq!(trust.judge(&id(1)), Verdict::Trusted(id(1)));
    }

    #[test]
    fn a_stolen_first_device_makes_no_new_ones() {
        let (own, stolen) = (delegates(1, 2, 1), delegates(1, 9, 2));
        let revoked = revokes(2, 1, 1, 1);
        // Whichever of the thief's word and the owner's comes first.
        for thief_first in [true, false] {
            let mut trust = trusting(1);
            trust.learn(&own).unwrap();
            if thief_first {
                trust.learn(&stolen).unwrap();
            }
            trust.revoke(&revoked).unwrap();
            if !thief_first {
                trust.learn(&stolen).unwrap();
            }
            assert_eq!(trust.judge(&id(1)), Verdict::Revoked(id(1)));
            assert_eq!(trust.judge(&id(2)), Verdict::Trusted(id(1)));
            assert_eq!(trust.judge(&id(9)), Verdict::Stranger);
        }
    }

    #[test]
    fn who_is_blocked_stays_out_whoever_vouches() {
        let mut trust = trusting(1);
        trust.learn(&delegates(1, 2, 1)).unwrap();
        trust.block(id(2));
        assert_eq!(trust.judge(&id(2)), Verdict::Blocked);
        assert_eq!(trust.judge(&id(1)), Verdict::Trusted(id(1)));
        assert_eq!(trust.devices(), [id(1)].into());
    }

    #[test]
    fn a_person_has_so_many_devices_and_no_more() {
        let mut trust = trusting(1);
        for number in 0..DEVICES_MAX as u64 {
            let mut bytes = [7; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            let device = NodeId::from_bytes(bytes);
            let said = Delegation { device, number: number + 1 };
            trust.learn(&Signed::new(&said, &home(), &key(1)).unwrap()).unwrap();
        }
        assert!(matches!(trust.learn(&delegates(1, 2, 999)), Err(NotLearned::TooMany(_))));
    }
}
