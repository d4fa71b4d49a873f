//! Maps in bytes: all keys of all maps in one column, then all children in theirs.
//!
//! ```text
//! count       for each map, how many children
//! how         for each child: 0 spelled, 1 beside, 2 replaced; a single 0, 1 or 2 if all are
//!             alike, else 3 and one each
//! spelled     if several maps spell keys: whether by a word list; the list; a number each
//! beside      a column of dots
//! children    their column
//! ```

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::Hash;

use super::delta::KeyRef;
use super::delta::MapDelta;
use crate::causal::Causal;
use crate::table::Table;
use crate::table::unmarked;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

const SPELLED: u8 = 0;
const BESIDE: u8 = 1;
const REPLACED: u8 = 2;
const MIXED: u8 = 3;

const WORD_LEN_MAX: usize = 64;

pub(super) fn write<K: Value + Hash, C: Causal>(
    deltas: &[&MapDelta<K, C::Delta>],
    out: &mut Writer,
) {
    deltas.iter().for_each(|delta| out.count(delta.children.len()));
    let children = || deltas.iter().flat_map(|delta| &delta.children);
    out.tags(children().map(|(key, _)| how(key)), MIXED);
    let spelled = children().filter_map(|(key, _)| match key {
        KeyRef::Spelled(key) => Some(key),
        KeyRef::Beside(_) | KeyRef::Replaced | KeyRef::At(_) => None,
    });
    write_keys(deltas.len(), spelled, out);
    out.marks(children().filter_map(|(key, _)| match key {
        KeyRef::Beside(mark) => Some(*mark),
        KeyRef::Spelled(_) | KeyRef::Replaced | KeyRef::At(_) => None,
    }));
    let column: Vec<_> = children().map(|(_, child)| child).collect();
    C::write_column(&column, out);
}

fn how<K>(key: &KeyRef<K>) -> u8 {
    match key {
        KeyRef::Spelled(_) => SPELLED,
        KeyRef::Beside(_) => BESIDE,
        KeyRef::Replaced => REPLACED,
        KeyRef::At(_) => unreachable!("a slot is a name inside one replica only"),
    }
}

/// The keys of several maps repeat; those of one do not.
fn write_keys<'a, K: Value + Hash + 'a>(
    maps: usize,
    keys: impl Iterator<Item = &'a K> + Clone,
    out: &mut Writer,
) {
    if maps < 2 {
        return K::write_column(keys, out);
    }
    let list = WordList::of(keys.clone());
    out.byte(u8::from(list.pays()));
    if list.pays() {
        out.count(list.words.len());
        K::write_column(list.words.into_iter(), out);
        list.numbers.iter().for_each(|number| out.count(*number));
    } else {
        K::write_column(keys, out);
    }
}

/// Each key once, in the order of first use, and for each use its number there.
struct WordList<'a, K> {
    words: Vec<&'a K>,
    numbers: Vec<usize>,
}

impl<'a, K: Value + Hash> WordList<'a, K> {
    fn of(keys: impl Iterator<Item = &'a K>) -> Self {
        let mut words = Table::default();
        let numbers = keys.map(|key| words.find_or_add(key, (), &unmarked) as usize).collect();
        Self { words: words.into_slots().map(|(word, ())| word).collect(), numbers }
    }

    /// Whether the list is worth its words. Long words are left out of it: a reader makes a word
    /// of each byte, and must not be made to fill memory with that.
    fn pays(&self) -> bool {
        self.words.len() * 2 <= self.numbers.len() && are_short(self.words.iter().copied())
    }
}

pub(super) fn read<K: Value + Hash, C: Causal>(
    maps: usize,
    input: &mut Reader<'_>,
) -> Result<Vec<MapDelta<K, C::Delta>>, DecodeError> {
    let counts = (0..maps).map(|_| input.count()).collect::<Result<Vec<_>, _>>()?;
    let total: usize = counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
    if counts.contains(&0) {
        return Err(DecodeError::NotCanonical);
    }
    if total > input.left() {
        return Err(DecodeError::Truncated);
    }
    let keys = read_key_refs::<K>(maps, total, input)?;
    let children = C::read_column(total, input)?;
    let mut pairs = keys.into_iter().zip(children);
    let take = |count| {
        let mut children = Vec::with_capacity(count);
        children.extend(pairs.by_ref().take(count));
        MapDelta { children }
    };
    let deltas: Vec<_> = counts.into_iter().map(take).collect();
    if deltas.iter().all(is_ascending::<K, C>) {
        Ok(deltas)
    } else {
        Err(DecodeError::NotCanonical)
    }
}

fn read_key_refs<K: Value + Hash>(
    maps: usize,
    total: usize,
    input: &mut Reader<'_>,
) -> Result<Vec<KeyRef<K>>, DecodeError> {
    let hows = input.tags(total, SPELLED..=REPLACED, MIXED)?;
    let of = |how: u8| hows.iter().map(|other| usize::from(*other == how)).sum();
    let mut spelled = read_keys(maps, of(SPELLED), input)?.into_iter();
    let mut beside = input.marks(of(BESIDE))?.into_iter();
    let mut keys = Vec::with_capacity(total);
    for how in hows {
        let key = match how {
            SPELLED => spelled.next().map(KeyRef::Spelled),
            BESIDE => beside.next().map(KeyRef::Beside),
            _ => Some(KeyRef::Replaced),
        };
        keys.push(key.ok_or(DecodeError::Truncated)?);
    }
    Ok(keys)
}

fn read_keys<K: Value + Hash>(
    maps: usize,
    count: usize,
    input: &mut Reader<'_>,
) -> Result<Vec<K>, DecodeError> {
    if maps < 2 {
        return K::read_column(count, input);
    }
    match input.byte()? {
        0 => {
            let keys = K::read_column(count, input)?;
            let should_list = WordList::of(keys.iter()).pays();
            if should_list { Err(DecodeError::NotCanonical) } else { Ok(keys) }
        }
        1 => read_listed_keys(count, input),
        _ => Err(DecodeError::NotCanonical),
    }
}

fn are_short<'a, K: Value + 'a>(mut words: impl Iterator<Item = &'a K>) -> bool {
    words.all(|word| word.to_bytes().len() <= WORD_LEN_MAX)
}

fn read_listed_keys<K: Value + Hash>(
    count: usize,
    input: &mut Reader<'_>,
) -> Result<Vec<K>, DecodeError> {
    let words = input.count()?;
    let words = K::read_column(words, input)?;
    if words.len() * 2 > count || !are_short(words.iter()) {
        return Err(DecodeError::NotCanonical);
    }
    let mut numbers = Vec::with_capacity(count);
    for _ in 0..count {
        numbers.push(input.number_below(words.len())?);
    }
    // The one list has each word once, and in the order of first use.
    let are_apart = WordList::of(words.iter()).words.len() == words.len();
    if are_apart && are_met_in_order(&numbers, words.len()) {
        Ok(numbers.into_iter().map(|number| words[number].clone()).collect())
    } else {
        Err(DecodeError::NotCanonical)
    }
}

/// Whether the first uses of all `numbers` below `count` ascend.
fn are_met_in_order(numbers: &[usize], count: usize) -> bool {
    let mut met = 0;
    for number in numbers {
        match number.cmp(&met) {
            Ordering::Less => {}
            Ordering::Equal => met += 1,
            Ordering::Greater => return false,
        }
    }
    met == count
}

fn is_ascending<K, C: Causal>(delta: &MapDelta<K, C::Delta>) -> bool {
    let firsts = delta.children.iter().map(|(_, child)| C::first_mark(child));
    firsts.is_sorted_by(|a, b| a < b)
}
