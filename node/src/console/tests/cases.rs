//! Cases on the pages, and the notice that everybody reads and objects to.

use axum::http::StatusCode;
use lika_core::{
    command::Change,
    log::Action,
    record::{Body, Case, CaseSubject, Item, Notice, Taken},
    value::{Code, Date, Digest, Label, Name, RecordId, RequestId},
};

use super::{
    Browser,
    world::{COUNTY, HOUSEHOLD, VILLAGE, World, area},
};
use crate::{
    clock::Clock as _,
    gateway::{Caller, Error},
    procedures,
    store::Stored,
};

const CASE: RecordId = RecordId([70; 16]);
const NOTICE: RecordId = RecordId([71; 16]);

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

/// Applies changes as the office.
async fn apply(world: &World, number: u8, changes: Vec<Change>) {
    let reader = world.gateway.reader();
    let office = Caller::node(reader.node(), area(COUNTY)).unwrap();
    let request = RequestId([number; 16]);
    world
        .gateway
        .apply(&office, request, changes)
        .await
        .unwrap();
}

/// A case by Taishun's procedure that hangs on a notice from today for a week.
async fn post(world: &World) {
    let today = world.clock.today();
    let shipped = procedures::shipped("taishun", Date::from_number(20_050_101).unwrap()).unwrap();
    let Body::Procedure(procedure) = Body::parse(shipped[0].clone().into()).unwrap() else {
        panic!("not a procedure");
    };
    let id = procedure.id_in(&area(COUNTY));
    let officer = RecordId(world.gateway.reader().node().0);
    let taken = |step: &str| Taken {
        step: code(step),
        on: today,
        officer,
        result: code("passed"),
        votes: None,
        notice: None,
        conditions: Vec::new(),
    };
    let case = Case {
        procedure: id,
        kind: code("identification"),
        subject: Some(CaseSubject {
            kind: lika_core::log::Kind::Household,
            id: HOUSEHOLD,
        }),
        opened_on: today,
        steps: vec![taken("application")],
        end: None,
        due: None,
        note: None,
    };
    let surveyed = Case {
        steps: vec![taken("application"), taken("survey")],
        ..case.clone()
    };
    let notice = Notice {
        kind: code("identification"),
        place: Label::parse("村委会公示栏").unwrap(),
        from: today,
        until: today.plus_days(7).unwrap(),
        items: vec![Item {
            case: CASE,
            village: None,
            people: Some(2),
            category: Some(code("general")),
        }],
        digest: None,
        names: Some(vec![Some(Name::parse("张三").unwrap())]),
    };
    let survey = Change {
        action: Action::Change,
        expected_revision: 1,
        ..Change::create(CASE, area(VILLAGE), surveyed)
    };
    let changes = vec![
        Change::create(id, area(COUNTY), procedure),
        Change::create(CASE, area(VILLAGE), case),
        survey,
        Change::create(NOTICE, area(VILLAGE), notice),
    ];
    apply(world, 70, changes).await;
}

fn printed(today: Date) -> String {
    let until = today.plus_days(7).unwrap();
    format!(
        "识别公示\n地点：村委会公示栏\n时间：{today} 至 {until}\n1. 张三 京口村 2人 一般贫困户\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_a_notice_while_it_hangs_and_objects_to_it() {
    let world = World::county();
    post(&world).await;
    let today = world.clock.today();
    let mut anybody = Browser::new(world);
    let path = format!("/notices/{NOTICE}");
    let page = anybody.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let digest = Digest::of(printed(today).as_bytes()).to_string();
    for line in [
        "1 | 张三 | 京口村 | 2 | 一般贫困户",
        "村委会公示栏",
        &digest,
    ] {
        assert!(page.text().contains(line), "{line}: {}", page.text());
    }
    assert!(!page.body.contains("11010519491231002X"));
    let (_, rest) = page.body.split_once("name=\"request\" value=\"").unwrap();
    let request = rest.split('"').next().unwrap().to_owned();
    let case = CASE.to_string();
    let said = [
        ("request", request.as_str()),
        ("case", case.as_str()),
        ("objection", "他家有<b>小汽车</b>"),
    ];
    for _ in 0..2 {
        let sent = anybody.post(&path, &said).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    let received = anybody.get(&format!("{path}?received=1&lang=en")).await;
    assert!(
        received.text().contains("Your objection was received"),
        "{}",
        received.text()
    );
    let silent = [said[0], said[1], ("objection", "")];
    let refused = anybody.post(&path, &silent).await;
    assert_ne!(refused.status, StatusCode::SEE_OTHER, "{}", refused.body);

    // The office sees what blocks the case, and the objection once.
    let mut office = Browser::of(anybody.world, "county").await;
    let list = office.get("/cases?by=2099-12-31&lang=zh").await.text();
    assert!(list.contains("有异议待答复"), "{list}");
    assert!(list.contains("村公示"), "{list}");
    assert_eq!(list.matches("异议 | 360323104201").count(), 1, "{list}");
    let page = office.get(&format!("/cases/{CASE}")).await.text();
    assert!(page.contains("有异议待答复"), "{page}");
}

/// Who is not signed in learns from no objection which records there are.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_notice_of_this_node_does_not_list_is_not_objected_to() {
    let county = World::county();
    post(&county).await;
    let unlisted = RecordId([72; 16]);
    let reader = county.gateway.reader();
    let Some(listed) = reader.get(&CASE).unwrap().and_then(Stored::into_record) else {
        panic!("no case");
    };
    let Body::Case(case) = listed.body else {
        panic!("not a case");
    };
    // An applicant who is not registered.
    let case = Case {
        subject: None,
        steps: Vec::new(),
        due: None,
        ..case
    };
    let opened = Change::create(unlisted, area(VILLAGE), case);
    apply(&county, 72, vec![opened]).await;
    let province = World::province_above(&county);
    for (world, case) in [
        (&county, unlisted),
        (&county, HOUSEHOLD),
        (&county, RecordId([99; 16])),
        (&province, CASE),
        (&province, RecordId([99; 16])),
    ] {
        let head = || world.gateway.reader().heads();
        let before = head();
        let request = RequestId([73; 16]);
        let objected = world.gateway.object(request, &NOTICE, &case, "他家有车");
        let refused = objected.await.unwrap_err();
        assert!(matches!(refused, Error::NotFound(NOTICE)), "{refused:?}");
        assert_eq!(head(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_not_shown_after_the_notice() {
    let world = World::county();
    post(&world).await;
    let path = format!("/notices/{NOTICE}");
    let now = world.clock.now_ms();
    world.clock.set(now + 7 * 24 * 60 * 60 * 1000);
    let mut anybody = Browser::new(world);
    let page = anybody.get(&path).await;
    assert!(page.text().contains("不在公示期内"), "{}", page.text());
    assert!(!page.body.contains("张三"), "{}", page.body);
    // No other record is read without signing in.
    let case = anybody.get(&format!("/notices/{CASE}")).await;
    assert_eq!(case.status, StatusCode::NOT_FOUND);
}
