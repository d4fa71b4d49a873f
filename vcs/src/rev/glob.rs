//! Patterns of paths in revisions: `src/*.rs`, `**/tests`, `docs`.

/// A pattern that fits a path, and all that is in a folder it fits.
///
/// `*` and `?` stand for letters of one name, `**` for any number of names.
#[derive(Debug)]
pub(super) struct Glob<'a> {
    names: Vec<&'a str>,
}

impl<'a> Glob<'a> {
    pub(super) fn new(pattern: &'a str) -> Self {
        Self { names: pattern.split('/').filter(|name| !name.is_empty()).collect() }
    }

    /// Whether it is one path.
    pub(super) fn is_plain(&self) -> bool {
        !self.names.iter().any(|name| name.contains(['*', '?']))
    }

    /// The longest path that everything fits into: no change there, no change that fits.
    pub(super) fn folder(&self) -> String {
        let is_plain = |name: &&&str| !name.contains(['*', '?']);
        let names: Vec<_> = self.names.iter().take_while(is_plain).copied().collect();
        names.join("/")
    }

    pub(super) fn fits(&self, path: &str) -> bool {
        // For each beginning of the pattern, whether the names so far fit it.
        let mut fit = vec![false; self.names.len() + 1];
        fit[0] = true;
        self.pass_over_stars(&mut fit);
        for name in path.split('/') {
            if fit[self.names.len()] {
                return true;
            }
            let mut next = vec![false; fit.len()];
            for (at, own) in self.names.iter().enumerate().filter(|(at, _)| fit[*at]) {
                let is_any = *own == "**";
                next[at] |= is_any;
                next[at + 1] |= !is_any && fits_name(own, name);
            }
            fit = next;
            self.pass_over_stars(&mut fit);
        }
        fit[self.names.len()]
    }

    fn pass_over_stars(&self, fit: &mut [bool]) {
        for (at, name) in self.names.iter().enumerate() {
            fit[at + 1] |= fit[at] && *name == "**";
        }
    }
}

/// Goes back to the last star only: what an earlier one took in could never be less.
fn fits_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut place) = (0, 0);
    let mut star = None;
    while place < name.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, place));
            at += 1;
        } else if pattern.get(at).is_some_and(|c| *c == '?' || *c == name[place]) {
            at += 1;
            place += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = star_at + 1;
            place = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_paths_and_what_is_below_them() {
        for (pattern, path, fits) in [
            ("src", "src/a/b.rs", true),
            ("src/", "src", true),
            ("src", "srcs/a", false),
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/a/b.rs", false),
            ("src/**/*.rs", "src/a/b.rs", true),
            ("src/**/*.rs", "src/b.rs", true),
            ("**/tests", "a/b/tests/c", true),
            ("**", "a/b", true),
            ("*", "a/b", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("", "a", true),
            ("**/a/**/b", "x/a/y/z/b", true),
            ("**/a/**/b", "x/b/a", false),
        ] {
            assert_eq!(Glob::new(pattern).fits(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_do_not_take_forever() {
        let pattern = "*a".repeat(60) + "b";
        assert!(!Glob::new(&pattern).fits(&"a".repeat(4000)));
        assert!(!Glob::new(&"**/".repeat(60)).fits("") || Glob::new("**").fits(""));
    }

    #[test]
    fn the_plain_beginning_is_known() {
        assert_eq!(Glob::new("src/lib/*.rs").folder(), "src/lib");
        assert_eq!(Glob::new("**/a").folder(), "");
        assert_eq!(Glob::new("a/b").folder(), "a/b");
    }
}
