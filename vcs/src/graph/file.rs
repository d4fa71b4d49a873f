//! The graph on disk: a base of full pages, and the seals that were added since.

use std::io;

use selkie_store::{Disk, DiskFile};

use crate::graph::cells::{Cells, Source, Span};
use crate::graph::error::GraphError;
use crate::graph::format::{
    self, Coded, Directory, HEADER_LEN, Header, PAIR_LEN, TABLE_PAIRS, TableSpan,
};
use crate::graph::index::Graph;
use crate::graph::lookup::Lookup;
use crate::graph::page::PAGE_ROWS;
use crate::graph::row::Row;
use crate::work::index::Cache;

#[cfg(test)]
mod tests;

/// A graph and the file it is kept in.
///
/// The file says nothing that the store does not say: it may be removed at any time, and is not
/// synced. After a crash its checksums tell what is left of it.
#[derive(Debug)]
pub struct GraphFile {
    /// What the file says, and what was learned since.
    pub graph: Graph,
    on_disk: OnDisk,
}

/// What became of a graph that was saved. It is only a loss of time if nothing did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Saved {
    /// There was nothing new.
    Already,
    /// New seals were added to the file.
    Added,
    /// The file was written anew.
    Anew,
    /// Another process changed the file since it was opened, or is at it. It stays as it is.
    Elsewhere,
}

/// What this process knows of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OnDisk {
    /// There is none, or what there is makes no sense.
    Nothing,
    /// The file began with these bytes, had this size and so many seals, and all of it made sense.
    Sound { header: [u8; HEADER_LEN], size: u64, rows: u32 },
}

const NAME: &str = "local/graph";
const NEW_NAME: &str = "local/graph.new";
const FOLDER: &str = "local";

/// Seals that are added before the file is written anew: so many, and one for so many in the base.
const ADDED_MAX: (u32, u32) = (256, 512);

impl GraphFile {
    /// Removes the file. It is made again when it pays.
    ///
    /// # Errors
    ///
    /// It can not be removed.
    pub(crate) fn forget(disk: &dyn Disk) -> io::Result<()> {
        match disk.remove(NAME) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// The graph in this folder. If there is none, or it is damaged, an empty one.
    ///
    /// # Errors
    ///
    /// The file is there and can not be read.
    pub fn open(disk: &dyn Disk) -> Result<Self, GraphError> {
        let file = match disk.open(NAME) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::empty()),
            Err(error) => return Err(error.into()),
        };
        match Self::read(file) {
            Err(GraphError::Damaged) => Ok(Self::empty()),
            read => read,
        }
    }

    /// How the graph in this folder stands, all of it.
    ///
    /// # Errors
    ///
    /// The file is there and can not be read.
    pub(crate) fn look(disk: &dyn Disk) -> Result<Cache, GraphError> {
        let file = match disk.open(NAME) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Cache::Absent),
            Err(error) => return Err(error.into()),
        };
        match Self::read(file).and_then(|found| found.graph.read_all()) {
            Ok(()) => Ok(Cache::Sound),
            Err(GraphError::Damaged) => Ok(Cache::Damaged),
            Err(error @ (GraphError::Io(_) | GraphError::Full)) => Err(error),
        }
    }

    /// Begins anew: the next [`GraphFile::save`] replaces the file. For whoever met
    /// [`GraphError::Damaged`].
    #[must_use]
    pub fn empty() -> Self {
        Self { graph: Graph::default(), on_disk: OnDisk::Nothing }
    }

    /// Writes what is new.
    ///
    /// # Errors
    ///
    /// The file can not be written: it is what it was, or ends in bytes that the next reader leaves out.
    pub fn save(&mut self, disk: &dyn Disk) -> Result<Saved, GraphError> {
        let OnDisk::Sound { header, size, rows } = self.on_disk else {
            return self.write_anew(disk);
        };
        if rows == self.graph.len {
            return Ok(Saved::Already);
        }
        let base = self.base_rows();
        if self.graph.len - base >= ADDED_MAX.0.max(PAGE_ROWS) + base / ADDED_MAX.1 {
            return self.write_anew(disk);
        }
        let mut file = disk.open_locked(NAME)?;
        if file.size()? != size || read_header(&*file)? != header {
            return Ok(Saved::Elsewhere);
        }
        let mut bytes = Vec::new();
        for row in rows..self.graph.len {
            bytes.extend(format::encode_entry(&self.graph.entry(Row(row))?));
        }
        if let Err(error) = file.append(&bytes) {
            // What part of it was written is not known, so the next time the file is written anew.
            self.on_disk = OnDisk::Nothing;
            return Err(error.into());
        }
        let size = size + bytes.len() as u64;
        self.on_disk = OnDisk::Sound { header, size, rows: self.graph.len };
        Ok(Saved::Added)
    }

    fn base_rows(&self) -> u32 {
        match self.on_disk {
            OnDisk::Nothing => 0,
            OnDisk::Sound { header, .. } => {
                Header::decode(&header).map_or(0, |header| header.pages * PAGE_ROWS)
            }
        }
    }

    fn read(file: Box<dyn DiskFile>) -> Result<Self, GraphError> {
        let size = file.size()?;
        if size < HEADER_LEN as u64 {
            return Err(GraphError::Damaged);
        }
        let bytes = read_header(&*file)?;
        let header = Header::decode(&bytes).ok_or(GraphError::Damaged)?;
        let source = Source(Some(file));
        let directory = source.read(Span {
            offset: HEADER_LEN as u64,
            length: header.directory_len,
            checksum: header.directory,
        })?;
        let directory = Directory::decode(&directory, header.pages).ok_or(GraphError::Damaged)?;
        let (graph, end) = base(source, header, directory)?;
        let mut read = Self { graph, on_disk: OnDisk::Sound { header: bytes, size, rows: 0 } };
        read.read_added(end, size)?;
        Ok(read)
    }

    /// Reads what was added after the base. What a crash cut short is left out, and then the file is
    /// written anew when there is something to write.
    fn read_added(&mut self, start: u64, size: u64) -> Result<(), GraphError> {
        let length = size.checked_sub(start).ok_or(GraphError::Damaged)?;
        let mut bytes = vec![0; usize::try_from(length).or(Err(GraphError::Damaged))?];
        let file = self.graph.source.0.as_ref().expect("it was just read from");
        file.read_at(start, &mut bytes)?;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let Some((entry, after)) = format::decode_entry(rest, self.graph.len) else {
                self.on_disk = OnDisk::Nothing;
                return Ok(());
            };
            self.graph.push_new(&entry)?;
            rest = after;
        }
        if let OnDisk::Sound { rows, .. } = &mut self.on_disk {
            *rows = self.graph.len;
        }
        Ok(())
    }

    fn write_anew(&mut self, disk: &dyn Disk) -> Result<Saved, GraphError> {
        disk.create_folder(FOLDER)?;
        let (header, bytes) = encode(&self.graph)?;
        let mut file = match create(disk) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Ok(Saved::Elsewhere);
            }
            Err(error) => return Err(error.into()),
        };
        if let Err(error) = file.append(&bytes) {
            drop(file);
            disk.remove(NEW_NAME)?;
            return Err(error.into());
        }
        disk.rename(NEW_NAME, NAME)?;
        self.on_disk = OnDisk::Sound { header, size: bytes.len() as u64, rows: self.graph.len };
        Ok(Saved::Anew)
    }
}

fn read_header(file: &dyn DiskFile) -> Result<[u8; HEADER_LEN], GraphError> {
    let mut bytes = [0; HEADER_LEN];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// The file to write anew. One that a writer who is gone left behind is removed first.
fn create(disk: &dyn Disk) -> io::Result<Box<dyn DiskFile>> {
    match disk.create(NEW_NAME) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk.remove_abandoned(NEW_NAME)?;
            disk.create(NEW_NAME)
        }
        created => created,
    }
}

/// The graph of the base, and where the base ends.
fn base(source: Source, header: Header, directory: Directory) -> Result<(Graph, u64), GraphError> {
    let rows = header.pages.checked_mul(PAGE_ROWS).ok_or(GraphError::Damaged)?;
    let mut end = HEADER_LEN as u64 + u64::from(header.directory_len);
    let [links, names, trees, faces, touches, rewrites] = directory.pages.map(|pages| {
        let mut spans = Vec::with_capacity(pages.len());
        for (length, checksum) in pages {
            spans.push(Span { offset: end, length, checksum });
            end += u64::from(length);
        }
        spans
    });
    let [by_id, by_change, by_replaced] = directory.tables.map(|table| {
        let offset = end;
        end += u64::from(table.pairs) * PAIR_LEN as u64;
        Lookup::at(table, offset, rows)
    });
    let graph = Graph {
        source,
        len: rows,
        links: Cells::at(links),
        names: Cells::at(names),
        trees: Cells::at(trees),
        faces: Cells::at(faces),
        touches: Cells::at(touches),
        rewrites: Cells::at(rewrites),
        by_id,
        by_change,
        by_replaced,
        absent: directory.absent.into_iter().filter(|row| *row < rows).collect(),
    };
    Ok((graph, end))
}

/// The whole file: seals on full pages as base, the rest as added.
fn encode(graph: &Graph) -> Result<([u8; HEADER_LEN], Vec<u8>), GraphError> {
    let pages = graph.len / PAGE_ROWS;
    let rows = pages * PAGE_ROWS;
    let mut directory = Directory::default();
    let mut body = Vec::new();
    let source = &graph.source;
    let [links, names, trees, faces, touches, rewrites] = &mut directory.pages;
    *links = put_pages(pages, &mut body, |at| graph.links.page(source, at).map(Coded::encode))?;
    *names = put_pages(pages, &mut body, |at| graph.names.page(source, at).map(Coded::encode))?;
    *trees = put_pages(pages, &mut body, |at| graph.trees.page(source, at).map(Coded::encode))?;
    *faces = put_pages(pages, &mut body, |at| graph.faces.page(source, at).map(Coded::encode))?;
    *touches = put_pages(pages, &mut body, |at| graph.touches.page(source, at).map(Coded::encode))?;
    *rewrites =
        put_pages(pages, &mut body, |at| graph.rewrites.page(source, at).map(Coded::encode))?;
    let tables = [&graph.by_id, &graph.by_change, &graph.by_replaced];
    for (span, table) in directory.tables.iter_mut().zip(tables) {
        let mut pairs = table.pairs(source)?;
        pairs.retain(|(_, row)| *row < rows);
        *span = put_table(&pairs, &mut body);
    }
    directory.absent = graph.absent.range(..rows).copied().collect();
    let directory = directory.encode();
    let header = Header {
        pages,
        directory_len: u32::try_from(directory.len()).or(Err(GraphError::Full))?,
        directory: format::checksum(&directory),
    }
    .encode();
    let mut bytes = [&header[..], &directory, &body].concat();
    for row in rows..graph.len {
        bytes.extend(format::encode_entry(&graph.entry(Row(row))?));
    }
    Ok((header, bytes))
}

fn put_pages(
    count: u32,
    body: &mut Vec<u8>,
    page: impl Fn(usize) -> Result<Vec<u8>, GraphError>,
) -> Result<Vec<(u32, format::Checksum)>, GraphError> {
    let mut spans = Vec::new();
    for at in 0..count as usize {
        let bytes = page(at)?;
        let length = u32::try_from(bytes.len()).or(Err(GraphError::Full))?;
        spans.push((length, format::checksum(&bytes)));
        body.extend(bytes);
    }
    Ok(spans)
}

fn put_table(pairs: &[(u64, u32)], body: &mut Vec<u8>) -> TableSpan {
    let count = u32::try_from(pairs.len()).expect("rows have 32 bits");
    let mut span = TableSpan { pairs: count, pages: Vec::new() };
    for page in pairs.chunks(TABLE_PAIRS) {
        let bytes = format::encode_pairs(page);
        span.pages.push((page[0].0, format::checksum(&bytes)));
        body.extend(bytes);
    }
    span
}
