//! Moments as text.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use selkie_crdt::Hlc;

/// How a moment is written out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DateStyle {
    /// `2026-11-21`
    Short,
    /// `2026-11-21 14:00:00 +0100`
    Iso,
    /// `Sat Nov 21 14:00:00 2026 +0100`, git's own.
    Git,
    /// `2026-11-21T14:00:00+01:00`
    Rfc3339,
    /// `Sat, 21 Nov 2026 14:00:00 +0100`
    Mail,
}

/// The moment on its author's wall: a seal's time, and the minutes its author's clock was ahead of UTC.
///
/// What no clock shows counts as the nearest that one does: a time beyond the year 9999, a zone more
/// than a day away.
#[must_use]
pub fn wall_clock(time: Hlc, zone_minutes: i16) -> Zoned {
    let ms = i64::try_from(time.ms()).unwrap_or(i64::MAX);
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    let offset = Offset::from_seconds(i32::from(zone_minutes) * 60).unwrap_or(Offset::UTC);
    moment.to_zoned(TimeZone::fixed(offset))
}

/// The moment written out in its zone.
#[must_use]
pub fn show_date(moment: &Zoned, style: DateStyle) -> String {
    let form = match style {
        DateStyle::Short => "%Y-%m-%d",
        DateStyle::Iso => "%Y-%m-%d %H:%M:%S %z",
        DateStyle::Git => "%a %b %-d %H:%M:%S %Y %z",
        DateStyle::Rfc3339 => "%Y-%m-%dT%H:%M:%S%:z",
        DateStyle::Mail => "%a, %-d %b %Y %H:%M:%S %z",
    };
    moment.strftime(form).to_string()
}

/// How long ago the moment was, in one unit: `5 minutes ago`, `in 2 days`.
///
/// ```
/// use jiff::Timestamp;
/// use selkie_vcs::show_ago;
/// let now = Timestamp::from_second(1_000_000)?;
/// assert_eq!(show_ago(Timestamp::from_second(1_000_000 - 7200)?, now), "2 hours ago");
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn show_ago(moment: Timestamp, now: Timestamp) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    const YEAR: u64 = 365 * DAY;
    let passed = now.as_second().saturating_sub(moment.as_second());
    let seconds = passed.unsigned_abs();
    // A unit is used from where its number says enough: 90 minutes are 90 minutes, not an hour.
    let (count, unit) = match seconds {
        0..10 => return "just now".to_owned(),
        10..90 => (seconds, "second"),
        90..5400 => (seconds / MINUTE, "minute"),
        5400..129_600 => (seconds / HOUR, "hour"),
        129_600..1_209_600 => (seconds / DAY, "day"),
        1_209_600..6_048_000 => (seconds / (7 * DAY), "week"),
        6_048_000..63_072_000 => (seconds * 12 / YEAR, "month"),
        _ => (seconds / YEAR, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if passed < 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}
