//! Opens views over long logs: `views STORE make ENTRIES TIMELINES` writes three logs in which timelines
//! move, `views STORE open` opens their view, `views STORE replay` does so without the snapshot.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use selkie_crdt::{AwMap, Doc, Hlc, MvRegister};
use selkie_store::{
    Deed, Disk, Log, LogError, ObjectId, OsDisk, SecretKey, Step, Store, View, Writer,
};

type Timelines = AwMap<String, MvRegister<[u8; 32]>>;

/// Entries after which a replica hears of the others.
const HEARS_AFTER: u64 = 50;

/// Entries that are appended together.
const BATCH_LEN: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<_> = args.iter().map(String::as_str).collect();
    match words[..] {
        [store, "make", entries, timelines] => {
            let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(Path::new(store)));
            Store::open(Arc::clone(&disk))?;
            make(&disk, entries.parse()?, timelines.parse()?)
        }
        [store, "open"] => open(store),
        [store, "replay"] => {
            OsDisk::new(Path::new(store)).remove("view")?;
            open(store)
        }
        _ => Err("usage: views STORE make ENTRIES TIMELINES | STORE open | STORE replay".into()),
    }
}

fn open(store: &str) -> Result<(), Box<dyn Error>> {
    let disk = Arc::new(OsDisk::new(Path::new(store)));
    let started = Instant::now();
    let store = Arc::new(Store::open(disk)?);
    let view: View<Timelines> = View::open(store, |_, _| ())?;
    let took = started.elapsed();
    let entries: u64 = view.applied().iter().map(|(_, position)| position).sum();
    println!("{entries} entries, {} timelines: {took:?}", view.root().len());
    Ok(())
}

fn make(disk: &Arc<dyn Disk>, entries: u64, timelines: u64) -> Result<(), Box<dyn Error>> {
    let writers = [1, 2, 3].map(|n| Writer::new(SecretKey::from_bytes(&[n; 32]), [n; 16]));
    let mut docs = writers.each_ref().map(|writer| Doc::<Timelines>::new(writer.replica()));
    let mut logs = [const { Vec::new() }; 3];
    for (log, writer) in logs.iter_mut().zip(&writers) {
        log.push(payload(0, vec![], Deed::Begins(writer.binding()))?);
    }
    for number in 0..entries {
        let at = usize::try_from(number / HEARS_AFTER % 3)?;
        if number % HEARS_AFTER == 0 {
            let heard: Vec<_> = docs.iter().map(Doc::clone).collect();
            heard.iter().try_for_each(|other| docs[at].merge(other))?;
        }
        let seal = ObjectId::of(selkie_store::Kind::Seal, &number.to_le_bytes());
        let name = format!("timeline/{}", number % timelines);
        let delta = docs[at].update(|mut edit| edit.entry(name).write(*seal.as_bytes()));
        let deed = Deed::Changes(delta.ok_or("a write is a change")?.to_bytes());
        logs[at].push(payload(number, vec![seal], deed)?);
        if logs[at].len() == BATCH_LEN {
            append(disk, &writers[at], &mut logs[at])?;
        }
    }
    for (writer, payloads) in writers.iter().zip(&mut logs) {
        append(disk, writer, payloads)?;
    }
    Ok(())
}

fn append(
    disk: &Arc<dyn Disk>,
    writer: &Writer,
    payloads: &mut Vec<Vec<u8>>,
) -> Result<(), LogError> {
    let log = Log::new(Arc::clone(disk), writer.replica());
    let payloads = std::mem::take(payloads);
    log.append_with::<LogError>(writer.key(), |_| Ok(payloads)).map(|_| ())
}

fn payload(ms: u64, roots: Vec<ObjectId>, deed: Deed) -> Result<Vec<u8>, Box<dyn Error>> {
    let step = Step { time: Hlc::from_ms(ms), note: "seal".to_owned(), roots, deed };
    Ok(step.to_bytes()?)
}
