//! Writing objects into a git repository, as packs.
//!
//! A pack is made durable and gets its name, then its index; git sees it with the index. What was interrupted leaves a file that
//! git's own maintenance removes.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use gix_hash::{Kind, hasher};

use crate::git::durable::sync_folder;
use crate::git::id::{GitId, GitKind, to_hex};
use crate::git::pack::delta::delta;

mod delta;
mod index;
mod loose;

/// A pack that is written. One that is dropped was never there.
#[derive(Debug)]
pub(super) struct Pack {
    folder: PathBuf,
    path: PathBuf,
    file: io::BufWriter<File>,
    length: u64,
    entries: HashMap<GitId, Written>,
    /// All of them, while they are few and are to be files of their own.
    few: Option<Vec<(GitId, GitKind, Vec<u8>)>>,
    is_named: bool,
}

/// What is made of few objects.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Grain {
    /// A pack, as of many.
    Packs,
    /// A file each: whoever writes often would leave a pack each time.
    Few,
}

/// Up to so many objects and bytes are few. Git takes the same number where it fetches.
const FEW_MAX: usize = 100;
const FEW_LEN_MAX: u64 = 16 << 20;

/// Where an object is.
#[derive(Clone, Copy, Debug)]
struct Written {
    offset: u64,
    crc: u32,
    depth: u8,
}

/// As git does by itself.
const DEPTH_MAX: u8 = 50;

/// What is longer is not compared with what it was: that would take its memory several times.
const DELTA_MAX: usize = 16 << 20;

const HEADER_LEN: u64 = 12;

impl Pack {
    /// Begins one in the folder of packs.
    pub(super) fn begin(folder: &Path, grain: Grain) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(io::Error::other)?;
        let path = folder.join(format!("tmp_pack_{}", to_hex(&name)));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        let mut file = io::BufWriter::with_capacity(1 << 18, file);
        file.write_all(&header(0))?;
        let folder = folder.to_owned();
        Ok(Self {
            folder,
            path,
            file,
            length: HEADER_LEN,
            entries: HashMap::new(),
            few: (grain == Grain::Few).then(Vec::new),
            is_named: false,
        })
    }

    pub(super) fn has(&self, id: GitId) -> bool {
        self.entries.contains_key(&id)
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Adds an object, made from `base` if that is in the pack and if it pays.
    pub(super) fn add(
        &mut self,
        id: GitId,
        kind: GitKind,
        bytes: &[u8],
        base: Option<(GitId, &[u8])>,
    ) -> io::Result<()> {
        if self.has(id) {
            return Ok(());
        }
        let found = base.and_then(|(base, old)| {
            let base = self.entries.get(&base).filter(|base| base.depth < DEPTH_MAX)?;
            let is_short = old.len().max(bytes.len()) <= DELTA_MAX;
            Some((*base, is_short.then(|| delta(old, bytes))??))
        });
        let (mut entry, depth, body) = match &found {
            Some((base, delta)) => {
                let mut entry = type_and_size(6, delta.len());
                entry.extend(distance(self.length - base.offset));
                (entry, base.depth + 1, &**delta)
            }
            None => (type_and_size(number(kind), bytes.len()), 0, bytes),
        };
        let mut packer = ZlibEncoder::new(&mut entry, Compression::default());
        packer.write_all(body)?;
        packer.finish()?;
        let mut crc = Crc::new();
        crc.update(&entry);
        self.file.write_all(&entry)?;
        self.entries.insert(id, Written { offset: self.length, crc: crc.sum(), depth });
        self.length += entry.len() as u64;
        let is_few = self.entries.len() <= FEW_MAX && self.length <= FEW_LEN_MAX;
        if let Some(few) = self.few.as_mut().filter(|_| is_few && bytes.len() <= DELTA_MAX) {
            few.push((id, kind, bytes.to_vec()));
        } else {
            self.few = None;
        }
        Ok(())
    }

    /// Makes it durable and gives it its name, which is returned. None if nothing is in it.
    pub(super) fn finish(mut self) -> io::Result<Option<String>> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        if let Some(few) = self.few.take() {
            let objects = self.folder.parent().unwrap_or(&self.folder).to_owned();
            loose::write(&objects, &few)?;
            return Ok(None);
        }
        let count = u32::try_from(self.entries.len()).map_err(io::Error::other)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(count))?;
        self.file.flush()?;
        let file = self.file.get_mut();
        let hash = hash_of(file)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&hash)?;
        file.sync_all()?;
        let name = format!("pack-{}", to_hex(&hash));
        let entries = self.entries.iter().map(|(id, at)| (*id, at.offset, at.crc));
        let index = index::spell(entries.collect(), hash)?;
        let index_path = self.path.with_extension("idx");
        let mut index_file = OpenOptions::new().write(true).create_new(true).open(&index_path)?;
        let written = index_file.write_all(&index).and_then(|()| index_file.sync_all());
        let renamed = written
            .and_then(|()| fs::rename(&self.path, self.folder.join(format!("{name}.pack"))))
            .and_then(|()| fs::rename(&index_path, self.folder.join(format!("{name}.idx"))));
        if let Err(error) = renamed {
            // It is litter; the first error is the one to tell.
            let _ = fs::remove_file(&index_path);
            return Err(error);
        }
        self.is_named = true;
        sync_folder(&self.folder)?;
        Ok(Some(name))
    }
}

impl Drop for Pack {
    fn drop(&mut self) {
        if !self.is_named {
            // What can not be removed is litter that git knows by its name.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn hash_of(file: &mut File) -> io::Result<[u8; GitId::LEN]> {
    file.seek(SeekFrom::Start(0))?;
    let (mut hash, mut buffer) = (hasher(Kind::Sha1), vec![0; 1 << 18]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    let id = hash.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
    id.as_slice().try_into().map_err(io::Error::other)
}

fn header(count: u32) -> [u8; 12] {
    let mut bytes = *b"PACK\0\0\0\x02\0\0\0\0";
    bytes[8..].copy_from_slice(&count.to_be_bytes());
    bytes
}

const fn number(kind: GitKind) -> u8 {
    match kind {
        GitKind::Commit => 1,
        GitKind::Tree => 2,
        GitKind::Blob => 3,
        GitKind::Tag => 4,
    }
}

/// The kind in three bits of the first byte, the size in four of it and seven of each that follows.
fn type_and_size(number: u8, mut size: usize) -> Vec<u8> {
    let mut bytes = vec![number << 4 | low(size, 4)];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().expect("there is a first") |= 0x80;
        bytes.push(low(size, 7));
        size >>= 7;
    }
    bytes
}

/// How far back a base is: seven bits a byte, the highest first, each length beginning where the shorter ends.
fn distance(mut back: u64) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(back & 0x7f).expect("seven bits")];
    back >>= 7;
    while back > 0 {
        back -= 1;
        bytes.push(u8::try_from(back & 0x7f).expect("seven bits") | 0x80);
        back >>= 7;
    }
    bytes.reverse();
    bytes
}

fn low(size: usize, bits: u32) -> u8 {
    u8::try_from(size & ((1 << bits) - 1)).expect("at most seven bits")
}
