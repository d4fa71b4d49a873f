//! Which children a merged value has, and in which order.

use std::collections::{HashMap, HashSet};

use super::node::Container;

/// The keys of two sides in one order: those of the first side in its order, each that only the other has behind the
/// one that it stands behind there, or where it belongs if the children are sorted.
///
/// If the first side left the order as it was and the other did not, the other's order is the one that somebody chose.
pub(super) fn order<'a>(
    base: Option<&'a Container>,
    one: &'a Container,
    other: &'a Container,
) -> Vec<&'a [u8]> {
    let is_kept = |side: &Container| base.is_none_or(|base| is_in_order(base, side));
    let is_one_first = !is_kept(one) || is_kept(other);
    let (first, second) = if is_one_first { (one, other) } else { (other, one) };
    let (firsts, seconds) = (keys(first), keys(second));
    let bases: HashSet<&[u8]> = base.into_iter().flat_map(keys).collect();
    let (in_first, in_second): (HashSet<&[u8]>, HashSet<&[u8]>) =
        (firsts.iter().copied().collect(), seconds.iter().copied().collect());
    if firsts.len() + seconds.len() > 2 * ENOUGH && firsts.is_sorted() && seconds.is_sorted() {
        let mut all: Vec<&[u8]> = firsts;
        all.extend(seconds.iter().filter(|key| !in_first.contains(*key)));
        all.sort_unstable();
        return all;
    }
    // What only the second side has, by the key that it stands behind there.
    let mut behind: HashMap<Option<&[u8]>, Vec<&[u8]>> = HashMap::new();
    let mut anchor = None;
    for key in seconds {
        if in_first.contains(key) {
            anchor = Some(key);
        } else {
            behind.entry(anchor).or_default().push(key);
        }
    }
    let is_own = |key: &[u8]| !bases.contains(key) && !in_second.contains(key);
    let mut all = Vec::new();
    let mut waiting = behind.remove(&None).unwrap_or_default();
    for key in firsts {
        // What both sides brought to one place: that of the side which is named first stands first.
        if !(is_one_first && is_own(key)) {
            all.append(&mut waiting);
        }
        all.push(key);
        waiting.extend(behind.remove(&Some(key)).unwrap_or_default());
    }
    all.append(&mut waiting);
    all
}

/// Keys of which a sorted value has more than so many: fewer are sorted by chance.
const ENOUGH: usize = 2;

fn keys<'a>(container: &'a Container) -> Vec<&'a [u8]> {
    container.children.iter().map(|child| child.key.as_slice()).collect()
}

/// Whether the children that both have stand in the same order in both.
fn is_in_order(base: &Container, side: &Container) -> bool {
    let (bases, sides) = (keys(base), keys(side));
    let in_base: HashSet<&[u8]> = bases.iter().copied().collect();
    let in_side: HashSet<&[u8]> = sides.iter().copied().collect();
    let shared = bases.iter().filter(|key| in_side.contains(*key));
    shared.eq(sides.iter().filter(|key| in_base.contains(*key)))
}
