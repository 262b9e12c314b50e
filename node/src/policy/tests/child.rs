//! The child's side of the line, without a process.

use lika_guests::{HONEST, guest};

use super::ENGINE;
use crate::policy::child::{Confinement, Error, serve};
use crate::policy::host::frame::{self, Bounds, Request, Response};
use crate::policy::manifest::Family;
use crate::policy::{Answer, Failure, Refusal};

type Asked = (Request, Vec<u8>);
type Answered = (Response, Vec<u8>);

/// What the child answers to these requests, after its hello, and how it ends.
fn answers(requests: &[Asked]) -> (Vec<Answered>, Result<(), Error>) {
    let mut asked = Vec::new();
    for (request, body) in requests {
        frame::write(&mut asked, request, body).unwrap();
    }
    let mut said = Vec::new();
    let ended = serve(
        &ENGINE,
        Confinement::default(),
        &mut asked.as_slice(),
        &mut said,
    );
    let mut said = said.as_slice();
    let mut answers = Vec::new();
    while let Some(answer) = frame::read(&mut said, Bounds::to_node(1 << 20)).unwrap() {
        answers.push(answer);
    }
    assert!(matches!(answers.remove(0).0, Response::Hello(_)));
    (answers, ended)
}

fn evaluate(input: Vec<u8>) -> Asked {
    let json = "{}".into();
    (Request::Evaluate { json }, input)
}

/// One household with an income of one yuan.
fn household() -> Vec<u8> {
    let policy = ENGINE.admit(&guest(HONEST)).unwrap();
    let mut builder = crate::policy::InputBuilder::new(policy.describe(), 0);
    builder
        .row(0, None, |_| crate::policy::Value::Fen(100))
        .unwrap();
    builder.finish().to_bytes()
}

#[test]
fn a_component_is_admitted_and_then_asked() {
    let settings = Request::CheckSettings { json: "{}".into() };
    let (answers, ended) = answers(&[
        (Request::Admit, guest(HONEST)),
        (settings, Vec::new()),
        evaluate(household()),
    ]);
    ended.unwrap();
    assert_eq!(answers.len(), 3);
    assert!(matches!(
        &answers[0].0,
        Response::Admitted {
            family: Family::Subject,
            ..
        }
    ));
    assert!(matches!(&answers[1].0, Response::Settings(Ok(faults)) if faults.is_empty()));
    assert!(matches!(
        &answers[2].0,
        Response::Answered { result: Ok(()), .. }
    ));
    assert_eq!(
        Answer::from_bytes(&answers[2].1).unwrap().decisions.len(),
        1
    );
}

#[test]
fn after_a_trap_it_goes_on() {
    let (answers, ended) = answers(&[
        (Request::Admit, guest("(unreachable)")),
        evaluate(household()),
        evaluate(b"rubbish".to_vec()),
    ]);
    ended.unwrap();
    let failure = |answer: &Answered| match &answer.0 {
        Response::Answered { result, .. } => result.clone().unwrap_err(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(failure(&answers[1]), Failure::Trapped { .. }));
    assert!(matches!(failure(&answers[2]), Failure::Broken { .. }));
}

#[test]
fn a_component_that_is_refused_can_be_followed_by_another() {
    let (answers, ended) = answers(&[
        (Request::Admit, b"rubbish".to_vec()),
        (Request::Admit, guest(HONEST)),
    ]);
    ended.unwrap();
    assert!(matches!(
        &answers[0].0,
        Response::Refused(Refusal::Malformed { .. })
    ));
    assert!(matches!(&answers[1].0, Response::Admitted { .. }));
}

#[test]
fn a_request_out_of_order_ends_it() {
    let (_, ended) = answers(&[evaluate(household())]);
    assert!(matches!(ended, Err(Error::Order)));
    let twice = [
        (Request::Admit, guest(HONEST)),
        (Request::Admit, guest(HONEST)),
    ];
    assert!(matches!(answers(&twice).1, Err(Error::Order)));
}
