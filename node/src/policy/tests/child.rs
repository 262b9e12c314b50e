//! The child's side of the line, without a process.

use lika_guests::{HONEST, component, guest};

use super::ENGINE;
use crate::policy::child::{Confinement, Error, serve};
use crate::policy::host::frame::{self, Bounds, Request, Response};
use crate::policy::manifest::Family;
use crate::policy::{Answer, Engine, Failure, Limits, Refusal, machine_code};

type Asked = (Request, Vec<u8>);
type Answered = (Response, Vec<u8>);

/// Has a component compiled and admitted.
fn admit(component: Vec<u8>) -> [Asked; 2] {
    [(Request::Compile, component), (Request::Admit, Vec::new())]
}

/// What the child answers to these requests, after its hello, and how it ends.
fn answers(requests: impl IntoIterator<Item = Asked>) -> (Vec<Answered>, Result<(), Error>) {
    let mut asked = Vec::new();
    for (request, body) in requests {
        frame::write(&mut asked, &request, &body).unwrap();
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
    while let Some(answer) = frame::read(&mut said, Bounds::to_node(frame::MACHINE_CODE)).unwrap() {
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
fn a_component_is_compiled_admitted_and_then_asked() {
    let settings = Request::CheckSettings { json: "{}".into() };
    let asked = [(settings, Vec::new()), evaluate(household())];
    let (answers, ended) = answers(admit(guest(HONEST)).into_iter().chain(asked));
    ended.unwrap();
    let [compiled, admitted, settings, answered] = &answers[..] else {
        panic!("{answers:?}")
    };
    assert!(matches!(compiled.0, Response::Compiled));
    assert!(compiled.1.len() > guest(HONEST).len());
    must_be_admitted(admitted);
    assert!(matches!(&settings.0, Response::Settings(Ok(faults)) if faults.is_empty()));
    assert_eq!(decisions(answered), 1);
}

#[test]
fn machine_code_does_what_the_component_does() {
    let (mut compiled, _) = answers([(Request::Compile, guest(HONEST))]);
    let (_, code) = compiled.remove(0);
    let asked = [
        (Request::Load, code),
        (Request::Admit, Vec::new()),
        evaluate(household()),
    ];
    let (answers, ended) = answers(asked);
    ended.unwrap();
    assert!(matches!(answers[0], (Response::Loaded, ref body) if body.is_empty()));
    must_be_admitted(&answers[1]);
    assert_eq!(decisions(&answers[2]), 1);
}

#[test]
fn what_other_settings_have_made_is_of_no_use() {
    let limits = Limits {
        memory_bytes: ENGINE.limits().memory_bytes * 2,
        instances: 1,
        ..ENGINE.limits().clone()
    };
    let other = Engine::new(limits).unwrap();
    let code = machine_code::compile(&other, &guest(HONEST)).unwrap();
    for code in [code, guest(HONEST), Vec::new()] {
        let (answers, _) = answers([(Request::Load, code)]);
        assert!(
            matches!(answers[0].0, Response::Useless { .. }),
            "{answers:?}"
        );
    }
}

#[test]
fn after_a_trap_it_goes_on() {
    let asked = [evaluate(household()), evaluate(b"rubbish".to_vec())];
    let (answers, ended) = answers(admit(guest("(unreachable)")).into_iter().chain(asked));
    ended.unwrap();
    let failure = |answer: &Answered| match &answer.0 {
        Response::Answered { result, .. } => result.clone().unwrap_err(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(failure(&answers[2]), Failure::Trapped { .. }));
    assert!(matches!(failure(&answers[3]), Failure::Broken { .. }));
}

#[test]
fn nothing_follows_a_component_that_is_refused() {
    let refused = |component: Vec<u8>, at: usize| {
        let more = admit(guest(HONEST));
        let (answers, ended) = answers(admit(component).into_iter().take(at).chain(more));
        assert!(matches!(ended, Err(Error::Order)), "{ended:?}");
        assert_eq!(answers.len(), at);
        match answers.into_iter().next_back().unwrap().0 {
            Response::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    };
    let malformed = refused(b"rubbish".to_vec(), 1);
    assert!(matches!(malformed, Refusal::Malformed { .. }));
    assert_eq!(refused(component("(component)"), 2), Refusal::NoPolicy);
}

#[test]
fn a_request_out_of_order_ends_it() {
    let compile = || (Request::Compile, guest(HONEST));
    let admit = || (Request::Admit, Vec::new());
    let load = || (Request::Load, Vec::new());
    let orders = [
        vec![evaluate(household())],
        vec![admit()],
        vec![compile(), evaluate(household())],
        vec![compile(), compile()],
        vec![compile(), load()],
        vec![load(), compile()],
        vec![compile(), admit(), admit()],
        vec![compile(), admit(), compile()],
        vec![compile(), admit(), load()],
    ];
    for order in orders {
        let (asked, names) = (order.len(), format!("{order:?}"));
        let (answers, ended) = answers(order);
        assert!(matches!(ended, Err(Error::Order)), "{names:.200}");
        assert_eq!(answers.len(), asked - 1, "{names:.200}");
    }
}

fn must_be_admitted(answer: &Answered) {
    let family = match &answer.0 {
        Response::Admitted { family, .. } => *family,
        other => panic!("{other:?}"),
    };
    assert_eq!(family, Family::Subject);
}

fn decisions(answer: &Answered) -> usize {
    assert!(matches!(
        answer.0,
        Response::Answered { result: Ok(()), .. }
    ));
    Answer::from_bytes(&answer.1).unwrap().decisions.len()
}
