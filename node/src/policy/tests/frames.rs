//! What is taken for a frame, and what is not.

use proptest::prelude::*;

use crate::policy::host::frame::{self, Bounds, Error, Request, Response};
use crate::policy::{Failure, Line, Trace, Used};

const BOUNDS: Bounds = Bounds { head: 64, body: 64 };

fn written(request: &Request, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::write(&mut bytes, request, body).unwrap();
    bytes
}

fn read(mut bytes: &[u8]) -> Result<Option<(Request, Vec<u8>)>, Error> {
    frame::read(&mut bytes, BOUNDS)
}

#[test]
fn a_frame_is_read_as_it_was_written_and_the_next_one_after_it() {
    let json = r#"{"line":20}"#;
    let mut bytes = written(&Request::Evaluate { json: json.into() }, b"input");
    bytes.extend(written(&Request::Admit, &[7; 64]));
    let mut bytes = bytes.as_slice();
    let (request, body) = frame::read(&mut bytes, BOUNDS).unwrap().unwrap();
    assert!(matches!(request, Request::Evaluate { json: read } if read == json));
    assert_eq!(body, b"input");
    let (request, body) = frame::read(&mut bytes, BOUNDS).unwrap().unwrap();
    assert!(matches!(request, Request::Admit));
    assert_eq!(body, [7; 64]);
    assert!(
        frame::read::<Request>(&mut bytes, BOUNDS)
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_failure_comes_over_as_it_is() {
    let (failure, trace) = (
        Failure::Trapped {
            cause: "unreachable".into(),
            last_words: Some("第一行".into()),
        },
        Trace {
            lines: vec![Line {
                level: "error".into(),
                text: "第一行".into(),
            }],
            used: Used {
                fuel: 5,
                memory_bytes: 65_536,
            },
        },
    );
    let response = Response::Answered {
        result: Err(failure.clone()),
        trace: trace.clone(),
    };
    let mut bytes = Vec::new();
    frame::write(&mut bytes, &response, &[]).unwrap();
    let read = frame::read(&mut bytes.as_slice(), Bounds::to_node(0))
        .unwrap()
        .unwrap();
    let (
        Response::Answered {
            result,
            trace: told,
        },
        _,
    ) = read
    else {
        panic!("another response")
    };
    assert_eq!((result, told), (Err(failure), trace));
}

#[test]
fn a_frame_that_is_too_long_is_refused_by_its_lengths() {
    let long = written(&Request::Admit, &[0; 65]);
    // Not even the lengths' own bytes have to be followed by anything.
    let refused = read(&long[..8]).unwrap_err();
    assert!(
        matches!(refused, Error::TooLong { head: 1, body: 65 }),
        "{refused}"
    );
    let refused = read(&[0xff; 8]).unwrap_err();
    assert!(matches!(refused, Error::TooLong { .. }), "{refused}");
}

#[test]
fn a_frame_that_is_cut_off_is_refused_at_any_place() {
    let whole = written(&Request::Evaluate { json: "{}".into() }, b"input");
    assert!(read(&[]).unwrap().is_none());
    for end in 1..whole.len() {
        assert!(matches!(read(&whole[..end]), Err(Error::Short)), "{end}");
    }
}

#[test]
fn a_head_with_bytes_left_over_is_refused() {
    let mut bytes = written(&Request::Admit, &[]);
    bytes[0] += 1;
    bytes.push(0);
    assert!(matches!(read(&bytes), Err(Error::Meaningless)));
}

#[test]
fn what_the_child_would_not_take_is_not_sent() {
    let json = |length| "x".repeat(length);
    let evaluate = |length| Request::Evaluate { json: json(length) };
    assert!(evaluate(4 << 20).fits(256 << 20));
    assert!(!evaluate((4 << 20) + 1).fits(0));
    assert!(!Request::Compile.fits((256 << 20) + 1));
}

proptest! {
    #[test]
    fn rubbish_is_never_more_than_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = frame::read::<Response>(&mut bytes.as_slice(), Bounds::to_node(100));
        let mut framed = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        framed.extend([0; 4]);
        framed.extend(&bytes);
        let _ = frame::read::<Response>(&mut framed.as_slice(), Bounds::to_node(100));
    }
}
