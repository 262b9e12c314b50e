//! Lists against a registry in memory.

use std::fmt::Write as _;

use lika_core::{
    command::Change,
    log::Action,
    record::{
        Account, Approval, Area, Body, Enterprise, Fund, Grant, GuaranteeFund, Officer, Side,
        area_id,
    },
    value::{AreaCode, Code, Label, Ppm, RecordId},
};

use super::*;
use crate::files::lists::{self, Draft, List};

/// Whoever commands in memory.
const OFFICER: RecordId = RecordId([9; 16]);

fn area_code(text: &str) -> AreaCode {
    AreaCode::parse(text).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn area(digits: &str, name: &str) -> Change {
    let area = Area {
        code: area_code(digits),
        name: label(name),
        key_village: Vec::new(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&area.code), area.code, area)
}

/// A county with two townships and an officer.
fn county_office() -> Memory {
    let mut memory = Memory::default();
    let officer = Officer {
        grants: vec![Grant {
            role: code("county-office"),
            area: area_code("360323"),
        }],
        cadre: None,
        locked: false,
        identity: None,
        password_hash: None,
    };
    memory.apply(vec![
        area("360323", "芦溪县"),
        area("360323104", "银河镇"),
        area("360323100", "芦溪镇"),
        area("360323100201", "江下村"),
        Change::create(OFFICER, area_code("360323"), officer),
    ]);
    memory
}

/// What the examples of the templates name and no list brings.
fn fit(memory: &mut Memory) {
    let village = "360323104201";
    let rows = ["A00000001,,张三,", "A00000002,,李四,360399197001010019"];
    let rows = rows.map(|row| format!(",{village},{row},户主,五保户,,,,,,"));
    let households = sheet(&rows.each_ref().map(String::as_str));
    let plan = plan_text(&households, memory, Faulty::RefuseAll);
    assert_eq!(plan.summary.households.new, 2, "{:?}", plan.faults);
    memory.apply(plan.changes);
    let [lender, account, fund] = [1, 2, 3].map(|number| RecordId([number; 16]));
    let township = area_code("360323104");
    let deposited = Account {
        name: label("担保金"),
        side: Side::Internal(Fund {
            channel: code("county-budget"),
            purpose: code("guarantee"),
            year: None,
            barred_from_living_expenses: false,
        }),
    };
    memory.apply(vec![
        Change::create(
            lender,
            area_code("360323"),
            Enterprise {
                name: label("农村信用社"),
                kind: code("lender"),
            },
        ),
        Change::create(account, township, deposited),
        Change::create(
            fund,
            township,
            GuaranteeFund {
                name: label("银河镇担保基金"),
                lender,
                accounts: vec![account],
                leverage: Ppm(5_000_000),
            },
        ),
    ]);
}

fn draft(path: &Path, list: List, memory: &Memory) -> Result<Draft, Error> {
    // Another file is another request.
    let content = std::fs::read(path).unwrap();
    let settings = lists::Settings {
        request: RequestId(RecordId::derived("file", &content).0),
        as_of: today(),
        by: Approval {
            officer: OFFICER,
            cadre: None,
        },
    };
    let table = Table::open(path)?;
    lists::plan(table, list, memory, &settings, &mut |_| {})
}

fn template(list: List, folder: &TempDir) -> std::path::PathBuf {
    let path = folder.path().join(format!("{}.xlsx", list.code()));
    let mut file = std::fs::File::create(&path).unwrap();
    crate::files::template::write(list, today(), &mut file).unwrap();
    path
}

fn read_text(list: List, text: &str, memory: &Memory) -> Draft {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "台账.csv", text.as_bytes());
    draft(&path, list, memory).unwrap()
}

/// What a list of these lines would do, and what is wrong in it.
fn told(list: List, text: &str, memory: &Memory) -> String {
    let (plan, _) = read_text(list, text, memory).settle(Faulty::LeaveOutHouseholds);
    let mut told = String::new();
    for (row, class) in &plan.rows {
        writeln!(told, "{row} {}", class.code()).unwrap();
    }
    for fault in plan.faults.list() {
        writeln!(told, "{} {}", fault.code(), fault.en()).unwrap();
    }
    told
}

#[test]
fn a_template_with_its_examples_imports_cleanly_and_nothing_the_second_time() {
    let folder = TempDir::new().unwrap();
    let mut memory = county_office();
    for list in List::ALL {
        if list == List::Pairings {
            fit(&mut memory);
        }
        let path = template(list, &folder);
        let (plan, _) = draft(&path, list, &memory)
            .unwrap()
            .settle(Faulty::RefuseAll);
        assert_eq!(plan.faults.list(), [], "{list:?}");
        assert_eq!(plan.summary.records.new, 2, "{list:?}");
        assert!(!plan.changes.is_empty());
        memory.apply(plan.changes);
        let (again, _) = draft(&path, list, &memory)
            .unwrap()
            .settle(Faulty::RefuseAll);
        assert_eq!(again.changes, [], "{list:?}");
        assert_eq!(again.summary.records.unchanged, 2, "{list:?}");
        let absent = again.absent_records.len();
        // The account that the fund is deposited on stands in another area.
        assert_eq!(absent, 0, "{list:?}");
    }
}

#[test]
fn each_column_has_an_example_for_every_row_and_a_heading_of_its_own() {
    for list in List::ALL {
        let columns = list.columns();
        let mut seen = std::collections::BTreeMap::new();
        for column in columns {
            assert_eq!(column.examples.len(), 2, "{}", column.heading);
            let is_given = column.examples.iter().any(|example| !example.is_empty());
            assert!(is_given || !column.is_obligatory, "{}", column.heading);
            assert!(!(column.form)().is_empty() && !column.meaning.is_empty());
            for heading in [&column.heading].into_iter().chain(column.aliases) {
                let normal = crate::files::column::normalised(heading);
                let other = seen.insert(normal, column.heading);
                assert!(other.is_none_or(|it| it == column.heading), "{heading}");
            }
        }
    }
}

#[test]
fn what_a_cell_must_not_be_is_named_by_row_and_column() {
    let memory = county_office();
    let cadres = "姓名,职级,单位,联系电话,任职日期,区划,干部编号\n\
        张建国,厅级,没有的单位,x1,2017-01-01,没有的村,1\n\
        ,正科级,,,,芦溪县,2\n\
        李丽,正科级,没有的单位,,,江下村,3\n";
    let accounts = "账户名称,账户性质,资金渠道,资金用途,区划,期初存入,存入来源账户,存入日期\n\
        甲,本账,,产业发展,芦溪县,,,\n\
        乙,往来,县级财政,,芦溪县,,,\n\
        丙,本账,县级财政,产业发展,芦溪县,-5,丁,2016-01-01\n\
        戊,本账,县级财政,产业发展,芦溪县,5,丁,2016-01-01\n\
        己,本账,县级财政,产业发展,芦溪县,5,,\n\
        己,本账,县级财政,产业发展,芦溪县,,,\n";
    let projects = "项目名称,项目类型,实施地点,计划年度,计划投资,受益户数\n\
        甲,道路,芦溪县,二〇一六,五万,一\n\
        乙,道路,芦溪县,2016,县级财政五万,1\n\
        丙,道路,芦溪县,2016,别的渠道 50000,1\n\
        丁,道路,芦溪县,2016,县级财政:50000、上级资金：20000.5元,1\n";
    let villages = "区划代码,名称,重点村认定日期,重点村退出日期,集体收入年度,村集体经济收入\n\
        360323104,银河镇,,,,\n\
        360323104201,甲村,,2016-01-01,,\n\
        360323104202,乙村,2016-01-01,2015-01-01,,\n\
        360323104203,丙村,,,2015,\n\
        360323104204,丁村,,,2015,经营收入 3\n";
    expect![[r#"
        unknown-label sheet 台账, row 2, column 职级: “厅*” is not in the code list rank
        bad-phone sheet 台账, row 2, column 联系电话: “**” is not a telephone number of 5 to 20 digits
        in-the-future sheet 台账, row 2, column 任职日期: “2017-01-01” has not come yet
        no-such-area sheet 台账, row 2, column 区划: “没有的村” no registered area has this code or name; register the area or correct the row
        value-missing sheet 台账, row 3, column 姓名: must be given
        not-registered sheet 台账, row 4, column 单位: “没****” there is no such unit, as far as you may read; register it first or correct the row

        value-missing sheet 台账, row 2, column 资金渠道: must be given
        not-of-external sheet 台账, row 3, column 资金渠道: “县级财政” is given for an account that is kept here (本账); leave it blank
        negative-amount sheet 台账, row 4, column 期初存入: “-5” must not be negative
        not-registered sheet 台账, row 5, column 存入来源账户: “丁” there is no such account, as far as you may read; register it first or correct the row
        value-missing sheet 台账, row 6, column 存入日期: must be given
        row-twice sheet 台账, row 7: row 6 is about the same; remove one of the two

        5 new
        bad-year sheet 台账, row 2, column 计划年度: “二***” is not a year; write it as 2016
        bad-sums sheet 台账, row 2, column 计划投资: “五*” is not a list of labels with amounts; write it as 名称1 50,000；名称2 20,000
        bad-number sheet 台账, row 2, column 受益户数: “一” is not a whole number
        bad-sums sheet 台账, row 3, column 计划投资: “县*****” is not a list of labels with amounts; write it as 名称1 50,000；名称2 20,000
        unknown-label sheet 台账, row 4, column 计划投资: “别*********” is not in the code list fund-channel

        6 new
        bad-village-code sheet 台账, row 2, column 区划代码: “360******” is not the code of a village, which has 12 digits
        value-missing sheet 台账, row 3, column 重点村认定日期: must be given
        bad-span sheet 台账, row 4, column 重点村退出日期: “2015-01-01” overlaps with another time as a key village, or ends before it begins
        value-missing sheet 台账, row 5, column 村集体经济收入: must be given
    "#]].assert_eq(
        &[
            told(List::Cadres, cadres, &memory),
            told(List::Accounts, accounts, &memory),
            told(List::Projects, projects, &memory),
            told(List::Villages, villages, &memory),
        ]
        .join("\n"),
    );
}

#[test]
fn what_a_row_names_is_one_registered_record_or_a_fault() {
    let mut memory = county_office();
    let folder = TempDir::new().unwrap();
    for list in [List::Villages, List::Units, List::Cadres] {
        let path = template(list, &folder);
        let (plan, _) = draft(&path, list, &memory)
            .unwrap()
            .settle(Faulty::RefuseAll);
        memory.apply(plan.changes);
    }
    fit(&mut memory);
    // Two cadres of one name, told apart by their units, and two heads of one name in one village.
    let namesakes = "姓名,职级,单位,区划\n刘明,村干部,泉江村委会,银河镇泉江村\n";
    let (plan, _) = read_text(List::Cadres, namesakes, &memory).settle(Faulty::RefuseAll);
    memory.apply(plan.changes);
    let rows = [
        "A00000001,,张三,",
        "A00000002,,李四,360399197001010019",
        "A00000003,,李四,",
    ];
    let rows = rows.map(|row| format!(",360323104201,{row},户主,五保户,,,,,,"));
    let rows = rows.each_ref().map(String::as_str);
    memory.apply(plan_text(&sheet(&rows), &memory, Faulty::RefuseAll).changes);

    let pairings = "户编号,户主姓名,户主证件号码,行政村,干部编号,帮扶责任人,帮扶单位,帮扶方式\n\
        A00000001,,,,,刘明,,重点帮扶\n\
        A00000001,,,,,刘明,县农业局,重点帮扶\n\
        A00000001,,,,G001,,,联系帮扶\n\
        A00000001,李四,,,G001,,,联系帮扶\n\
        A00000001,,,,G001,何芳,,联系帮扶\n\
        ,李四,,泉江村,,何芳,,联系帮扶\n\
        A00000003,李四,,泉江村,,何芳,,联系帮扶\n\
        ,李四,,,,何芳,,联系帮扶\n\
        A9,,,,,何芳,,联系帮扶\n\
        A00000002,,,,,,,联系帮扶\n\
        A00000002,,,,,孙悟空,,联系帮扶\n\
        ,,360399197001010018,,,何芳,,联系帮扶\n\
        A00000002,,,江下村,,何芳,,联系帮扶\n";
    expect![[r#"
        3 new
        8 new
        ambiguous sheet 台账, row 2, column 帮扶干部姓名: “刘*” 2 registered cadres are named so; say more of it
        row-twice sheet 台账, row 4: row 3 is about the same; remove one of the two
        not-registered sheet 台账, row 5, column 户编号: “*****0001” there is no such household, as far as you may read; register it first or correct the row
        not-registered sheet 台账, row 6, column 帮扶干部姓名: “何*” there is no such cadre, as far as you may read; register it first or correct the row
        ambiguous sheet 台账, row 7, column 户主姓名: “李*” 2 registered households are named so; say more of it
        household-not-named sheet 台账, row 9, column 户编号: say which household: its number, its head's identity number, or head and village
        not-registered sheet 台账, row 10, column 户编号: “**” there is no such household, as far as you may read; register it first or correct the row
        cadre-not-named sheet 台账, row 11, column 帮扶干部姓名: say which cadre: the number, or the name
        not-registered sheet 台账, row 12, column 帮扶干部姓名: “孙*” there is no such cadre, as far as you may read; register it first or correct the row
        bad-document sheet 台账, row 13, column 户主证件号码: “360***************” number has a wrong check digit; compare it with the card; correct the number or leave it blank
        many-areas sheet 台账, row 14, column 行政村: “江下村” 2 registered areas have this name; write the code, or the township before it
    "#]].assert_eq(&told(List::Pairings, pairings, &memory));
}

#[test]
fn what_differs_is_a_change_and_what_is_missing_is_absent() {
    let mut memory = county_office();
    let units = "单位名称,单位类型,区划\n农业局,政府部门,芦溪县\n卫生院,医院,芦溪镇\n财政所,政府部门,银河镇\n财政所,政府部门,芦溪镇\n";
    let (plan, rows) = read_text(List::Units, units, &memory).settle(Faulty::RefuseAll);
    assert_eq!((plan.changes.len(), rows), (4, vec![2, 3, 4, 5]));
    memory.apply(plan.changes);
    let changed = "单位名称,单位类型,区划\n农业局,事业单位,芦溪县\n财政所,政府部门,芦溪镇\n教育局,政府部门,芦溪县\n";
    let (plan, _) = read_text(List::Units, changed, &memory).settle(Faulty::RefuseAll);
    let actions: Vec<_> = plan.changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Change, Action::Create]);
    let records = plan.summary.records;
    assert_eq!(
        (
            records.new,
            records.changed,
            records.unchanged,
            records.absent
        ),
        (1, 1, 1, 1)
    );
    // A cadre gets a number, and what the file has no column for stays.
    let cadres = "姓名,职级,联系电话,区划\n何芳,村干部,13900000002,江下村\n";
    memory.apply(
        read_text(List::Cadres, cadres, &memory)
            .settle(Faulty::RefuseAll)
            .0
            .changes,
    );
    let numbered = "姓名,职级,干部编号,区划\n何芳,乡镇干部,G7,江下村\n";
    let (plan, _) = read_text(List::Cadres, numbered, &memory).settle(Faulty::RefuseAll);
    let [
        Change {
            action: Action::Change,
            body: Body::Cadre(cadre),
            ..
        },
    ] = &plan.changes[..]
    else {
        panic!("{:?}", plan.changes);
    };
    let identity = cadre.identity.as_ref().unwrap();
    assert_eq!(cadre.rank.as_str(), "township");
    assert_eq!(identity.number.as_ref().unwrap().as_str(), "G7");
    assert_eq!(identity.phone.as_ref().unwrap().as_str(), "13900000002");
}

#[test]
fn a_file_of_another_list_is_refused_as_a_whole() {
    let memory = county_office();
    let folder = TempDir::new().unwrap();
    let refused = |list, text: &str| {
        let path = write(&folder, "台账.csv", text.as_bytes());
        let error = draft(&path, list, &memory).unwrap_err();
        format!("{}: {error}", error.code())
    };
    assert_eq!(
        refused(List::Units, "甲,乙\n1,2\n"),
        "not-a-spreadsheet: the file is not a spreadsheet: none of its first rows has the headings of this list; \
         save it as XLSX or CSV"
    );
    assert_eq!(
        refused(List::Loans, "户编号,贷款金额\nA1,5000\n"),
        "headings-missing: these headings are missing: 贷款用途 期限(月) 年利率(%) 申请日期; add the columns"
    );
}
