//! All types, and the laws that each is held to.

use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Counter;
use selkie_crdt::Doc;
use selkie_crdt::Document;
use selkie_crdt::DwFlag;
use selkie_crdt::Entities;
use selkie_crdt::Entity;
use selkie_crdt::EwFlag;
use selkie_crdt::FwwRegister;
use selkie_crdt::GrowSet;
use selkie_crdt::List;
use selkie_crdt::LwwRegister;
use selkie_crdt::MaxRegister;
use selkie_crdt::MinRegister;
use selkie_crdt::MvRegister;
use selkie_crdt::RwSet;

use crate::bytes::withstand;
use crate::bytes::withstand_twins;
use crate::case::all_cases;
use crate::joins::hold_laws;
#[cfg(feature = "derive")]
use crate::subject::Trio;
use crate::walk::walked;

macro_rules! types {
    ($($name:ident: $subject:ty,)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn is_what_its_definition_says_wherever_it_goes() {
                all_cases(12, |dice| walked::<$subject, Doc<$subject>>(dice).settle());
            }

            #[test]
            fn joins_in_any_order_and_grouping_by_any_delta() {
                all_cases(4, |dice| hold_laws::<$subject>(dice));
            }

            #[test]
            fn refuses_a_dot_of_two_meanings_or_takes_it_whole() {
                all_cases(8, |dice| withstand_twins::<$subject>(dice));
            }

            #[test]
            fn withstands_bytes_that_nobody_wrote() {
                all_cases(8, |dice| withstand::<$subject>(dice));
            }
        }
    )*};
}

types! {
    add_wins_set: AwSet<u64>,
    remove_wins_set: RwSet<String>,
    last_write_register: LwwRegister<String>,
    first_write_register: FwwRegister<u8>,
    multi_value_register: MvRegister<u64>,
    enable_wins_flag: EwFlag,
    disable_wins_flag: DwFlag,
    counter: Counter,
    grow_set: GrowSet<u64>,
    max_register: MaxRegister<u8>,
    min_register: MinRegister<u64>,
    map_of_grow_sets: AwMap<u8, GrowSet<String>>,
    list: List<LwwRegister<String>>,
    pair: (AwMap<u64, Counter>, (AwSet<u8>, AwMap<u64, EwFlag>)),
    entity: Entity<u64>,
    map_of_sets: AwMap<u64, AwSet<String>>,
    map_of_last_write_registers: AwMap<String, LwwRegister<u64>>,
    map_of_first_write_registers: AwMap<u64, FwwRegister<u8>>,
    map_of_multi_value_registers: AwMap<u8, MvRegister<String>>,
    map_of_disable_wins_flags: AwMap<u8, DwFlag>,
    map_of_counters: AwMap<String, Counter>,
    map_of_remove_wins_sets: AwMap<u8, RwSet<u8>>,
    map_of_maps_of_sets: AwMap<String, AwMap<u64, AwSet<u8>>>,
    map_of_entities: AwMap<String, Entity<String>>,
}

#[cfg(feature = "derive")]
types! {
    derived_struct: Trio<EwFlag, AwMap<u64, Counter>, AwSet<u8>>,
    map_of_derived_structs: AwMap<String, Trio<LwwRegister<u64>, DwFlag, AwSet<String>>>,
    derived_struct_of_derived_structs:
        Trio<Counter, Trio<EwFlag, RwSet<u8>, AwSet<u8>>, AwMap<u8, MvRegister<u64>>>,
}

mod document {
    use super::*;

    #[test]
    fn is_what_its_definition_says_by_whatever_transactions() {
        all_cases(12, |dice| {
            walked::<Entities<String>, Document<String>>(dice).settle();
        });
    }
}
