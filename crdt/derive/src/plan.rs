//! What all implementations for a record are made of.

use proc_macro2::Ident;
use quote::format_ident;
use syn::Type;

use crate::record::Record;

/// A record in columns, in the order of the format.
pub(crate) struct Plan<'a> {
    pub(crate) record: &'a Record<'a>,
    pub(crate) delta: Ident,
    pub(crate) names: Vec<&'a Ident>,
    pub(crate) types: Vec<&'a Type>,
    pub(crate) numbers: Vec<u32>,
    pub(crate) count: u32,
    pub(crate) shape: String,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(record: &'a Record<'a>) -> Self {
        let sorted = record.sorted();
        let spellings: Vec<_> = sorted.iter().map(|field| field.spelling()).collect();
        let count = u32::try_from(sorted.len()).expect("a record has few fields");
        Self {
            record,
            // A name of the user's would be hidden from the types of the fields by ours.
            delta: format_ident!("DeltaOf{}", record.name),
            names: sorted.iter().map(|field| field.name).collect(),
            types: sorted.iter().map(|field| field.ty).collect(),
            numbers: (0..count).collect(),
            count,
            shape: format!("struct {{{}}}", spellings.join(", ")),
        }
    }
}
