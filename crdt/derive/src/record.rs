//! What can be derived for: a struct with named fields that owns what it holds.

use proc_macro2::Ident;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use quote::ToTokens;
use quote::format_ident;
use quote::quote;
use quote::quote_spanned;
use syn::Attribute;
use syn::Data;
use syn::DataStruct;
use syn::DeriveInput;
use syn::Error;
use syn::Fields;
use syn::Generics;
use syn::Type;
use syn::Visibility;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// A struct that is merged field by field.
pub(crate) struct Record<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) generics: &'a Generics,
    /// As they stand in the source: one at least, [`FIELDS_MAX`] at most.
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) docs: Vec<&'a Attribute>,
    pub(crate) ty: &'a Type,
}

/// The mask of a delta is a number of 64 bits, one of them free.
const FIELDS_MAX: usize = 63;

/// The methods that `Edit` has for every type.
const TAKEN: &[&str] = &["into_part", "part", "read"];

impl<'a> Record<'a> {
    /// # Errors
    /// If `input` is anything else, all that is wrong with it.
    pub(crate) fn of(input: &'a DeriveInput) -> syn::Result<Self> {
        let record = Self {
            name: &input.ident,
            visibility: &input.vis,
            generics: &input.generics,
            fields: fields_of(structure(input)?)?,
        };
        let refusals = record.borrowed().chain(record.hidden()).chain(record.endless());
        match refusals.reduce(joined) {
            Some(refusal) => Err(refusal),
            None => Ok(record),
        }
    }

    /// The fields in the order of the format, which is not that of the source: whoever sorts
    /// their fields anew still reads the old bytes.
    pub(crate) fn sorted(&self) -> Vec<&Field<'a>> {
        let mut sorted: Vec<_> = self.fields.iter().collect();
        sorted.sort_by_key(|field| field.spelling());
        sorted
    }

    /// The struct's own `where`, and that its fields are replicated types.
    ///
    /// Said even of a type without parameters: the compiler then points at the field that is
    /// none, and at nothing else.
    pub(crate) fn bounds(&self) -> TokenStream {
        let (own, types) = (self.own_bounds(), self.fields.iter().map(|field| field.ty));
        let bounds = types.map(|ty| quote_spanned!(ty.span()=> #ty: ::selkie_crdt::Causal));
        quote!(#own #(#bounds,)*)
    }

    /// As [`Record::bounds`], and what `more` asks of the type of each field.
    ///
    /// Where a field does not answer that, the struct does not either, and that is no mistake:
    /// `for<'any>` keeps the compiler from asking before somebody wants it.
    pub(crate) fn bounds_and<const N: usize>(
        &self,
        more: impl Fn(&Type) -> [TokenStream; N],
    ) -> TokenStream {
        let bounds = self.bounds();
        let more = self.fields.iter().flat_map(|field| more(field.ty));
        quote!(#bounds #(for<'any> #more,)*)
    }

    pub(crate) fn own_bounds(&self) -> TokenStream {
        let own = self.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        quote!(where #(#own,)*)
    }

    fn borrowed(&self) -> impl Iterator<Item = Error> {
        self.generics.lifetimes().map(|param| {
            let what = format!(
                "a replicated type owns what it holds, since it outlives what it was merged \
                 from: take `{}` out",
                param.lifetime
            );
            Error::new(param.span(), what)
        })
    }

    fn hidden(&self) -> impl Iterator<Item = Error> {
        let hidden = self.fields.iter().filter(|field| TAKEN.contains(&&*field.spelling()));
        hidden.map(|field| {
            let what = format!(
                "the method that opens this field would hide behind `Edit::{}`: give the field \
                 another name",
                field.spelling()
            );
            Error::new(field.name.span(), what)
        })
    }

    fn endless(&self) -> impl Iterator<Item = Error> {
        let itself = format_ident!("Self");
        let endless = self
            .fields
            .iter()
            .filter(move |field| names(field.ty, self.name) || names(field.ty, &itself));
        endless.map(|field| {
            let what = format!(
                "`{}` would hold itself, to a depth that bytes from outside could choose: keep \
                 all of them in one map, and let them name each other by key",
                self.name
            );
            Error::new(field.ty.span(), what)
        })
    }
}

impl<'a> Field<'a> {
    /// `None` for a field without a name.
    fn of(field: &'a syn::Field) -> Option<Self> {
        let is_doc = |attribute: &&Attribute| attribute.path().is_ident("doc");
        Some(Self {
            name: field.ident.as_ref()?,
            visibility: &field.vis,
            docs: field.attrs.iter().filter(is_doc).collect(),
            ty: &field.ty,
        })
    }

    /// The name as the format has it.
    pub(crate) fn spelling(&self) -> String {
        self.name.unraw().to_string()
    }
}

fn structure(input: &DeriveInput) -> syn::Result<&DataStruct> {
    match &input.data {
        Data::Struct(structure) => Ok(structure),
        Data::Enum(choice) => Err(Error::new(
            choice.enum_token.span,
            "an enum cannot be merged, since two replicas may choose different variants: keep \
             the choice in a register, or the parts of all variants in a struct",
        )),
        Data::Union(union) => Err(Error::new(
            union.union_token.span,
            "a union cannot be merged, since nobody can tell what it holds: make it a struct",
        )),
    }
}

fn fields_of(structure: &DataStruct) -> syn::Result<Vec<Field<'_>>> {
    let named = match &structure.fields {
        Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
        Fields::Unnamed(fields) if !fields.unnamed.is_empty() => {
            return Err(Error::new(
                fields.span(),
                "the fields need names: by them they are opened for changes, and told apart in \
                 bytes",
            ));
        }
        Fields::Named(_) | Fields::Unnamed(_) | Fields::Unit => {
            return Err(Error::new(
                structure.struct_token.span,
                "a struct without fields has nothing to replicate: whether something is there \
                 is told by a flag, or by a key in a set",
            ));
        }
    };
    if let Some(surplus) = named.iter().nth(FIELDS_MAX) {
        let what =
            format!("a struct has at most {FIELDS_MAX} fields: group some in one of their own");
        return Err(Error::new(surplus.span(), what));
    }
    Ok(named.iter().filter_map(Field::of).collect())
}

fn names(ty: &Type, name: &Ident) -> bool {
    is_among(ty.to_token_stream(), name)
}

/// Whether `name` is one of these tokens, at any depth, and not behind the `::` of a path.
fn is_among(tokens: TokenStream, name: &Ident) -> bool {
    let mut is_in_path = false;
    tokens.into_iter().any(|token| {
        let was_in_path = is_in_path;
        is_in_path = false;
        match token {
            TokenTree::Ident(word) => word == *name && !was_in_path,
            TokenTree::Group(group) => is_among(group.stream(), name),
            TokenTree::Punct(mark) => {
                is_in_path = mark.as_char() == ':';
                false
            }
            TokenTree::Literal(_) => false,
        }
    })
}

fn joined(mut refusals: Error, more: Error) -> Error {
    refusals.combine(more);
    refusals
}

#[cfg(test)]
mod tests;
