//! Why a change of a whole-village batch, or of a project that names one, is refused.

use thiserror::Error;

use crate::value::{AreaCode, Date, RecordId};

/// Why a change about whole-village batches is refused. [`BatchRefusal::code`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchRefusal {
    /// S1.5: whole villages are key villages.
    #[error("{village} is no key village on {on}")]
    NotAKeyVillage {
        /// The village.
        village: AreaCode,
        /// The first day of the batch.
        on: Date,
    },
    /// A village is in one batch at a time.
    #[error("village {village} is in batch {batch} at the same time")]
    AlreadyInBatch {
        /// The village.
        village: AreaCode,
        /// The other batch.
        batch: RecordId,
    },
    /// A batch plans for its own villages.
    #[error("batch {batch} does not have {area} among its villages")]
    NotInBatch {
        /// The batch.
        batch: RecordId,
        /// Where the project is carried out.
        area: AreaCode,
    },
    /// A village stays in a batch while projects there name it.
    #[error("project {0} names this batch; end the project or let it name no batch first")]
    StillInBatch(RecordId),
}

impl BatchRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAKeyVillage { .. } => "not-a-key-village",
            Self::AlreadyInBatch { .. } => "already-in-batch",
            Self::NotInBatch { .. } => "not-in-batch",
            Self::StillInBatch(_) => "still-in-batch",
        }
    }
}
