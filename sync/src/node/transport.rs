//! The socket, and what QUIC may take.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, ConnectError, Connecting, Connection, ConnectionError, ConnectionId, Endpoint,
    Incoming, ServerConfig, TokioRuntime, TransportConfig, VarInt,
};
use rustls::pki_types::CertificateDer;
use selkie_store::SecretKey;
use socket2::{Domain, Socket, Type};
use thiserror::Error;

use crate::identity::node_id::NodeId;
use crate::node::reset;
use crate::node::tls::{self, Met, Protocol, Tls};
use crate::node::watchword::Watchword;
use crate::session::why::Unreached;

/// The end of QUIC on this machine: calls others, and is called.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    endpoint: Endpoint,
    tls: Tls,
    config: Arc<TransportConfig>,
}

/// A connection whose key was checked.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) connection: Connection,
    pub(super) peer: NodeId,
    /// What only the two ends know.
    pub(super) binding: [u8; 32],
}

/// Why a node does not listen. Nothing was begun.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is not one of this machine, or somebody listens there already.
    #[error("there is no listening at {address}")]
    Address {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The threads of the node can not be started.
    #[error("there are no threads for a node")]
    Threads(#[source] io::Error),
    /// TLS or QUIC lacks what the protocol needs.
    #[error("there is no encryption: {0}")]
    Encryption(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] io::Error),
}

/// Bytes that the system holds of what comes and goes. With what it gives by itself, thousands of packets of a gigabyte are
/// lost on the way from the socket to us.
const SOCKET_LEN: usize = 4 << 20;

/// A connection may be silent so long: longer than a session may, which ends first and says why.
const IDLE_MS: u32 = 60_000;

/// As long as a handshake may take, and so as a call that nobody answers.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(5);

/// Bytes that may be under way to us on one stream: no more than the system holds.
const STREAM_WINDOW: u32 = 4 << 20;
/// Bytes that may be under way to us on one connection, before it is known whether we talk.
const STRANGER_WINDOW: u32 = 128 << 10;
/// And once that is known, of which there is less where there are many.
const PEER_WINDOW: u32 = 8 << 20;
/// And at least, however many there are.
const PEER_WINDOW_MIN: u32 = 64 << 10;
/// Bytes that may be under way from us on one connection, and so wait here until it is known that they came.
pub(super) const SEND_WINDOW: u64 = 2 << 20;
/// And at least, however thin the path is.
const SEND_WINDOW_MIN: u64 = 64 << 10;
/// So many times what the path holds may wait here: enough that it never runs dry, and that it can be found to hold more.
const SEND_WINDOW_PATHS: u64 = 4;
/// Bytes of datagrams that wait, each way. What is beyond is lost, as on any path.
const DATAGRAMS_LEN: usize = 64 << 10;

/// Handshakes that wait at once, and bytes that they brought.
const INCOMING_MAX: usize = 64;
const INCOMING_LEN: u64 = 16 << 10;
const INCOMING_LEN_IN_ALL: u64 = 1 << 20;

/// What stands in the place of a name of a host. No name is looked at: there is a key.
const NAME: &str = "selkie";

/// The label of what TLS gives only to the two ends of a connection.
const BINDING: &[u8] = b"EXPORTER-selkie-binding";

/// How a connection is closed: the reasons are told before, in words of the protocol.
pub(super) const CLOSED: VarInt = VarInt::from_u32(0);

/// What chooses the first names of connections.
type Naming = Arc<dyn Fn() -> ConnectionId + Send + Sync>;

/// Whether a connection may go on from another address than it came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Roaming {
    /// It may: a laptop goes from one network to another.
    Allowed,
    /// It may not, since only some networks are let in.
    Forbidden,
}

impl Transport {
    /// Listens at the address, and goes by the key. To be called inside of the runtime.
    pub(super) fn listen(
        protocol: Protocol,
        address: SocketAddr,
        key: Arc<SecretKey>,
        roaming: Roaming,
    ) -> Result<Self, ListenError> {
        let runtime = Arc::new(TokioRuntime);
        let endpoint = bind(address)
            .and_then(|socket| {
                let config = reset::config(&key, socket.local_addr()?.port());
                Endpoint::new(config, None, socket, runtime)
            })
            .map_err(|source| ListenError::Address { address, source })?;
        Self::over(protocol, endpoint, key, roaming)
    }

    /// The same over an end of QUIC that calls and is not called yet, whatever its socket is.
    pub(super) fn over(
        protocol: Protocol,
        endpoint: Endpoint,
        key: Arc<SecretKey>,
        roaming: Roaming,
    ) -> Result<Self, ListenError> {
        let lacking = |error: &dyn std::error::Error| ListenError::Encryption(error.to_string());
        let tls = Tls::of(key);
        let config = Arc::new(limits());
        let server = tls.is_called(protocol).map_err(|error| lacking(&error))?;
        let server = QuicServerConfig::try_from(server).map_err(|error| lacking(&error))?;
        let mut server = ServerConfig::with_crypto(Arc::new(server));
        server
            .transport_config(Arc::clone(&config))
            .migration(roaming == Roaming::Allowed)
            .max_incoming(INCOMING_MAX)
            .incoming_buffer_size(INCOMING_LEN)
            .incoming_buffer_size_total(INCOMING_LEN_IN_ALL);
        endpoint.set_server_config(Some(server));
        Ok(Self { endpoint, tls, config })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// How many connections QUIC holds: those that are used, and those on their way up or down.
    pub(super) fn connections(&self) -> usize {
        self.endpoint.open_connections()
    }

    /// The next who calls; none once it is closed.
    pub(super) async fn incoming(&self) -> Option<Incoming> {
        self.endpoint.accept().await
    }

    /// Calls a node, and nobody else who answers there, and says this word if there is one.
    pub(super) async fn call(
        &self,
        node: NodeId,
        at: SocketAddr,
        word: Option<Watchword>,
    ) -> Result<Reached, Unreached> {
        let name = word.map(|word| word.says_to(node));
        self.reach(Protocol::Nodes, Some(node), at, name).await
    }

    /// Visits a rendezvous server, which has this key if it is known which.
    pub(super) async fn visit(
        &self,
        server: Option<NodeId>,
        at: SocketAddr,
    ) -> Result<Reached, Unreached> {
        self.reach(Protocol::Rendezvous, server, at, None).await
    }

    async fn reach(
        &self,
        protocol: Protocol,
        node: Option<NodeId>,
        at: SocketAddr,
        name: Option<Naming>,
    ) -> Result<Reached, Unreached> {
        let met = Met::default();
        let tls = self.tls.calls(protocol, node, Arc::clone(&met));
        let connecting = self.connecting(tls, at, name)?;
        finish(connecting).await.map_err(|error| error.seen_from(&met))
    }

    fn connecting(
        &self,
        tls: Result<rustls::ClientConfig, rustls::Error>,
        at: SocketAddr,
        name: Option<Naming>,
    ) -> Result<Connecting, Unreached> {
        // A provider that serves the called serves the caller: this was tried when it began to listen.
        let tls = tls.map_err(|_same| Unreached::OtherProtocol)?;
        let tls = QuicClientConfig::try_from(tls).map_err(|_same| Unreached::OtherProtocol)?;
        let mut config = ClientConfig::new(Arc::new(tls));
        config.transport_config(Arc::clone(&self.config));
        if let Some(name) = name {
            config.initial_dst_cid_provider(name);
        }
        // Whatever the reason is, no packet leaves for there.
        let at = self.mapped(at).ok_or(Unreached::NoRoute)?;
        self.endpoint
            .connect_with(config, at, NAME)
            .map_err(|_why: ConnectError| Unreached::NoRoute)
    }

    /// The address as this socket spells it: one of the new kind reaches both.
    fn mapped(&self, at: SocketAddr) -> Option<SocketAddr> {
        let ours = self.endpoint.local_addr().ok()?;
        match (ours, at) {
            (SocketAddr::V6(_), SocketAddr::V4(it)) => {
                Some(SocketAddr::from((it.ip().to_ipv6_mapped(), it.port())))
            }
            (SocketAddr::V4(_), SocketAddr::V6(it)) => {
                Some(SocketAddr::from((it.ip().to_ipv4_mapped()?, it.port())))
            }
            (SocketAddr::V4(_), SocketAddr::V4(_)) | (SocketAddr::V6(_), SocketAddr::V6(_)) => {
                Some(at)
            }
        }
    }

    /// Ends what is left, and waits so long at the most until the others were told, or can not be.
    pub(super) async fn close(&self, wait_max: Duration) {
        self.endpoint.close(CLOSED, b"");
        // Whoever does not hear it finds out by silence.
        let _late = tokio::time::timeout(wait_max, self.endpoint.wait_idle()).await;
    }
}

/// Why a handshake came to nothing.
#[derive(Debug)]
pub(super) enum Failed {
    Quic(ConnectionError),
    /// It took too long.
    Late,
    /// The other end has shown no key, or TLS keeps no secret for us.
    Keyless,
}

impl Failed {
    fn seen_from(&self, met: &OnceLock<NodeId>) -> Unreached {
        if let Some(other) = met.get() {
            return Unreached::OtherKey(*other);
        }
        match self {
            Self::Late | Self::Quic(ConnectionError::TimedOut) => Unreached::Silence,
            Self::Quic(ConnectionError::LocallyClosed) => Unreached::NoRoute,
            // Whoever answers in QUIC and does not come to an end with us speaks something else.
            Self::Keyless
            | Self::Quic(
                ConnectionError::VersionMismatch
                | ConnectionError::TransportError(_)
                | ConnectionError::ConnectionClosed(_)
                | ConnectionError::ApplicationClosed(_)
                | ConnectionError::Reset
                | ConnectionError::CidsExhausted,
            ) => Unreached::OtherProtocol,
        }
    }
}

/// Waits for the end of a handshake.
pub(super) async fn finish(connecting: Connecting) -> Result<Reached, Failed> {
    let connected = tokio::time::timeout(HANDSHAKE, connecting).await;
    let connection = connected.map_err(|_late| Failed::Late)?.map_err(Failed::Quic)?;
    let shown = connection.peer_identity().and_then(|it| it.downcast::<Vec<CertificateDer>>().ok());
    let peer = shown.and_then(|shown| tls::node(shown.first()?)).ok_or(Failed::Keyless)?;
    let mut binding = [0; 32];
    let exported = connection.export_keying_material(&mut binding, BINDING, b"");
    exported.map_err(|_none| Failed::Keyless)?;
    Ok(Reached { connection, peer, binding })
}

/// There is a session on the connection: from here on the peer may open so many streams.
pub(super) fn admit(connection: &Connection, streams: u32) {
    connection.set_max_concurrent_bi_streams(VarInt::from_u32(streams));
}

/// Lets the connection hold no more than so much: half of it on the way in, an eighth on the way out. Returns the latter.
pub(super) fn has_room(connection: &Connection, bytes: usize) -> u64 {
    let half = u32::try_from(bytes / 2).unwrap_or(u32::MAX);
    connection.set_receive_window(VarInt::from_u32(half.clamp(PEER_WINDOW_MIN, PEER_WINDOW)));
    let out = (bytes as u64 / 8).clamp(SEND_WINDOW_MIN, SEND_WINDOW);
    connection.set_send_window(out);
    out
}

/// Lets as much wait on the connection as its path is good for, and it may hold: what is small waits behind that.
pub(super) fn fit(connection: &Connection, most: u64) {
    let path = connection.stats().path.cwnd;
    connection.set_send_window((path * SEND_WINDOW_PATHS).clamp(SEND_WINDOW_MIN, most));
}

fn limits() -> TransportConfig {
    let mut config = TransportConfig::default();
    config
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .max_idle_timeout(Some(VarInt::from_u32(IDLE_MS).into()))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(STRANGER_WINDOW))
        .send_window(SEND_WINDOW)
        .datagram_receive_buffer_size(Some(DATAGRAMS_LEN))
        .datagram_send_buffer_size(DATAGRAMS_LEN);
    config
}

/// A socket there. One for all addresses of the new kind serves those of the old, too.
fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    if let SocketAddr::V6(it) = address {
        socket.set_only_v6(*it.ip() != Ipv6Addr::UNSPECIFIED)?;
    }
    // A system that gives less loses more packets, and they are sent again.
    let _less = socket.set_recv_buffer_size(SOCKET_LEN);
    let _less = socket.set_send_buffer_size(SOCKET_LEN);
    socket.bind(&address.into())?;
    Ok(socket.into())
}
