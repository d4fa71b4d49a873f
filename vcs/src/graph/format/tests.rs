use std::fmt::Write;

use super::*;
use crate::graph::page::Page;
use crate::graph::toy::{facts, id};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

fn sample() -> [Entry; 3] {
    let present = |name, time, parents| Entry {
        id: id(name),
        known: Known::Present(Box::new(facts(name, time, parents))),
    };
    let absent = Entry { id: id("x"), known: Known::Absent };
    let mut merge = present("m", 0x0102, vec![Row(0), Row(1), Row(0)]);
    let Known::Present(facts) = &mut merge.known else { unreachable!("it was just made") };
    facts.replaces = vec![id("r")];
    facts.touched = Touched::Paths(vec![0x11, 0x22]);
    [absent, present("a", 7, vec![Row(0)]), merge]
}

fn page<P: Page>() -> P {
    let mut page = P::default();
    for (rank, entry) in sample().iter().enumerate() {
        page.push(entry, rank as u64);
    }
    page
}

/// Encodes to these bytes, decodes from them, and from no others of the same or less length.
#[track_caller]
fn golden<P: Page + Coded + PartialEq + std::fmt::Debug>(expected: &str) {
    let bytes = page::<P>().encode();
    assert_eq!(hex(&bytes), expected);
    assert_eq!(P::decode(&bytes, 3, 0), Some(page::<P>()));
    for end in 0..bytes.len() {
        assert_ne!(P::decode(&bytes[..end], 3, 0), Some(page::<P>()), "cut at {end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_ne!(P::decode(&longer, 3, 0), Some(page::<P>()));
}

#[test]
fn links_are_these_bytes() {
    golden::<Links>(
        "00000000000000000100000000000000020000000000000056717073d8e76bf9be59f82dfeffffff\
         0000000000000000fffffffffffffffffdffffff0100020002000100000000000000",
    );
}

#[test]
fn names_are_these_bytes() {
    golden::<Names>(
        "73707156d47d01cdc61ee092d2dd76af64c18dd73e02cdb83033384950cbed73f96be7d8803a45e2\
         cefa5921ad291110e00de7a8f6110c0503e997aa6ba669242df859be452a88595cf8ae9644835741\
         fd4313aab99ad293bc2f52ca80ac8ca200000000000000000000000000000000e2863d2fd7181192\
         00666680bf2ad39d048be7e137983abf36872d8f96414d64",
    );
}

#[test]
fn trees_are_these_bytes() {
    golden::<Trees>(
        "73707156d47d01cdc61ee092d2dd76af64c18dd73e02cdb83033384950cbed737ce066c43f18b323\
         7f503e4dec16fd7a5cfdbaea12ed119e08768691bc262675a5eb2da3f32364552f794d6b239dba32\
         0053defc4f4316d505db2a6a7a31153c",
    );
}

#[test]
fn faces_are_these_bytes() {
    golden::<Faces>(
        "00000000000000000700000000000000020100000000000000003c003c0000000100020000000000\
         0a000000140000000300000000000b00617574686f72206f66206103006140780b00617574686f72\
         206f66206d03006d40787469746c65206f6620617469746c65206f66206d",
    );
}

#[test]
fn touches_are_these_bytes() {
    golden::<Touches>("000000000100000003000000000000000000000011000000000000002200000000000000");
}

#[test]
fn rewrites_are_these_bytes() {
    golden::<Rewrites>(
        "0100000002003cce8d0497b6a64bdf3da0d87ea7793e5215bfa08c5648618444437656bdb185",
    );
}

#[test]
fn an_added_seal_is_these_bytes() {
    let bytes: Vec<u8> = sample().iter().flat_map(encode_entry).collect();
    assert_eq!(
        hex(&bytes),
        "2100000073707156d47d01cdc61ee092d2dd76af64c18dd73e02cdb83033384950cbed73001fb3a3\
         2b4a96d5f48d000000f96be7d8803a45e2cefa5921ad291110e00de7a8f6110c0503e997aa6ba669\
         2401e2863d2fd718119200666680bf2ad39d7ce066c43f18b3237f503e4dec16fd7a5cfdbaea12ed\
         119e08768691bc26267507000000000000003c000100000000000b00617574686f72206f66206103\
         006140780a007469746c65206f662061000000000100000000000000000088ae02fea3a9231cbd00\
         00002df859be452a88595cf8ae9644835741fd4313aab99ad293bc2f52ca80ac8ca201048be7e137\
         983abf36872d8f96414d64a5eb2da3f32364552f794d6b239dba320053defc4f4316d505db2a6a7a\
         31153c02010000000000003c0003000000000001000000000000000b00617574686f72206f66206d\
         03006d40780a007469746c65206f66206d010000003cce8d0497b6a64bdf3da0d87ea7793e5215bf\
         a08c5648618444437656bdb18502001100000000000000220000000000000073a9a83edc05989e"
    );
    let mut rest = &bytes[..];
    for (row, entry) in (0..).zip(&sample()) {
        let (found, after) = decode_entry(rest, row).unwrap();
        assert_eq!(found, *entry);
        rest = after;
    }
    assert!(rest.is_empty());
}

#[test]
fn a_head_of_a_file_is_these_bytes() {
    let directory = Directory {
        pages: [1, 2, 3, 4, 5, 6].map(|length| vec![(length, [0xcc; 8])]),
        tables: [
            TableSpan { pairs: 1025, pages: vec![(5, [1; 8]), (9, [2; 8])] },
            TableSpan::default(),
            TableSpan { pairs: 1, pages: vec![(7, [3; 8])] },
        ],
        absent: vec![4],
    };
    let bytes = directory.encode();
    let header = Header { pages: 1, directory_len: 0x55, directory: [0xdd; 8] };
    assert_eq!(hex(&header.encode()), "534c4b47010100000055000000dddddddddddddddd");
    assert_eq!(Header::decode(&header.encode()), Some(header));
    assert_eq!(
        hex(&bytes),
        "01000000cccccccccccccccc02000000cccccccccccccccc03000000cccccccccccccccc04000000\
         cccccccccccccccc05000000cccccccccccccccc06000000cccccccccccccccc0104000005000000\
         00000000010101010101010109000000000000000202020202020202000000000100000007000000\
         0000000003030303030303030100000004000000"
    );
    assert_eq!(Directory::decode(&bytes, 1), Some(directory));
    assert_eq!(encode_pairs(&[(1, 2)]), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    assert_eq!(decode_pairs(&[1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0], 2), None);
}

#[test]
fn a_parent_that_is_not_before_its_child_is_damage() {
    let bytes = page::<Links>().encode();
    // The first parent of the second seal: after three ranks and three ties, the second of its column.
    let at = 3 * 8 + 3 * 4 + 4;
    for parent in [1_u32, 2, 0xffff_fff0, 0xffff_fffc] {
        let mut wrong = bytes.clone();
        wrong[at..at + 4].copy_from_slice(&parent.to_le_bytes());
        assert_eq!(Links::decode(&wrong, 3, 0), None, "{parent:x}");
    }
    let entry = encode_entry(&sample()[1]);
    assert_eq!(decode_entry(&entry, 0), None);
}

#[test]
fn another_version_is_no_graph() {
    let mut bytes = Header { pages: 0, directory_len: 0, directory: [0; 8] }.encode();
    bytes[4] = 2;
    assert_eq!(Header::decode(&bytes), None);
}
