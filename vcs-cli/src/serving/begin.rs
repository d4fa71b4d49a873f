//! Starting and ending a node that nobody looks on.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use selkie_store::{Disk, OsDisk};

use crate::error::network::NetworkError;
use crate::online::LOCK;
use crate::serving::caller::Caller;
use crate::serving::message::{Ask, Status};

/// The option by which a node knows that nobody looks on.
pub(crate) const UNSEEN: &str = "unseen";

/// What it says where it can not begin, or can not go on.
const LOG: &str = "local/node.log";

/// As long as it may take to begin, or to say goodbye.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Starts a node for the clone, and waits until it answers.
pub(crate) fn begin(
    control: &Path,
    folder: &Path,
    listen: Option<SocketAddr>,
) -> Result<Status, NetworkError> {
    let unusable =
        |source| NetworkError::Unstarted { why: String::new(), cure: None, source: Some(source) };
    let log = control.join(LOG);
    let unwritable = |source| NetworkError::Peers { path: log.clone(), source };
    OsDisk::new(control).create_folder("local").map_err(unwritable)?;
    let mut command = Command::new(env::current_exe().map_err(unusable)?);
    command.arg("serve").arg(format!("--{UNSEEN}")).current_dir(folder);
    command.args(listen.map(|address| format!("--listen={address}")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(private(&log).map_err(unwritable)?);
    let mut child = command.spawn().map_err(unusable)?;
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if child.try_wait().map_err(unusable)?.is_some() {
            break;
        }
        if let Some(caller) = Caller::to(control)? {
            let status = caller.status()?;
            if status.process == child.id() {
                return Ok(status);
            }
        }
        thread::sleep(LOOK);
    }
    // One that can not be killed has ended.
    let _ended = child.kill();
    let _waited = child.wait();
    Err(unstarted(&fs::read_to_string(&log).map_err(unwritable)?))
}

/// What a node that ended at once said of it.
fn unstarted(said: &str) -> NetworkError {
    let first = said.lines().next().unwrap_or_default();
    let why = first.strip_prefix("error: ").unwrap_or(first).to_owned();
    let cure = said.lines().find_map(|line| line.strip_prefix("hint: ")).map(str::to_owned);
    NetworkError::Unstarted { why, cure, source: None }
}

/// Ends the node of the clone, and waits until it has said goodbye.
pub(crate) fn end(control: &Path, caller: Caller) -> Result<(), NetworkError> {
    caller.have(&Ask::Stop)?;
    let unusable = |source| NetworkError::Peers { path: control.join(LOCK), source };
    let began = Instant::now();
    while OsDisk::new(control).try_open_locked(LOCK).map_err(unusable)?.is_none() {
        if began.elapsed() >= PATIENCE {
            return Err(NetworkError::Lingers);
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Takes leave of the terminal that this was started from.
pub(crate) fn take_leave() -> io::Result<()> {
    #[cfg(unix)]
    rustix::process::setsid()?;
    Ok(())
}

/// A file that nobody else reads: what is in it tells of peers.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
