use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{DeriveInput, Expr, ExprLit, Field, Lit, Type};

use crate::{Arguments, documentation, input_lifetime, inside, named_fields};

/// A table's missing slots are named in one 64-bit word.
const MOST_FACTS: usize = 64;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = named_fields(input)?;
    if fields.len() > MOST_FACTS {
        return Err(syn::Error::new_spanned(
            &input.ident,
            "a table has at most 64 facts",
        ));
    }
    let table = Arguments::of("table", &input.attrs, &input.ident)?;
    table.only(&["parent"])?;
    let table_name = &table.first;
    let parent = match table.get("parent") {
        Some(parent) => quote!(Some(#parent)),
        None => quote!(None),
    };
    let (lifetime, generics) = input_lifetime(input);
    let ident = &input.ident;
    let visibility = &input.vis;
    let specs = fields
        .iter()
        .map(|field| spec(field))
        .collect::<syn::Result<Vec<_>>>()?;
    let reads = fields
        .iter()
        .enumerate()
        .map(|(slot, field)| read(slot, field));
    let names: Vec<_> = fields
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .collect();
    let constants = names.iter().enumerate().map(|(slot, name)| {
        let constant = format_ident!("{}", name.to_string().to_uppercase());
        let slot = Literal::usize_unsuffixed(slot);
        let text = format!("The fact read as `{name}`.");
        quote! {
            #[doc = #text]
            #[allow(dead_code, reason = "not every fact is named in a reason")]
            #visibility const #constant: ::lika_sdk::Fact = ::lika_sdk::Fact { table: #table_name, slot: #slot };
        }
    });
    let own_generics = match input.generics.lifetimes().next() {
        Some(_) => quote!(<'_>),
        None => quote!(),
    };
    Ok(quote! {
        impl #ident #own_generics {
            #(#constants)*
        }

        impl<#lifetime> ::lika_sdk::Facts<#lifetime> for #ident #generics {
            const TABLE: ::lika_sdk::TableSpec = ::lika_sdk::TableSpec {
                name: #table_name,
                parent: #parent,
                facts: &[#(#specs),*],
            };

            #[inline]
            fn read(row: ::lika_sdk::RowView<#lifetime>) -> Result<Self, ::lika_sdk::Missing> {
                let mut missing = ::lika_sdk::Missing::default();
                #(#reads)*
                match (#(#names,)*) {
                    (#(Some(#names),)*) => Ok(Self { #(#names),* }),
                    _ => Err(missing),
                }
            }
        }
    })
}

fn spec(field: &Field) -> syn::Result<TokenStream> {
    let fact = Arguments::of("fact", &field.attrs, field)?;
    fact.only(&["version", "table", "monotone"])?;
    let key = &fact.first;
    let version = fact
        .get("version")
        .map_or_else(|| quote!(1), |version| quote!(#version));
    let table = fact
        .get("table")
        .map_or_else(|| quote!(None), |table| quote!(Some(#table)));
    let monotone = match fact.get("monotone") {
        None => quote!(None),
        Some(word) => {
            let way = way(word, field)?;
            quote!(Some(#way))
        }
    };
    let (value, form) = form(&field.ty);
    let optional = form != Form::Required;
    let meaning = documentation(&field.attrs);
    if meaning.is_empty() {
        return Err(syn::Error::new_spanned(
            field,
            "needs a doc comment: it is what the manifest says the fact means",
        ));
    }
    Ok(quote! {
        ::lika_sdk::FactSpec {
            key: #key,
            kind: <#value as ::lika_sdk::FactValue>::KIND,
            version: #version,
            optional: #optional,
            meaning: #meaning,
            table: #table,
            monotone: #monotone,
        }
    })
}

fn way(word: &Expr, field: &Field) -> syn::Result<TokenStream> {
    let word = match word {
        Expr::Lit(ExprLit {
            lit: Lit::Str(word),
            ..
        }) => word.value(),
        _ => String::new(),
    };
    match word.as_str() {
        "increasing" => Ok(quote!(::lika_sdk::Monotone::Increasing)),
        "decreasing" => Ok(quote!(::lika_sdk::Monotone::Decreasing)),
        _ => Err(syn::Error::new_spanned(
            field,
            "monotone is \"increasing\" or \"decreasing\"",
        )),
    }
}

fn read(slot: usize, field: &Field) -> TokenStream {
    let slot = Literal::usize_unsuffixed(slot);
    let name = &field.ident;
    let (value, form) = form(&field.ty);
    let method = match form {
        Form::Required => quote!(required),
        Form::Optional => quote!(optional),
        Form::Any => quote!(any),
    };
    quote!(let #name = row.#method::<#value>(#slot, &mut missing);)
}

#[derive(PartialEq, Eq)]
enum Form {
    Required,
    Optional,
    Any,
}

fn form(ty: &Type) -> (&Type, Form) {
    if let Some(value) = inside(ty, "Option") {
        return (value, Form::Optional);
    }
    if let Some(value) = inside(ty, "State") {
        return (value, Form::Any);
    }
    (ty, Form::Required)
}
