//! Numbers of bytes, as settings tell them.

/// The number of bytes that these words tell: a number and a unit, such as `512 KiB`.
pub(crate) fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: u64 = number.parse().ok()?;
    let bytes = match unit.trim() {
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes)
}

/// The same the other way round, for whole numbers of KiB: what may be typed.
pub(crate) fn spelled(bytes: u64) -> String {
    let (kib, mib) = (bytes >> 10, bytes >> 20);
    if mib << 20 == bytes { format!("{mib} MiB") } else { format!("{kib} KiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_and_a_unit() {
        let table = [
            ("512 KiB", Some(512 << 10)),
            ("2MiB", Some(2 << 20)),
            ("1 GB", Some(1_000_000_000)),
            ("500 kB", Some(500_000)),
            ("7", None),
            ("KiB", None),
            ("-1 KiB", None),
            ("1.5 MiB", None),
            ("1 kb", None),
            ("99999999999 GiB", None),
        ];
        for (text, bytes) in table {
            assert_eq!(size(text), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_spelled_is_read() {
        for (bytes, text) in [(16 << 10, "16 KiB"), (8 << 20, "8 MiB"), (1_536 << 10, "1536 KiB")] {
            assert_eq!((spelled(bytes).as_str(), size(text)), (text, Some(bytes)));
        }
    }
}
