//! Where this machine is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use selkie_sync::Node;

/// Where somebody may reach a node. In a network that leads nowhere else it is where it looks around.
pub(crate) fn addresses(node: &Node) -> Vec<SocketAddr> {
    let (own, known) = (node.address(), reachable(node.address()));
    if !own.ip().is_unspecified() || known.iter().any(|at| !at.ip().is_loopback()) {
        return known;
    }
    let near = node.nearby().unwrap_or_default().at.into_iter();
    // Those of IPv6 that are told there mean nothing outside of their link.
    let near = near.filter(|ip| ip.is_ipv4() && !ip.is_loopback());
    let near: Vec<_> = near.map(|ip| SocketAddr::new(ip, own.port())).collect();
    if near.is_empty() { known } else { near }
}

/// Where somebody may reach what listens at this address, as far as the machine knows.
fn reachable(listening: SocketAddr) -> Vec<SocketAddr> {
    let port = listening.port();
    if !listening.ip().is_unspecified() {
        return vec![listening];
    }
    let mut found: Vec<IpAddr> = Vec::new();
    if listening.is_ipv6() {
        found.extend(leaving_for((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into()));
    }
    found.extend(leaving_for((Ipv4Addr::new(192, 0, 2, 1), 9).into()));
    if found.is_empty() {
        found.push(Ipv4Addr::LOCALHOST.into());
    }
    found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()
}

/// The address of this machine that packets for there bear. None is sent: to connect such a socket only chooses a way.
fn leaving_for(there: SocketAddr) -> Option<IpAddr> {
    let here: SocketAddr = match there {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(here).ok()?;
    socket.connect(there).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_at_one_address_is_there() {
        let here: SocketAddr = "127.0.0.1:7355".parse().unwrap();
        assert_eq!(reachable(here), [here]);
    }

    #[test]
    fn what_listens_everywhere_is_somewhere() {
        for everywhere in ["0.0.0.0:7355", "[::]:7355"] {
            let found = reachable(everywhere.parse().unwrap());
            assert!(!found.is_empty());
            assert!(found.iter().all(|at| at.port() == 7355 && !at.ip().is_unspecified()));
        }
    }
}
