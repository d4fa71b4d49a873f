//! Which dots have ended, as a delta tells it.

use alloc::vec::Vec;
use core::iter;

use crate::mark::Mark;
use crate::mark::Run;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// How a delta tells which dots have ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Ends {
    /// By whom, and what; ascending. Nothing else that the receiver can hold has ended.
    Listed(Vec<(Mark, Mark)>),
    /// Runs of the dots up to `from` that are alive, ascending: every other one has ended.
    AllBut(Vec<Run>),
}

/// More ends than this are told as "all but": the log that they come from keeps fewer.
pub(crate) const KILLS_MAX: usize = 1 << 20;

impl Ends {
    /// By whom, and what, as far as that is told.
    pub(crate) fn listed(&self) -> &[(Mark, Mark)] {
        match self {
            Self::Listed(kills) => kills,
            Self::AllBut(_) => &[],
        }
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        match self {
            Self::Listed(kills) => {
                out.byte(0);
                out.count(kills.len());
                let groups = || kills.chunk_by(|a, b| a.0 == b.0);
                let several = groups().count() < kills.len();
                out.byte(u8::from(several));
                if several {
                    out.count(groups().count());
                }
                out.marks(groups().map(|group| group[0].0));
                if several {
                    groups().for_each(|group| out.count(group.len()));
                }
                out.marks(kills.iter().map(|kill| kill.1));
            }
            Self::AllBut(alive) => {
                out.byte(1);
                out.count(alive.len());
                out.runs(alive);
            }
        }
    }

    pub(crate) fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.byte()? {
            0 => Self::read_listed(input),
            1 => {
                let count = input.count()?;
                let alive = input.runs(count)?;
                let ascending = alive.is_sorted_by(|a, b| a.last < b.first);
                if ascending { Ok(Self::AllBut(alive)) } else { Err(DecodeError::NotCanonical) }
            }
            _ => Err(DecodeError::NotCanonical),
        }
    }

    fn read_listed(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = input.number_below(KILLS_MAX + 1)?;
        let by = match input.byte()? {
            0 => input.marks(count)?,
            1 => return Self::read_groups(count, input),
            _ => return Err(DecodeError::NotCanonical),
        };
        let dead = input.marks(count)?;
        // Each change is told of once, with the one dot that it ended.
        if by.is_sorted_by(|a, b| a < b) {
            Ok(Self::Listed(iter::zip(by, dead).collect()))
        } else {
            Err(DecodeError::NotCanonical)
        }
    }

    /// Ends by changes of which some ended several.
    fn read_groups(count: usize, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (by, sizes) = input.sized_marks(count)?;
        // Changes that ascend are each told of once, with all that they ended.
        if !by.is_sorted_by(|a, b| a < b) {
            return Err(DecodeError::NotCanonical);
        }
        let dead = input.marks(count)?;
        let by = by.iter().zip(&sizes).flat_map(|(by, size)| iter::repeat_n(*by, *size));
        let kills: Vec<_> = by.zip(dead).collect();
        let ascending = kills.is_sorted_by(|a, b| a < b);
        if ascending { Ok(Self::Listed(kills)) } else { Err(DecodeError::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// One change that ended two dots could be spelled as two changes of one name.
    #[test]
    fn two_ends_by_one_change_have_one_spelling() {
        let kills = vec![(mark(5), mark(1)), (mark(5), mark(3))];
        let written = written(|out| Ends::Listed(kills.clone()).write(out));
        assert_eq!(read(&written), Ok(Ends::Listed(kills)));

        let as_if_by_two = self::written(|out| {
            out.byte(0);
            out.count(2);
            out.byte(0);
            out.marks([mark(5), mark(5)]);
            out.marks([mark(1), mark(3)]);
        });
        assert_eq!(read(&as_if_by_two), Err(DecodeError::NotCanonical));

        let in_two_groups = self::written(|out| {
            out.byte(0);
            out.count(3);
            out.byte(1);
            out.count(2);
            out.marks([mark(5), mark(5)]);
            out.count(2);
            out.count(1);
            out.marks([mark(1), mark(2), mark(3)]);
        });
        assert_eq!(read(&in_two_groups), Err(DecodeError::NotCanonical));
    }

    /// Of a run of changes that was longer than the count of them the rest was dropped.
    #[test]
    fn more_changes_than_were_counted_are_refused() {
        let too_many = written(|out| {
            out.byte(0);
            out.count(2);
            out.byte(1);
            out.count(1);
            out.marks([mark(5), mark(6), mark(7)]);
            out.count(2);
            out.marks([mark(1), mark(3)]);
        });
        assert_eq!(read(&too_many), Err(DecodeError::Range));
    }

    fn mark(counter: u64) -> Mark {
        Mark::new(0, counter)
    }

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut out = Writer::for_actors(1);
        write(&mut out);
        out.into_bytes()
    }

    fn read(bytes: &[u8]) -> Result<Ends, DecodeError> {
        let mut input = Reader::of(bytes);
        input.expect_actors(vec![9]);
        let ends = Ends::read(&mut input)?;
        input.finish().map(|()| ends)
    }
}
