use super::*;

fn block(form: Form, stored_len: u32, raw_len: u32, members: &[(Kind, u32, u32)]) -> Block {
    let members = members.iter().map(|(kind, skip, length)| Member {
        kind: *kind,
        skip: *skip,
        length: *length,
    });
    Block { form, stored_len, raw_len, members: members.collect() }
}

fn parcel(label: Label, body: &[u8]) -> Vec<u8> {
    let bytes = Parcel::of(&label, body).into_bytes();
    assert_eq!(Parcel::split(&bytes).unwrap(), (label, body));
    bytes
}

#[test]
fn blocks_have_these_bytes() {
    let raw = block(Form::Raw, 4, 4, &[(Kind::Blob, 0, 4)]);
    let bytes = parcel(Label::Blocks(vec![raw]), b"fish");
    assert_eq!(bytes, [&[7, 0, 0, 1, 0, 1, 0, 4, 0, 1][..], b"fish"].concat());

    let shared = block(Form::Zstd, 3, 9, &[(Kind::Blob, 1, 2), (Kind::Tree, 0, 5)]);
    let delta = Form::Delta { base: *b"a base", step: 300 };
    let delta = block(delta, 2, 1000, &[(Kind::Seal, 0, 1000)]);
    let bytes = parcel(Label::Blocks(vec![shared, delta]), b"abcde");
    let label = [&[1, 0, 2][..], &[1, 3, 9, 1, 2, 1, 1, 2, 3, 0, 5], &[2], b"a base"].concat();
    let label = [&label[..], &[251, 44, 1, 2, 251, 232, 3, 0, 4]].concat();
    assert_eq!(bytes, [&[30, 0, 0][..], &label, b"abcde"].concat());
}

#[test]
fn fresh_objects_have_these_bytes() {
    let item = |kind, length, base| Item { kind, length, stored_len: 2, base };
    let items = vec![
        item(Kind::Blob, 2, Base::Nothing),
        item(Kind::Tree, 50, Base::Had(*b"a base")),
        item(Kind::Seal, 90, Base::Before(1)),
    ];
    let bytes = parcel(Label::Fresh(Fresh { items, check: [9; 4] }), b"aabbcc");
    let label = [&[1, 1, 9, 9, 9, 9, 3][..], &[1, 2, 2, 0], &[3, 50, 2, 1], b"a base"].concat();
    let label = [&label[..], &[4, 90, 2, 2, 1]].concat();
    assert_eq!(bytes, [&[26, 0, 0][..], &label, b"aabbcc"].concat());
}

#[test]
fn labels_that_no_honest_store_writes_are_refused() {
    let zstd = |stored, raw, members: &[_]| vec![block(Form::Zstd, stored, raw, members)];
    let long = 1 + u32::try_from(OBJECT_LEN_MAX).unwrap();
    let chunk = 1 + u32::try_from(BLOB_LEN_MAX).unwrap();
    let labels = [
        ("members beyond the end", zstd(1, 9, &[(Kind::Blob, 0, 5), (Kind::Blob, 0, 5)])),
        ("a length that overflows", zstd(1, 9, &[(Kind::Blob, u32::MAX, 5)])),
        ("a frame that is no smaller", zstd(9, 9, &[(Kind::Blob, 0, 9)])),
        ("an object that is too long", zstd(1, long, &[(Kind::Tree, 0, long)])),
        ("a blob that is too long", zstd(1, chunk, &[(Kind::Blob, 0, chunk)])),
        ("a long block of several", zstd(1, chunk, &[(Kind::Tree, 0, 5), (Kind::Tree, 0, 5)])),
        ("a delta of no step", {
            let form = Form::Delta { base: [0; 6], step: 0 };
            vec![block(form, 1, 9, &[(Kind::Blob, 0, 9)])]
        }),
    ];
    for (what, blocks) in labels {
        let bytes = Parcel::of(&Label::Blocks(blocks), b"x").into_bytes();
        assert!(matches!(Parcel::split(&bytes), Err(ParcelError::Label(_))), "{what}");
    }
    let honest = Parcel::of(&Label::Blocks(zstd(1, 9, &[(Kind::Blob, 0, 9)])), b"x").into_bytes();
    assert!(Parcel::split(&honest).is_ok());
    assert!(matches!(Parcel::split(&[&honest[..], b"y"].concat()), Err(ParcelError::Label(_))));
    for cut in 0..honest.len() {
        assert!(Parcel::split(&honest[..cut]).is_err());
    }
}
