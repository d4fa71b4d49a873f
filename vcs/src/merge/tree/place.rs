//! Which children a merged value has, and in which order.

use super::node::{Child, Container};

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
    let (first, second, first_goes_first) =
        if is_kept(one) && !is_kept(other) { (other, one, false) } else { (one, other, true) };
    let is_new = |key: &[u8]| base.is_none_or(|base| base.child(key).is_none());
    let sorted = is_sorted(first) && is_sorted(second);
    let mut keys: Vec<&[u8]> = first.children.iter().map(|child| child.key.as_slice()).collect();
    let mut before: Option<&[u8]> = None;
    for child in &second.children {
        let key = child.key.as_slice();
        if !keys.contains(&key) {
            let place = if sorted {
                keys.partition_point(|have| *have <= key)
            } else {
                let behind = before.and_then(|before| keys.iter().position(|have| *have == before));
                let mut place = behind.map_or(0, |at| at + 1);
                // What both sides brought to one place: the first side's stands first.
                let comes_first = |have: &[u8]| is_new(have) && second.child(have).is_none();
                while first_goes_first && is_new(key) && keys.get(place).is_some_and(|have| comes_first(have)) {
                    place += 1;
                }
                place
            };
            keys.insert(place, key);
        }
        before = Some(key);
    }
    keys
}

/// Whether the children that both have stand in the same order in both.
fn is_in_order(base: &Container, side: &Container) -> bool {
    let shared = |of: &Container, with: &Container| -> Vec<Vec<u8>> {
        let keys = of.children.iter().map(|child| child.key.clone());
        keys.filter(|key| with.child(key).is_some()).collect()
    };
    shared(base, side) == shared(side, base)
}

fn is_sorted(container: &Container) -> bool {
    container.children.len() > 2 && container.children.is_sorted_by_key(|child: &Child| child.key.clone())
}
