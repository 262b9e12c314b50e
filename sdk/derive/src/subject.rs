use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::DeriveInput;

use crate::{group::has, input_lifetime, inside, named_fields};

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
    let (mut types, mut names, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for (index, part) in (1..).zip(parts) {
        let (index, name) = (Literal::usize_unsuffixed(index), &part.ident);
        if has(part, "context") {
            types.push(&part.ty);
            reads.push(quote!(let #name = parts.context(#index, &mut missing);));
        } else {
            let row = inside(&part.ty, "Vec");
            types.push(row.ok_or_else(|| {
                syn::Error::new_spanned(&part.ty, "a part is a Vec of rows, or a #[context] row")
            })?);
            reads.push(quote!(let #name = Some(parts.part(#index, &mut missing));));
        }
        names.push(name);
    }
    Ok(quote! {
        impl<#lifetime> ::lika_sdk::Subject<#lifetime> for #ident #generics {
            fn tables() -> Vec<::lika_sdk::TableSpec> {
                vec![
                    <#subject_type as ::lika_sdk::Facts>::TABLE,
                    #(<#types as ::lika_sdk::Facts>::TABLE),*
                ]
            }

            fn read(
                parts: &mut ::lika_sdk::Parts<#lifetime>,
            ) -> Result<Self, Vec<::lika_sdk::wire::types::FactReference>> {
                let mut missing = Vec::new();
                let #subject_name = parts.subject(&mut missing);
                #(#reads)*
                match (#subject_name, #(#names,)*) {
                    (Some(#subject_name), #(Some(#names),)*) if missing.is_empty() => {
                        Ok(Self { #subject_name, #(#names),* })
                    }
                    _ => Err(missing),
                }
            }
        }
    })
}
