//! Files against a registry in memory, whose commands pass the rules of core.

mod bounds;
mod lists;
mod memory;
mod round_trip;

use std::{io::Write, path::Path};

use expect_test::{Expect, expect};
use lika_core::value::{Date, RequestId, Year};
use tempfile::TempDir;

use self::memory::Memory;
use super::*;
use crate::sample::{self, County};

fn today() -> Date {
    Date::new(2016, 6, 30).unwrap()
}

fn county(households: usize) -> County {
    County::generate(&sample::Settings {
        seed: 7,
        households,
        as_of: today(),
    })
}

/// A registry that knows the areas of the sample county.
fn registry() -> Memory {
    let mut memory = Memory::default();
    memory.apply(county(0).area_changes);
    memory
}

fn settings(faulty: Faulty, request: u8) -> Settings {
    Settings {
        request: RequestId([request; 16]),
        as_of: today(),
        income_year: Year::new(2015).unwrap(),
        faulty,
    }
}

fn plan_file(path: &Path, memory: &Memory, faulty: Faulty) -> Plan {
    let mut said = Vec::new();
    let plan = plan(
        Table::open(path).unwrap(),
        memory,
        &settings(faulty, 1),
        &mut |progress| said.push(progress),
    );
    assert!(!said.is_empty());
    plan.unwrap()
}

fn write(folder: &TempDir, name: &str, content: &[u8]) -> std::path::PathBuf {
    let path = folder.path().join(name);
    std::fs::File::create(&path)
        .unwrap()
        .write_all(content)
        .unwrap();
    path
}

/// A small file of one village of the sample county, and its plan.
fn plan_text(text: &str, memory: &Memory, faulty: Faulty) -> Plan {
    let folder = TempDir::new().unwrap();
    plan_file(
        &write(&folder, "户信息.csv", text.as_bytes()),
        memory,
        faulty,
    )
}

const HEADINGS: &str = "乡（镇）,行政区划代码,户编号,人编号,姓名,证件号码,与户主关系,户类型,致贫原因,务工时间（月）,人员识别时间,工资性收入,人均纯收入,联系电话";

fn sheet(rows: &[&str]) -> String {
    format!("{HEADINGS}\n{}\n", rows.join("\n"))
}

fn check_faults(text: &str, expected: &Expect) {
    let plan = plan_text(text, &registry(), Faulty::RefuseAll);
    let lines: Vec<String> = plan
        .faults
        .list()
        .iter()
        .map(|fault| format!("{} | {} | {}\n", fault.code(), fault.en(), fault.zh()))
        .collect();
    expected.assert_eq(&lines.concat());
    if plan.faults.faults() > 0 {
        assert!(plan.changes.is_empty(), "nothing of a faulty file is taken");
    }
}

#[test]
fn every_fault_of_a_file_names_its_place_and_masks_what_is_personal() {
    let text = sheet(&[
        "芦溪镇,360323100201,A00000001,,张三,360399197001010019,户主,开发户,因懒,13,2014-02-30,-5,100,10012345678",
        "芦溪镇,360323100201,A00000001,,李四,360399197201010020,配偶,开发户,,,,,,10012345678",
        "芦溪镇,360323100201,A00000001,,,,之子,开发户,,,2017-01-01,,,x1",
        "芦溪镇,360323999201,A00000002,,王五,无,户主,五保户,,,,,,",
        "芦溪镇,360323100202,A00000003,,赵六,360399197001010019,户主,五保户,,,,,,",
        "芦溪镇,360323100202,A00000003,,赵七,,户主,五保户,,,,,,",
        "芦溪镇,360323100202,A00000004,,孙八,,之女,五保户,缺技术,,,1000,4000,",
    ]);
    check_faults(
        &text,
        &expect![[r#"
            bad-months | sheet 户信息, row 2, column 务工时间(月): “13” is not a number of months from 0 to 12 | 工作表“户信息”第2行“务工时间(月)”列：“13”不是 0 至 12 的月数
            bad-date | sheet 户信息, row 2, column 人员识别时间: “2014-02-30” is not a date; write it as 2016-01-31 | 工作表“户信息”第2行“人员识别时间”列：“2014-02-30”不是日期；请写成 2016-01-31
            unknown-label | sheet 户信息, row 2, column 致贫原因: “因*” is not in the code list cause | 工作表“户信息”第2行“致贫原因”列：“因*”不在代码表（cause）中
            negative-amount | sheet 户信息, row 2, column 工资性收入: “-5” must not be negative | 工作表“户信息”第2行“工资性收入”列：“-5”不能为负数
            document-unverified | sheet 户信息, row 3, column 证件号码: “360***************” number has a wrong check digit; compare it with the card; kept as unverified | 工作表“户信息”第3行“证件号码”列：“360***************”证件号码校验位不对，按“未核实”保存
            value-missing | sheet 户信息, row 4, column 姓名: must be given | 工作表“户信息”第4行“姓名”列：必须填写
            in-the-future | sheet 户信息, row 4, column 人员识别时间: “2017-01-01” has not come yet | 工作表“户信息”第4行“人员识别时间”列：“2017-01-01”日期尚未到
            household-columns-differ | sheet 户信息, row 4, column 联系电话: “**” row 2 says something else for the same household | 工作表“户信息”第4行“联系电话”列：“**”与第2行同一户的内容不一致
            unknown-area | sheet 户信息, row 5, column 行政区划代码: “360*********” no registered village has this code or these names; register the area or correct the row | 工作表“户信息”第5行“行政区划代码”列：“360*********”没有登记这个行政村；请先登记区划或改正本行
            person-twice | sheet 户信息, row 6, column 证件号码: “360***************” the same person stands in row 2; a person is registered once | 工作表“户信息”第6行“证件号码”列：“360***************”与第2行是同一个人；一人只能登记一次
            many-heads | sheet 户信息, row 7, column 与户主关系: the household has 2 heads; mark one row only as 户主 | 工作表“户信息”第7行“与户主关系”列：本户有 2 个户主；只能有一个
            no-head | sheet 户信息, row 8, column 与户主关系: the household has no head; mark one row as 户主 | 工作表“户信息”第8行“与户主关系”列：本户没有户主；请在一行标明“户主”
        "#]],
    );
}

#[test]
fn a_row_whose_cells_have_moved_shows_nobody() {
    // One cell too many after the area: every value stands one heading further on.
    let text = sheet(&[
        "芦溪镇,360323100201,,A00000001,,张三丰,360399197001010019,户主,开发户,因病,,2014-02-01,500,10012345678",
        "360399197001010019,张三丰,A1,,360399197001010019,,10012345678,张三丰,360399197001010019,360399197001010019,张三丰,10012345678,张三丰,张三丰",
    ]);
    let plan = plan_text(&text, &registry(), Faulty::RefuseAll);
    let lines = plan.faults.list().iter();
    let lines: Vec<_> = lines
        .map(|fault| format!("{} {}\n", fault.code(), fault.en()))
        .collect();
    for personal in ["360399197001010019", "10012345678", "张三", "三丰"] {
        assert!(!lines.concat().contains(personal), "{lines:?}");
    }
    expect![[r#"
        document-unverified sheet 户信息, row 2, column 证件号码: “***” number has the wrong length; expected 18 characters, or 20 of a disability card; kept as unverified
        value-missing sheet 户信息, row 2, column 姓名: must be given
        unknown-label sheet 户信息, row 2, column 与户主关系: “3*****************” is not in the code list relation
        bad-months sheet 户信息, row 2, column 务工时间(月): “因*” is not a number of months from 0 to 12
        no-household sheet 户信息, row 2, column 户编号: the row has no household number and no household before it
        unknown-label sheet 户信息, row 3, column 与户主关系: “1**********” is not in the code list relation
        bad-months sheet 户信息, row 3, column 务工时间(月): “360***************” is not a number of months from 0 to 12
        bad-date sheet 户信息, row 3, column 人员识别时间: “张**” is not a date; write it as 2016-01-31
        unknown-area sheet 户信息, row 3, column 行政区划代码: “张**” no registered village has this code or these names; register the area or correct the row
        bad-phone sheet 户信息, row 3, column 联系电话: “***” is not a telephone number of 5 to 20 digits
        unknown-label sheet 户信息, row 3, column 户类型: “张**” is not in the code list household-type
        unknown-label sheet 户信息, row 3, column 致贫原因: “3*****************” is not in the code list cause
        bad-amount sheet 户信息, row 3, column 人均纯收入: “张**” is not an amount in yuan with at most two decimals
        no-head sheet 户信息, row 3, column 与户主关系: the household has no head; mark one row as 户主
    "#]].assert_eq(&lines.concat());
}

#[test]
fn a_small_file_is_taken_whole_and_nothing_the_second_time() {
    let rows = [
        "芦溪镇,360323100201,A1,,张三,360399197001010019,户主,扶贫开发户,缺技术,,2014-03-01,12000,6000,10012345678",
        ",,A1,,李四,,配偶,,,,,,,",
        "芦溪镇,360323100202,A2,,王 五,360399195001010010,户主,五保户,,,,,,",
    ];
    let mut memory = registry();
    let first = plan_text(&sheet(&rows), &memory, Faulty::RefuseAll);
    // The third number has a wrong check digit on purpose: a warning, never a fault.
    assert_eq!(
        (first.faults.faults(), first.faults.warnings()),
        (0, 1),
        "{:?}",
        first.faults
    );
    assert_eq!(
        (
            first.summary.households.new,
            first.summary.members.new,
            first.summary.incomes.new
        ),
        (2, 3, 1)
    );
    let again = plan_text(&sheet(&rows), &memory, Faulty::RefuseAll);
    assert_eq!(
        first.changes, again.changes,
        "the same request has the same body"
    );
    memory.apply(first.changes);

    let second = plan_text(&sheet(&rows), &memory, Faulty::RefuseAll);
    assert_eq!(second.changes, []);
    assert_eq!(
        (
            second.summary.households.unchanged,
            second.summary.members.unchanged
        ),
        (2, 3)
    );

    let gone = plan_text(&sheet(&rows[..1]), &memory, Faulty::RefuseAll);
    assert_eq!(
        (gone.summary.members.absent, gone.changes.len()),
        (1, 0),
        "absent is never a deletion"
    );
    let changed = plan_text(
        &sheet(&rows).replace("缺技术", "因病"),
        &memory,
        Faulty::RefuseAll,
    );
    assert_eq!(changed.summary.households.changed, 1);
    memory.apply(changed.changes);
}

#[test]
fn somebody_registered_elsewhere_is_not_registered_twice() {
    let mut memory = registry();
    let row = "芦溪镇,360323100201,A1,,张三,360399197001010019,户主,扶贫开发户,,,,,,";
    memory.apply(plan_text(&sheet(&[row]), &memory, Faulty::RefuseAll).changes);
    let other = row.replace("A1", "A2");
    let plan = plan_text(&sheet(&[&other]), &memory, Faulty::RefuseAll);
    assert_eq!(
        plan.faults.list()[0].code(),
        "registered-elsewhere",
        "{:?}",
        plan.faults
    );
    assert_eq!(plan.changes, []);
}

#[test]
fn faulty_households_can_be_left_out() {
    let mut memory = registry();
    let text = sheet(&[
        "芦溪镇,360323100201,A1,,张三,,户主,扶贫开发户,,,,,,",
        "芦溪镇,360323100201,A2,,李四,,配偶,扶贫开发户,,,,,,",
        "芦溪镇,360323100201,A2,,李五,,之子,扶贫开发户,,,,,,",
    ]);
    assert_eq!(plan_text(&text, &memory, Faulty::RefuseAll).changes, []);
    let plan = plan_text(&text, &memory, Faulty::LeaveOutHouseholds);
    assert_eq!(
        (
            plan.summary.left_out,
            plan.changes.len(),
            plan.faults.faults()
        ),
        (1, 2, 1)
    );
    memory.apply(plan.changes);
}

#[test]
fn the_county_of_luxi_has_the_figures_of_its_document() {
    let folder = TempDir::new().unwrap();
    let county = county(sample::HOUSEHOLDS_OF_LUXI);
    let path = folder.path().join("luxi.xlsx");
    county.write_xlsx(&path).unwrap();
    let mut memory = registry();
    let plan = plan_file(&path, &memory, Faulty::RefuseAll);
    assert_eq!(
        (plan.faults.faults(), plan.faults.warnings()),
        (0, 0),
        "{:?}",
        plan.faults.list().first()
    );
    assert_eq!(
        (plan.summary.households.new, plan.summary.members.new),
        (3_906, 10_485)
    );

    let with = |measure: &str| memory::count_measure(&plan.changes, measure);
    assert_eq!(
        [
            "industry",
            "schooling",
            "employment",
            "protection",
            "science"
        ]
        .map(with),
        [1_166, 1_017, 3_044, 7_183, 836],
    );
    assert_eq!(
        memory::development_households_without_labour(&plan.changes),
        0
    );
    memory.apply(plan.changes);
    assert_eq!(memory.key_villages(today()), 14);
    assert_eq!(memory.townships(), 9);
    memory.apply(county.unit_changes);
    memory.apply(county.cadre_changes);

    let again = plan_file(&path, &memory, Faulty::RefuseAll);
    assert_eq!(
        again.changes,
        [],
        "importing the same file again changes nothing"
    );
}

#[test]
fn every_seed_and_size_keeps_the_figures() {
    for seed in 0..6 {
        let made = County::generate(&sample::Settings {
            seed,
            households: 3_906,
            as_of: today(),
        });
        assert_eq!(
            (made.households.len(), made.people()),
            (3_906, 10_485),
            "seed {seed}"
        );
        let able = made
            .households
            .iter()
            .flat_map(|household| &household.members)
            .filter(|member| member.is_able);
        assert_eq!(able.count(), 3_302, "seed {seed}");
    }
    for households in [0, 1, 10, 500, 8_000] {
        assert_eq!(county(households).households.len(), households);
    }
    let texts = |county: &County| format!("{:?}", county.households);
    assert_eq!(
        texts(&county(50)),
        texts(&county(50)),
        "the same seed gives the same county"
    );
}
