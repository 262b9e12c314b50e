//! A stream of messages that ends when its caller's certificate is revoked.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tonic::{
    Status,
    body::Body,
    codegen::http::{HeaderMap, HeaderValue},
};

use super::Pass;

/// What is sent to a caller, or comes from him.
pub(super) struct Guarded {
    body: Body,
    pass: Pass,
    direction: Direction,
    revoked: Pin<Box<dyn Future<Output = Status> + Send>>,
    is_over: bool,
}

/// Which way messages flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the caller: ends with an error, which the service sees.
    Asked,
    /// To the caller: ends with the status, which the caller sees.
    Answered,
}

impl Guarded {
    pub(super) fn new(body: Body, pass: Pass, direction: Direction) -> Self {
        let revoked = Box::pin(pass.clone().revoked());
        Self {
            body,
            pass,
            direction,
            revoked,
            is_over: false,
        }
    }

    /// As the services take it; an empty one has nothing to guard.
    pub(super) fn into_body(self) -> Body {
        Body::new(self)
    }

    fn end(&mut self, status: Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.is_over = true;
        match self.direction {
            Direction::Asked => Poll::Ready(Some(Err(status))),
            Direction::Answered => {
                let mut trailers = HeaderMap::new();
                if status.add_header(&mut trailers).is_err() {
                    // Without the details, which are ours and fit: a refusal all the same (7, permission denied).
                    trailers.insert("grpc-status", HeaderValue::from_static("7"));
                }
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
        }
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(status) = self.revoked.as_mut().poll(context) {
            return self.end(status);
        }
        match Pin::new(&mut self.body).poll_frame(context) {
            // Asked again for each message: the file may have grown since anybody looked.
            Poll::Ready(Some(Ok(frame))) if frame.is_data() => match self.pass.check() {
                Ok(()) => Poll::Ready(Some(Ok(frame))),
                Err(status) => self.end(status),
            },
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
