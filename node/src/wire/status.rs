//! Failures on the wire: a gRPC status with `google.rpc.ErrorInfo`.

use thiserror::Error;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::gateway::{
    self,
    failure::{self, Class},
};

/// The domain of our codes in `ErrorInfo`.
const DOMAIN: &str = "lika";

/// The status that a client gets: code and advice for programs and people, nothing about the node's inside.
pub fn status(error: &gateway::Error) -> Status {
    let failure = failure::failure(error.code());
    if matches!(failure.class, Class::Internal | Class::Damaged) {
        tracing::error!(
            code = failure.code,
            error = error as &dyn std::error::Error,
            "a call failed"
        );
    }
    refusal(failure.code, error.message())
}

/// The status of a code of the table, with what is wrong in this case.
pub fn refusal(code: &str, message: impl Into<String>) -> Status {
    let failure = failure::failure(code);
    let mut details = ErrorDetails::new();
    let metadata = [
        ("retryable", failure.retryable.to_string()),
        ("advice_zh", failure.advice_zh.to_owned()),
        ("advice_en", failure.advice_en.to_owned()),
    ];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value));
    details.set_error_info(failure.code, DOMAIN, metadata);
    Status::with_error_details(status_code(failure.class), message, details)
}

/// The status of a request that cannot be read.
pub fn malformed(message: impl Into<String>) -> Status {
    status(&gateway::Error::Malformed(message.into()))
}

/// A failed call as a client hears of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The node refused it.
    #[error("{message} ({code}); {advice}")]
    ByNode {
        /// What is wrong.
        message: String,
        /// The stable code.
        code: String,
        /// What to do.
        advice: String,
    },
    /// There is no word of the node's in it: the connection, or what stands between.
    #[error("{message} ({code})")]
    OnTheWay {
        /// What is wrong.
        message: String,
        /// The code of gRPC.
        code: Code,
    },
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        let message = status.message().to_owned();
        match status.get_details_error_info() {
            Some(mut info) => Self::ByNode {
                message,
                advice: info.metadata.remove("advice_en").unwrap_or_default(),
                code: info.reason,
            },
            None => Self::OnTheWay {
                message,
                code: status.code(),
            },
        }
    }
}

fn status_code(class: Class) -> Code {
    match class {
        Class::Invalid => Code::InvalidArgument,
        Class::NotFound => Code::NotFound,
        Class::Refused => Code::FailedPrecondition,
        Class::Conflict => Code::Aborted,
        Class::Unauthenticated => Code::Unauthenticated,
        Class::Denied => Code::PermissionDenied,
        Class::TooMuch => Code::ResourceExhausted,
        Class::Unavailable => Code::Unavailable,
        Class::Internal => Code::Internal,
        Class::Damaged => Code::DataLoss,
    }
}
