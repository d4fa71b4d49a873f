//! A server to test against.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::signer::Signer;
use reqwest::Method;
use selkie_store::S3Place;

/// A server, stopped when it is dropped if the test started it.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    _child: Option<Stopped>,
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request after the other. With a thread for each it looks whether a key is there and then writes,
/// and of many who create a key at once several are told that they did: our probe finds that out.
const MOTO: &str = "
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
app = DomainDispatcherApplication(create_backend_app)
run_simple('127.0.0.1', 0, app, threaded=False)
";

const REGION: &str = "us-east-1";
const BUCKET: &str = "selkie-test";
const ACCESS_KEY: &str = "selkie";
const SECRET_KEY: &str = "selkie-secret";

impl Server {
    /// The server that the environment names, or one of our own.
    pub(crate) fn find() -> Option<Self> {
        if let Ok(endpoint) = std::env::var("SELKIE_S3") {
            make_bucket(&endpoint);
            return Some(Self { endpoint, _child: None });
        }
        let started = Command::new("python3")
            .args(["-c", MOTO])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else { return skipped() };
        let said = BufReader::new(child.stderr.take().expect("it is piped"));
        // It says where it listens, once it does.
        let mut lines = said.lines().map_while(Result::ok);
        let endpoint = lines.find_map(|line| {
            let at = line.find("http://127.0.0.1:")?;
            Some(line[at..].split_whitespace().next()?.to_owned())
        });
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(endpoint) = endpoint else { return skipped() };
        make_bucket(&endpoint);
        Some(Self { endpoint, _child: Some(Stopped(child)) })
    }

    /// A place of its own for a test: two replicas of it see the same keys.
    pub(crate) fn place(&self) -> S3Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        S3Place {
            endpoint: self.endpoint.clone(),
            region: REGION.to_owned(),
            bucket: BUCKET.to_owned(),
            prefix: format!("test-{}-{number}", std::process::id()),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
        }
    }
}

fn skipped() -> Option<Server> {
    println!("skipped: SELKIE_S3 names no server, and Python has no moto");
    None
}

/// Our client makes no buckets, but it signs requests.
fn make_bucket(endpoint: &str) {
    // As the store does when it opens one, which may be later than this.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_region(REGION)
        .with_bucket_name(BUCKET)
        .with_access_key_id(ACCESS_KEY)
        .with_secret_access_key(SECRET_KEY)
        .build()
        .expect("nothing is missing");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let root = Path::default();
    let signed = client.signed_url(Method::PUT, &root, Duration::from_secs(60));
    let signed = runtime.expect("there is memory").block_on(signed).expect("there is a key");
    let target = signed.as_str().trim_start_matches(endpoint);
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let rest = "Content-Length: 0\r\nConnection: close";
    write!(stream, "PUT {target} HTTP/1.1\r\nHost: {address}\r\n{rest}\r\n\r\n")
        .expect("it listens");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    // Another test may have made it.
    let status = answer.split(' ').nth(1);
    assert!(matches!(status, Some("200" | "409")), "{answer}");
}
