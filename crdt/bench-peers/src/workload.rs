//! What is measured.

pub mod b1;
pub mod b2;
pub mod b3;
pub mod b4;
pub mod b5;
pub mod b6;
pub mod growth;

use crate::row::Row;

/// One of the tables.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Workload {
    B1,
    B2,
    B3,
    B4,
    B5,
    B6,
    Growth,
}

impl Workload {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 7] =
        [Self::B1, Self::B2, Self::B3, Self::B4, Self::B5, Self::B6, Self::Growth];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::B1 => "b1",
            Self::B2 => "b2",
            Self::B3 => "b3",
            Self::B4 => "b4",
            Self::B5 => "b5",
            Self::B6 => "b6",
            Self::Growth => "growth",
        }
    }

    /// The workload of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// What it does, in a line above the table.
    pub fn summary(self) -> &'static str {
        match self {
            Self::B1 => b1::SUMMARY,
            Self::B2 => b2::SUMMARY,
            Self::B3 => b3::SUMMARY,
            Self::B4 => b4::SUMMARY,
            Self::B5 => b5::SUMMARY,
            Self::B6 => b6::SUMMARY,
            Self::Growth => growth::SUMMARY,
        }
    }

    /// The lines of its table.
    pub fn rows(self) -> &'static [Row] {
        match self {
            Self::B1 => b1::ROWS,
            Self::B2 => b2::ROWS,
            Self::B3 => b3::ROWS,
            Self::B4 => b4::ROWS,
            Self::B5 => b5::ROWS,
            Self::B6 => b6::ROWS,
            Self::Growth => growth::ROWS,
        }
    }
}
