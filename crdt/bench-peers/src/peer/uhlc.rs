//! `uhlc`: a hybrid logical clock and nothing else.

use uhlc::{HLC, HLCBuilder, ID, NTP64, Timestamp};

use crate::record::Record;
use crate::workload::{Workload, b4};

/// Does a workload with `uhlc`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B4 => {
            b4::run_clock::<HLC>(record);
            for part in ["version vector", "counter", "multi-value register"] {
                b4::absent(part, "a clock only", record);
            }
        }
        Workload::B1
        | Workload::B2
        | Workload::B3
        | Workload::B5
        | Workload::B6
        | Workload::Growth => {}
    }
}

impl b4::Clock for HLC {
    type Stamp = Timestamp;

    fn new(actor: u64) -> Self {
        let id = ID::try_from(actor).expect("an actor is never zero");
        // A morning in 2026: the clock takes its wall clock as a plain function.
        HLCBuilder::new().with_id(id).with_clock(|| NTP64(1_790_000_000 << 32)).build()
    }

    fn tick(&mut self) -> Timestamp {
        self.new_timestamp()
    }

    fn receive(&mut self, stamp: &Timestamp) {
        self.update_with_timestamp(stamp).expect("the stamp lies within the bound");
    }
}
