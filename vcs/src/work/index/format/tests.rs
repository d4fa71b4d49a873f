use super::*;

fn sealed(columns: &[u8], remembered: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    seal(columns, remembered, |part| {
        bytes.extend(part);
        Ok(())
    })
    .unwrap();
    bytes
}

#[test]
fn an_index_stays_what_it_is() {
    let counts = Counts { directories: 1, rows: 1, directory_names: 0, row_names: 1, foreign: 0 };
    let mut columns = header(counts);
    for number in [0_u32, 1, 1] {
        columns.extend(number.to_le_bytes());
    }
    columns.extend([0xaa; 32]);
    columns.extend([1, 0, 0, 0, 1, 1, 1]);
    for number in [4_u64, 5, 6, 7] {
        columns.extend(number.to_le_bytes());
    }
    columns.extend([0xbb; 32]);
    columns.push(b'a');
    assert_eq!(columns.len(), Columns::new(counts).end);
    let names = vec![Remembered { name: b"x".to_vec(), is_ignored: false, is_directory: true }];
    let memory = Memory {
        modified_ns: 8,
        changed_ns: 9,
        inode: 10,
        stamp: [0xcc; 16],
        all_ignored: true,
        names,
    };
    let bytes = sealed(&columns, &remember([(0, &memory)].into_iter()));
    let golden = GOLDEN.concat();
    let pairs = (0..golden.len()).step_by(2).map(|at| &golden[at..at + 2]);
    let golden: Vec<_> = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    assert_eq!(bytes, golden);
    let (opened, remembered) = open(&bytes).unwrap();
    assert_eq!(opened.counts, counts);
    assert_eq!(recall(&bytes[remembered]), Some(vec![(0, memory)]));
}

// Put together by hand from the table, but for the checksum.
const GOLDEN: [&str; 10] = [
    "5349580001000000",
    "010000000100000000000000010000000000000035000000",
    "000000000100000001000000",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "01000000010101",
    "0400000000000000050000000000000006000000000000000700000000000000",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb61",
    "0000000008000000000000000900000000000000",
    "0a00000000000000cccccccccccccccccccccccccccccccc010100000002010078",
    "ef42279c9f1a14cab98bd29ce5dca1d991a004a1f3a516219de6f745ffd7f86e",
];

#[test]
fn what_points_outside_is_refused_although_the_checksum_holds() {
    let counts = Counts { directories: 1, ..Counts::default() };
    let columns = |numbers: [u32; 3]| {
        let mut columns = header(counts);
        numbers.iter().for_each(|number| columns.extend(number.to_le_bytes()));
        columns.extend([0; 32]);
        sealed(&columns, &[])
    };
    assert!(open(&columns([0, 1, 0])).is_some());
    for wrong in [[1, 1, 0], [0, 0, 0], [0, 2, 0], [0, 1, 1]] {
        assert!(open(&columns(wrong)).is_none(), "{wrong:?}");
    }
}
