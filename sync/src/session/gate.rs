//! Who may knock, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use crate::moment::Moment;

/// Stands before the handshake, which costs a millisecond: lets each neighbourhood of addresses knock so often and no oftener,
/// and those outside the allowed networks not at all.
///
/// A neighbourhood is what one household or one rack is given: 256 addresses of the old kind, a /56 of the new.
#[derive(Clone, Debug)]
pub struct Gate {
    allowed: Vec<Network>,
    // When each neighbourhood has used up nothing any more: the whole state of a rate limit.
    free_at: BTreeMap<IpAddr, Moment>,
    by_time: BTreeSet<(Moment, IpAddr)>,
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// Between two knocks, in the long run.
const PACE: Duration = Duration::from_millis(200);

/// Knocks at once.
const BURST: u32 = 20;

/// Neighbourhoods that are remembered. The one that knocked longest ago is forgotten for a new one.
const REMEMBERED_MAX: usize = 1_024;

impl Gate {
    /// Lets in who is of one of these networks; everybody if there is none.
    #[must_use]
    pub const fn new(allowed: Vec<Network>) -> Self {
        Self { allowed, free_at: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    /// Whether addresses like this one may be called, or call.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.is_empty() || self.allowed.iter().any(|network| network.contains(address))
    }

    /// Whether somebody who knocks from this address is to be answered.
    pub fn knock(&mut self, now: Moment, address: IpAddr) -> bool {
        if !self.allows(address) {
            return false;
        }
        let home = neighbourhood(address.to_canonical());
        let before = self.free_at.get(&home).copied();
        let free_at = before.map_or(now, |at| at.max(now)) + PACE;
        if free_at - now > PACE * BURST {
            return false;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, home));
        } else if self.free_at.len() == REMEMBERED_MAX
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.free_at.remove(&oldest);
        }
        self.free_at.insert(home, free_at);
        self.by_time.insert((free_at, home));
        true
    }
}

impl Network {
    /// The network that is spelled so: an address, and behind a slash how many bits are the same in all of it; `10.0.0.0/8`,
    /// `fd00::/8`, or one address alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (first, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let first: IpAddr = first.parse().ok()?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(width), |bits| bits.parse().ok())?;
        let network = Self { first, bits };
        // What is behind the bits says nothing, so whoever wrote it meant something else.
        (bits <= width && masked(first, bits) == first).then_some(network)
    }

    /// The network of addresses that begin as this one does.
    pub(crate) fn around(address: IpAddr, bits: u8) -> Self {
        Self { first: masked(address, bits), bits }
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.bits) == self.first
    }
}

/// What one household or one rack is given.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    masked(address, if address.is_ipv4() { 24 } else { 56 })
}

/// The address with everything behind so many bits cleared.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(it) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            IpAddr::V4((it.to_bits() & mask).into())
        }
        IpAddr::V6(it) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            IpAddr::V6((it.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn answered(gate: &mut Gate, now: Moment, address: &str, knocks: usize) -> usize {
        (0..knocks).filter(|_| gate.knock(now, ip(address))).count()
    }

    #[test]
    fn a_neighbourhood_knocks_so_often_and_no_oftener() {
        let mut gate = Gate::new(Vec::new());
        let start = Moment::START + Duration::from_secs(9);
        assert_eq!(answered(&mut gate, start, "192.0.2.1", 100), 20);
        assert_eq!(answered(&mut gate, start, "192.0.2.77", 100), 0);
        assert_eq!(answered(&mut gate, start, "::ffff:192.0.2.77", 100), 0);
        assert_eq!(answered(&mut gate, start, "192.0.3.1", 100), 20);
        assert_eq!(answered(&mut gate, start + Duration::from_secs(1), "192.0.2.9", 100), 5);
        assert_eq!(answered(&mut gate, start + Duration::from_secs(60), "192.0.2.9", 100), 20);
        assert_eq!(answered(&mut gate, start, "2001:db8:1:100::1", 100), 20);
        assert_eq!(answered(&mut gate, start, "2001:db8:1:1ff::1", 100), 0);
        assert_eq!(answered(&mut gate, start, "2001:db8:1:200::1", 100), 20);
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let mut gate = Gate::new(Vec::new());
        for number in 0..10_000_u32 {
            let now = Moment::from_us(u64::from(number));
            gate.knock(now, IpAddr::V4((number << 8).into()));
        }
        assert_eq!(gate.free_at.len(), REMEMBERED_MAX);
        assert_eq!(gate.by_time.len(), REMEMBERED_MAX);
    }

    #[test]
    fn only_allowed_networks_are_answered() {
        let networks = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"];
        let networks = networks.map(|text| Network::parse(text).unwrap());
        let mut gate = Gate::new(networks.to_vec());
        let table = [
            ("10.9.8.7", true),
            ("::ffff:10.9.8.7", true),
            ("11.0.0.1", false),
            ("fd12::1", true),
            ("fe80::1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
        ];
        for (address, answer) in table {
            assert_eq!(gate.knock(Moment::START, ip(address)), answer, "{address}");
        }
    }

    #[test]
    fn a_network_is_spelled_in_one_way() {
        for bad in ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "x/8", "fd00::/129", "10/8"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
        assert!(Network::parse("0.0.0.0/0").unwrap().contains(ip("1.2.3.4")));
        assert!(!Network::parse("0.0.0.0/0").unwrap().contains(ip("::1")));
    }
}
