use selkie_store::Kind;

use super::*;

fn seal(number: u8) -> SealId {
    SealId::from(ObjectId::of(Kind::Blob, &[number]))
}

fn contents() -> Contents {
    Contents {
        timelines: [(TimelineName::new("main").unwrap(), [seal(1)].into())].into(),
        tags: [(TagName::new("v1").unwrap(), [seal(2)].into())].into(),
        builds_on: [(seal(3), ChangeId::from_bytes([9; 16]))].into(),
        objects: 5,
        bytes: 300,
    }
}

/// A bundle of these parcels.
fn written(parcels: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writing = Writing::begin(&mut bytes, &contents()).unwrap();
    parcels.iter().for_each(|parcel| writing.parcel(parcel).unwrap());
    writing.end().unwrap();
    bytes
}

/// What is in a bundle, or why it is none.
fn read(bytes: &[u8]) -> Result<(Contents, Vec<Vec<u8>>), String> {
    let told = |error: UnreadableBundle| error.to_string();
    let (mut reading, contents) = Reading::begin(bytes).map_err(told)?;
    let mut parcels = Vec::new();
    while let Some(parcel) = reading.parcel().map_err(told)? {
        parcels.push(parcel);
    }
    Ok((contents, parcels))
}

#[test]
fn the_bytes_are_these() {
    let bytes = written(&[b"abc"]);
    let mut expected = b"SLKBNDL\x01".to_vec();
    let mut spelled = vec![1];
    spelled.extend(b"\x01\x04main\x01");
    spelled.extend(seal(1).object().as_bytes());
    spelled.extend(b"\x01\x02v1\x01");
    spelled.extend(seal(2).object().as_bytes());
    spelled.push(1);
    spelled.extend(seal(3).object().as_bytes());
    spelled.extend([9; 16]);
    spelled.extend([5, 251, 44, 1]);
    expected.extend(u32::try_from(spelled.len()).unwrap().to_le_bytes());
    expected.extend(spelled);
    expected.extend(b"\x03\0\0\0abc\0\0\0\0");
    let mut hasher = Hasher::new_derive_key("selkie 1 bundle");
    expected.extend(hasher.update(&expected).finalize().as_bytes());
    assert_eq!(bytes, expected);
    assert_eq!(read(&bytes), Ok((contents(), vec![b"abc".to_vec()])));
}

#[test]
fn every_cut_and_every_flip_shows() {
    let bytes = written(&[b"abc", b"defg"]);
    for length in 0..bytes.len() {
        let expected =
            if length < 7 { "the file is no bundle" } else { "the bundle ends too early" };
        assert_eq!(read(&bytes[..length]), Err(expected.to_owned()), "cut to {length}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(read(&flipped).is_err(), "bit {bit} of byte {at}");
        }
    }
    let more = [&bytes[..], b"x"].concat();
    assert_eq!(read(&more), Err("something follows the end of the bundle".to_owned()));
}

#[test]
fn a_length_that_is_a_lie_takes_no_memory() {
    let bytes = written(&[b"abc"]);
    let at = bytes.len() - HASH_LEN - 4 - 3 - 4;
    let mut long = bytes.clone();
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let expected = "a parcel in the bundle is longer than any can be";
    assert_eq!(read(&long), Err(expected.to_owned()));
    let mut short = bytes;
    short[at..at + 4].copy_from_slice(&(64_u32 << 20).to_le_bytes());
    assert_eq!(read(&short), Err("the bundle ends too early".to_owned()));
}

type Spoil = fn(&mut Spelled);

#[test]
fn contents_are_told_in_one_way() {
    let good = || Spelled::from(&contents());
    let table: [(&str, Spoil); 7] = [
        ("nothing is brought", |s| {
            s.timelines.clear();
            s.tags.clear();
        }),
        ("there is no object", |s| s.objects = 0),
        ("a timeline ends nowhere", |s| s.timelines[0].1.clear()),
        ("a timeline is told twice", |s| s.timelines.push(("main".into(), vec![[1; 32]]))),
        ("seals are out of order", |s| s.tags[0].1.extend([[2; 32], [1; 32]])),
        ("a seal is built upon twice", |s| s.builds_on.push(s.builds_on[0])),
        ("tags are out of order", |s| s.tags.push(("a".into(), vec![[1; 32]]))),
    ];
    assert!(good().is_valid());
    for (what, spoil) in table {
        let mut spelled = good();
        spoil(&mut spelled);
        assert!(!spelled.is_valid(), "{what}");
    }
    let mut named = good();
    named.timelines[0].0 = "../../etc".into();
    assert!(named.is_valid(), "the name is a text");
    assert!(named.contents().is_none(), "and no timeline's");
}

#[test]
fn later_versions_are_told_from_what_is_none() {
    let mut later = written(&[]);
    later[7] = 2;
    let expected = "the bundle is of version 2, which this program does not know";
    assert_eq!(read(&later), Err(expected.to_owned()));
    assert_eq!(read(b"#!/bin/sh\nexit 0\n"), Err("the file is no bundle".to_owned()));
}
