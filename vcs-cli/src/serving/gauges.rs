//! How it goes with a node, in the words of Prometheus, for programs on this machine that ask by HTTP.
//!
//! Whoever works on this machine may ask, and not the owner alone, so only numbers are told: no peer, no name, no address. So
//! many are answered at once, and each has so much time and so many bytes. A server of a library would be many crates for one page of
//! text.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::serving::host::Host;
use crate::serving::message::Status;

/// Where it is asked.
pub(super) struct Gauges(TcpListener);

/// The longest that somebody may take to ask, and to hear.
const PATIENCE: Duration = Duration::from_secs(1);

/// Those who are answered at once; others wait.
const ASKING_MAX: usize = 8;

/// Bytes of a question. A scraper sends some hundred.
const ASKED_MAX: usize = 8 << 10;

/// Between two looks whether somebody came.
const LOOK: Duration = Duration::from_millis(50);

impl Gauges {
    pub(super) fn open(at: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(at)?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Answers until the node ends.
    pub(super) fn serve(&self, host: &Host<'_>) {
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            while !host.is_over() {
                let has_room = count.load(Ordering::Relaxed) < ASKING_MAX;
                let Some((stream, _)) = has_room.then(|| self.0.accept().ok()).flatten() else {
                    thread::sleep(LOOK);
                    continue;
                };
                count.fetch_add(1, Ordering::Relaxed);
                scope.spawn(|| {
                    // Who does not hear the answer asks again.
                    let _gone = answer(stream, || told(&host.status()));
                    count.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
    }
}

fn answer(mut stream: TcpStream, told: impl FnOnce() -> String) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (state, text) = match asked(&mut stream)?.as_deref() {
        Some("GET /metrics") => ("200 OK", told()),
        Some(line) if line.starts_with("GET ") => {
            ("404 Not Found", "it is at /metrics\n".to_owned())
        }
        Some(_) => ("405 Method Not Allowed", "only GET is answered\n".to_owned()),
        None => ("400 Bad Request", "that is no question\n".to_owned()),
    };
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let head = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", text.len());
    write!(stream, "HTTP/1.1 {state}\r\n{head}Allow: GET\r\nConnection: close\r\n\r\n{text}")
}

/// What somebody wants, without what they say of themselves: the method and the path. None if it is no question, too long or too
/// slow.
fn asked(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let (began, mut bytes) = (Instant::now(), Vec::new());
    let mut buffer = [0; 1024];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = PATIENCE.saturating_sub(began.elapsed());
        if left.is_zero() || bytes.len() > ASKED_MAX {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(None),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(question(&bytes))
}

/// The method and the path of the first line.
fn question(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\r').next()?;
    let (asked, version) = str::from_utf8(line).ok()?.rsplit_once(' ')?;
    let (method, path) = asked.split_once(' ')?;
    let path = path.split('?').next().unwrap_or_default();
    let is_one = version.starts_with("HTTP/1.") && path.starts_with('/');
    is_one.then(|| format!("{method} {path}"))
}

/// What a number is.
#[derive(Clone, Copy)]
enum Sort {
    /// It only grows while the node runs.
    Counter,
    /// It is what it is now.
    Gauge,
}

/// All numbers, each with what it is.
fn told(status: &Status) -> String {
    let (moved, syncing) = (status.moved, &status.syncing);
    let connected = status.peers.iter().filter(|peer| peer.round_trip_us.is_some()).count();
    #[expect(clippy::cast_precision_loss, reason = "a time in seconds is a number with a point")]
    let seconds = |ms: u64| ms as f64 / 1_000.0;
    let mut text = String::new();
    let mut tell = |name: &str, sort: Sort, help: &str, value: &str| {
        let sort = match sort {
            Sort::Counter => "counter",
            Sort::Gauge => "gauge",
        };
        // What is written into a text is written.
        let _ = write!(
            text,
            "# HELP selkie_{name} {help}\n# TYPE selkie_{name} {sort}\nselkie_{name} {value}\n"
        );
    };
    let mut gauge = |name: &str, help: &str, value: u64| {
        tell(name, Sort::Gauge, help, &value.to_string());
    };
    gauge("peers", "Peers that may have the repository.", status.peers.len() as u64);
    gauge("peers_connected", "Peers that are connected.", connected as u64);
    gauge("syncs_under_way", "Syncs that commands asked for.", syncing.under_way);
    gauge(
        "timelines_waiting",
        "Timelines that diverged and wait for a person.",
        syncing.waits.len() as u64,
    );
    gauge("connection_room_bytes", "Bytes that a connection may hold.", status.room_bytes);
    let began = seconds(status.began_ms).to_string();
    tell("start_time_seconds", Sort::Gauge, "When the node began, since 1970.", &began);
    for (name, help, value) in [
        ("entries_received_total", "Entries of logs that came.", moved.entries_in),
        ("entries_sent_total", "Entries of logs that were read for peers.", moved.entries_out),
        ("objects_received_total", "Objects that came.", moved.objects_in),
        ("object_received_bytes_total", "Bytes of objects that came.", moved.object_bytes_in),
        ("object_sent_bytes_total", "Bytes of objects that were sent.", moved.bulk_out),
    ] {
        tell(name, Sort::Counter, help, &value.to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_question_is_told_from_one() {
        for (bytes, expected) in [
            (&b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"[..], Some("GET /metrics")),
            (b"GET /metrics?x=1 HTTP/1.0\r\n\r\n", Some("GET /metrics")),
            (b"POST / HTTP/1.1\r\n\r\n", Some("POST /")),
            (b"GET http://x/metrics HTTP/1.1\r\n\r\n", None),
            (b"GET /metrics\r\n\r\n", None),
            (b"GET /metrics HTTP/2\r\n\r\n", None),
            (b"\xff\xfe / HTTP/1.1\r\n\r\n", None),
            (b"\r\n\r\n", None),
        ] {
            assert_eq!(question(bytes).as_deref(), expected, "{}", bytes.escape_ascii());
        }
    }
}
