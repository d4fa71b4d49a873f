//! `impl Observe`: what changed in a record is what changed in its fields.

use proc_macro2::Ident;
use proc_macro2::TokenStream;
use quote::format_ident;
use quote::quote;
use syn::Type;

use crate::plan::Plan;
use crate::record::Field;
use crate::record::Record;

/// `TaskChange` for a `Task`, which stands beside it.
pub(crate) fn change(record: &Record<'_>) -> TokenStream {
    let (name, generics, visibility) = (record.name, record.generics, record.visibility);
    let (change, bounds) = (change_name(record), observed(record));
    let fields = record.fields.iter().map(|field| {
        let (name, visibility, ty) = (field.name, field.visibility, field.ty);
        let doc = format!("What changed in `{}`, if anything.", field.spelling());
        let change = change_of(ty);
        quote!(#[doc = #doc] #visibility #name: ::core::option::Option<#change>)
    });
    let doc = format!("What a join changes in a [`{name}`], by field.");
    quote! {
        #[doc = #doc]
        #visibility struct #change #generics #bounds {
            #(#fields,)*
        }
    }
}

pub(crate) fn of(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, names, .. } = plan;
    let (name, change, bounds) = (record.name, change_name(record), observed(record));
    let (impl_generics, type_generics, _) = record.generics.split_for_impl();
    let means = means(plan);
    quote! {
        #[automatically_derived]
        impl #impl_generics ::selkie_crdt::Observe for #name #type_generics #bounds {
            type Change = #change #type_generics;

            fn change(
                &self,
                delta: ::core::option::Option<&Self::Delta>,
                ended: &[::selkie_crdt::Mark],
                join: &::selkie_crdt::Join<'_>,
            ) -> ::core::option::Option<Self::Change> {
                let change = #change {
                    #(#names: ::selkie_crdt::Observe::change(
                        &self.#names,
                        delta.and_then(|delta| delta.#names.as_ref()),
                        ended,
                        join,
                    ),)*
                };
                (#(change.#names.is_some())||*).then_some(change)
            }
        }

        #means
    }
}

/// What can be done with a change where it can be done with those of the fields.
fn means(plan: &Plan<'_>) -> TokenStream {
    let Plan { record, names, .. } = plan;
    let title = change_name(record).to_string();
    let spellings = record.sorted().into_iter().map(Field::spelling);
    let clone = quote! {
        fn clone(&self) -> Self {
            Self { #(#names: ::core::clone::Clone::clone(&self.#names),)* }
        }
    };
    let debug = quote! {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct(#title)#(.field(#spellings, &self.#names))*.finish()
        }
    };
    let partial_eq = quote! {
        fn eq(&self, other: &Self) -> bool {
            #(self.#names == other.#names)&&*
        }
    };
    let impls = [
        (quote!(::core::clone::Clone), clone),
        (quote!(::core::fmt::Debug), debug),
        (quote!(::core::cmp::PartialEq), partial_eq),
        (quote!(::core::cmp::Eq), TokenStream::new()),
    ];
    impls.into_iter().map(|(means, body)| means_impl(record, &means, &body)).collect()
}

fn means_impl(record: &Record<'_>, means: &TokenStream, body: &TokenStream) -> TokenStream {
    let change = change_name(record);
    let (impl_generics, type_generics, _) = record.generics.split_for_impl();
    let bounds = record.bounds_and(|ty| {
        let change = change_of(ty);
        [quote!(#ty: ::selkie_crdt::Observe), quote!(#change: #means)]
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics #means for #change #type_generics #bounds {
            #body
        }
    }
}

fn change_name(record: &Record<'_>) -> Ident {
    format_ident!("{}Change", record.name)
}

fn change_of(ty: &Type) -> TokenStream {
    quote!(<#ty as ::selkie_crdt::Observe>::Change)
}

fn observed(record: &Record<'_>) -> TokenStream {
    record.bounds_and(|ty| [quote!(#ty: ::selkie_crdt::Observe)])
}
