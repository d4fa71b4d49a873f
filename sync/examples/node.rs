//! Two whole nodes in one process, over QUIC on loopback, each with a store in a folder:
//!
//! - `node long MIB FOLDER`: one file of noise;
//! - `node many COUNT FOLDER`: so many files of 4 KiB of noise;
//! - `node handshakes COUNT FOLDER`: so many connections, each until there is a session;
//! - `node plain MIB`: so much over QUIC alone, without a node and without a store;
//! - `node besieged COUNT FOLDER`: the one that gives is a process of its own, and so many strangers bother it.
//!
//! Each line says what moved, in how many seconds, and what CPU seconds both ends took together.

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{
    Action, Batch, Content, Hint, Kind, Name, Node as TreeNode, ObjectId, OsDisk, SecretKey, Store,
    Tree, View, Writer,
};
use selkie_sync::{ChannelId, Event, Node, NodeId, Notice, Notices, Right, Scope, Share};

use crate::crowd::Crowd;

#[path = "../tests/node/caller.rs"]
mod caller;
#[path = "../tests/node/crowd.rs"]
mod crowd;
#[path = "node/plain.rs"]
mod quic;

type Failure = Box<dyn Error>;
type Items = AwSet<String>;

const HOME: ChannelId = ChannelId::from_bytes([1; ChannelId::LEN]);

/// What takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(600);

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["long", mib, folder] => long(mib.parse()?, Path::new(folder)),
        ["many", count, folder] => many(count.parse()?, Path::new(folder)),
        ["handshakes", count, folder] => handshakes(count.parse()?, Path::new(folder)),
        ["plain", mib] => plain(mib.parse()?),
        ["besieged", count, folder] => besieged(count.parse()?, Path::new(folder)),
        [BESIEGED, folder] => stand(Path::new(folder)),
        [STRANGERS, count, at] => bother(at.parse()?, count.parse()?),
        _ => Err("usage: node long|many|handshakes|besieged NUMBER FOLDER, or plain NUMBER".into()),
    }
}

fn long(mib: u64, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(1, &folder.join("east"))?, Side::new(2, &folder.join("west"))?);
    east.put_long(mib << 20)?;
    fetch("a long file", &east, &west)
}

fn plain(mib: u64) -> Result<(), Failure> {
    let clock_began = clock();
    let seconds = quic::send(mib)?.as_secs_f64();
    let cpu = clock().saturating_sub(clock_began).as_secs_f64();
    println!("QUIC alone: {} bytes in {seconds:.2} s, {cpu:.2} CPU s", mib << 20);
    Ok(())
}

/// What a process is called with that is besieged.
const BESIEGED: &str = "stand";

/// And one that is a thousand strangers, or so many.
const STRANGERS: &str = "strangers";

/// Bytes of the file that it gives, and how often it is asked for it.
const GIVEN: u64 = 64 << 20;
const TIMES: usize = 5;

/// As long as strangers may take to begin.
const SETTLED: Duration = Duration::from_secs(5);

/// Gives a file to whoever has the second key, until nobody wants it any more.
fn stand(folder: &Path) -> Result<(), Failure> {
    let east = Side::new(1, folder)?;
    east.put_long(GIVEN)?;
    east.befriend(2);
    println!("{}", east.node.address());
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn besieged(count: u32, folder: &Path) -> Result<(), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let command = command.arg(BESIEGED).arg(folder.join("east"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("it is piped")?).read_line(&mut line)?;
    let east: SocketAddr = line.trim().parse()?;
    let alone = median_of(east, &folder.join("alone"))?;
    let quiet = memory(child.id());
    // They are other machines, so this one works for them only when it has nothing else to do.
    let mut crowd = Command::new("nice");
    let crowd = crowd.args(["-n", "19"]).arg(std::env::current_exe()?).arg(STRANGERS);
    let mut crowd =
        crowd.args([count.to_string(), east.to_string()]).stdin(Stdio::piped()).spawn()?;
    // By then they hold all that strangers can hold.
    thread::sleep(SETTLED);
    let crowded = median_of(east, &folder.join("crowded"))?;
    let besieged = memory(child.id());
    crowd.kill()?;
    crowd.wait()?;
    println!("alone: {alone:.2} s, {quiet}; with {count} strangers: {crowded:.2} s, {besieged}");
    drop(child.stdin.take());
    child.wait()?;
    Ok(())
}

fn bother(node: SocketAddr, count: u32) -> Result<(), Failure> {
    let _crowd = Crowd::at(node, count);
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// The median time that it takes to have the file, of some tries.
fn median_of(east: SocketAddr, folder: &Path) -> Result<f64, Failure> {
    let mut times = Vec::new();
    for number in 0..TIMES {
        let west = Side::new(2, &folder.join(number.to_string()))?;
        west.befriend(1);
        let began = Instant::now();
        west.node.want(NodeId::of(key(1).public()), vec![east]);
        west.wait_for(|notice| matches!(notice, Notice::TookIn(..)))?;
        times.push(began.elapsed().as_secs_f64());
        west.node.close();
    }
    times.sort_by(f64::total_cmp);
    Ok(times[TIMES / 2])
}

/// The most memory that a process had, as Linux tells it.
fn memory(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    most.map_or("memory not known".to_owned(), |most| format!("{} at most", most.trim()))
}

fn many(count: u64, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(1, &folder.join("east"))?, Side::new(2, &folder.join("west"))?);
    let batch = Batch::new(&east.store);
    let mut entries = Vec::new();
    for number in 0..count {
        let mut bytes = vec![0; 4096];
        blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
        let blob = batch.put(Kind::Blob, &bytes, Hint { path: "noise", base: None })?;
        let file = TreeNode::File(Content::Whole(blob.into()));
        entries.push((Name::new(&format!("noise{number:06}"))?, file));
    }
    let tree = batch.put_value(&entries.into_iter().collect::<Tree>(), Hint::NONE)?;
    batch.finish()?;
    east.tell(tree.object())?;
    fetch("many small files", &east, &west)
}

fn fetch(what: &str, east: &Side, west: &Side) -> Result<(), Failure> {
    let (began, clock_began) = (Instant::now(), clock());
    west.call(east);
    let took_in = |notice: &Notice| matches!(notice, Notice::TookIn(..));
    west.wait_for(took_in)?;
    let (seconds, cpu) =
        (began.elapsed().as_secs_f64(), clock().saturating_sub(clock_began).as_secs_f64());
    let moved = west.node.moved();
    println!(
        "{what}: {} objects, {} bytes in {seconds:.2} s, {cpu:.2} CPU s",
        moved.objects_in, moved.object_bytes_in
    );
    Ok(())
}

fn handshakes(count: u32, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(1, &folder.join("east"))?, Side::new(2, &folder.join("west"))?);
    // No more than its gate lets in at once.
    let (began, clock_began) = (Instant::now(), clock());
    for _ in 0..count {
        west.call(&east);
        west.wait_for(|notice| matches!(notice, Notice::Event(Event::Up(..))))?;
        west.node.leave(east.node.id());
        west.wait_for(|notice| matches!(notice, Notice::Event(Event::Down(..))))?;
    }
    let each = |all: Duration| all.as_secs_f64() * 1_000.0 / f64::from(count);
    let (wall, cpu) = (each(began.elapsed()), each(clock().saturating_sub(clock_began)));
    println!("{count} sessions: {wall:.2} ms and {cpu:.2} CPU ms each");
    Ok(())
}

/// One of the two.
struct Side {
    number: u8,
    store: Arc<Store>,
    node: Node,
    notices: Notices,
}

impl Side {
    fn new(number: u8, folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)?;
        let store = Arc::new(Store::open(Arc::new(OsDisk::new(folder)))?);
        let listen = "127.0.0.1:0".parse()?;
        let node = Node::builder(key(number)).listen(listen).start()?;
        let notices = node.notices();
        let view: View<Items> = View::open(Arc::clone(&store), |_, _| ())?;
        node.open(HOME, Share::new(Arc::clone(&store), view))?;
        Ok(Self { number, store, node, notices })
    }

    /// Adds one file of noise.
    fn put_long(&self, len: u64) -> Result<(), Failure> {
        let batch = Batch::new(&self.store);
        let noise = blake3::Hasher::new().finalize_xof();
        let content = batch.put_content(noise.take(len), Hint { path: "long", base: None })?;
        let tree = [(Name::new("long")?, TreeNode::File(content))].into_iter().collect::<Tree>();
        let tree = batch.put_value(&tree, Hint::NONE)?;
        batch.finish()?;
        self.tell(tree.object())
    }

    /// Adds an entry that reaches this object.
    fn tell(&self, root: ObjectId) -> Result<(), Failure> {
        let mut view: View<Items> = View::open(Arc::clone(&self.store), |_, _| ())?;
        let writer = Writer::new(key(self.number), [self.number; 16]);
        let action = Action { time: Hlc::from_ms(1), note: "add", roots: &[root] };
        view.edit(&writer, action, |mut items: Edit<'_, Items>| {
            items.add("noise".to_owned());
            Ok::<_, Infallible>(())
        })?;
        self.node.refresh(HOME);
        Ok(())
    }

    fn befriend(&self, other: u8) {
        let person = NodeId::of(key(other).public());
        self.node.trust(person);
        self.node.grant(HOME, person, Right::Write(Scope::All));
    }

    fn call(&self, other: &Self) {
        self.befriend(other.number);
        other.befriend(self.number);
        self.node.want(other.node.id(), vec![other.node.address()]);
    }

    fn wait_for(&self, is_it: impl Fn(&Notice) -> bool) -> Result<(), Failure> {
        while let Some(notice) = self.notices.next_within(DEADLINE) {
            if is_it(&notice) {
                return Ok(());
            }
        }
        Err(io::Error::from(io::ErrorKind::TimedOut).into())
    }
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; SecretKey::LEN])
}

/// The CPU time of this process so far.
#[cfg(unix)]
fn clock() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.try_into().unwrap_or_default())
}

/// The time of day, where a process is not told what it takes.
#[cfg(not(unix))]
fn clock() -> Duration {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}
