//! Objects of git from strangers.

use crate::git_objects::body::object;
use crate::lots::Lots;

mod body;

const COMMIT: &[u8] = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
    parent 1111111111111111111111111111111111111111\n\
    author \xc3\x85sa <a@b> 1700000000 +0530\ncommitter B <b@c> 1700000100 -0330\n\
    encoding latin1\ngpgsig -----BEGIN\n more\n\nwords\n\nof it\n";

const TAG: &[u8] = b"object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype commit\ntag v1\n\
    tagger A <a@b> 1700000000 +0000\n\nwords\n";

fn tree() -> Vec<u8> {
    let names = [&b"100644 a"[..], b"40000 b", b"100755 c", b"120000 d", b"160000 e"];
    names.iter().flat_map(|name| [name, &b"\0"[..], &[7; 20]].concat()).collect()
}

#[test]
fn each_kind_comes_back() {
    let kept = [COMMIT, TAG, &tree(), b""].map(object);
    // A blob is anything, and a tree may be empty.
    assert_eq!(kept, [2, 2, 2, 2]);
}

#[test]
fn whatever_a_stranger_made_of_it_comes_back_or_makes_no_sense() {
    let mut lots = Lots(11);
    let examples = [COMMIT.to_vec(), TAG.to_vec(), tree()];
    for _ in 0..3_000 {
        let mut bytes = examples[lots.below(examples.len())].clone();
        for _ in 0..=lots.below(3) {
            let at = lots.below(bytes.len());
            match lots.below(4) {
                0 => bytes[at] = u8::try_from(lots.below(256)).unwrap(),
                1 => bytes.truncate(at + 1),
                2 => bytes.insert(at, [0, b'\n', b' ', b'<', b'>', 0xff][lots.below(6)]),
                _ => _ = bytes.remove(at.min(bytes.len() - 2)),
            }
        }
        object(&bytes);
    }
}
