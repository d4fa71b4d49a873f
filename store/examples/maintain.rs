//! Writes all packs of a store anew, small: `maintain STORE`. Prints what it took.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use selkie_store::{OsDisk, Store, repack};

fn main() -> Result<(), Box<dyn Error>> {
    let store = std::env::args_os().nth(1).ok_or("usage: maintain STORE")?;
    let store = Store::open(Arc::new(OsDisk::new(Path::new(&store))))?;
    let started = Instant::now();
    println!("{:?} in {:?}", repack(&store, |_| ())?, started.elapsed());
    Ok(())
}
