//! The node on the wire: TLS from its certificates, who is at the other end, and the gRPC services.
//!
//! Messages are turned into records and commands here, and errors into statuses; what may be done is decided behind
//! the gateway.

mod apart;
mod caller;
mod cases;
mod comparisons;
mod households;
mod payments;
mod policies;
pub mod record;
mod registry;
mod reports;
mod statistics;
pub mod status;
mod supervision;
pub mod tls;
mod transfer;

mod watch;
mod works;

pub use self::{
    caller::caller,
    cases::CasesService,
    comparisons::ComparisonsService,
    households::HouseholdsService,
    payments::PaymentsService,
    policies::{PoliciesService, replayed},
    registry::RegistryService,
    reports::{LinkStatus, ReportsService},
    statistics::StatisticsService,
    supervision::SupervisionService,
    works::WorksService,
};
