//! `impl Contested`: the conflicts of a record are those of its parts.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Plan;

pub(crate) fn of(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, names, types, numbers, .. } = plan;
    let (name, bounds) =
        (record.name, record.bounds_and(|ty| [quote!(#ty: ::selkie_crdt::Contested)]));
    let (impl_generics, type_generics, _) = record.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::selkie_crdt::Contested for #name #type_generics #bounds {
            fn each_conflict(
                &self,
                within: ::core::option::Option<&Self::Delta>,
                at: &mut ::selkie_crdt::record::Vec<::selkie_crdt::Step>,
                visit: &mut dyn ::core::ops::FnMut(::selkie_crdt::Conflict),
            ) {
                #(::selkie_crdt::record::each_conflict_of_field(
                    (#numbers, &self.#names),
                    within.map(|delta| delta.#names.as_ref()),
                    at,
                    visit,
                );)*
            }

            fn settle(
                edit: ::selkie_crdt::Edit<'_, Self>,
                way: &[::selkie_crdt::Step],
                choice: ::selkie_crdt::Choice<'_>,
                at: ::selkie_crdt::Hlc,
            ) -> ::core::result::Result<(), ::selkie_crdt::NoRival> {
                match way {
                    #([::selkie_crdt::Step::Part(#numbers), way @ ..] => {
                        let field = edit.into_part(|record| &mut record.#names);
                        <#types as ::selkie_crdt::Contested>::settle(field, way, choice, at)
                    })*
                    _ => ::core::result::Result::Err(::selkie_crdt::NoRival),
                }
            }
        }
    }
}
