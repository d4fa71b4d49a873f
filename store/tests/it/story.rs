//! A store's life in small: seals, versions, a long content, merges.

use std::sync::Arc;

use selkie_store::{
    Author, Batch, ChangeId, Hint, Kind, Name, Node, ObjectId, Parts, Seal, SealId, SecretKey,
    SimDisk, Store, Tree, WriteError, sign, tidy,
};

/// What the store said is durable, and since when.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) step: usize,
    pub(crate) seal: SealId,
    pub(crate) text: Vec<u8>,
}

/// Seals, one after the other, each with a new version of one file and a new file, tidying after
/// each. What fails is left out; what succeeds is returned.
pub(crate) fn live(disk: &SimDisk, seals: u8) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::<Acknowledged>::new();
    let mut text = text();
    for number in 0..seals {
        let Ok(store) = Store::open(Arc::new(disk.clone())) else { continue };
        text[usize::from(number) * 7] ^= 1;
        let before = acknowledged.last().map(|last| last.seal);
        if let Ok(seal) = seal(&store, number, &text, before) {
            acknowledged.push(Acknowledged { step: disk.steps(), seal, text: text.clone() });
        }
        // It is tried at the next seal again.
        let _ = tidy(&store);
    }
    acknowledged
}

/// Whether the seal and all that it names are there as they were written.
pub(crate) fn is_whole(store: &Store, acknowledged: &Acknowledged) -> bool {
    let read = || {
        let seal: Seal = store.load(acknowledged.seal).ok()?;
        let tree: Tree = store.load(seal.tree).ok()?;
        let Some(Node::File(text)) = tree.get("text") else { return None };
        let text = Parts::new(store, *text).collect::<Result<Vec<_>, _>>().ok()?.concat();
        let rest =
            tree.links().all(|(kind, id)| store.read(&id).is_ok_and(|found| found.kind == kind));
        Some(rest && text == acknowledged.text)
    };
    read().unwrap_or(false)
}

fn seal(
    store: &Store,
    number: u8,
    text: &[u8],
    before: Option<SealId>,
) -> Result<SealId, WriteError> {
    let last: Option<Tree> = before
        .and_then(|before| store.load::<Seal>(before).ok())
        .and_then(|seal| store.load(seal.tree).ok());
    let base = |name: &str| last.as_ref()?.get(name)?.link().map(|(_, id)| id);
    let batch = Batch::new(store);
    let content = batch.put_content(text, Hint { path: "text", base: base("text") })?;
    let fresh = batch.put(Kind::Blob, &[number; 30], Hint::NONE)?;
    let entry = |name: &str, node| (Name::new(name).expect("a plain name"), node);
    let tree = Tree::from_iter([
        entry("text", Node::File(content)),
        entry(&format!("fresh{number}"), Node::Symlink(fresh.into())),
    ]);
    let seal = Seal {
        tree: batch.put_value(&tree, Hint::NONE)?,
        parents: before.into_iter().collect(),
        change: ChangeId::from_bytes([number; 16]),
        time: selkie_crdt::Hlc::from_ms(u64::from(number)),
        zone_minutes: 0,
        author: Author { name: "east".to_owned(), contact: String::new() },
        message: format!("seal {number}"),
        replaces: [].into(),
        labels: [].into(),
        signature: None,
    };
    // Signatures take most of the time, and one is as good as many here.
    let key = SecretKey::from_bytes(&[7; 32]);
    let seal = if number == 0 { sign(seal, &key)? } else { seal };
    let id = batch.put_value(&seal, Hint::NONE)?;
    batch.finish()?;
    Ok(id)
}

fn text() -> Vec<u8> {
    let line = |n: u64| ObjectId::of(Kind::Blob, &n.to_le_bytes()).to_string();
    (0..16).map(line).collect::<String>().into_bytes()
}
