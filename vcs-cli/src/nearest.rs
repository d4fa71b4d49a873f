//! What somebody may have meant.

/// The candidate that is least unlike `typed`, if one is like enough to be meant.
pub(crate) fn nearest<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let reach = (typed.chars().count() / 3).max(1);
    let far = |candidate: &&str| distance(typed, candidate);
    let by_distance = candidates.into_iter().map(|candidate| (far(&candidate), candidate));
    let is_near = |(far, _): &(usize, &str)| *far <= reach;
    // Of two that are as near the one with as many letters: letters change places more often than they are left out.
    let longer = |candidate: &str| candidate.len().abs_diff(typed.len());
    let nearest = by_distance.filter(is_near).min_by_key(|(far, near)| (*far, longer(near), *near));
    nearest.map(|(_, candidate)| candidate)
}

/// How many letters to add, drop, change or swap with their neighbour (each pair once).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Three rows of the table: to swap neighbours one looks two rows back.
    let mut two_back = vec![0; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = back[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(back[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(two_back[j - 2] + 1);
            }
        }
        two_back = std::mem::replace(&mut back, row);
    }
    back[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_in_slips_of_the_hand() {
        let table = [
            ("", "", 0),
            ("seal", "seal", 0),
            ("sael", "seal", 1),
            ("sea", "seal", 1),
            ("seals", "seal", 1),
            ("zeal", "seal", 1),
            ("main", "", 4),
            ("kitten", "sitting", 3),
        ];
        for (a, b, expected) in table {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_like_enough_is_proposed() {
        assert_eq!(nearest("statsu", ["seal", "status", "shelf"]), Some("status"));
        assert_eq!(nearest("stauts", ["stats", "status"]), Some("status"));
        assert_eq!(nearest("frobnicate", ["seal", "status"]), None);
    }
}
