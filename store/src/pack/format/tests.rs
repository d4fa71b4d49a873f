//! Literal bytes: packs on other people's disks must open forever.

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn block() -> BlockRecord {
    BlockRecord {
        offset: 5,
        stored_len: 0x0102,
        raw_len: 0x0304,
        codec: Codec::Delta,
        step: 7,
        checksum: *b"checksum",
    }
}

fn object(byte: u8) -> ObjectRecord {
    ObjectRecord {
        id: ObjectId::from_bytes([byte; 32]),
        kind: Kind::Seal,
        block: 1,
        start: 2,
        length: 3,
    }
}

#[test]
fn the_end_of_a_pack_keeps_its_bytes() {
    let (id, tail) = encode_tail(0x0107, &[block()], &[object(0xaa), object(0xbb)]);
    let expected = [
        "0500000000000000",
        "02010000",
        "04030000",
        "02",
        "0700",
        "636865636b73756d",
        &"aa".repeat(32),
        "04010000000200000003000000",
        &"bb".repeat(32),
        "04010000000200000003000000",
    ];
    let expected = expected.concat();
    assert_eq!(hex(&tail)[..expected.len()], expected);
    let rest = &tail[27 + 90..];
    assert_eq!(hex(&rest[8..40]), "aa".repeat(32), "the directory has the first id");
    assert_eq!(hex(&rest[48..64]), ["0701000000000000", "01000000", "02000000"].concat());
    assert_eq!(hex(&rest[64..]), id.to_string());
    assert_eq!(id.to_string(), GOLDEN_ID);
}

// Made from the bytes above by another implementation of BLAKE3.
const GOLDEN_ID: &str = "f1ce603a31d8bd1afa3cdf87838813689e5ecda24f1d757eae0eb777bb9525a8";

#[test]
fn the_end_of_a_pack_reads_back() {
    let objects: Vec<_> = (0..200).map(object).collect();
    let (id, tail) = encode_tail(77, &[block(); 151], &objects);
    let footer = decode_footer(*tail.last_chunk().unwrap());
    assert_eq!((footer.id, footer.blocks, footer.objects), (id, 151, 200));
    assert_eq!(footer.file_len(), Some(77 + tail.len() as u64));
    let at = |(offset, length): (u64, usize)| {
        let start = usize::try_from(offset).unwrap() - 77;
        &tail[start..start + length]
    };
    let directory_at = tail.len() - FOOTER_LEN - footer.directory_len();
    let directory = footer.directory(&tail[directory_at..tail.len() - FOOTER_LEN]).unwrap();
    assert_eq!((directory.block_pages.len(), directory.object_pages.len()), (2, 3));
    assert_eq!(BlockRecord::in_page(at(footer.block_page(1)), 0), Some(block()));
    assert_eq!(BlockRecord::in_page(at(footer.block_page(1)), 1), None);
    assert_eq!(
        ObjectRecord::find(at(footer.object_page(2)), &object(180).id),
        Some((0, object(180)))
    );
    assert_eq!(ObjectRecord::find(at(footer.object_page(2)), &object(90).id), None);
    for (page, (first, sum)) in directory.object_pages.iter().enumerate() {
        assert_eq!(*first, objects[page * OBJECTS_PER_PAGE].id);
        assert_eq!(*sum, checksum(at(footer.object_page(page))));
    }
}

#[test]
fn a_changed_directory_is_not_taken() {
    let (_, tail) = encode_tail(5, &[block()], &[object(1)]);
    let footer = decode_footer(*tail.last_chunk().unwrap());
    let directory = tail.len() - FOOTER_LEN - footer.directory_len()..tail.len() - FOOTER_LEN;
    assert!(footer.directory(&tail[directory.clone()]).is_some());
    for at in directory.clone() {
        let mut changed = tail.clone();
        changed[at] ^= 1;
        assert_eq!(footer.directory(&changed[directory.clone()]), None);
    }
    let other = Footer { objects: 2, ..footer };
    assert_eq!(other.directory(&tail[directory]), None);
}

#[test]
fn a_pack_is_found_by_its_name() {
    let id = PackId([0xab; 32]);
    for (standing, suffix) in [(Standing::Kept, "pack"), (Standing::Condemned, "condemned")] {
        let name = id.file_name(standing);
        assert_eq!(name, format!("{}.{suffix}", "ab".repeat(32)));
        assert_eq!(PackId::from_file_name(&name, standing), Some(id));
    }
    for name in ["", ".pack", "abc.pack", "merge.lock", &"ab".repeat(32)] {
        assert_eq!(PackId::from_file_name(name, Standing::Kept), None);
    }
}

#[test]
fn only_this_version_is_known() {
    assert_eq!(decode_header(*b"SLKP\x01"), Header::Known);
    assert_eq!(decode_header(*b"SLKP\x02"), Header::Version(2));
    // One bit of a pack made a later version of it that never was, and the whole store was refused for it.
    assert_eq!(decode_header(*b"SLKP\x00"), Header::NoPack);
    assert_eq!(decode_header(*b"PACK\x01"), Header::NoPack);
}

#[test]
fn a_step_belongs_to_a_delta() {
    let mut page = Vec::new();
    BlockRecord { step: 0, ..block() }.put(&mut page);
    BlockRecord { codec: Codec::Zstd, ..block() }.put(&mut page);
    assert_eq!(BlockRecord::in_page(&page, 0), None);
    assert_eq!(BlockRecord::in_page(&page, 1), None);
}
