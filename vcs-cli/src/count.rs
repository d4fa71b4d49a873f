//! Figures as people read them.

use std::fmt;
use std::str::FromStr;

/// So many bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Bytes(pub(crate) u64);

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1024 {
            return f.write_str(&counted(self.0, "byte"));
        }
        // In tenths, so that nothing is lost to fractions.
        let mut tenths = u128::from(self.0) * 10 / 1024;
        let mut unit = 0;
        while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
            tenths /= 1024;
            unit += 1;
        }
        let name = UNITS[unit];
        if tenths < 100 {
            write!(f, "{}.{} {name}", tenths / 10, tenths % 10)
        } else {
            write!(f, "{} {name}", tenths / 10)
        }
    }
}

/// So many of something, in its singular.
pub(crate) fn counted(count: u64, one: &str) -> String {
    match (count, one.strip_suffix("ry")) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}ries"),
        (_, None) => format!("{count} {one}s"),
    }
}

/// A figure that somebody typed.
pub(crate) fn figure<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_no_figure| "it is a number, such as 3".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_largest_unit() {
        let table = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (20 << 10, "20 KiB"),
            ((1 << 20) - 1, "1023 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16383 PiB"),
        ];
        for (bytes, expected) in table {
            assert_eq!(Bytes(bytes).to_string(), expected);
        }
    }

    #[test]
    fn one_is_told_alone() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "seal")), ["0 seals", "1 seal", "2 seals"]);
    }
}
