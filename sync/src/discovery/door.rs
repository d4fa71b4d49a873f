//! Where a machine is in a subnet.

use std::net::{IpAddr, SocketAddr};

use crate::session::gate::Network;

/// An address of this machine, and the subnet that it is in.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Door {
    /// The address. Of the new kind only those that mean something in their own subnet and nowhere else.
    pub address: IpAddr,
    /// How many bits all addresses of the subnet begin with.
    pub bits: u8,
    /// Which interface it is, since addresses of the new kind mean something only with that.
    pub zone: u32,
}

impl Door {
    /// Whether somebody with this address is in the subnet. From elsewhere no router should bring anything here, and if one does,
    /// it is not heard.
    #[must_use]
    pub fn reaches(&self, from: SocketAddr) -> bool {
        let network = Network::around(self.address, self.bits);
        let is_its_zone = match from {
            SocketAddr::V4(_) => true,
            SocketAddr::V6(from) => self.address.is_ipv4() || from.scope_id() == self.zone,
        };
        is_its_zone && network.contains(from.ip().to_canonical())
    }

    /// Where all are heard that are in the subnet, if it is of the old kind.
    #[must_use]
    pub fn broadcast(&self) -> Option<IpAddr> {
        let IpAddr::V4(own) = self.address else { return None };
        let host = u32::MAX.checked_shr(u32::from(self.bits)).unwrap_or(0);
        Some(IpAddr::V4((own.to_bits() | host).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(address: &str, bits: u8, zone: u32) -> Door {
        Door { address: address.parse().unwrap(), bits, zone }
    }

    #[test]
    fn who_is_near_is_in_the_same_subnet() {
        let (home, lane) = (door("192.0.2.9", 24, 2), door("fe80::9", 64, 3));
        let table = [
            ("192.0.2.77:1", true, false),
            ("[::ffff:192.0.2.77]:1", true, false),
            ("192.0.3.1:1", false, false),
            ("[fe80::77%3]:1", false, true),
            ("[fe80::77%2]:1", false, false),
            ("[2001:db8::1%3]:1", false, false),
        ];
        for (from, at_home, in_the_lane) in table {
            let from = from.parse().unwrap();
            assert_eq!((home.reaches(from), lane.reaches(from)), (at_home, in_the_lane), "{from}");
        }
    }

    #[test]
    fn all_of_a_subnet_are_heard_at_its_last_address() {
        let table = [("192.0.2.9", 24, "192.0.2.255"), ("127.0.0.1", 8, "127.255.255.255")];
        for (address, bits, last) in table {
            assert_eq!(door(address, bits, 1).broadcast(), Some(last.parse().unwrap()));
        }
        assert_eq!(door("10.1.2.3", 32, 1).broadcast(), Some("10.1.2.3".parse().unwrap()));
        assert_eq!(door("fe80::9", 64, 1).broadcast(), None);
    }
}
