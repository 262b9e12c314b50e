use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields, Variant};

use crate::Arguments;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "needs an enum"));
    };
    let ident = &input.ident;
    let specs = data
        .variants
        .iter()
        .map(spec)
        .collect::<syn::Result<Vec<_>>>()?;
    let variants = data.variants.iter().map(|variant| &variant.ident);
    let indexes = (0..data.variants.len()).map(Literal::usize_unsuffixed);
    let arguments = data.variants.iter().map(|variant| {
        let (name, fields) = (&variant.ident, field_names(variant));
        quote! {
            Self::#name { #(#fields),* } => {
                #(take(::lika_sdk::ArgumentValue::value(#fields));)*
            }
        }
    });
    Ok(quote! {
        impl ::lika_sdk::Reasons for #ident {
            const REASONS: &'static [::lika_sdk::ReasonSpec] = &[#(#specs),*];

            fn index(&self) -> u32 {
                match self {
                    #(Self::#variants { .. } => #indexes),*
                }
            }

            #[allow(unused_variables, reason = "an enum without any argument takes none")]
            fn arguments(&self, take: &mut dyn FnMut(::lika_sdk::reason::Argument<'_>)) {
                match self {
                    #(#arguments)*
                }
            }
        }
    })
}

fn spec(variant: &Variant) -> syn::Result<TokenStream> {
    let reason = Arguments::of("reason", &variant.attrs, variant)?;
    reason.only(&["zh", "en"])?;
    if matches!(variant.fields, Fields::Unnamed(_)) {
        return Err(syn::Error::new_spanned(
            variant,
            "the arguments of a reason are named fields",
        ));
    }
    let (code, zh, en) = (
        &reason.first,
        reason.required("zh", variant)?,
        reason.required("en", variant)?,
    );
    let names = field_names(variant)
        .into_iter()
        .map(|name| name.to_string());
    let types = variant.fields.iter().map(|field| &field.ty);
    Ok(quote! {
        ::lika_sdk::ReasonSpec {
            code: #code,
            zh: #zh,
            en: #en,
            arguments: &[#(::lika_sdk::ArgumentSpec {
                name: #names,
                kind: <#types as ::lika_sdk::ArgumentValue>::KIND,
            }),*],
        }
    })
}

fn field_names(variant: &Variant) -> Vec<&syn::Ident> {
    variant
        .fields
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .collect()
}
