//! `#[derive(Crdt)]`: a struct of replicated types is a replicated type.
//!
//! Take it from `selkie_crdt`, with the feature `derive`. What it makes speaks of
//! `::selkie_crdt`, so the crate must go by its own name.
//!
//! For a struct `Task` it makes
//!
//! - `impl Causal for Task`, so that `Task` can be the root of a document, a child in a map and a
//!   field of another such struct; likewise `Observe` and `Contested`, by which a join tells what
//!   it changes and what waits for a decision;
//! - `impl Default for Task`: the empty value of each field. `#[derive(Default)]` beside it would
//!   be a second one;
//! - the trait `TaskEdit`, with a method for each field that opens the field for changes. Import
//!   it where you edit. It is visible where the struct and all its fields are, so that a private
//!   field keeps other modules from changes too;
//! - the struct `TaskChange`, which `Observe` tells: for each field what changed in it, if
//!   anything.
//!
//! **The format** knows the names of the fields and their types, and neither the name of the
//! struct nor the order of the fields. A struct whose fields were renamed, added or removed is
//! another type, and refuses the bytes of the old one.

mod record;
mod plan;
mod causal_impl;
mod observe_impl;
mod contested_impl;
mod edit_trait;

use proc_macro::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::plan::Plan;
use crate::record::Record;

/// Makes a struct of replicated types a replicated type. See [the crate](crate).
#[proc_macro_derive(Crdt)]
pub fn derive_crdt(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    let record = match Record::of(&input) {
        Ok(record) => record,
        Err(refusals) => return refusals.into_compile_error().into(),
    };
    let plan = Plan::of(&record);
    let impls = [causal_impl::of(&plan), observe_impl::of(&plan), contested_impl::of(&plan)];
    let (edit, change) = (edit_trait::of(&record), observe_impl::change(&record));
    quote!(#edit #change const _: () = { #(#impls)* };).into()
}
