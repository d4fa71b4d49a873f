//! Whether a bucket keeps its promises.

use std::fmt;
use std::io;
use std::thread;

use thiserror::Error;

use crate::bucket::{Bucket, Created};

/// Why a bucket is not used. Keys that were made to find out may be left below `probe`.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The bucket can not be asked.
    #[error("the bucket can not be used")]
    Io(#[from] io::Error),
    /// It does not do what it says. Hubs that shared it would lose entries.
    #[error("the bucket only pretends: {0}")]
    Pretends(Promise),
}

/// What a bucket has to keep.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Promise {
    /// A key that is there is not created again.
    CreatedOnce,
    /// Of many who create a key at once, one does.
    OneWinner,
    /// A part that is read is that part.
    Ranges,
    /// A key that was created is listed.
    Listed,
    /// A key that was removed is gone.
    Removed,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreatedOnce => "a key that is there was created again",
            Self::OneWinner => "of many who created a key at once, several did",
            Self::Ranges => "a part that was read is another part",
            Self::Listed => "a key that was created is not listed",
            Self::Removed => "a key that was removed is still there",
        })
    }
}

const RACERS: u8 = 8;
const RACES: u8 = 5;
const LEN_MAX: usize = 64;

/// Tries what hubs rely on, with keys of its own that it removes again.
///
/// Some servers take a conditional put and do not look at the condition, and some look and then write, so
/// that of many at once several succeed. A race may pass by luck: this finds bad servers, it does not prove
/// good ones.
///
/// # Errors
///
/// The bucket can not be used, or breaks a promise.
pub fn probe(bucket: &dyn Bucket) -> Result<(), ProbeError> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    let key = format!("probe/{number:016x}");
    let keep =
        |holds: bool, promise| if holds { Ok(()) } else { Err(ProbeError::Pretends(promise)) };

    // Whether this call created it does not matter: a request that is sent again, after its answer was
    // lost, finds its own work.
    bucket.create(&key, b"first")?;
    let again = bucket.create(&key, b"second")?;
    let is_first = bucket.get(&key, LEN_MAX)? == b"first";
    keep(again == Created::Present && is_first, Promise::CreatedOnce)?;

    let mut part = [0; 3];
    bucket.read_at(&key, 1, &mut part)?;
    keep(part == *b"irs" && bucket.size(&key)? == 5, Promise::Ranges)?;

    let name = key.trim_start_matches("probe/");
    keep(bucket.list("probe")?.iter().any(|listed| listed == name), Promise::Listed)?;

    bucket.remove(&key)?;
    let is_gone =
        |found: io::Result<u64>| found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    keep(is_gone(bucket.size(&key)), Promise::Removed)?;

    for race in 0..RACES {
        let key = format!("{key}-{race}");
        keep(has_one_winner(bucket, &key)?, Promise::OneWinner)?;
        bucket.remove(&key)?;
    }
    Ok(())
}

fn has_one_winner(bucket: &dyn Bucket, key: &str) -> io::Result<bool> {
    let outcomes: Vec<_> = thread::scope(|scope| {
        let racers: Vec<_> =
            (0..RACERS).map(|racer| scope.spawn(move || bucket.create(key, &[racer]))).collect();
        racers.into_iter().map(|racer| racer.join().expect("no racer panics")).collect()
    });
    let mut winners = Vec::new();
    for (racer, outcome) in (0..RACERS).zip(outcomes) {
        if outcome? == Created::New {
            winners.push(racer);
        }
    }
    let kept = bucket.get(key, LEN_MAX)?;
    // None was told that it won if the winner's answer was lost.
    Ok(kept.len() == 1 && (winners.is_empty() || winners == kept))
}
