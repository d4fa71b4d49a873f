//! A crowd of strangers, each of whom does in turn whatever a node has to bear of those whom it does not know.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, EndpointConfig, TokioRuntime};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use selkie_store::{SecretKey, encode};
use selkie_sync::{Control, Dice, Lane, frame};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{interval, timeout};

/// Those who go on until they are dropped.
pub(crate) struct Crowd {
    // Their tasks end with it.
    _runtime: Runtime,
}

/// Takes any key.
#[derive(Debug)]
pub(crate) struct Credulous;

/// What a stranger does before it does something else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed {
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
                drop(
                    timeout(Duration::from_millis(5), call(&endpoint, node, NODES, number, deed))
                        .await,
                );
            }
            _ => {
                let called = timeout(PATIENCE, call(&endpoint, node, NODES, number, deed)).await;
                if let Ok(Some(connection)) = called {
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

/// A connection as TLS lets anybody have it who has a key, or has none.
pub(crate) async fn call(
    endpoint: &Endpoint,
    node: SocketAddr,
    protocol: &[u8],
    number: u32,
    deed: Deed,
) -> Option<Connection> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous));
    let mut tls = if matches!(deed, Deed::Keyless) {
        tls.with_no_client_auth()
    } else {
        let shown = Arc::new(shown(number)?);
        tls.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(shown)))
    };
    tls.alpn_protocols = vec![protocol.to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).ok()?));
    endpoint.connect_with(config, node, "selkie").ok()?.await.ok()
}

/// The key of this stranger, as TLS has it.
pub(crate) fn shown(number: u32) -> Option<CertifiedKey> {
    const SECRET_HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let mut seed = [0xee; 32];
    seed[..4].copy_from_slice(&number.to_le_bytes());
    let public = SecretKey::from_bytes(&seed).public();
    let secret = PrivatePkcs8KeyDer::from([SECRET_HEAD.as_slice(), &seed].concat());
    let signer = any_eddsa_type(&secret).ok()?;
    let spelled = CertificateDer::from([HEAD.as_slice(), public.as_bytes()].concat());
    Some(CertifiedKey::new(vec![spelled], signer))
}

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _shown: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _stapled: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
