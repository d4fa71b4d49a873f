//! QUIC alone: what is below every figure of a node.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Endpoint, ServerConfig};
use rustls::crypto::ring;
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::version::TLS13;
use tokio::runtime::Builder;

use crate::caller::{Credulous, shown};

/// Bytes that are given to QUIC at once.
const PIECE_LEN: usize = 1 << 20;

/// Sends so many MiB of zeros over one stream on loopback, with the settings that quinn has by itself, and tells how long that took.
pub(crate) fn send(mib: u64) -> Result<Duration, Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let provider = Arc::new(ring::default_provider());
    let key = Arc::new(shown(1).ok_or("it is a key")?);
    let tls = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(key)));
    let server = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous))
        .with_no_client_auth();
    let client = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    runtime.block_on(async {
        let there = Endpoint::server(server, "127.0.0.1:0".parse()?)?;
        let (at, here) = (there.local_addr()?, Endpoint::client("127.0.0.1:0".parse()?)?);
        let taken = tokio::spawn(async move {
            let connection = there.accept().await?.await.ok()?;
            let mut stream = connection.accept_uni().await.ok()?;
            let mut len = 0;
            while let Some(chunk) = stream.read_chunk(usize::MAX, true).await.ok()? {
                len += chunk.bytes.len() as u64;
            }
            // Its end is what the sender waits for.
            Some((len, connection))
        });
        let began = Instant::now();
        let connection = here.connect_with(client, at, "plain")?.await?;
        let mut stream = connection.open_uni().await?;
        let piece = vec![0; PIECE_LEN];
        for _ in 0..mib {
            stream.write_all(&piece).await?;
        }
        stream.finish()?;
        let (len, _open) = taken.await?.ok_or("the connection broke")?;
        if len == mib << 20 { Ok(began.elapsed()) } else { Err("not all came".into()) }
    })
}
