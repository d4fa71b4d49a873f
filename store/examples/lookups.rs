//! Reads objects at random, and asks for absent ones: `lookups STORE COUNT`. Prints what it took.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use selkie_store::{Kind, ObjectId, OsDisk, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (store, count) = args.next().zip(args.next()).ok_or("usage: lookups STORE COUNT")?;
    let count: usize = count.parse()?;
    let started = Instant::now();
    let store = Store::open(Arc::new(OsDisk::new(Path::new(&store))))?;
    println!("open {:?}", started.elapsed());
    let ids = store.ids()?;
    // Ids are hashes, so numbers hashed are places drawn at random.
    let draw = |n: usize| ObjectId::of(Kind::Blob, &n.to_string().into_bytes());
    let at = |n| {
        let id = draw(n);
        let number = id.as_bytes().first_chunk().map(|first| u64::from_le_bytes(*first));
        usize::try_from(number.unwrap_or_default() % ids.len() as u64)
    };
    let places = (0..count).map(at).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let mut bytes = 0;
    for place in &places {
        bytes += store.read(&ids[*place].0)?.bytes.len();
    }
    let each = |n: usize| started.elapsed() / u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    println!("read {count} of {}, {bytes} bytes: {:?} each", ids.len(), each(count));
    let absent: Vec<_> = (count..count * 11).map(draw).collect();
    let started = Instant::now();
    let found = absent.iter().filter(|id| store.has(id).unwrap_or(true)).count();
    let each = started.elapsed() / u32::try_from(absent.len().max(1))?;
    println!("has of {} absent ids, {found} found: {each:?} each", absent.len());
    let started = Instant::now();
    let missing = store.missing(absent.iter().copied())?.len();
    let each = started.elapsed() / u32::try_from(absent.len().max(1))?;
    println!("missing of {} ids, {missing} absent: {each:?} each", absent.len());
    for place in places {
        println!("{}", ids[place].0);
    }
    Ok(())
}
