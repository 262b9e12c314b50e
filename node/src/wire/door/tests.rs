//! The door itself, around a service that answers everybody.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::{
    body::Body,
    codegen::{Service, http},
};
use tower::Layer as _;

use super::*;
use crate::clock::Scenario;

/// Answers everything, and remembers what it was asked.
#[derive(Clone, Default)]
struct Inside(Arc<Mutex<Vec<String>>>);

impl Service<http::Request<Body>> for Inside {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        self.0.lock().unwrap().push(path);
        ready(Ok(http::Response::new(Body::empty())))
    }
}

/// Every method of every service that there is, and some that are not ours.
fn every_path() -> Vec<String> {
    let described = FileDescriptorSet::decode(lika_proto::DESCRIPTORS).unwrap();
    let mut paths = Vec::new();
    for file in &described.file {
        for service in &file.service {
            let methods = service.method.iter();
            paths.extend(
                methods.map(|it| format!("/{}.{}/{}", file.package(), service.name(), it.name())),
            );
        }
    }
    assert!(paths.len() > 40, "{paths:?}");
    for more in [
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/Watch",
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/lika.v1.Added/Later",
        "/",
        "/lika.v1.Enrolment/Enrol/",
        "/lika.v1.Enrolment//Enrol",
        "/lika.v1.enrolment/Enrol",
        "//lika.v1.Enrolment/Enrol",
    ] {
        paths.push(more.to_owned());
    }
    paths
}

#[tokio::test]
async fn without_a_certificate_one_method_can_be_called_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let register = Arc::new(Register::open(folder.path()).unwrap());
    let door = Door::new(register, Arc::new(Scenario::at(0)));
    let inside = Inside::default();
    let mut behind = door.layer(inside.clone());
    for path in every_path() {
        let request = http::Request::builder().uri(&path);
        let answer = behind.call(request.body(Body::empty()).unwrap()).await;
        let answer = answer.unwrap();
        let status = Status::from_header_map(answer.headers());
        let is_open = path == "/lika.v1.Enrolment/Enrol";
        assert_eq!(status.is_none(), is_open, "{path}: {status:?}");
        if let Some(status) = status {
            assert_eq!(status.code(), tonic::Code::Unauthenticated, "{path}");
        }
    }
    let asked = inside.0.lock().unwrap().clone();
    assert_eq!(asked, ["/lika.v1.Enrolment/Enrol"]);
}
