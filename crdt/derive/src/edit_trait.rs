//! The trait by which a record's fields are opened for changes.

use proc_macro2::Ident;
use proc_macro2::TokenStream;
use quote::ToTokens;
use quote::format_ident;
use quote::quote;
use syn::Type;
use syn::Visibility;

use crate::record::Field;
use crate::record::Record;

/// `TaskEdit` for a `Task`, since `Edit` is a type of another crate than the user's.
pub(crate) fn of(record: &Record<'_>) -> TokenStream {
    let (name, generics, bounds) = (record.name, record.generics, record.own_bounds());
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    let (edit, visibility) = (format_ident!("{name}Edit"), narrowest(record));
    let names: Vec<&Ident> = record.fields.iter().map(|field| field.name).collect();
    let types: Vec<&Type> = record.fields.iter().map(|field| field.ty).collect();
    let docs = record.fields.iter().map(docs);
    let doc = format!("The fields of [`{name}`], each to be opened for changes.");
    quote! {
        #[doc = #doc]
        #visibility trait #edit #generics #bounds {
            #(#docs fn #names(&mut self) -> ::selkie_crdt::Edit<'_, #types>;)*
        }

        #[automatically_derived]
        impl #impl_generics #edit #type_generics for ::selkie_crdt::Edit<'_, #name #type_generics>
        #bounds
        {
            #(fn #names(&mut self) -> ::selkie_crdt::Edit<'_, #types> {
                ::selkie_crdt::Edit::part(self, |record| &mut record.#names)
            })*
        }
    }
}

/// What the field's own docs say, and something in any case.
fn docs(field: &Field<'_>) -> TokenStream {
    if field.docs.is_empty() {
        let doc = format!("Opens `{}` for changes.", field.spelling());
        return quote!(#[doc = #doc]);
    }
    field.docs.iter().map(ToTokens::to_token_stream).collect()
}

/// Who sees the struct and all its fields may change them.
fn narrowest<'a>(record: &'a Record<'_>) -> &'a Visibility {
    let fields = record.fields.iter().map(|field| field.visibility);
    fields.fold(
        record.visibility,
        |narrowest, other| {
            if width(other) < width(narrowest) { other } else { narrowest }
        },
    )
}

fn width(visibility: &Visibility) -> u8 {
    match visibility {
        Visibility::Inherited => 0,
        Visibility::Restricted(within) if within.path.is_ident("self") => 0,
        Visibility::Restricted(within) if within.path.is_ident("super") => 1,
        Visibility::Restricted(within) if within.path.is_ident("crate") => 3,
        Visibility::Restricted(_) => 2,
        Visibility::Public(_) => 4,
    }
}
