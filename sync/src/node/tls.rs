//! TLS by device key.
//!
//! Both ends show a raw public key (RFC 7250) and sign with it; there are no certificates, so nothing of X.509 is read before it
//! is known who calls. Whoever calls names the key that it expects, and the handshake ends if another answers. Whoever is called
//! learns the key of the caller, and whether to talk to it is for the session to say.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::version::TLS13;
use rustls::{
    CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct, DistinguishedName, Error,
    OtherError, ServerConfig, SignatureAlgorithm, SignatureScheme,
};
use selkie_store::SecretKey;
use thiserror::Error as Fault;

use crate::identity::node_id::NodeId;

/// What this node shows, and how it looks at what others show.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    shown: Arc<CertifiedKey>,
}

/// What two talk about, as it stands in the handshake. Another version of it that does not understand the first has another name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Protocol {
    /// Nodes with each other.
    Nodes,
    /// A node with a rendezvous server.
    Rendezvous,
}

/// What an ed25519 key has before it in a `SubjectPublicKeyInfo` (RFC 8410).
const KEY_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Where the answer of a handshake that met another key than it was to is found.
pub(super) type Met = Arc<OnceLock<NodeId>>;

/// What was shown is not the key of a node, or not that of the node that was called.
#[derive(Clone, Copy, Debug, Fault)]
#[error("another key than the one that was called")]
struct OtherKey;

impl Protocol {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Nodes => b"selkie/1",
            Self::Rendezvous => b"selkie-rendezvous/1",
        }
    }
}

impl Tls {
    /// Shows this key.
    pub(super) fn of(key: Arc<SecretKey>) -> Self {
        let mut provider = ring::default_provider();
        // The one that all machines of today have instructions for, and the one for those that have not.
        let fast =
            [CipherSuite::TLS13_AES_128_GCM_SHA256, CipherSuite::TLS13_CHACHA20_POLY1305_SHA256];
        provider.cipher_suites.retain(|suite| fast.contains(&suite.suite()));
        let spelled = CertificateDer::from(spell(&NodeId::of(key.public())));
        let shown = Arc::new(CertifiedKey::new(vec![spelled], Arc::new(DeviceKey(key))));
        Self { provider: Arc::new(provider), shown }
    }

    /// For calls to this node, or to whoever answers. If another answers, it is told in `met`.
    pub(super) fn calls(
        &self,
        protocol: Protocol,
        node: Option<NodeId>,
        met: Met,
    ) -> Result<ClientConfig, Error> {
        let verifier = Called { node, met, algorithms: self.algorithms() };
        let resolver = AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&self.shown));
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![protocol.name().to_vec()];
        // No session is taken up again: nothing is said before both keys were checked.
        config.resumption = Resumption::disabled();
        config.enable_sni = false;
        Ok(config)
    }

    /// For whoever calls us.
    pub(super) fn is_called(&self, protocol: Protocol) -> Result<ServerConfig, Error> {
        let verifier = Caller { algorithms: self.algorithms() };
        let resolver = AlwaysResolvesServerRawPublicKeys::new(Arc::clone(&self.shown));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![protocol.name().to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(config)
    }

    fn algorithms(&self) -> WebPkiSupportedAlgorithms {
        self.provider.signature_verification_algorithms
    }
}

/// The node whose key this is.
pub(super) fn node(shown: &[u8]) -> Option<NodeId> {
    let key = shown.strip_prefix(&KEY_HEAD)?;
    Some(NodeId::from_bytes(key.try_into().ok()?))
}

fn spell(node: &NodeId) -> Vec<u8> {
    [KEY_HEAD.as_slice(), node.as_bytes()].concat()
}

fn refused() -> Error {
    CertificateError::Other(OtherError(Arc::new(OtherKey))).into()
}

fn check(
    message: &[u8],
    shown: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let key = SubjectPublicKeyInfoDer::from(shown.as_ref());
    rustls::crypto::verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
}

/// No version of TLS before 1.3 is offered, so nobody can sign in the way of one.
fn too_old() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::PeerIncompatible(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13))
}

/// Lets the node that was called answer, and no other; or whoever has a key, if it was not said who.
#[derive(Debug)]
struct Called {
    node: Option<NodeId>,
    met: Met,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Called {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _stapled: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match node(shown) {
            Some(node) if self.node.is_none_or(|called| called == node) => {
                Ok(ServerCertVerified::assertion())
            }
            Some(other) => {
                self.met.get_or_init(|| other);
                Err(refused())
            }
            None => Err(refused()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// Wants to know who calls.
#[derive(Debug)]
struct Caller {
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Caller {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        node(shown).map(|_| ClientCertVerified::assertion()).ok_or_else(refused)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        too_old()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// The key of this device, which never leaves the type that holds it.
#[derive(Clone, Debug)]
struct DeviceKey(Arc<SecretKey>);

impl SigningKey for DeviceKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let fits = offered.contains(&SignatureScheme::ED25519);
        fits.then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(spell(&NodeId::of(self.0.public())).into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for DeviceKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_spelled_as_the_standard_says() {
        let node_id = NodeId::from_bytes([0xab; 32]);
        let spelled = spell(&node_id);
        assert_eq!(spelled.len(), 44);
        assert_eq!(node(&spelled), Some(node_id));
        assert_eq!(node(&spelled[1..]), None);
        assert_eq!(node(&spelled[..43]), None);
        assert_eq!(node(&[spelled, vec![0]].concat()), None);
    }
}
