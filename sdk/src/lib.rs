//! What a policy is written with.
//!
//! A policy gets facts and answers with decisions; it has no clock, no randomness, no files and no
//! network, and it must not use `HashMap`, whose order depends on addresses.
//! Write rows as structs with [`derive@Facts`], settings with [`derive@Settings`], reasons with
//! [`derive@Reasons`], implement [`SubjectPolicy`] or [`GroupPolicy`], and export it with
//! [`export_subject_policy!`] or [`export_group_policy!`].
//! The same code runs as a component in a node and natively in tests.
//!
//! Start with `examples/screening.rs`; the contract itself is `wit/policy.wit`.

pub mod date;
pub mod decision;
pub mod diagnostics;
pub mod example;
pub mod facts;
pub mod group;
pub mod label;
pub mod money;
pub mod reason;
pub mod settings;
pub mod subject;
pub mod wire;

mod about;

pub use about::{About, LegalBasis};
pub use date::Date;
pub use decision::{Comparator, Decision, Outcome};
pub use facts::{
    Code, Fact, FactKind, FactSpec, FactValue, Facts, Missing, Monotone, RowIndex, RowView, State,
    TableSpec,
};
pub use group::{Group, GroupPolicy, Rows, Shares, share_group};
pub use label::{Label, Labels, Role};
pub use lika_sdk_derive::{Facts, Group, Labels, Reasons, Settings, Subject};
pub use money::{Fen, Ppm, Rounding, share_by_largest_remainder};
pub use reason::{ArgumentSpec, ArgumentValue, ReasonSpec, Reasons};
pub use settings::{SettingFault, SettingValue, Settings};
pub use subject::{Parts, Subject, SubjectPolicy, judge_subjects};

/// Makes a [`SubjectPolicy`] the component's export.
#[macro_export]
macro_rules! export_subject_policy {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::wire::subject as world;
            use $crate::wire::types;

            struct Component;

            impl world::exports::lika::policy::subject_policy::Guest for Component {
                fn describe() -> types::Manifest {
                    $crate::subject::describe::<$policy>()
                }

                fn validate_settings(settings: String) -> Vec<types::SettingsFault> {
                    $crate::settings::faults::<<$policy as $crate::SubjectPolicy>::Settings>(
                        &settings,
                    )
                }

                fn evaluate(
                    settings: String,
                    input: types::Input,
                ) -> Result<types::Answer, String> {
                    $crate::diagnostics::report_panics();
                    $crate::judge_subjects::<$policy>(&settings, &input)
                }
            }

    world::export!(Component with_types_in world);
        };
    };
}

/// Makes a [`GroupPolicy`] the component's export.
#[macro_export]
macro_rules! export_group_policy {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::wire::group as world;
            use $crate::wire::types;

            struct Component;

            impl world::exports::lika::policy::group_policy::Guest for Component {
                fn describe() -> types::Manifest {
                    $crate::group::describe::<$policy>()
                }

                fn validate_settings(settings: String) -> Vec<types::SettingsFault> {
                    $crate::settings::faults::<<$policy as $crate::GroupPolicy>::Settings>(
                        &settings,
                    )
                }

                fn evaluate(
                    settings: String,
                    input: types::Input,
                ) -> Result<types::Answer, String> {
                    $crate::diagnostics::report_panics();
                    $crate::share_group::<$policy>(&settings, &input)
                }
            }

    world::export!(Component with_types_in world);
        };
    };
}
