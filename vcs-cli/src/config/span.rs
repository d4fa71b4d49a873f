//! Lengths of time, as settings and options tell them.

use std::time::Duration;

/// The length of time that these words tell: a number and a unit, such as `14 days`, or `0`.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: u64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "" if number == 0 => 0,
        "s" | "second" | "seconds" => 1,
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        "year" | "years" => 365 * 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// The same, of an option.
pub(crate) fn typed(text: &str) -> Result<Duration, String> {
    span(text).ok_or_else(|| "write it as '14 days'".to_owned())
}

/// A length of time in the largest unit that it has one of, rounded up: what is waited for so long is over then.
pub(crate) fn told(length: Duration) -> String {
    let seconds = length.as_secs() + u64::from(length.subsec_nanos() > 0);
    let units = [(24 * 60 * 60, "day"), (60 * 60, "hour"), (60, "minute")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= *unit);
    let (unit, name) = unit.unwrap_or((1, "second"));
    match seconds.div_ceil(unit) {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        let table = [
            ("14 days", Some(14 * 86_400)),
            ("14days", Some(14 * 86_400)),
            ("1 week", Some(7 * 86_400)),
            ("90 min", Some(5_400)),
            ("0", Some(0)),
            ("7", None),
            ("days", None),
            ("-1 day", None),
            ("1.5 days", None),
            ("99999999999999999999 days", None),
            ("9999999999999999999 years", None),
        ];
        for (text, seconds) in table {
            assert_eq!(span(text), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn what_is_left_is_told_in_one_unit() {
        let table = [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "2 minutes"),
            (86_400, "1 day"),
            (90_000, "2 days"),
        ];
        for (seconds, expected) in table {
            assert_eq!(told(Duration::from_secs(seconds)), expected);
        }
    }
}
