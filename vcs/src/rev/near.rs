//! Which name was meant by one that is nowhere.

/// Suggestions that are worth reading.
const NEAR_MAX: usize = 3;
/// A longer name is not compared: the work grows with the square of the length.
const LEN_MAX: usize = 64;

/// The names that differ least from `wanted`, nearest first, if any is near.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let letters: Vec<char> = wanted.chars().flat_map(char::to_lowercase).collect();
    if letters.is_empty() || letters.len() > LEN_MAX {
        return Vec::new();
    }
    let allowed = letters.len().div_ceil(3);
    let mut found: Vec<(usize, &str)> = names
        .filter(|name| name.len() <= 4 * LEN_MAX)
        .map(|name| (distance(&letters, name), name))
        .filter(|(distance, _)| *distance <= allowed && *distance < letters.len())
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(NEAR_MAX).map(|(_, name)| name.to_owned()).collect()
}

/// Letters to insert, remove, change, or swap with their neighbour.
fn distance(one: &[char], other: &str) -> usize {
    let other: Vec<char> = other.chars().flat_map(char::to_lowercase).collect();
    let mut two_above: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (at, wanted) in other.iter().enumerate() {
            let changed = above[at] + usize::from(letter != wanted);
            let mut best = changed.min(above[at + 1] + 1).min(line[at] + 1);
            let swapped = row > 0 && at > 0 && one[row - 1] == *wanted && other[at - 1] == *letter;
            if swapped {
                best = best.min(two_above[at - 1] + 1);
            }
            line.push(best);
        }
        two_above = above;
        above = line;
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_are_found() {
        let names = ["main", "maint", "feature", "rain", "x"];
        let near = |wanted| nearest(wanted, names.into_iter()).join(" ");
        assert_eq!(near("mian"), "main maint rain");
        assert_eq!(near("Main"), "main maint rain");
        assert_eq!(near("featrue"), "feature");
        assert_eq!(near("zebra"), "");
        assert_eq!(near("y"), "");
        assert_eq!(near(""), "");
        assert_eq!(near(&"a".repeat(100)), "");
    }
}
