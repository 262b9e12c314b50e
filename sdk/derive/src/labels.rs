use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::Arguments;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "needs an enum"));
    };
    let ident = &input.ident;
    let mut labels = Vec::new();
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(variant, "a label has no fields"));
        }
        let label = Arguments::of("label", &variant.attrs, variant)?;
        label.only(&["zh", "en"])?;
        let (code, zh, en) = (
            &label.first,
            label.required("zh", variant)?,
            label.required("en", variant)?,
        );
        labels.push(quote!(::lika_sdk::Label { code: #code, zh: #zh, en: #en }));
        variants.push(&variant.ident);
    }
    let indexes = (0..variants.len()).map(Literal::usize_unsuffixed);
    Ok(quote! {
        impl ::lika_sdk::Labels for #ident {
            const ALL: &'static [Self] = &[#(Self::#variants),*];
            const LABELS: &'static [::lika_sdk::Label] = &[#(#labels),*];

            fn index(self) -> u32 {
                match self {
                    #(Self::#variants => #indexes),*
                }
            }
        }

        impl ::lika_sdk::FactValue<'_> for #ident {
            const KIND: ::lika_sdk::FactKind = ::lika_sdk::FactKind::Code;

            fn read(slot: i64, strings: &[String]) -> Option<Self> {
                ::lika_sdk::facts::read_label(slot, strings)
            }
        }
    })
}
