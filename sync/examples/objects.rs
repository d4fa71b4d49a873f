//! Fetches objects from one store into another, in one process and without a network:
//!
//! - `objects long MIB FOLDER`: one file of noise, and then again with a kibibyte of it changed;
//! - `objects many COUNT FOLDER`: so many files of 4 KiB of noise;
//! - `objects history STORE FOLDER`: a store that `replay` of `selkie-store` made, all but the newest seal
//!   and then that, once asked for and once along with the entry that names it; with `all` behind it, all of it in one go; with `packed`, the same after
//!   the source made one pack of all;
//! - `objects cut MIB FOLDER`: one file of noise, cut off in the middle and begun anew;
//! - `objects attribute FOLDER`: an entity of twenty attributes, and then one of them changed, as a program that shares it sends them.
//!
//! Each line says what was fetched, how many bytes went to the source and came from it, each message with the
//! four bytes of its length, how often who asked had to wait for an answer, and the CPU seconds of both.

use std::collections::{BTreeSet, VecDeque};
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::{ActorId, AwMap, Entity, Hlc};
use selkie_store::{
    Action, Author, Batch, ChangeId, Content, Deed, Disk, Hint, Kind, Log, Name, Node, OsDisk,
    Seal, SealId, SecretKey, Step, Store, Tree, View, encode, incarnate, repack, verify,
};
use selkie_sync::{
    Cause, ChannelId, GossipMessage, Moment, NodeId, Objects, ObjectsInput as Input,
    ObjectsMessage, ObjectsOutput as Output, Porter, Request, Says, Wanted, along, read_logs,
};

type Failure = Box<dyn Error>;

const REPLICA: ActorId = ActorId::from_bytes([1; 16]);
const EAST: NodeId = NodeId::from_bytes([1; 32]);
const WEST: NodeId = NodeId::from_bytes([2; 32]);

/// Of a person in a register.
const ATTRIBUTES: [&str; 20] = [
    "name", "street", "city", "country", "email", "language", "role", "status", "district", "note",
    "born", "postcode", "phone", "visits", "score", "balance", "height", "weight", "rank", "ward",
];

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["long", mib, folder] => long(mib.parse()?, Path::new(folder)),
        ["many", count, folder] => many(count.parse()?, Path::new(folder)),
        ["cut", mib, folder] => cut(mib.parse()?, Path::new(folder)),
        ["history", store, folder] => history(Path::new(store), Path::new(folder), Extent::Newest),
        ["history", store, folder, "all"] => {
            history(Path::new(store), Path::new(folder), Extent::All)
        }
        ["history", store, folder, "packed"] => {
            history(Path::new(store), Path::new(folder), Extent::Packed)
        }
        ["attribute", folder] => attribute(Path::new(folder)),
        _ => Err("usage: objects long|many|cut NUMBER FOLDER, objects attribute FOLDER, \
             objects history STORE FOLDER [all|packed]"
            .into()),
    }
}

fn long(mib: u64, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(&folder.join("east"))?, Side::new(&folder.join("west"))?);
    let first = east.seal_file(Noise::new(mib << 20, None), None)?;
    let version = fetch("a long file", &east, &west, 0, usize::MAX)?;
    let changed = Noise::new(mib << 20, Some(mib << 19));
    east.seal_file(changed, Some(first))?;
    fetch("a kibibyte of it changed", &east, &west, version, usize::MAX)?;
    west.check()
}

fn many(count: u64, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(&folder.join("east"))?, Side::new(&folder.join("west"))?);
    let batch = Batch::new(&*east.store);
    let mut entries = Vec::new();
    for number in 0..count {
        let mut bytes = vec![0; 4096];
        blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
        let blob = batch.put(Kind::Blob, &bytes, Hint { path: "noise", base: None })?;
        entries.push((
            Name::new(&format!("noise{number:06}"))?,
            Node::File(Content::Whole(blob.into())),
        ));
    }
    let tree = entries.into_iter().collect::<Tree>();
    let seal = east.put_seal(&batch, &tree, None)?;
    batch.finish()?;
    east.tell(seal)?;
    let version = fetch("many small files", &east, &west, 0, usize::MAX)?;
    fetch("nothing", &east, &west, version, usize::MAX)?;
    west.check()
}

fn cut(mib: u64, folder: &Path) -> Result<(), Failure> {
    let (east, west) = (Side::new(&folder.join("east"))?, Side::new(&folder.join("west"))?);
    east.seal_file(Noise::new(mib << 20, None), None)?;
    let half = usize::try_from(mib << 19)?;
    fetch("a long file, cut off in the middle", &east, &west, 0, half)?;
    fetch("the rest of it", &east, &west, 0, usize::MAX)?;
    west.check()
}

#[derive(Clone, Copy)]
enum Extent {
    All,
    Packed,
    Newest,
}

fn history(store: &Path, folder: &Path, extent: Extent) -> Result<(), Failure> {
    let (east, west) = (Side::new(store)?, Side::new(&folder.join("west"))?);
    let seals = east.seals()?;
    let told = east.log().head()?.position;
    for seal in seals.iter().skip(usize::try_from(told)?) {
        east.tell(*seal)?;
    }
    match extent {
        Extent::Packed => {
            repack(&east.store, |_| ())?;
            fetch("a whole history out of one pack", &east, &west, 0, usize::MAX)?;
        }
        Extent::All => {
            fetch("a whole history", &east, &west, 0, usize::MAX)?;
        }
        Extent::Newest => {
            let newest = seals.last().ok_or("there is no seal")?;
            let before = east.store.load::<Seal>(*newest)?.parents;
            let before = before.first().ok_or("there is one seal")?.object();
            let request = |position, root| Request {
                channel: ChannelId::from_bytes([3; 16]),
                have: vec![(REPLICA, position)],
                wanted: Wanted::Behind(vec![selkie_sync::Name::of(root)]),
            };
            run(
                "a history, but for the newest seal",
                &east,
                &west,
                request(0, before),
                usize::MAX,
            )?;
            let position = seals.len() as u64 - 1;
            let other = Side::new(&folder.join("other"))?;
            run("the same", &east, &other, request(0, before), usize::MAX)?;
            run("the newest seal", &east, &west, request(position, newest.object()), usize::MAX)?;
            push(&east, &other, request(position, newest.object()))?;
            other.check()?;
        }
    }
    west.check()
}

/// Sends the newest entry with what it reaches in one message.
fn push(east: &Side, west: &Side, request: Request) -> Result<(), Failure> {
    let started = clock();
    let runs = read_logs(&east.store, &request.have, usize::MAX, usize::MAX);
    let along = along(&east.store, &request.have, &runs, usize::MAX);
    let message = |along| -> Result<usize, Failure> {
        let says = Says::Entries(runs.clone(), Cause::Push, along);
        Ok(4 + encode(&GossipMessage { channel: request.channel, says })?.len())
    };
    let (whole, bare) = (message(along.clone())?, message(Vec::new())?);
    let spent = clock().saturating_sub(started).as_secs_f64();
    println!("its entry with it: {whole} bytes, {bare} of them the entry's, {spent:.3} s");
    let mut run = Run::between(east, west);
    let along = Some((EAST, along));
    run.step(1, Input::Fetch { fetch: 1, sources: vec![EAST], request, bytes_max: 0, along })?;
    if run.is_done { Ok(()) } else { Err("what goes along is not all".into()) }
}

/// Sends a whole entity, and then what one of its attributes became.
fn attribute(folder: &Path) -> Result<(), Failure> {
    let side = Side::new(folder)?;
    let mut view: View<AwMap<String, Entity<String>>> =
        View::open(Arc::clone(&side.store), |_, _| ())?;
    let (writer, _) = incarnate(&*side.disk, SecretKey::from_bytes(&[7; 32]))?;
    let mut append = |names: &[&str], value: &str| -> Result<(), Failure> {
        // Years of milliseconds, as it would be anywhere.
        let time = Hlc::from_ms(view.time().ms().max(1 << 40) + 1_000);
        view.edit(&writer, Action { time, note: "set", roots: &[] }, |mut all| {
            let mut entity = all.entry("entity-000417".to_owned());
            for name in names {
                entity.set(name, value.to_owned(), time);
            }
            Ok::<(), Failure>(())
        })?;
        Ok(())
    };
    for (what, names, value) in [
        ("an entity of 20 attributes", &ATTRIBUTES[..], "porto"),
        ("one of them, anew", &["city"][..], "bergen"),
    ] {
        let before = Log::new(side.disk.clone(), writer.replica()).head()?.position;
        append(names, value)?;
        let channel = ChannelId::from_bytes([3; 16]);
        let runs = read_logs(&side.store, &[(writer.replica(), before)], usize::MAX, usize::MAX);
        let says = Says::Entries(runs, Cause::Push, Vec::new());
        println!("{what}: {} bytes", 4 + encode(&GossipMessage { channel, says })?.len());
    }
    Ok(())
}

/// Fetches what is new since a position, and returns the newest.
fn fetch(
    what: &str,
    east: &Side,
    west: &Side,
    since: u64,
    bytes_max: usize,
) -> Result<u64, Failure> {
    let channel = ChannelId::from_bytes([3; 16]);
    let request = Request { channel, have: vec![(REPLICA, since)], wanted: Wanted::News };
    run(what, east, west, request, bytes_max)?;
    Ok(east.log().head()?.position)
}

/// Runs both cores until all came, or so many bytes.
fn run(
    what: &str,
    east: &Side,
    west: &Side,
    request: Request,
    bytes_max: usize,
) -> Result<(), Failure> {
    let mut run = Run::between(east, west);
    let (sources, along) = (vec![EAST], None);
    let begin = Input::Fetch { fetch: 1, sources, request, bytes_max: u64::MAX, along };
    run.step(1, begin)?;
    while run.sent[0] < bytes_max
        && let Some((to, input)) = run.queue.pop_front()
    {
        run.step(to, input)?;
    }
    let [sender, receiver] = run.spent.map(|spent| spent.as_secs_f64());
    println!(
        "{what}: {} up, {} down, {} waits, {sender:.3} s + {receiver:.3} s",
        run.sent[1], run.sent[0], run.waits
    );
    Ok(())
}

struct Run {
    cores: [Objects; 2],
    porters: [Porter; 2],
    queue: VecDeque<(usize, Input)>,
    sent: [usize; 2],
    spent: [Duration; 2],
    waits: u32,
    is_done: bool,
}

impl Run {
    fn between(east: &Side, west: &Side) -> Self {
        Self {
            cores: [Objects::default(), Objects::default()],
            porters: [east, west].map(|side| Porter::new(Arc::clone(&side.store))),
            queue: VecDeque::new(),
            sent: [0; 2],
            spent: [Duration::ZERO; 2],
            waits: 0,
            is_done: false,
        }
    }

    fn step(&mut self, node: usize, input: Input) -> Result<(), Failure> {
        let started = clock();
        let mut inputs = VecDeque::from([input]);
        let mut said = Vec::new();
        while let Some(input) = inputs.pop_front() {
            let outputs: Vec<_> = self.cores[node].handle(Moment::START, input).collect();
            for output in outputs {
                match output {
                    Output::Send(_, message) => said.push(message),
                    Output::Blamed(..) | Output::Accused(_) | Output::Failed(..) => {
                        return Err(format!("{output:?}").into());
                    }
                    output => {
                        self.is_done |= matches!(output, Output::Fetched(..));
                        inputs.extend(self.porters[node].work(output));
                    }
                }
            }
        }
        self.spent[node] += clock().saturating_sub(started);
        for message in said {
            self.waits += u32::from(matches!(
                message,
                ObjectsMessage::Want { .. } | ObjectsMessage::Ask { .. }
            ));
            let bytes = message.into_bytes()?;
            self.sent[node] += 4 + bytes.len();
            let (to, from) = if node == 0 { (1, EAST) } else { (0, WEST) };
            let started = clock();
            let message = ObjectsMessage::from_bytes(bytes)?;
            self.spent[to] += clock().saturating_sub(started);
            self.queue.push_back((to, Input::Received(from, message)));
        }
        Ok(())
    }
}

/// A store and its log.
struct Side {
    disk: Arc<dyn Disk>,
    store: Arc<Store>,
}

impl Side {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(folder));
        Ok(Self { store: Arc::new(Store::open(disk.clone())?), disk })
    }

    fn log(&self) -> Log {
        Log::new(self.disk.clone(), REPLICA)
    }

    fn seal_file(&self, content: impl Read, parent: Option<SealId>) -> Result<SealId, Failure> {
        let batch = Batch::new(&*self.store);
        let content = batch.put_content(content, Hint { path: "long", base: None })?;
        let tree = [(Name::new("long")?, Node::File(content))].into_iter().collect::<Tree>();
        let seal = self.put_seal(&batch, &tree, parent)?;
        batch.finish()?;
        self.tell(seal)?;
        Ok(seal)
    }

    fn put_seal(
        &self,
        batch: &Batch,
        tree: &Tree,
        parent: Option<SealId>,
    ) -> Result<SealId, Failure> {
        let seal = Seal {
            tree: batch.put_value(tree, Hint::NONE)?,
            parents: parent.into_iter().collect(),
            change: ChangeId::from_bytes([0; 16]),
            time: Hlc::from_ms(self.log().head()?.position + 1),
            zone_minutes: 0,
            author: Author::default(),
            message: "seal".to_owned(),
            replaces: [].into(),
            labels: [].into(),
            signature: None,
        };
        Ok(batch.put_value(&seal, Hint::NONE)?)
    }

    fn tell(&self, seal: SealId) -> Result<(), Failure> {
        let time = self.store.load::<Seal>(seal)?.time;
        let (note, roots) = ("seal".to_owned(), vec![seal.object()]);
        // As long as what a repository says of a new head of a timeline.
        let deed = Deed::Changes(vec![7; 102]);
        let step = Step { time, note, roots, deed };
        self.log().append(&step.to_bytes()?, &SecretKey::from_bytes(&[7; 32]))?;
        Ok(())
    }

    /// All seals, each behind its parents.
    fn seals(&self) -> Result<Vec<SealId>, Failure> {
        let ids = self.store.ids()?.into_iter().filter(|(_, kind)| *kind == Kind::Seal);
        let ids: BTreeSet<SealId> = ids.map(|(id, _)| id.into()).collect();
        let mut parents = BTreeSet::new();
        for id in &ids {
            parents.extend(self.store.load::<Seal>(*id)?.parents);
        }
        let mut seals = Vec::new();
        let mut next = ids.difference(&parents).next().copied();
        while let Some(id) = next {
            seals.push(id);
            next = self.store.load::<Seal>(id)?.parents.first().copied();
        }
        seals.reverse();
        Ok(seals)
    }

    fn check(&self) -> Result<(), Failure> {
        let problems = verify(&self.store, |_| ())?;
        if problems.is_empty() { Ok(()) } else { Err(format!("{problems:?}").into()) }
    }
}

/// So many bytes that do not shrink; with a kibibyte of others at some place.
struct Noise {
    from: blake3::OutputReader,
    at: u64,
    length: u64,
    changed: Option<u64>,
}

impl Noise {
    fn new(length: u64, changed: Option<u64>) -> Self {
        Self { from: blake3::Hasher::new().finalize_xof(), at: 0, length, changed }
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.length - self.at).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        self.from.fill(&mut buffer[..count]);
        for (byte, at) in buffer[..count].iter_mut().zip(self.at..) {
            if self.changed.is_some_and(|from| (from..from + 1024).contains(&at)) {
                *byte = !*byte;
            }
        }
        self.at += count as u64;
        Ok(count)
    }
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
