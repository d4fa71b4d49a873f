//! A content on its way into the store.

use std::io::{self, Read};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::batch::{Batch, Hint, WriteError};
use crate::content::chunker::{LEN_MAX, first_chunk};
use crate::kind::Kind;
use crate::limits::BLOB_LEN_MAX;
use crate::object::chunks::{Chunk, ChunkList};
use crate::object::node::Content;

/// Pieces in the shortest list that is not the last.
const LIST_MIN: usize = 32;
/// A list ends after a piece whose id begins with 7 zero bits: every 128 pieces or so.
const LIST_MASK: u8 = 0b1111_1110;

/// Bytes read ahead of the cuts.
const READ_LEN: usize = 4 << 20;
const _: () = assert!(READ_LEN > LEN_MAX);

impl Batch<'_> {
    /// Adds the content of a file, whatever its length, reading it once.
    ///
    /// A content that becomes chunks is compressed on all cores. At most some MiB of it are in memory.
    ///
    /// # Errors
    ///
    /// The content can not be read, or the objects can not be written.
    pub fn put_content(&self, mut from: impl Read, hint: Hint) -> Result<Content, WriteError> {
        self.with_buffer(|buffer| {
            let length = fill(&mut from, buffer)?;
            if length <= BLOB_LEN_MAX {
                return Ok(Content::Whole(self.put(Kind::Blob, &buffer[..length], hint)?.into()));
            }
            let chunks = self.put_chunks(io::Cursor::new(&buffer[..length]).chain(from), hint)?;
            self.put_lists(chunks, hint)
        })
    }

    fn put_chunks(&self, mut from: impl Read, hint: Hint) -> Result<Vec<Chunk>, WriteError> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        // What is cut waits for a thread, and no more than that: this bounds the memory.
        let (cut, waiting) = sync_channel(threads);
        let waiting = Mutex::new(waiting);
        let failed = AtomicBool::new(false);
        let (read, mut done) = thread::scope(|scope| {
            let work = || self.put_waiting(&waiting, hint, &failed);
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let read = each_chunk(&mut from, |chunk| {
                !failed.load(Ordering::Relaxed) && cut.send(chunk).is_ok()
            });
            drop(cut);
            let done = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
            (read, done.collect::<Result<Vec<_>, _>>())
        });
        // An error of the workers ends the reading, so it is the first one.
        let mut chunks = done.as_mut().map(std::mem::take).unwrap_or_default().concat();
        done?;
        read?;
        chunks.sort_unstable_by_key(|(number, _)| *number);
        Ok(chunks.into_iter().map(|(_, chunk)| chunk).collect())
    }

    /// Puts chunks as long as there are any.
    fn put_waiting(
        &self,
        waiting: &Mutex<Receiver<Numbered<Vec<u8>>>>,
        hint: Hint,
        failed: &AtomicBool,
    ) -> Result<Vec<Numbered<Chunk>>, WriteError> {
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        let put = |(number, bytes): Numbered<Vec<u8>>| {
            let id = self.put(Kind::Blob, &bytes, Hint { base: None, ..hint })?;
            Ok((number, Chunk { id, length: bytes.len() as u64 }))
        };
        let done = std::iter::from_fn(next).map(put).collect::<Result<_, _>>();
        if done.is_err() {
            failed.store(true, Ordering::Relaxed);
            // The reader may be waiting for somebody to take its chunk.
            while next().is_some() {}
        }
        done
    }

    /// Lists the chunks, and the lists, until there is one.
    fn put_lists(&self, mut chunks: Vec<Chunk>, hint: Hint) -> Result<Content, WriteError> {
        for level in 0..=ChunkList::LEVEL_MAX {
            let mut lists = Vec::new();
            for part in cut_list(&chunks) {
                let list = ChunkList::new(level, part.to_vec());
                let list = list.expect("what was cut is within the limits");
                let id = self.put_value(&list, hint)?;
                lists.push(Chunk { id: id.object(), length: list.content_len() });
            }
            if let [only] = lists[..] {
                return Ok(Content::Chunked(only.id.into()));
            }
            chunks = lists;
        }
        unreachable!("each level has a thirtieth of the one below, and none has 2^100 pieces")
    }
}

pub(super) type Numbered<T> = (usize, T);

/// Cuts what is read into chunks and hands them out, until the end or a refusal.
pub(super) fn each_chunk(
    from: &mut impl Read,
    mut hand_out: impl FnMut(Numbered<Vec<u8>>) -> bool,
) -> io::Result<()> {
    let mut buffer = vec![0; READ_LEN];
    let mut held = 0;
    let mut number = 0;
    loop {
        held += fill(from, &mut buffer[held..])?;
        let ended = held < READ_LEN;
        let mut start = 0;
        while held - start >= LEN_MAX || (ended && start < held) {
            let length = first_chunk(&buffer[start..held]);
            if !hand_out((number, buffer[start..start + length].to_vec())) {
                return Ok(());
            }
            start += length;
            number += 1;
        }
        if ended {
            return Ok(());
        }
        buffer.copy_within(start..held, 0);
        held -= start;
    }
}

/// Cuts pieces into lists where their ids say so.
pub(super) fn cut_list(chunks: &[Chunk]) -> impl Iterator<Item = &[Chunk]> {
    let mut rest = chunks;
    std::iter::from_fn(move || {
        let ends = |(at, chunk): (usize, &Chunk)| {
            let count = at + 1;
            let chosen = count >= LIST_MIN && chunk.id.as_bytes()[0] & LIST_MASK == 0;
            (chosen || count == ChunkList::COUNT_MAX).then_some(count)
        };
        let count = rest.iter().enumerate().find_map(ends).unwrap_or(rest.len());
        let (list, after) = rest.split_at(count);
        rest = after;
        (!list.is_empty()).then_some(list)
    })
}

/// Reads until the buffer is full or the source is at its end.
pub(super) fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
