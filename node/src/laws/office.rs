//! Official statistics, policies and what they decide, alerts, comparisons with other bureaus, and reports.

use bytes::Bytes;
use lika_core::{
    command::Change,
    log::{Action, Kind, Salt},
    record::{
        Act, Alert, Approval, Area, Comparison, Decision, Detail, Doubt, Enactment, Evaluation,
        Figure, Handle, Household, IndicatorVersion, KeeperSignature, Loan, Member,
        OfficialStatistic, Outcome, OwnershipSide, OwnershipTransfer, Policy, Reason, Report,
        ReportingWindow, Resolution, RollupCommitment, Shareholding, Statement, Turn, Verification,
        decision_id,
    },
    rollup::{
        Period,
        committed::{Contributions, Dimensions},
        sum_tree::{LogEnd, Subject, SumTree},
    },
    value::{Digest, NodeId, RecordId, Year},
};

use super::{
    Move,
    county::{COUNTY, County, NODE, Of, TOWNSHIPS, Try, area, code, day, edit, end, label, text},
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (3, enters_a_statistic),
    (3, admits_a_policy),
    (5, proposes_an_enactment),
    (8, approves_an_enactment),
    (2, suspends_an_enactment),
    (5, evaluates),
    (9, decides),
    (2, raises_an_alert),
    (2, resolves_an_alert),
    (3, compares),
    (6, doubts),
    (4, verifies_a_doubt),
    (2, opens_a_window),
    (6, reports),
    (2, commits_to_totals),
    (3, agrees_on_a_keeper),
];

const PURPOSES: [&str; 8] = [
    "household-fund",
    "loan",
    "exit-review",
    "quota",
    "dividend",
    "assessment",
    "subsidy",
    "supervision",
];

fn year(dice: &mut Dice<'_>) -> Year {
    Year::new(u16::try_from(2014 + dice.below(3)).unwrap()).unwrap()
}

fn commits_to_totals(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let area = county.place(dice);
    let reader = county.reader();
    let dimensions = Dimensions::of(Period::NOW)?;
    let mut all = Contributions::to(dimensions.clone(), Period::NOW);
    let open = county.records.values().filter(|record| !record.closed);
    open.filter(|record| area.contains(&record.area))
        .for_each(|record| all.add(record));
    let logs = reader.heads().into_iter().map(|tail| LogEnd {
        node: tail.node,
        epoch: tail.position.epoch,
        seq: tail.position.seq,
        hash: tail.hash,
    });
    let subject = Subject {
        node: NODE,
        area,
        period: Period::NOW,
        logs: logs.collect(),
        dimensions: dimensions.clone(),
    };
    let salt = |of: &RecordId| reader.salt("laws", &of.0);
    let tree = SumTree::grow(dimensions, all.into_each().ok()?, Salt([1; 32]), salt).ok()?;
    let commitment = tree.commit(subject);
    let own = RollupCommitment { commitment };
    Some(Try::one(office, Change::create(county.fresh(0), area, own)))
}

/// The signatures are for whoever has the keys to check; core has none.
fn agrees_on_a_keeper(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let other = NodeId([8; 16]);
    let side = |node: NodeId| OwnershipSide {
        node,
        handle: Handle(node.0),
    };
    let alert = RecordId([40 + u8::try_from(dice.below(3)).unwrap(); 16]);
    let (keeps, closes) = match dice.once_in(2) {
        true => (side(NODE), side(other)),
        false => (side(other), side(NODE)),
    };
    let signed = |node: NodeId| KeeperSignature {
        node,
        key: [1; 32],
        signature: [2; 64],
    };
    let mut signatures = vec![signed(NODE)];
    if dice.once_in(3) {
        signatures.push(signed(other));
    }
    let transfer = OwnershipTransfer {
        alert,
        keeps,
        closes,
        signatures,
        member: county.any::<Member>(dice).map(|(record, _)| record.id),
        reason: Some(None),
    };
    let id = OwnershipTransfer::id_for(&NODE, &alert);
    Some(Try::one(office, county.put(id, area(COUNTY), transfer)))
}

fn enters_a_statistic(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let figure = OfficialStatistic {
        series: dice.code("statistic-series"),
        year: year(dice),
        value: i64::try_from(dice.below(900_000)).unwrap(),
        source: label("统计年鉴"),
    };
    let at = county.place(dice);
    let id = OfficialStatistic::id_for(&at, &figure.series, figure.year);
    Some(Try::one(office, county.put(id, at, figure)))
}

fn admits_a_policy(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let purpose = dice.one(&PURPOSES);
    let component = Digest::of(purpose.as_bytes());
    let policy = Policy {
        name: label(purpose),
        version: label("0.1.0"),
        purpose: code(purpose),
        component,
        size: 1,
        package: Digest([3; 32]),
        signed_with: Vec::new(),
    };
    let id = Policy::id_for(&component);
    Some(Try::one(office, county.put(id, area(COUNTY), policy)))
}

fn proposes_an_enactment(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, policy) = county.any::<Policy>(dice)?;
    let earlier = county.any::<Enactment>(dice).map(|(record, _)| record.id);
    let purpose = if dice.once_in(10) {
        code("pairing")
    } else {
        policy.purpose.clone()
    };
    let enactment = Enactment {
        policy: record.id,
        purpose,
        settings: "{}".to_owned(),
        from: dice.before(county.today(), 60),
        until: None,
        preview: Digest([2; 32]),
        approvals: Vec::new(),
        binding: dice.once_in(4),
        suspended: false,
        brings_back: earlier.filter(|_| dice.once_in(6)),
    };
    let at = area(dice.one(&[COUNTY, TOWNSHIPS[0]]));
    Some(Try::one(
        office,
        Change::create(county.fresh(0), at, enactment),
    ))
}

fn approves_an_enactment(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let waiting = county.any_where(dice, |_, own: &Enactment| own.approvals.len() < 2);
    let (record, own) = waiting.or_else(|| county.any::<Enactment>(dice))?;
    let by = if dice.once_in(6) {
        county.officer(dice)
    } else {
        county.another(dice, &own.approvals)
    };
    let change = edit(record, |own: &mut Enactment| own.approvals.push(by));
    Some(Try::one(by.officer, change))
}

fn suspends_an_enactment(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, own) = county.any::<Enactment>(dice)?;
    let suspended = !own.suspended;
    let today = county.today();
    let change = if dice.once_in(3) {
        edit(record, |own: &mut Enactment| own.until = Some(today))
    } else {
        edit(record, |own: &mut Enactment| own.suspended = suspended)
    };
    Some(Try::one(office, change))
}

fn evaluates(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, own) = county.any::<Enactment>(dice)?;
    let component = Digest::of(own.purpose.as_str().as_bytes());
    let evaluation = Evaluation {
        enactment: record.id,
        component,
        settings: Digest([8; 32]),
        engine: "wasmtime".to_owned(),
        as_of: (1, 1),
        scope: "county".to_owned(),
        input: Bytes::from_static(b"in"),
        output: Bytes::from_static(b"out"),
        failure: None,
        tables: Vec::new(),
    };
    let change = Change::create(county.fresh(0), record.area, evaluation);
    Some(Try::one(office, change))
}

fn decides(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, evaluation) = county.any::<Evaluation>(dice)?;
    let enactment = county.records.get(&evaluation.enactment)?;
    let purpose = Enactment::of(&enactment.body)?.purpose.clone();
    let (subject_kind, subject) = match purpose.as_str() {
        "loan" | "subsidy" => (Kind::Loan, county.any::<Loan>(dice)?.0),
        "dividend" => (Kind::Shareholding, county.any::<Shareholding>(dice)?.0),
        "assessment" | "supervision" => (Kind::Area, county.any::<Area>(dice)?.0),
        _ => (Kind::Household, county.any::<Household>(dice)?.0),
    };
    let grade = dice.code("grade");
    let outcome = match dice.below(5) {
        3 => Outcome::Refused,
        4 => Outcome::Undetermined(vec!["income".to_owned()]),
        _ => Outcome::Granted(grade),
    };
    let decision = Decision {
        evaluation: record.id,
        subject_kind,
        subject: subject.id,
        amount: Some(dice.fen(4_000)),
        score: Some(9_000),
        reasons: vec![Reason {
            code: code("amount-above-ceiling"),
            facts: Vec::new(),
            arguments: Vec::new(),
        }],
        comparisons: Vec::new(),
        proposals: Vec::new(),
        outcome,
        purpose,
    };
    let id = decision_id(&decision.purpose, &subject.id);
    Some(Try::one(office, county.put(id, subject.area, decision)))
}

fn raises_an_alert(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let actor = if dice.once_in(6) {
        county.officer(dice).officer
    } else {
        RecordId(NODE.0)
    };
    let alert = Alert {
        raised_by: NODE,
        code: dice.code("alert"),
        about: county.any::<Evaluation>(dice).map(|(record, _)| record.id),
        details: vec![Detail {
            key: code("number"),
            text: label(&dice.below(20).to_string()),
        }],
        raised_on: county.today(),
        resolution: None,
        note: None,
    };
    let at = county.place(dice);
    Some(Try::one(actor, Change::create(alert.id(), at, alert)))
}

fn resolves_an_alert(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let officer = county.officer(dice).officer;
    let (record, _) = county.any::<Alert>(dice)?;
    let finding = dice.code("alert-finding");
    let change = end(record, |alert: &mut Alert| {
        alert.resolution = Some(Resolution { officer, finding });
        alert.note = Some(Some(text("已恢复")));
    });
    Some(Try::one(officer, change))
}

fn compares(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let comparison = Comparison {
        source: dice.code("comparison-source"),
        listed_on: dice.before(county.today(), 30),
        compared_on: if dice.once_in(8) {
            dice.before(county.today(), 9)
        } else {
            county.today()
        },
        rows: 3,
        unreadable: 1,
        hits: 1,
        raised: 1,
        digest: Some(Digest([7; 32])),
    };
    let change = Change::create(county.fresh(0), area(COUNTY), comparison);
    Some(Try::one(office, change))
}

fn doubts(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, comparison) = county.any::<Comparison>(dice)?;
    let (member, _) = county.any::<Member>(dice)?;
    let field = Comparison::fields(comparison.source.as_str()).first()?;
    let row = u32::try_from(2 + dice.below(20)).unwrap();
    let doubt = Doubt {
        comparison: record.id,
        member: member.id,
        source: comparison.source.clone(),
        raised_on: county.today(),
        name_differs: dice.once_in(4),
        verification: None,
        statements: Some(vec![Statement {
            field: code(field),
            text: text(dice.one(&["赣J12345", "赣J54321"])),
        }]),
        note: None,
    };
    let id = Doubt::id_for(&record.id, row);
    Some(Try::one(office, Change::create(id, member.area, doubt)))
}

fn verifies_a_doubt(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let officer = county.officer(dice).officer;
    let (record, _) = county.any::<Doubt>(dice)?;
    let verification = Verification {
        finding: dice.code("doubt-finding"),
        officer,
        on: county.today(),
    };
    let note = (!dice.once_in(8)).then(|| Some(text("车已报废")));
    let change = edit(record, |doubt: &mut Doubt| {
        doubt.verification = Some(verification);
        doubt.note = note;
    });
    Some(Try::one(officer, change))
}

/// The incomes of a year, asked of a township.
fn opens_a_window(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let asked = |indicator| IndicatorVersion {
        indicator: code(indicator),
        version: 1,
    };
    let window = ReportingWindow {
        name: label("年报"),
        period: Period::year(dice.one(&[Year::new(2014).unwrap(), Year::new(2013).unwrap()])),
        from: day(2016, 3, 1),
        until: county.today().plus_days(20)?,
        areas: vec![area(TOWNSHIPS[1])],
        indicators: vec![asked("income-per-head"), asked("households")],
    };
    let change = match county.any::<ReportingWindow>(dice) {
        Some((record, _)) if dice.once_in(2) => edit(record, |own: &mut ReportingWindow| {
            own.until = window.until;
            own.areas.push(area(TOWNSHIPS[0]));
        }),
        _ => Change::create(county.fresh(0), area(COUNTY), window),
    };
    Some(Try::one(office, change))
}

fn reports(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let (record, window) = county.any::<ReportingWindow>(dice)?;
    let at = *dice.of(&window.areas)?;
    let id = Report::id_for(&record.id, &at);
    // A record that stands under an id of another kind is not for this move.
    let known = county.records.get(&id);
    let known = known.filter(|record| Report::of(&record.body).is_some());
    let last = known.and_then(|record| Report::of(&record.body));
    let last = last.and_then(|report| report.turns.last());
    let by = match last {
        Some(last) if !dice.once_in(4) => {
            let other = Approval {
                officer: last.officer,
                cadre: last.cadre,
            };
            county.another(dice, &[other])
        }
        _ => county.officer(dice),
    };
    let opens = matches!(last, Some(last) if last.act == Act::Reported);
    let turn = Turn {
        act: if opens { Act::Reopened } else { Act::Reported },
        officer: by.officer,
        cadre: by.cadre,
        on: county.today(),
    };
    let reason = opens.then(|| text("收入有误")).filter(|_| !dice.once_in(6));
    if let Some(record) = known {
        let change = edit(record, |report: &mut Report| {
            report.turns.push(turn);
            report.reason = Some(reason);
        });
        return Some(Try::one(by.officer, change));
    }
    let figures = window.indicators.iter().map(|of| Figure {
        of: of.clone(),
        value: Some(1),
    });
    let report = Report {
        window: record.id,
        area: at,
        period: window.period,
        figures: figures.collect(),
        turns: vec![turn],
        reason: None,
    };
    Some(Try::one(by.officer, Change::create(id, at, report)))
}

/// What an office closes that is none of its business: any record of any kind, as it stands.
pub fn closes_anything(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let records: Vec<_> = county.records.values().collect();
    let kind = dice.one(Kind::ALL);
    let own: Vec<_> = records.iter().filter(|it| it.body.kind() == kind).collect();
    let record = **dice.of(&own)?;
    let action = if dice.once_in(3) {
        Action::Change
    } else {
        Action::Close
    };
    let change = Change::of(record, action, record.body.clone());
    Some(Try::one(office, change))
}
