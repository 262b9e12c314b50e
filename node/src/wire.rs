//! The node on the wire: TLS from its certificates, who is at the other end, and the gRPC services.
//!
//! Messages are turned into records and commands here, and errors into statuses; what may be done is decided behind
//! the gateway.

mod apart;
mod caller;
mod cases;
mod comparisons;
mod door;
pub mod duplicates;
pub mod enrolment;
mod evidence;
mod households;
pub mod listener;
mod payments;
mod policies;
pub mod record;
mod registry;
mod reports;
pub mod rollups;
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
    door::Door,
    duplicates::DuplicatesService,
    enrolment::EnrolmentService,
    evidence::EvidenceService,
    households::HouseholdsService,
    payments::PaymentsService,
    policies::{PoliciesService, replayed},
    registry::RegistryService,
    reports::{LinkBelow, LinkStatus, ReportsService},
    statistics::StatisticsService,
    supervision::SupervisionService,
    works::WorksService,
};
