//! Failures on the wire: a gRPC status with `google.rpc.ErrorInfo`.

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
    let mut details = ErrorDetails::new();
    let metadata = [
        ("retryable", failure.retryable.to_string()),
        ("advice_zh", failure.advice_zh.to_owned()),
        ("advice_en", failure.advice_en.to_owned()),
    ];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value));
    details.set_error_info(failure.code, DOMAIN, metadata);
    Status::with_error_details(code(failure.class), error.message(), details)
}

/// The status of a request that cannot be read.
pub fn malformed(message: impl Into<String>) -> Status {
    status(&gateway::Error::Malformed(message.into()))
}

fn code(class: Class) -> Code {
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
