//! Dates as people write and read them.
//!
//! The current time and the zone are arguments. Two rules say what a date means that leaves something
//! out: words that count back (`2 days ago`, `yesterday`, `last friday`) keep the time of day, and a
//! written date (`2026-11-21`) begins at midnight.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::fmt::rfc2822;
use jiff::{Span, Timestamp, Zoned};
use thiserror::Error;

pub(crate) mod show;
#[cfg(test)]
mod tests;

/// Why a text is no moment.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum WhenError {
    /// No form that is known.
    #[error(
        "'{0}' is no date: write `2 days ago`, `yesterday 14:30`, `last friday` or `2026-11-21 14:30`"
    )]
    Unknown(String),
    /// A form that is known, and no such moment: the 31st of June, a million years ago.
    #[error("there is no such moment as '{0}'")]
    Never(String),
}

/// A longer text is no date.
const LENGTH_MAX: usize = 100;

/// The forms with a zone that git and mail write.
const ZONED_FORMS: [&str; 4] = [
    "%a %b %d %H:%M:%S %Y %z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M %z",
    "%d %b %Y %H:%M:%S %z",
];
/// The forms that mean the reader's zone.
const LOCAL_FORMS: [&str; 7] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%a %b %d %H:%M:%S %Y",
    "%d %b %Y %H:%M",
    "%b %d %Y %H:%M",
];
const DATE_FORMS: [&str; 4] = ["%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%b %d %Y"];

/// The moment that a text means to somebody whose clock says `now`.
///
/// ```
/// use selkie_vcs::parse_when;
/// let now = jiff::civil::date(2026, 11, 21).at(14, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC)?;
/// let then = parse_when("2 days ago", &now)?;
/// assert_eq!(then.to_string(), "2026-11-19T14:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The text is no date, or names a moment that there is not.
pub fn parse_when(text: &str, now: &Zoned) -> Result<Timestamp, WhenError> {
    let trimmed = text.trim();
    if trimmed.len() > LENGTH_MAX || trimmed.is_empty() {
        return Err(WhenError::Unknown(trimmed.chars().take(LENGTH_MAX).collect()));
    }
    if let Some(moment) = seconds(trimmed).or_else(|| written(trimmed, now)) {
        return moment.ok_or_else(|| WhenError::Never(trimmed.to_owned()));
    }
    match in_words(trimmed, now) {
        Some(moment) => moment.ok_or_else(|| WhenError::Never(trimmed.to_owned())),
        None => Err(WhenError::Unknown(trimmed.to_owned())),
    }
}

/// What a form that fits says: a moment, unless there is no such one.
type Found = Option<Timestamp>;

/// Git's own form: seconds since 1970, and a zone that changes nothing about the moment.
fn seconds(text: &str) -> Option<Found> {
    let (marked, rest) = text.strip_prefix('@').map_or((false, text), |rest| (true, rest));
    let (count, zone) = rest.split_once(' ').unwrap_or((rest, "+0000"));
    let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    let digits = zone.strip_prefix(['+', '-'])?;
    let is_zone = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Without the mark a short number is more likely a year or a day.
    if !is_number || !is_zone || (!marked && count.len() < 9) {
        return None;
    }
    Some(count.parse().ok().and_then(|count| Timestamp::from_second(count).ok()))
}

/// A date that says all, or all but the zone, or all but the time of day.
fn written(text: &str, now: &Zoned) -> Option<Found> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Some(moment));
    }
    let mail = rfc2822::parse(text).ok();
    let zoned = |form| Zoned::strptime(form, text).ok();
    if let Some(moment) = mail.or_else(|| ZONED_FORMS.into_iter().find_map(zoned)) {
        return Some(Some(moment.timestamp()));
    }
    let local = |form| DateTime::strptime(form, text).ok();
    let midnight = |form| Date::strptime(form, text).ok().map(|date| date.at(0, 0, 0, 0));
    let local = LOCAL_FORMS.into_iter().find_map(local);
    let found = local.or_else(|| DATE_FORMS.into_iter().find_map(midnight))?;
    Some(in_zone(found, now))
}

fn in_zone(local: DateTime, now: &Zoned) -> Found {
    local.to_zoned(now.time_zone().clone()).ok().map(|zoned| zoned.timestamp())
}

/// Words: `now`, `2 days ago`, `1 year 2 months ago`, `yesterday at 14:30`, `last friday`, `noon`.
fn in_words(text: &str, now: &Zoned) -> Option<Found> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || c == '.' || c == '_' || c == ',').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if words == ["now"] {
        return Some(Some(now.timestamp()));
    }
    if let [counted @ .., "ago"] = &words[..] {
        return counted_back(counted, now);
    }
    let (time, rest) = take_time(&words);
    let day = match rest[..] {
        [] if time.is_some() => Some(now.datetime()),
        ["today"] => Some(now.datetime()),
        ["yesterday"] => now.datetime().checked_sub(Span::new().days(1)).ok(),
        ["tomorrow"] => now.datetime().checked_add(Span::new().days(1)).ok(),
        ["last", unit] => {
            now.datetime().checked_sub(last(unit, now).or_else(|| period(unit))?).ok()
        }
        [unit] => now.datetime().checked_sub(last(unit, now)?).ok(),
        _ => return None,
    };
    Some(day.and_then(|day| {
        let time = time.unwrap_or_else(|| day.time());
        in_zone(day.date().to_datetime(time), now)
    }))
}

/// `2 days`, `1 year 2 months`, `an hour and 10 minutes`.
fn counted_back(words: &[&str], now: &Zoned) -> Option<Found> {
    let words: Vec<_> = words.iter().filter(|word| **word != "and").collect();
    let pairs = words.as_chunks::<2>();
    if pairs.0.is_empty() || !pairs.1.is_empty() {
        return None;
    }
    let mut span = Some(Span::new());
    for [count, unit] in pairs.0 {
        let count = number(count)?;
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let longer = add(span.unwrap_or_default(), count, unit)?;
        // A span that is too long stays so, whatever is added.
        span = span.and(longer.ok());
    }
    Some(span.and_then(|span| now.checked_sub(span).ok()).map(|then| then.timestamp()))
}

/// The span with so much more. None if there is no such unit.
fn add(span: Span, count: i64, unit: &str) -> Option<Result<Span, jiff::Error>> {
    Some(match unit {
        "second" | "sec" => span.try_seconds(span.get_seconds().saturating_add(count)),
        "minute" | "min" => span.try_minutes(span.get_minutes().saturating_add(count)),
        "hour" => span.try_hours(i64::from(span.get_hours()).saturating_add(count)),
        "day" => span.try_days(i64::from(span.get_days()).saturating_add(count)),
        "week" => span.try_weeks(i64::from(span.get_weeks()).saturating_add(count)),
        "month" => span.try_months(i64::from(span.get_months()).saturating_add(count)),
        "year" => span.try_years(i64::from(span.get_years()).saturating_add(count)),
        _ => return None,
    })
}

fn number(word: &str) -> Option<i64> {
    const WORDS: [&str; 11] =
        ["a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    match WORDS.iter().position(|known| *known == word) {
        Some(0) => Some(1),
        Some(count) => i64::try_from(count).ok(),
        None if word == "an" => Some(1),
        None if word.bytes().all(|byte| byte.is_ascii_digit()) => {
            // A number with more digits is no moment, whatever its unit.
            Some(word.parse().unwrap_or(i64::MAX))
        }
        None => None,
    }
}

/// How long ago the last such weekday was. Today is not the last.
fn last(word: &str, now: &Zoned) -> Option<Span> {
    let back = now.weekday().since(weekday(word)?);
    Some(Span::new().days(if back == 0 { 7 } else { i64::from(back) }))
}

fn period(word: &str) -> Option<Span> {
    match word {
        "week" => Some(Span::new().weeks(1)),
        "month" => Some(Span::new().months(1)),
        "year" => Some(Span::new().years(1)),
        _ => None,
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let fits = |name: &&(&str, Weekday)| name.0 == word || name.0[..3] == *word;
    DAYS.iter().find(fits).map(|(_, day)| *day)
}

/// A time of day among the words, and the words without it.
fn take_time<'a>(words: &[&'a str]) -> (Option<Time>, Vec<&'a str>) {
    let mut time = None;
    let mut rest = Vec::new();
    for word in words {
        match time_of_day(word).filter(|_| time.is_none()) {
            Some(found) => time = Some(found),
            None => rest.push(*word),
        }
    }
    if time.is_some() {
        rest.retain(|word| *word != "at");
    }
    (time, rest)
}

fn time_of_day(word: &str) -> Option<Time> {
    match word {
        "noon" => return Some(Time::constant(12, 0, 0, 0)),
        "midnight" => return Some(Time::midnight()),
        _ => {}
    }
    ["%H:%M:%S", "%H:%M", "%I%p", "%I:%M%p"].iter().find_map(|form| Time::strptime(form, word).ok())
}
