//! Columns of times, each as its step from the one before.
//!
//! Clocks step in two ways: to the next moment of a millisecond, or to the start of another
//! millisecond. Both are a byte when they are small:
//!
//! ```text
//! low bits  above them
//!       .0  the step in milliseconds, if it is a whole number of them
//!       01  the step in moments
//!       11  nothing; the step in moments follows, which leaves no room for the low bits
//! ```

use alloc::vec::Vec;

use crate::hlc::Hlc;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;
use crate::wire::unzigzag;
use crate::wire::zigzag;

const MS_BITS: u32 = 16;
const NO_ROOM: u64 = 0b11;
const SHORT_MAX: u64 = u64::MAX >> 2;

pub(super) fn write(times: impl Iterator<Item = Hlc>, out: &mut Writer) {
    let mut last = 0;
    for time in times.map(Hlc::to_u64) {
        let step = time.wrapping_sub(last).cast_signed();
        last = time;
        match (whole_ms(step), zigzag(step)) {
            (Some(ms), _) => out.number(zigzag(ms) << 1),
            (None, moments @ ..=SHORT_MAX) => out.number(moments << 2 | 0b01),
            (None, moments) => {
                out.number(NO_ROOM);
                out.number(moments);
            }
        }
    }
}

pub(super) fn read(count: usize, input: &mut Reader<'_>) -> Result<Vec<Hlc>, DecodeError> {
    let mut times = Vec::with_capacity(count.min(input.left()));
    let mut last = 0_u64;
    for _ in 0..count {
        last = last.wrapping_add_signed(read_step(input)?);
        times.push(Hlc::from_u64(last));
    }
    Ok(times)
}

fn read_step(input: &mut Reader<'_>) -> Result<i64, DecodeError> {
    let number = input.number()?;
    if number & 1 == 0 {
        let ms = unzigzag(number >> 1);
        let step = ms << MS_BITS;
        return if step >> MS_BITS == ms { Ok(step) } else { Err(DecodeError::Range) };
    }
    let moments = match number {
        NO_ROOM => Some(input.number()?).filter(|moments| *moments > SHORT_MAX),
        _ => Some(number >> 2).filter(|_| number & 0b10 == 0),
    };
    let step = moments.map(unzigzag).filter(|step| whole_ms(*step).is_none());
    step.ok_or(DecodeError::NotCanonical)
}

/// The step in milliseconds, if it is a whole number of them.
fn whole_ms(step: i64) -> Option<i64> {
    let ms = step >> MS_BITS;
    (ms << MS_BITS == step).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_of_either_kind_are_a_byte() {
        for (from, to) in [(0, 0), (0, 15), (16, 1), (0, 31 << 16), (32 << 16, 0)] {
            let times = [from, to].map(Hlc::from_u64);
            assert_eq!(bytes(&times).len() - bytes(&times[..1]).len(), 1, "{from} to {to}");
        }
    }

    #[test]
    fn any_times_read_back_and_have_one_spelling() {
        let edges = [0, 1, 0xffff, 0x1_0000, 1 << 61, (1 << 62) - 1, 1 << 63, u64::MAX];
        for a in edges {
            for b in edges {
                let times = [a, b].map(Hlc::from_u64);
                let bytes = bytes(&times);
                assert_eq!(read(2, &mut Reader::of(&bytes)), Ok(times.to_vec()));
            }
        }
    }

    #[test]
    fn a_step_that_is_spelled_otherwise_is_refused() {
        // A millisecond in moments; a short step as a long one; low bits that mean nothing; more
        // milliseconds than there are.
        for numbers in [&[zigzag(1 << 16) << 2 | 1][..], &[3, 2], &[7], &[1 << 60]] {
            let mut out = Writer::for_actors(0);
            numbers.iter().for_each(|number| out.number(*number));
            assert!(read(1, &mut Reader::of(&out.into_bytes())).is_err(), "{numbers:?}");
        }
    }

    fn bytes(times: &[Hlc]) -> Vec<u8> {
        let mut out = Writer::for_actors(0);
        write(times.iter().copied(), &mut out);
        out.into_bytes()
    }
}
