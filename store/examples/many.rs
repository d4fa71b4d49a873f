//! Puts small objects in many batches: `many STORE BATCHES EACH tidy|keep`. Merges packs after each, or keeps all.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use selkie_store::{Batch, Hint, Kind, OsDisk, Store, tidy};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [store, batches, each, after] = &args[..] else {
        return Err("usage: many STORE BATCHES EACH tidy|keep".into());
    };
    let (batches, each): (u32, u32) = (batches.parse()?, each.parse()?);
    let store = Store::open(Arc::new(OsDisk::new(Path::new(store))))?;
    let started = Instant::now();
    for batch_number in 0..batches {
        let batch = Batch::new(&store);
        for number in 0..each {
            let text = format!("object {number} of batch {batch_number}, much like the others\n");
            batch.put(Kind::Blob, text.repeat(8).as_bytes(), Hint::NONE)?;
        }
        batch.finish()?;
        if after == "tidy" {
            tidy(&store)?;
        }
    }
    println!("{batches} batches of {each}: {:?}", started.elapsed());
    Ok(())
}
