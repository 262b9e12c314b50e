use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Expr, ExprLit, Field, Lit};

use crate::{Arguments, named_fields};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = named_fields(input)?;
    let ident = &input.ident;
    let specs = fields
        .iter()
        .map(|field| spec(field))
        .collect::<syn::Result<Vec<_>>>()?;
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let indexes = 0..names.len();
    Ok(quote! {
        impl ::lika_sdk::Settings for #ident {
            const SETTINGS: &'static [::lika_sdk::settings::SettingSpec] = &[#(#specs),*];

            fn take(
                object: &::lika_sdk::settings::Object,
                faults: &mut Vec<::lika_sdk::SettingFault>,
            ) -> Option<Self> {
                #(let #names = Self::SETTINGS[#indexes].take(object, faults);)*
                Some(Self { #(#names: #names?),* })
            }
        }
    })
}

fn spec(field: &Field) -> syn::Result<TokenStream> {
    let setting = Arguments::of("setting", &field.attrs, field)?;
    setting.only(&["default", "min", "max", "zh", "en"])?;
    let (key, ty) = (&setting.first, &field.ty);
    let default = match setting.required("default", field)? {
        Expr::Lit(ExprLit {
            lit: Lit::Bool(flag),
            ..
        }) => {
            let number = i64::from(flag.value);
            quote!(#number)
        }
        number => quote!(#number),
    };
    let bound = |name| {
        setting
            .get(name)
            .map_or_else(|| quote!(None), |bound| quote!(Some(#bound)))
    };
    let (min, max) = (bound("min"), bound("max"));
    let (zh, en) = (
        setting.required("zh", field)?,
        setting.required("en", field)?,
    );
    Ok(quote! {
        ::lika_sdk::settings::SettingSpec {
            key: #key,
            json_type: <#ty as ::lika_sdk::SettingValue>::JSON_TYPE,
            default: #default,
            min: #min,
            max: #max,
            zh: #zh,
            en: #en,
        }
    })
}
