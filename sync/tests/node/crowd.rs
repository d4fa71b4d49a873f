//! A crowd of strangers, each of whom does in turn whatever a node has to bear of those whom it does not know.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, Endpoint, EndpointConfig, TokioRuntime};
use selkie_store::encode;
use selkie_sync::{Control, Dice, Lane, frame};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{interval, timeout};

use crate::caller::{call, shown};

/// Those who go on until they are dropped.
pub(crate) struct Crowd {
    // Their tasks end with it.
    _runtime: Runtime,
}

/// What a stranger does before it does something else.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Packets that are none of QUIC.
    Noise,
    /// A handshake that is not gone on with.
    Half,
    /// A handshake without a key.
    Keyless,
    /// A handshake, and then silence.
    Silence,
    /// A message, byte by byte, that never ends.
    Slow,
    /// A message as long as a length can say.
    Huge,
    /// Messages with bits that turned over.
    Garbled,
    /// A message that is as long as one may be, and another one, and so on, on as many streams as there may be.
    Endless,
    /// As many datagrams as go.
    Datagrams,
}

const DEEDS: [Deed; 9] = [
    Deed::Noise,
    Deed::Half,
    Deed::Keyless,
    Deed::Silence,
    Deed::Slow,
    Deed::Huge,
    Deed::Garbled,
    Deed::Endless,
    Deed::Datagrams,
];

/// What nodes speak.
const NODES: &[u8] = b"selkie/1";

/// As long as a stranger waits to be let in.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two packets of noise, or two bytes.
const PAUSE: Duration = Duration::from_millis(100);

/// As long as one does what it does, where the node does not end it.
const DEED: Duration = Duration::from_secs(10);

impl Crowd {
    /// So many at this node. Four are in each neighbourhood, where a machine has as many addresses for itself as Linux has.
    pub(crate) fn at(node: SocketAddr, count: u32) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("there are threads");
        (0..count).for_each(|number| drop(runtime.spawn(stranger(node, number))));
        Self { _runtime: runtime }
    }
}

async fn stranger(node: SocketAddr, number: u32) {
    let mut dice = Dice::of(number.into());
    let [_, _, high, low] = (number / 4).to_be_bytes();
    let home = Ipv4Addr::from([127, 1 + high, low, 1]);
    let socket = UdpSocket::bind((home, 0)).or_else(|_no_such| UdpSocket::bind("127.0.0.1:0"));
    let socket = socket.expect("there are ports");
    let noise = socket.try_clone().expect("there are handles");
    let endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime));
    let endpoint = endpoint.expect("it is a socket");
    for turn in number as usize.. {
        let deed = DEEDS[turn % DEEDS.len()];
        match deed {
            Deed::Noise => {
                for _ in 0..20 {
                    let len = dice.index(1_400);
                    // What the machine has no room for is lost.
                    let _lost = noise.send_to(&drawn(&mut dice, len), node);
                }
                // The first tick comes at once.
                let mut pause = interval(PAUSE);
                pause.tick().await;
                pause.tick().await;
            }
            Deed::Half => {
                let call = call(&endpoint, node, NODES, shown(number));
                drop(timeout(Duration::from_millis(5), call).await);
            }
            _ => {
                let shows = if matches!(deed, Deed::Keyless) { None } else { shown(number) };
                let called = timeout(PATIENCE, call(&endpoint, node, NODES, shows)).await;
                if let Ok(Ok(connection)) = called {
                    // It is over when the node says so.
                    let _over = timeout(DEED, bother(&connection, deed, &mut dice)).await;
                    connection.close(0_u32.into(), b"");
                }
            }
        }
    }
}

/// Does what it does, for as long as the node lets it.
async fn bother(connection: &Connection, deed: Deed, dice: &mut Dice) -> Option<()> {
    if matches!(deed, Deed::Keyless | Deed::Silence) {
        connection.closed().await;
        return None;
    }
    if matches!(deed, Deed::Datagrams) {
        loop {
            let len = dice.index(1_000);
            connection.send_datagram_wait(drawn(dice, len).into()).await.ok()?;
        }
    }
    // Of the lane of greetings, which is the only one that there is before a session.
    let (mut stream, _answers) = connection.open_bi().await.ok()?;
    stream.write_all(&[1]).await.ok()?;
    match deed {
        Deed::Slow => {
            stream.write_all(&60_000_u32.to_le_bytes()).await.ok()?;
            let mut pause = interval(PAUSE);
            loop {
                stream.write_all(&[7]).await.ok()?;
                pause.tick().await;
            }
        }
        Deed::Huge => {
            stream.write_all(&u32::MAX.to_le_bytes()).await.ok()?;
            stream.write_all(&[7; 4_096]).await.ok()?;
            connection.closed().await;
        }
        Deed::Garbled => loop {
            let mut bytes = encode(&Control::Ping(dice.roll())).ok()?;
            let at = dice.index(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
            stream.write_all(&frame(&bytes)).await.ok()?;
        },
        _ => {
            let mut others = Vec::new();
            // More than the first one never come to be.
            while let Ok(Ok((mut other, answers))) =
                timeout(Duration::from_millis(20), connection.open_bi()).await
            {
                other.write_all(&[5]).await.ok()?;
                others.push((other, answers));
            }
            let longest = frame(&vec![7; Lane::Control.len_max()]);
            loop {
                stream.write_all(&longest).await.ok()?;
            }
        }
    }
    None
}

fn drawn(dice: &mut Dice, len: usize) -> Vec<u8> {
    (0..len).map(|_| dice.roll().to_le_bytes()[0]).collect()
}
