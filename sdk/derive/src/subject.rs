use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::DeriveInput;

use crate::{input_lifetime, inside, named_fields};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = named_fields(input)?;
    let Some((subject, parts)) = fields.split_first() else {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "needs the subject's row as its first field",
        ));
    };
    let (lifetime, generics) = input_lifetime(input);
    let ident = &input.ident;
    let (subject_name, subject_type) = (&subject.ident, &subject.ty);
    let mut part_types = Vec::new();
    for part in parts {
        let row = inside(&part.ty, "Vec");
        part_types
            .push(row.ok_or_else(|| syn::Error::new_spanned(&part.ty, "a part is a Vec of rows"))?);
    }
    let part_names: Vec<_> = parts.iter().map(|part| &part.ident).collect();
    let indexes = (1..=part_types.len()).map(Literal::usize_unsuffixed);
    Ok(quote! {
        impl<#lifetime> ::lika_sdk::Subject<#lifetime> for #ident #generics {
            fn tables() -> Vec<::lika_sdk::TableSpec> {
                vec![
                    <#subject_type as ::lika_sdk::Facts>::TABLE,
                    #(<#part_types as ::lika_sdk::Facts>::TABLE),*
                ]
            }

            fn read(
                parts: &mut ::lika_sdk::Parts<#lifetime>,
            ) -> Result<Self, Vec<::lika_sdk::wire::types::FactReference>> {
                let mut missing = Vec::new();
                let #subject_name = parts.subject(&mut missing);
                #(let #part_names = parts.part(#indexes, &mut missing);)*
                match #subject_name {
                    Some(#subject_name) if missing.is_empty() => Ok(Self { #subject_name, #(#part_names),* }),
                    _ => Err(missing),
                }
            }
        }
    })
}
