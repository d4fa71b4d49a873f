//! `impl Causal`: everything is done field by field.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Plan;

/// The delta, which nobody but the implementations needs to name, and what is done with it.
pub(crate) fn of(plan: &Plan<'_>) -> TokenStream {
    let (delta, default, causal) = (delta(plan), default(plan), causal(plan));
    quote!(#delta #default #causal)
}

fn delta(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, delta, names, types, numbers, .. } = plan;
    let (generics, visibility, bounds) = (record.generics, record.visibility, record.bounds());
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    quote! {
        #[doc(hidden)]
        #visibility struct #delta #generics #bounds {
            #(#names: ::core::option::Option<<#types as ::selkie_crdt::Causal>::Delta>,)*
        }

        #[automatically_derived]
        impl #impl_generics #delta #type_generics #bounds {
            const BLANK: Self = Self { #(#names: ::core::option::Option::None,)* };

            fn mask(&self) -> u64 {
                #(u64::from(self.#names.is_some()) << #numbers)|*
            }
        }

        #[automatically_derived]
        impl #impl_generics ::core::clone::Clone for #delta #type_generics #bounds {
            fn clone(&self) -> Self {
                Self { #(#names: ::core::clone::Clone::clone(&self.#names),)* }
            }
        }
    }
}

fn default(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, names, .. } = plan;
    let (name, bounds) = (record.name, record.bounds());
    let (impl_generics, type_generics, _) = record.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics ::core::default::Default for #name #type_generics #bounds {
            fn default() -> Self {
                Self { #(#names: ::core::default::Default::default(),)* }
            }
        }
    }
}

fn causal(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, delta, types, shape, .. } = plan;
    let (name, bounds) = (record.name, record.bounds());
    let (impl_generics, type_generics, _) = record.generics.split_for_impl();
    let (state, join, columns) = (state(plan), join(plan), columns(plan));
    quote! {
        #[automatically_derived]
        impl #impl_generics ::selkie_crdt::Causal for #name #type_generics #bounds {
            type Delta = #delta #type_generics;
            const SHAPE: ::selkie_crdt::Shape = ::selkie_crdt::Shape::of(
                #shape,
                &[#(<#types as ::selkie_crdt::Causal>::SHAPE),*],
            );
            #state
            #join
            #columns
        }
    }
}

/// What is asked of the fields alone.
fn state(plan: &Plan<'_>) -> TokenStream {
    let Plan { names, delta, .. } = plan;
    quote! {
        fn is_bottom(&self) -> bool {
            #(::selkie_crdt::Causal::is_bottom(&self.#names))&&*
        }

        fn each_mark(&self, visit: &mut dyn ::core::ops::FnMut(::selkie_crdt::Mark)) {
            #(::selkie_crdt::Causal::each_mark(&self.#names, visit);)*
        }

        fn holds(&self, mark: ::selkie_crdt::Mark) -> bool {
            #(::selkie_crdt::Causal::holds(&self.#names, mark))||*
        }

        fn kill(&mut self, mark: ::selkie_crdt::Mark) -> bool {
            #(::selkie_crdt::Causal::kill(&mut self.#names, mark))||*
        }

        fn clear(&mut self) {
            #(::selkie_crdt::Causal::clear(&mut self.#names);)*
        }

        fn cut(
            &self,
            cut: &::selkie_crdt::Cut<'_>,
        ) -> ::core::option::Option<Self::Delta> {
            let delta = #delta { #(#names: ::selkie_crdt::Causal::cut(&self.#names, cut),)* };
            (delta.mask() != 0).then_some(delta)
        }
    }
}

/// What is asked of fields that a delta speaks of.
fn join(plan: &Plan<'_>) -> TokenStream {
    let Plan { names, types, .. } = plan;
    quote! {
        fn check(
            &self,
            delta: &mut Self::Delta,
            join: &::selkie_crdt::Join<'_>,
        ) -> ::core::result::Result<(), ::selkie_crdt::Refusal> {
            #(if let ::core::option::Option::Some(delta) = &mut delta.#names {
                ::selkie_crdt::Causal::check(&self.#names, delta, join)?;
            })*
            ::core::result::Result::Ok(())
        }

        fn join(&mut self, delta: Self::Delta, join: &::selkie_crdt::Join<'_>) {
            #(if let ::core::option::Option::Some(delta) = delta.#names {
                ::selkie_crdt::Causal::join(&mut self.#names, delta, join);
            })*
        }

        fn each_delta_mark(
            delta: &Self::Delta,
            visit: &mut dyn ::core::ops::FnMut(::selkie_crdt::Mark),
        ) {
            #(if let ::core::option::Option::Some(delta) = &delta.#names {
                <#types as ::selkie_crdt::Causal>::each_delta_mark(delta, visit);
            })*
        }
    }
}

fn columns(plan: &Plan<'_>) -> TokenStream {
    let Plan { delta, names, types, numbers, count, .. } = plan;
    quote! {
        fn write_column(deltas: &[&Self::Delta], out: &mut ::selkie_crdt::Writer) {
            ::selkie_crdt::record::write_masks(
                deltas.iter().map(|delta| delta.mask()),
                #count,
                out,
            );
            #(::selkie_crdt::record::write_field::<#types, _>(
                deltas,
                |delta| delta.#names.as_ref(),
                out,
            );)*
        }

        fn read_column(
            count: usize,
            input: &mut ::selkie_crdt::Reader<'_>,
        ) -> ::core::result::Result<
            ::selkie_crdt::record::Vec<Self::Delta>,
            ::selkie_crdt::DecodeError,
        > {
            let masks = ::selkie_crdt::record::read_masks(count, #count, input)?;
            let mut deltas: ::selkie_crdt::record::Vec<_> =
                masks.iter().map(|_| #delta::BLANK).collect();
            #(::selkie_crdt::record::read_field::<#types, _>(
                &mut deltas,
                (#numbers, &masks),
                |delta| &mut delta.#names,
                input,
            )?;)*
            ::core::result::Result::Ok(deltas)
        }
    }
}
