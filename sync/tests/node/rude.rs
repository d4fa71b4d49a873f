//! Those who speak QUIC and are no nodes, or no good ones.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use tokio::runtime::{Builder, Runtime};

use crate::house::{DEADLINE, House};

/// Takes any key, and shows none.
#[derive(Debug)]
struct Credulous;

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

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Somebody without a key who speaks this protocol, or another.
async fn keyless(at: SocketAddr, protocol: &[u8]) -> Result<Connection, ConnectionError> {
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous))
        .with_no_client_auth();
    tls.alpn_protocols = vec![protocol.to_vec()];
    let config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    endpoint.connect_with(config, at, "selkie").unwrap().await
}

/// The alert of TLS with which a connection ended.
async fn alert(at: SocketAddr, protocol: &[u8]) -> u64 {
    let error = match keyless(at, protocol).await {
        Err(error) => error,
        // A client is done before its server has looked at its key.
        Ok(connection) => connection.closed().await,
    };
    match error {
        ConnectionError::ConnectionClosed(close) => u64::from(close.error_code) & 0xff,
        other => panic!("it ended by {other}"),
    }
}

#[test]
fn who_shows_no_key_or_speaks_another_protocol_is_sent_away_by_tls() {
    let east = House::new(1);
    let at = east.node.address();
    let (no_key, other_protocol) = runtime().block_on(async {
        let both = async { (alert(at, b"selkie/1").await, alert(at, b"selkie/2").await) };
        tokio::time::timeout(DEADLINE, both).await.unwrap()
    });
    // `handshake_failure`, since there is no kind of key that both would show; and `no_application_protocol`.
    assert_eq!((no_key, other_protocol), (40, 120));
    assert_eq!(east.node.peers(), []);
}

#[test]
fn who_knocks_too_often_is_not_answered() {
    let east = House::new(1);
    let at = east.node.address();
    let began = Instant::now();
    let answered = runtime().block_on(async {
        let mut knocks = tokio::task::JoinSet::new();
        (0..60).for_each(|_| drop(knocks.spawn(async move { alert(at, b"selkie/1").await })));
        let mut answered = 0;
        let patience = Duration::from_secs(1);
        let all = async {
            while knocks.join_next().await.is_some() {
                answered += 1;
            }
        };
        let all_answered = tokio::time::timeout(patience, all).await.is_ok();
        assert!(!all_answered);
        answered
    });
    // Twenty at once and five a second; a busy machine answers fewer in time.
    let most = 20 + 5 * (began.elapsed().as_secs() + 1);
    assert!((1..=most).contains(&answered), "{answered} were answered");
    // Whoever is in stays in, and the node lives.
    assert_eq!(east.node.why_not(crate::house::id(9)), Some(selkie_sync::Why::Unwanted));
}
