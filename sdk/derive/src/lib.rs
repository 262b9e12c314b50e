//! The derives of `lika-sdk`, documented there.

mod facts;
mod group;
mod labels;
mod reasons;
mod settings;
mod subject;

use proc_macro::TokenStream;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, Lit, Type, parse_macro_input,
};

/// A row that can be read as a struct: see `lika_sdk::Facts`.
#[proc_macro_derive(Facts, attributes(table, fact))]
pub fn facts(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), facts::expand)
}

/// A subject with its parts: see `lika_sdk::Subject`.
#[proc_macro_derive(Subject, attributes(context))]
pub fn subject(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), subject::expand)
}

/// The tables of a group: see `lika_sdk::Group`.
#[proc_macro_derive(Group, attributes(context, subjects))]
pub fn group(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), group::expand)
}

/// Typed settings: see `lika_sdk::Settings`.
#[proc_macro_derive(Settings, attributes(setting))]
pub fn settings(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), settings::expand)
}

/// An enum of codes: see `lika_sdk::Labels`.
#[proc_macro_derive(Labels, attributes(label))]
pub fn labels(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), labels::expand)
}

/// The reasons of a policy: see `lika_sdk::Reasons`.
#[proc_macro_derive(Reasons, attributes(reason))]
pub fn reasons(input: TokenStream) -> TokenStream {
    expand(parse_macro_input!(input), reasons::expand)
}

type Expand = fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>;

fn expand(input: DeriveInput, expand: Expand) -> TokenStream {
    expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// The named fields of a struct.
fn named_fields(input: &DeriveInput) -> syn::Result<Vec<&Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter().collect()),
            _ => Err(syn::Error::new_spanned(
                &input.ident,
                "needs a struct with named fields",
            )),
        },
        _ => Err(syn::Error::new_spanned(
            &input.ident,
            "needs a struct with named fields",
        )),
    }
}

/// The arguments of `#[name("first", key = value, …)]`.
struct Arguments {
    first: String,
    named: Vec<(syn::Ident, Expr)>,
}

impl Arguments {
    fn of(name: &str, attributes: &[Attribute], owner: &dyn quote::ToTokens) -> syn::Result<Self> {
        let attribute = attributes
            .iter()
            .find(|attribute| attribute.path().is_ident(name));
        let Some(attribute) = attribute else {
            return Err(syn::Error::new_spanned(
                quote::quote!(#owner),
                format!("needs #[{name}(\"…\")]"),
            ));
        };
        attribute.parse_args_with(|stream: syn::parse::ParseStream<'_>| {
            let first = stream.parse::<syn::LitStr>()?.value();
            let mut named = Vec::new();
            while !stream.is_empty() {
                stream.parse::<syn::Token![,]>()?;
                if stream.is_empty() {
                    break;
                }
                let key: syn::Ident = stream.parse()?;
                stream.parse::<syn::Token![=]>()?;
                named.push((key, stream.parse()?));
            }
            Ok(Self { first, named })
        })
    }

    fn get(&self, key: &str) -> Option<&Expr> {
        self.named
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    fn required(&self, key: &str, owner: &dyn quote::ToTokens) -> syn::Result<&Expr> {
        self.get(key).ok_or_else(|| {
            syn::Error::new_spanned(quote::quote!(#owner), format!("needs {key} = …"))
        })
    }

    fn only(&self, keys: &[&str]) -> syn::Result<()> {
        match self
            .named
            .iter()
            .find(|(name, _)| keys.iter().all(|key| name != key))
        {
            Some((name, _)) => Err(syn::Error::new_spanned(
                name,
                format!("unknown; known are {}", keys.join(", ")),
            )),
            None => Ok(()),
        }
    }
}

/// The doc comment as one line.
fn documentation(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    attributes
        .iter()
        .filter_map(line)
        .collect::<Vec<_>>()
        .join(" ")
}

/// `T` of `Wrapper<T>`.
fn inside<'a>(ty: &'a Type, wrapper: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    if segment.ident != wrapper {
        return None;
    }
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The lifetime of the input: the struct's own, or a fresh one where it has none.
fn input_lifetime(input: &DeriveInput) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    match input.generics.lifetimes().next() {
        Some(parameter) => {
            let lifetime = &parameter.lifetime;
            (quote::quote!(#lifetime), quote::quote!(<#lifetime>))
        }
        None => (quote::quote!('input), quote::quote!()),
    }
}
