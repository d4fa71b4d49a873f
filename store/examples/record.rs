//! Records one file, whatever its length: `record FILE STORE`. Prints what it took.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use selkie_store::{Batch, Hint, OsDisk, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (file, store) = args.next().zip(args.next()).ok_or("usage: record FILE STORE")?;
    let started = Instant::now();
    let store = Store::open(Arc::new(OsDisk::new(Path::new(&store))))?;
    let batch = Batch::new(&store);
    let content = batch.put_content(File::open(&file)?, Hint { path: &file, base: None })?;
    batch.finish()?;
    println!("{} in {:?}", content.link().1, started.elapsed());
    Ok(())
}
