use alloc::string::ToString;

use super::*;

/// The moment `counter` of millisecond `ms`.
fn at(ms: u64, counter: u64) -> Hlc {
    Hlc::from_u64((ms << 16) + counter)
}

#[test]
fn moments_follow_the_reading() {
    let mut east = HlcClock::default();
    assert_eq!([5, 6, 9].map(|now_ms| east.tick(now_ms)), [at(5, 0), at(6, 0), at(9, 0)]);
}

#[test]
fn moments_of_one_millisecond_are_counted() {
    let mut east = HlcClock::default();
    assert_eq!([5, 5, 5].map(|now_ms| east.tick(now_ms)), [at(5, 0), at(5, 1), at(5, 2)]);
}

#[test]
fn a_reading_that_runs_backwards_does_not_matter() {
    let mut east = HlcClock::default();
    assert_eq!(
        [5, 2, 0, 6].map(|now_ms| east.tick(now_ms)),
        [at(5, 0), at(5, 1), at(5, 2), at(6, 0)]
    );
}

#[test]
fn a_full_counter_carries_into_the_milliseconds() {
    let mut east = HlcClock::resume(at(5, 0xffff), 0).expect("the moment is in range");
    assert_eq!(east.tick(5), at(6, 0));
    assert_eq!(east.tick(5), at(6, 1));
}

#[test]
fn more_events_than_a_millisecond_has_moments_all_differ() {
    let mut east = HlcClock::default();
    let moments = (0..70_000).map(|_| east.tick(5));
    assert!(moments.is_sorted_by(|a, b| a < b));
    assert_eq!(east.last(), at(6, 70_000 - 65_536 - 1));
}

#[test]
fn what_is_received_was_before() {
    let mut west = HlcClock::default();
    assert_eq!(west.receive(at(9, 3), 5), Ok(at(9, 4)));
    assert_eq!(west.tick(5), at(9, 5));
}

#[test]
fn a_reading_ahead_of_what_is_received_counts() {
    let mut west = HlcClock::default();
    assert_eq!(west.receive(at(4, 3), 5), Ok(at(5, 0)));
}

#[test]
fn a_poisoned_clock_is_refused_and_moves_nothing() {
    let year_2999 = at(32_472_144_000_000, 0);
    let mut west = HlcClock::new(500);
    west.tick(1_000);
    let refused = west.receive(year_2999, 1_000);
    let ahead_ms = 32_472_143_999_000;
    assert_eq!(refused, Err(ClockError::Drift { remote: year_2999, ahead_ms, ahead_ms_max: 500 }));
    assert_eq!(west.tick(1_000), at(1_000, 1));
}

#[test]
fn drift_up_to_the_bound_is_followed() {
    let mut west = HlcClock::new(500);
    assert_eq!(west.receive(at(1_500, 7), 1_000), Ok(at(1_500, 8)));
    let refused = west.receive(at(1_501, 0), 1_000);
    let remote = at(1_501, 0);
    assert_eq!(refused, Err(ClockError::Drift { remote, ahead_ms: 501, ahead_ms_max: 500 }));
}

#[test]
fn a_clock_is_not_dragged_away_step_by_step() {
    let mut west = HlcClock::new(500);
    let stepped = [1_400, 1_800, 2_200].map(|ms| west.receive(at(ms, 0), 1_000).is_ok());
    assert_eq!(stepped, [true, false, false]);
}

#[test]
fn a_reading_that_ran_backwards_cuts_nobody_off() {
    let (mut east, mut west) = (HlcClock::new(500), HlcClock::new(500));
    west.tick(90_000);
    let sent = east.tick(90_000);
    assert_eq!(west.receive(sent, 1_000), Ok(at(90_000, 1)));
}

#[test]
fn the_end_of_time_leaves_room_to_count() {
    let mut east = HlcClock::default();
    assert_eq!(east.tick(u64::MAX), at(Hlc::MS_MAX, 0));
    assert_eq!(east.tick(u64::MAX), at(Hlc::MS_MAX, 1));
}

#[test]
fn no_bound_on_drift_reaches_beyond_the_end_of_time() {
    let beyond = at(Hlc::MS_MAX + 1, 0);
    let mut east = HlcClock::new(u64::MAX);
    assert_eq!(east.receive(beyond, 1_000), Err(ClockError::BeyondEnd { moment: beyond }));
    assert_eq!(HlcClock::resume(beyond, 0), Err(ClockError::BeyondEnd { moment: beyond }));
    assert_eq!(east.tick(1_000), at(1_000, 0));
}

#[test]
fn a_resumed_clock_goes_on_after_its_last_moment() {
    let mut east = HlcClock::resume(at(9, 2), 500).expect("the moment is in range");
    assert_eq!(east.tick(3), at(9, 3));
}

#[test]
fn errors_say_what_is_wrong() {
    let error = ClockError::Drift { remote: at(1_501, 0), ahead_ms: 501, ahead_ms_max: 500 };
    assert_eq!(error.to_string(), "time 1501.0 is 501 ms ahead of this clock, allowed are 500 ms");
}
