use jiff::tz::{Offset, TimeZone};
use selkie_crdt::Hlc;

use super::show::{DateStyle, show_ago, show_date, wall_clock};
use super::*;
use crate::lots::Lots;

/// Saturday, two in the afternoon, one hour ahead of UTC.
fn now() -> Zoned {
    let zone = TimeZone::fixed(Offset::constant(1));
    "2026-11-21T14:00:30".parse::<DateTime>().unwrap().to_zoned(zone).unwrap()
}

fn told(text: &str) -> String {
    match parse_when(text, &now()) {
        Ok(moment) => show_date(&moment.to_zoned(now().time_zone().clone()), DateStyle::Iso)
            .trim_end_matches(" +0100")
            .to_owned(),
        Err(WhenError::Unknown(_)) => "unknown".to_owned(),
        Err(WhenError::Never(_)) => "never".to_owned(),
    }
}

#[test]
fn words_count_back_from_now() {
    for (text, expected) in [
        ("now", "2026-11-21 14:00:30"),
        ("2 days ago", "2026-11-19 14:00:30"),
        ("2.days.ago", "2026-11-19 14:00:30"),
        ("2_weeks_ago", "2026-11-07 14:00:30"),
        ("an hour and 10 minutes ago", "2026-11-21 12:50:30"),
        ("1 year, 2 months ago", "2025-09-21 14:00:30"),
        ("90 seconds ago", "2026-11-21 13:59:00"),
        ("Yesterday", "2026-11-20 14:00:30"),
        ("today", "2026-11-21 14:00:30"),
        ("tomorrow", "2026-11-22 14:00:30"),
        ("last week", "2026-11-14 14:00:30"),
        ("last month", "2026-10-21 14:00:30"),
        ("last year", "2025-11-21 14:00:30"),
        ("last friday", "2026-11-20 14:00:30"),
        ("friday", "2026-11-20 14:00:30"),
        ("sat", "2026-11-14 14:00:30"),
        ("last sunday", "2026-11-15 14:00:30"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn a_time_of_day_may_be_said() {
    for (text, expected) in [
        ("yesterday 14:30", "2026-11-20 14:30:00"),
        ("yesterday at noon", "2026-11-20 12:00:00"),
        ("last friday at 9am", "2026-11-20 09:00:00"),
        ("08:15", "2026-11-21 08:15:00"),
        ("midnight", "2026-11-21 00:00:00"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn a_written_date_begins_at_midnight_here() {
    for (text, expected) in [
        ("2026-11-21", "2026-11-21 00:00:00"),
        ("2026/11/21", "2026-11-21 00:00:00"),
        ("21 Nov 2026", "2026-11-21 00:00:00"),
        ("2026-11-21 08:15", "2026-11-21 08:15:00"),
        ("2026-11-21T08:15:09", "2026-11-21 08:15:09"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn a_zone_that_is_written_counts() {
    for (text, expected) in [
        ("2026-11-21T08:00:00Z", "2026-11-21 09:00:00"),
        ("2026-11-21T08:00:00+02:00", "2026-11-21 07:00:00"),
        ("Sat Nov 21 08:00:00 2026 -0500", "2026-11-21 14:00:00"),
        ("2026-11-21 08:00:00 -0500", "2026-11-21 14:00:00"),
        ("Sat, 21 Nov 2026 08:00:00 -0500", "2026-11-21 14:00:00"),
        ("@0", "1970-01-01 01:00:00"),
        ("1700000000 +0530", "2023-11-14 23:13:20"),
        ("1700000000", "2023-11-14 23:13:20"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_date_is_said_so() {
    for text in ["", "soon", "ago", "2 ago", "days ago", "2 lightyears ago", "last", "2026", "1234"]
    {
        assert_eq!(told(text), "unknown", "{text}");
    }
    for text in ["99999 years ago", "99999999999999999999 days ago", "@99999999999999999999"] {
        assert_eq!(told(text), "never", "{text}");
    }
    assert_eq!(told(&"9".repeat(500)), "unknown");
}

#[test]
fn no_text_panics() {
    const PIECES: [&str; 24] = [
        "2",
        "days",
        "ago",
        " ",
        "last",
        "friday",
        "@",
        "-",
        "+0000",
        "2026-11-21",
        "T",
        ":",
        "14",
        "30",
        "am",
        "é",
        "\0",
        "99999999999",
        "yesterday",
        ".",
        "and",
        "noon",
        "%",
        "Z",
    ];
    let mut lots = Lots(1);
    for _ in 0..5000 {
        let text: String = (0..lots.below(8)).map(|_| *lots.one_of(&PIECES)).collect();
        let _ = told(&text);
    }
}

#[test]
fn moments_are_written_out() {
    let moment = wall_clock(Hlc::from_ms(1_795_266_030_123), 60);
    for (style, expected) in [
        (DateStyle::Short, "2026-11-21"),
        (DateStyle::Iso, "2026-11-21 14:00:30 +0100"),
        (DateStyle::Git, "Sat Nov 21 14:00:30 2026 +0100"),
        (DateStyle::Rfc3339, "2026-11-21T14:00:30+01:00"),
        (DateStyle::Mail, "Sat, 21 Nov 2026 14:00:30 +0100"),
    ] {
        assert_eq!(show_date(&moment, style), expected);
    }
    for style in [DateStyle::Iso, DateStyle::Git, DateStyle::Rfc3339, DateStyle::Mail] {
        let again = parse_when(&show_date(&moment, style), &now()).unwrap();
        assert_eq!(again.as_second(), moment.timestamp().as_second(), "{style:?}");
    }
}

#[test]
fn a_time_that_no_clock_shows_is_shown_as_the_last() {
    let last = wall_clock(Hlc::from_u64(u64::MAX), i16::MAX);
    assert_eq!(show_date(&last, DateStyle::Short), "9999-12-30");
}

#[test]
fn how_long_ago_is_one_number() {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    for (seconds, expected) in [
        (0, "just now"),
        (-5, "just now"),
        (45, "45 seconds ago"),
        (90, "1 minute ago"),
        (5399, "89 minutes ago"),
        (5400, "1 hour ago"),
        (-7200, "in 2 hours"),
        (129_600, "1 day ago"),
        (86_400 * 13, "13 days ago"),
        (86_400 * 14, "2 weeks ago"),
        (86_400 * 100, "3 months ago"),
        (86_400 * 365 * 3, "3 years ago"),
        (-86_400 * 365 * 3, "in 3 years"),
    ] {
        assert_eq!(show_ago(at(1_000_000_000 - seconds), at(1_000_000_000)), expected);
    }
}
