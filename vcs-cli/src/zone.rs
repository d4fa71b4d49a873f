//! The time on the wall of whoever asks.

use std::env;
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Where Unix keeps the zone of the system.
const SYSTEM: &str = "/etc/localtime";

/// Now, in the zone of whoever asks.
pub(crate) fn now() -> Zoned {
    Timestamp::now().to_zoned(zone())
}

/// The zone that `TZ` names, or else that of the system.
///
/// Of the system's the file is enough. To look for its name as well, which nobody here asks for, all zones there are would be
/// listed first: half of what a small command does.
fn zone() -> TimeZone {
    let is_named = env::var_os("TZ").is_some_and(|name| !name.is_empty());
    let read = || if is_named { None } else { zone_in(Path::new(SYSTEM)) };
    read().unwrap_or_else(TimeZone::system)
}

/// The zone that a file holds, if it holds one.
fn zone_in(path: &Path) -> Option<TimeZone> {
    TimeZone::tzif("system", &fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zone that is so many seconds ahead all year, in the first version of the format.
    fn file(ahead: i32) -> Vec<u8> {
        let mut bytes = b"TZif\0".to_vec();
        bytes.extend([0; 15]);
        for count in [0_u32, 0, 0, 0, 1, 4] {
            bytes.extend(count.to_be_bytes());
        }
        bytes.extend(ahead.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(b"AHD\0");
        bytes
    }

    #[test]
    fn a_file_tells_how_far_the_clock_is_ahead() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("localtime");
        assert!(zone_in(&path).is_none());
        fs::write(&path, file(5400)).unwrap();
        assert_eq!(zone_in(&path).unwrap().to_offset(Timestamp::UNIX_EPOCH).seconds(), 5400);
        fs::write(&path, "no zone").unwrap();
        assert!(zone_in(&path).is_none());
    }
}
