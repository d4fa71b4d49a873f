//! The subnets of this machine, and sockets that all who are in them hear.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use if_addrs::{IfAddr, Interface, get_if_addrs};
use socket2::{Domain, Socket, Type};
use tokio::net::UdpSocket;

use crate::discovery::door::Door;

/// Hears what is said in all subnets of one kind.
#[derive(Debug)]
pub(super) struct Ear {
    socket: UdpSocket,
    zones: BTreeSet<u32>,
}

/// Says something to all that are in one subnet.
#[derive(Debug)]
pub(super) struct Mouth {
    socket: Socket,
    to: SocketAddr,
}

/// Whoever joins this group hears what is said by the new kind of addresses: one of the link alone, and of no registry. Its end
/// spells `selkie`.
const GROUP: Ipv6Addr = Ipv6Addr::new(0xff12, 0, 0, 0, 0, 0x7365, 0x6c6b, 0x6965);

/// What the system holds of packets that were not read yet: some hundred.
const EAR_LEN: usize = 64 << 10;

impl Ear {
    /// For addresses of the old kind.
    pub(super) fn old(port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
        Self::at((Ipv4Addr::UNSPECIFIED, port).into(), socket)
    }

    /// For those of the new kind, in no subnet yet.
    pub(super) fn new(port: u16) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV6, Type::DGRAM, None)?;
        socket.set_only_v6(true)?;
        Self::at((Ipv6Addr::UNSPECIFIED, port).into(), socket)
    }

    fn at(address: SocketAddr, socket: Socket) -> io::Result<Self> {
        // Each clone of a machine has a node of its own, and all of them hear.
        socket.set_reuse_address(true)?;
        #[cfg(all(
            unix,
            not(any(
                target_os = "linux",
                target_os = "android",
                target_os = "solaris",
                target_os = "illumos"
            ))
        ))]
        socket.set_reuse_port(true)?;
        socket.set_nonblocking(true)?;
        // Less is as good: what is too much is lost.
        let _other = socket.set_recv_buffer_size(EAR_LEN);
        socket.bind(&address.into())?;
        Ok(Self { socket: UdpSocket::from_std(socket.into())?, zones: BTreeSet::new() })
    }

    /// Hears what is said in these subnets of the new kind.
    pub(super) fn join(&mut self, zones: &BTreeSet<u32>) -> io::Result<()> {
        // Of an interface that is gone the system has left by itself.
        self.zones.retain(|zone| zones.contains(zone));
        for zone in zones {
            if !self.zones.contains(zone) {
                match self.socket.join_multicast_v6(&GROUP, *zone) {
                    Err(error) if error.kind() != io::ErrorKind::AddrInUse => return Err(error),
                    _joined => drop(self.zones.insert(*zone)),
                }
            }
        }
        Ok(())
    }

    pub(super) async fn hear(&self, packet: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(packet).await
    }
}

impl Mouth {
    /// Says what it says from the address of this door, so that whoever hears it knows where it is.
    pub(super) fn open(door: Door, port: u16) -> io::Result<Self> {
        let (socket, own, to) = match (door.address, door.broadcast()) {
            (IpAddr::V6(own), _) => {
                let socket = Socket::new(Domain::IPV6, Type::DGRAM, None)?;
                socket.set_multicast_if_v6(door.zone)?;
                let own = SocketAddrV6::new(own, 0, 0, door.zone);
                (socket, own.into(), SocketAddrV6::new(GROUP, port, 0, door.zone).into())
            }
            (own, to) => {
                let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
                socket.set_broadcast(true)?;
                (socket, SocketAddr::new(own, 0), SocketAddr::new(to.unwrap_or(own), port))
            }
        };
        socket.set_nonblocking(true)?;
        socket.bind(&own.into())?;
        Ok(Self { socket, to })
    }

    pub(super) fn say(&self, packet: &[u8]) -> io::Result<()> {
        self.socket.send_to(packet, &self.to.into()).map(drop)
    }
}

/// The subnets that somebody is in who can be called at this address; all, if it stands for all addresses.
pub(super) fn doors(within: IpAddr) -> io::Result<BTreeSet<Door>> {
    Ok(get_if_addrs()?
        .iter()
        .filter_map(|interface| door(interface, within.to_canonical()))
        .collect())
}

/// Where an interface leads, if there is anybody to be found by somebody at this address.
fn door(interface: &Interface, within: IpAddr) -> Option<Door> {
    let zone = interface.index.unwrap_or(0);
    let (address, bits) = match &interface.addr {
        IfAddr::V4(it) => (IpAddr::V4(it.ip), it.prefixlen),
        IfAddr::V6(it) => (IpAddr::V6(it.ip), it.prefixlen),
    };
    let is_shared = match (&interface.addr, within) {
        // Two addresses are a line from one to one, and one is nobody's but ours.
        (IfAddr::V4(_), _) => bits < 31,
        (IfAddr::V6(it), IpAddr::V6(_)) => it.ip.is_unicast_link_local(),
        // Who can not be called at addresses of the new kind does not tell them.
        (IfAddr::V6(_), IpAddr::V4(_)) => false,
    };
    let door = Door { address, bits, zone };
    if !is_shared || interface.is_p2p() {
        return None;
    }
    if within.is_unspecified() {
        return Some(door);
    }
    // All addresses of the machine itself are its own, and only the first of them is told.
    let own = Door { address: within, ..door };
    let is_itself = within.is_loopback() && door.reaches((within, 0).into());
    (within == address || is_itself).then_some(own)
}
