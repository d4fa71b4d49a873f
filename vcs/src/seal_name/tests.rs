use selkie_store::{Kind, ObjectId};

use super::*;

fn change(number: u128) -> ChangeId {
    ChangeId::from_bytes(number.to_be_bytes())
}

/// A change whose words stand at these places.
fn at(adjective: u128, noun: u128, verb: u128, rest: u128) -> ChangeId {
    change(adjective << 119 | noun << 109 | verb << 100 | rest)
}

#[test]
fn the_words_never_change() {
    for (words, golden) in [
        (&ADJECTIVES[..], "671576a3955b7657d0bf12a9436b9c4fce87cd525cc935171b0ba9f19c879284"),
        (&NOUNS[..], "827d5a191c930f4df2eebafe9720c9545d54701e5563c9a683c0c568a656ad40"),
        (&VERBS[..], "d475b6349a5fbae2d8466b375f6fa9211ca51aea10ff33f471d1fa1b1bbf00b4"),
    ] {
        let id = ObjectId::of(Kind::Blob, words.join("\n").as_bytes());
        assert_eq!(id.to_string(), golden);
    }
}

#[test]
fn every_list_ascends_and_is_easy_to_type() {
    for (words, _) in PARTS {
        let words: Vec<_> = words.iter().map(Word::text).collect();
        assert!(words.is_sorted_by(|one, next| one < next));
        for word in words {
            assert!((3..=9).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        }
    }
}

#[test]
fn no_two_words_of_a_list_differ_by_one_letter() {
    for (words, _) in PARTS {
        let words: Vec<_> = words.iter().map(Word::text).collect();
        for (at, one) in words.iter().enumerate() {
            for other in &words[at + 1..] {
                let changed = || one.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
                assert!(one.len() != other.len() || changed() > 1, "{one} {other}");
            }
        }
    }
}

#[test]
fn a_name_is_made_of_the_first_bits() {
    for (change, name) in [
        (at(0, 0, 0, 0), "able-abacus-accepts"),
        (at(511, 1023, 511, 0), "zonal-zucchini-zooms"),
        (at(42, 630, 115, 7), "brave-otter-dives"),
    ] {
        assert_eq!(SealName::of(change).to_string(), name);
    }
}

#[test]
fn a_name_may_be_typed_in_part() {
    let otter = at(42, 630, 115, 7);
    for text in
        ["", "b", "brave", "brave-", "brave-ot", "brave-otter-dives", "brave-otter-dives-kk"]
    {
        assert!(SealName::changes(text).unwrap().contains(&otter), "{text}");
    }
    for text in ["c", "brave-p", "brav-otter", "brave-otter-dives-z"] {
        assert!(SealName::changes(text).is_none_or(|range| !range.contains(&otter)), "{text}");
    }
    for text in ["xx", "brave-otter-dives-a", "brave-otter-dives-k-k", "Brave", "-", "é"] {
        assert_eq!(SealName::changes(text), None, "{text}");
    }
}

#[test]
fn a_whole_name_stands_for_all_that_share_it() {
    let range = SealName::changes("brave-otter-dives").unwrap();
    let rest = (1 << 100) - 1;
    assert_eq!(range, at(42, 630, 115, 0)..=at(42, 630, 115, rest));
}

#[test]
fn letters_tell_apart_what_shares_a_name() {
    let name = SealName::of(at(42, 630, 115, 0xf << 96));
    assert_eq!(name.with_letters(0), "brave-otter-dives");
    assert_eq!(name.with_letters(2), "brave-otter-dives-zk");
    let all = name.with_letters(99);
    assert_eq!(all.len(), "brave-otter-dives-".len() + 25);
    assert_eq!(SealName::changes(&all).unwrap(), name.change..=name.change);
}

#[test]
fn the_letters_of_an_id_are_no_hexadecimal_digits() {
    let change = change(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    let letters = change_letters(change);
    assert_eq!(letters, "klmnopqrstuvwxyzklmnopqrstuvwxyz");
    assert_eq!(changes_by_letters(&letters), Some(change..=change));
    assert!(changes_by_letters("klm").unwrap().contains(&change));
    assert!(!changes_by_letters("kk").unwrap().contains(&change));
    for wrong in ["a", "0", "klM", &format!("{letters}k")] {
        assert_eq!(changes_by_letters(wrong), None, "{wrong}");
    }
}
