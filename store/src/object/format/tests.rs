//! Literal bytes: a change here changes ids that people have written down.

use super::*;

fn some(byte: u8) -> ObjectId {
    ObjectId::from_bytes([byte; 32])
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// `"01 6161 (2a x3)"` with `*` for repetition: `2a*32`.
fn bytes(text: &str) -> Vec<u8> {
    text.split_whitespace()
        .flat_map(|word| {
            let (digits, times) = word.split_once('*').unwrap_or((word, "1"));
            let part: Vec<u8> = (0..digits.len() / 2)
                .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            part.repeat(times.parse().unwrap())
        })
        .collect()
}

fn tree() -> (Tree, Vec<u8>) {
    let tree = Tree::from_iter([
        (name("z"), Node::Foreign(Foreign { mode: 0o160_000, bytes: [0xf0, 0xf1].into() })),
        (name("link"), Node::Symlink(some(5).into())),
        (name("dir"), Node::Directory(some(6).into())),
        (name("both"), Node::Conflict(some(7).into())),
        (name("a"), Node::File(Content::Whole(some(1).into()))),
        (name("b"), Node::File(Content::Chunked(some(2).into()))),
        (name("c"), Node::Executable(Content::Whole(some(3).into()))),
        (name("d"), Node::Executable(Content::Chunked(some(4).into()))),
    ]);
    let spelled = "01
        01 01 61 01*32
        02 01 62 02*32
        07 04 626f7468 07*32
        03 01 63 03*32
        04 01 64 04*32
        06 03 646972 06*32
        05 04 6c696e6b 05*32
        08 01 7a 00e00000 02 f0f1";
    (tree, bytes(spelled))
}

fn chunk_list() -> (ChunkList, Vec<u8>) {
    let chunks = [(1, 0x10_0000), (2, 7)];
    let chunks = chunks.map(|(id, length)| Chunk { id: some(id), length }).to_vec();
    let spelled = "01 00 0200  01*32 0000100000000000  02*32 0700000000000000";
    (ChunkList::new(0, chunks).unwrap(), bytes(spelled))
}

fn seal() -> (Seal, Vec<u8>) {
    let seal = Seal {
        tree: some(1).into(),
        parents: vec![some(9).into(), some(2).into()],
        change: ChangeId::from_bytes([3; 16]),
        time: Hlc::from_u64(0x0102_0304),
        zone_minutes: -90,
        author: Author { name: "Ada".to_owned(), contact: "a@b".to_owned() },
        message: "hi\n".to_owned(),
        replaces: [some(5).into(), some(4).into()].into(),
        labels: [("git".to_owned(), vec![0xff]), ("auto".to_owned(), vec![])].into(),
        signature: Some((PublicKey::from_bytes([6; 32]), Signature::from_bytes([7; 64]))),
    };
    let spelled = "01 01*32 02 09*32 02*32 03*16 0403020100000000 a6ff
        0300 416461 0300 614062 03000000 68690a
        0200 04*32 05*32
        0200 04 6175746f 00000000 03 676974 01000000 ff
        01 06*32 07*64";
    (seal, bytes(spelled))
}

fn conflict() -> (Conflict, Vec<u8>) {
    let file = |byte| Some(Node::File(Content::Whole(some(byte).into())));
    let term = |path, node, seal: Option<u8>, note: &str| Term {
        path: RepoPath::new(path).unwrap(),
        node,
        seal: seal.map(|byte| some(byte).into()),
        note: note.to_owned(),
    };
    let conflict = Conflict::new(
        vec![term("a", file(1), None, "")],
        vec![term("a", None, Some(2), "main"), term("b/c", file(3), None, "x")],
    );
    let spelled = "01 01 02
        0100 61 01 01*32 00 0000
        0100 61 00 01 02*32 0400 6d61696e
        0300 622f63 01 03*32 00 0100 78";
    (conflict.unwrap(), bytes(spelled))
}

fn spelled_so<T: Canonical + PartialEq + std::fmt::Debug>((value, bytes): &(T, Vec<u8>)) {
    assert_eq!(value.encode().unwrap(), *bytes);
    assert_eq!(T::decode(bytes).as_ref(), Ok(value));
}

#[test]
fn every_kind_keeps_its_bytes() {
    spelled_so(&tree());
    spelled_so(&(Tree::default(), vec![1]));
    spelled_so(&chunk_list());
    spelled_so(&seal());
    spelled_so(&conflict());
}

#[test]
fn links_lead_where_the_value_says() {
    let of_tree: Vec<_> = links(Kind::Tree, &tree().1).unwrap();
    let kinds = of_tree.iter().map(|(kind, id)| (*kind, id.as_bytes()[0])).collect::<Vec<_>>();
    assert_eq!(
        kinds,
        [
            (Kind::Blob, 1),
            (Kind::Chunks, 2),
            (Kind::Conflict, 7),
            (Kind::Blob, 3),
            (Kind::Chunks, 4),
            (Kind::Tree, 6),
            (Kind::Blob, 5)
        ]
    );
    let of_seal = links(Kind::Seal, &seal().1).unwrap();
    assert_eq!(of_seal, [(Kind::Tree, some(1)), (Kind::Seal, some(9)), (Kind::Seal, some(2))]);
    assert_eq!(links(Kind::Conflict, &conflict().1).unwrap().len(), 2);
    assert_eq!(links(Kind::Blob, b"anything").unwrap(), []);
}

/// Whatever decodes encodes to the same bytes: tried on each way to change a good spelling.
fn one_spelling<T: Canonical>(good: &[u8]) {
    let check = |tried: &[u8]| {
        if let Ok(value) = T::decode(tried) {
            assert_eq!(value.encode().unwrap(), tried);
        }
    };
    for at in 0..good.len() {
        assert!(T::decode(&good[..at]).is_err() || T::KIND == Kind::Tree, "cut at {at}");
        check(&good[..at]);
        for value in 0..=255 {
            let mut tried = good.to_vec();
            tried[at] = value;
            check(&tried);
            let mut tried = good.to_vec();
            tried.insert(at, value);
            check(&tried);
        }
    }
    let longer = [good, &[0]].concat();
    assert!(T::decode(&longer).is_err());
}

#[test]
fn no_value_has_two_spellings() {
    one_spelling::<Tree>(&tree().1);
    one_spelling::<ChunkList>(&chunk_list().1);
    one_spelling::<Seal>(&seal().1);
    one_spelling::<Conflict>(&conflict().1);
}

#[test]
fn a_tree_out_of_order_is_refused() {
    let entry = |name: &str| format!("01 01 {name} 01*32");
    for names in [["62", "61"], ["61", "61"]] {
        let spelled = bytes(&format!("01 {} {}", entry(names[0]), entry(names[1])));
        assert_eq!(Tree::decode(&spelled), Err(DecodeError::Order(Part::Name)));
    }
}

#[test]
fn a_tree_with_a_hostile_name_is_refused() {
    for (spelled, error) in [
        ("01 01 02 2e2e 01*32", NameError::Relative),
        ("01 01 03 612f62 01*32", NameError::Separator),
        ("01 06 04 2e476954 01*32", NameError::ControlDirectory),
        ("01 01 00 01*32", NameError::Empty),
        ("01 01 01 ff 01*32", NameError::Text),
    ] {
        assert_eq!(Tree::decode(&bytes(spelled)), Err(DecodeError::Name(error)));
    }
}

#[test]
fn numbers_outside_their_limits_are_refused() {
    let rule = |part| DecodeError::Rule(part);
    let list = |text| ChunkList::decode(&bytes(text));
    assert_eq!(list("01 00 0000"), Err(rule(Part::Chunks)), "no piece");
    assert_eq!(list("01 15 0100 01*32 01 00*7"), Err(rule(Part::Chunks)), "too high");
    assert_eq!(list("01 00 0100 01*32 00*8"), Err(rule(Part::Chunks)), "an empty piece");
    assert_eq!(
        list("01 00 0200 01*32 ff*8 02*32 ff*8"),
        Err(rule(Part::Chunks)),
        "a sum too large"
    );
    assert_eq!(list("01 00 ffff 01*32 01 00*7"), Err(DecodeError::Short), "a count too large");
    let one_side = "01 00 01 0100 61 00 00 0000";
    assert_eq!(Conflict::decode(&bytes(one_side)), Err(rule(Part::Terms)));
    let foreign = "01 08 01 61 00*4 41 00*65";
    assert_eq!(Tree::decode(&bytes(foreign)), Err(rule(Part::Foreign)));
    assert_eq!(Tree::decode(&bytes("02")), Err(DecodeError::Version(2)));
    assert_eq!(Tree::decode(&bytes("01 09 01 61 00*32")), Err(DecodeError::Mode(9)));
}

#[test]
fn what_does_not_fit_its_length_field_has_no_spelling() {
    let (seal, _) = seal();
    let long = Seal { labels: [("x".repeat(256), vec![])].into(), ..seal.clone() };
    assert_eq!(long.encode(), Err(TooLarge(Part::Labels)));
    let many = Seal { parents: vec![some(1).into(); 256], ..seal };
    assert_eq!(many.encode(), Err(TooLarge(Part::Parents)));
}
