//! Whoever calls a node with QUIC and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint};
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use selkie_store::SecretKey;

/// Takes any key.
#[derive(Debug)]
pub(crate) struct Credulous;

/// A connection as TLS lets anybody have it who has a key, or has none.
pub(crate) async fn call(
    endpoint: &Endpoint,
    node: SocketAddr,
    protocol: &[u8],
    shows: Option<CertifiedKey>,
) -> Result<Connection, ConnectionError> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("ring has it")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous));
    let mut tls = match shows {
        None => tls.with_no_client_auth(),
        Some(key) => {
            let key = AlwaysResolvesClientRawPublicKeys::new(Arc::new(key));
            tls.with_client_cert_resolver(Arc::new(key))
        }
    };
    tls.alpn_protocols = vec![protocol.to_vec()];
    let tls = QuicClientConfig::try_from(tls).expect("it speaks TLS 1.3");
    let config = ClientConfig::new(Arc::new(tls));
    endpoint.connect_with(config, node, "selkie").expect("it may be called").await
}

/// The key of a caller with this number, as TLS has it.
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
