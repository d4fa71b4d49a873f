//! Looks objects up by the ids it is given on lines: `lookups STORE read|has|missing < IDS`. `lookups STORE ids` lists
//! all, and `lookups STORE open` does nothing more.

use std::error::Error;
use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use selkie_store::{ObjectId, OsDisk, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [store, what] = &args[..] else {
        return Err("usage: lookups STORE read|has|missing|ids|open".into());
    };
    let store = Store::open(Arc::new(OsDisk::new(Path::new(store))))?;
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    match what.as_str() {
        "read" => {
            for id in ids()? {
                out.write_all(&store.read(&id)?.bytes)?;
            }
        }
        "has" => {
            for id in ids()? {
                writeln!(out, "{id} {}", store.has(&id)?)?;
            }
        }
        "missing" => {
            for id in store.missing(ids()?)? {
                writeln!(out, "{id} false")?;
            }
        }
        "ids" => {
            for (id, _) in store.ids()? {
                writeln!(out, "{id}")?;
            }
        }
        "open" => {}
        _ => return Err("what is looked up: read, has or missing".into()),
    }
    Ok(out.flush()?)
}

fn ids() -> Result<Vec<ObjectId>, Box<dyn Error>> {
    io::stdin().lock().lines().map(|line| Ok(line?.parse()?)).collect()
}
