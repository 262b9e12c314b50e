use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{DeriveInput, Field};

use crate::{input_lifetime, inside, named_fields};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = named_fields(input)?;
    let (lifetime, generics) = input_lifetime(input);
    let ident = &input.ident;
    let subjects = fields.iter().position(|field| has(field, "subjects"));
    let Some(subjects) = subjects else {
        return Err(syn::Error::new_spanned(
            ident,
            "needs #[subjects] on one field",
        ));
    };
    let subjects_name = &fields[subjects].ident;
    let subjects = Literal::usize_unsuffixed(subjects);
    let mut types = Vec::new();
    let mut reads = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let name = &field.ident;
        if has(field, "context") {
            types.push(&field.ty);
            reads.push(quote!(let #name = ::lika_sdk::group::read_context(input, #index)?;));
        } else {
            let row = inside(&field.ty, "Rows");
            types.push(row.ok_or_else(|| {
                syn::Error::new_spanned(&field.ty, "a table is Rows of a row, or a #[context] row")
            })?);
            reads.push(quote!(let #name = ::lika_sdk::Rows::read(input, #index);));
        }
    }
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    Ok(quote! {
        impl<#lifetime> ::lika_sdk::Group<#lifetime> for #ident #generics {
            const SUBJECTS: u32 = #subjects;

            fn tables() -> Vec<::lika_sdk::TableSpec> {
                vec![#(<#types as ::lika_sdk::Facts>::TABLE),*]
            }

            fn read(
                input: &#lifetime ::lika_sdk::wire::types::Input,
            ) -> Result<Self, Vec<::lika_sdk::wire::types::FactReference>> {
                #(#reads)*
                Ok(Self { #(#names),* })
            }

            fn unreadable(&self) -> Vec<(u32, ::lika_sdk::Missing)> {
                self.#subjects_name.unreadable().collect()
            }
        }
    })
}

/// Whether a field has an attribute.
pub(crate) fn has(field: &Field, attribute: &str) -> bool {
    field.attrs.iter().any(|own| own.path().is_ident(attribute))
}
