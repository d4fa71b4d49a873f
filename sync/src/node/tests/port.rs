//! Where a node reaches the air: what QUIC takes for a socket.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use quinn::udp::{EcnCodepoint, RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Endpoint, TokioRuntime, UdpPoller};
use selkie_store::SecretKey;

use crate::node::reset;
use crate::node::tests::air::Air;
use crate::node::tests::mailbox::{Mailbox, Packet};

/// A socket without a system behind it.
#[derive(Debug)]
pub(super) struct Port {
    /// Where whoever has it takes it to be.
    at: SocketAddr,
    air: Air,
    mailbox: Arc<Mailbox>,
}

/// It can always be written to: what is too much is lost on the way.
#[derive(Debug)]
struct Ready;

/// The end of QUIC at this address, whose chances come from a seed as far as they can.
pub(super) fn endpoint(at: SocketAddr, key: &SecretKey, air: &Air, seed: u64) -> Endpoint {
    let port = Arc::new(Port { at, air: air.clone(), mailbox: air.settle(at) });
    let mut config = reset::config(key, at.port());
    config.rng_seed(Some(*blake3::hash(&seed.to_le_bytes()).as_bytes()));
    // The clock of this runtime is that of tokio, which a test may stop.
    let runtime = Arc::new(TokioRuntime);
    Endpoint::new_with_abstract_socket(config, None, port, runtime).unwrap()
}

impl AsyncUdpSocket for Port {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Ready)
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        let Some(from) = self.mailbox.address() else { return Ok(()) };
        let (to, ecn) = (transmit.destination, transmit.ecn.map(|ecn| ecn as u8));
        let len = transmit.segment_size.unwrap_or(transmit.contents.len());
        for bytes in transmit.contents.chunks(len) {
            self.air.take(&Packet { from, to, ecn, bytes: bytes.to_vec() });
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let came = match self.mailbox.take(cx, bufs.len()) {
            Poll::Ready(came) => came,
            Poll::Pending => return Poll::Pending,
        };
        for ((packet, buf), meta) in came.iter().zip(bufs).zip(meta) {
            let len = packet.bytes.len();
            buf[..len].copy_from_slice(&packet.bytes);
            let ecn = packet.ecn.and_then(EcnCodepoint::from_bits);
            *meta = RecvMeta { addr: packet.from, len, stride: len, ecn, dst_ip: None };
        }
        Poll::Ready(Ok(came.len()))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.at)
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

impl UdpPoller for Ready {
    fn poll_writable(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
