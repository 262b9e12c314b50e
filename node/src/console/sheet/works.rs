//! Measures, projects, enterprises, contracts, trainings, covers and the income of villages.

use lika_core::{
    record::{
        CollectiveIncome, Contract, Cover, Enterprise, Measure, Project, ReachedStage, Training,
        VillageBatch,
    },
    value::{AreaCode, Code, Fen},
};

use super::{Line, Sheet, some};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn measure(&self, measure: &Measure) -> Vec<Line> {
        let Measure {
            household,
            member,
            kind,
            project,
            from,
            until,
            amount,
            results,
        } = measure;
        let words = self.words;
        vec![
            self.line(
                "帮扶措施",
                "Measure",
                Cell::of(words.code("measure-kind", kind.as_str())),
            ),
            self.line("帮扶对象", "Household", words.text(*household)),
            self.line("帮扶成员", "Member", words.text(*member)),
            self.line("所属项目", "Project", words.text(*project)),
            self.line("期间", "Time", Cell::of(words.span(*from, *until))),
            self.line("金额", "Amount", money(words, *amount)),
            self.line("成效", "Results", words.labels("measure-result", results)),
        ]
    }

    pub(super) fn project(&self, project: &Project) -> Vec<Line> {
        let Project {
            name,
            project_type,
            year,
            budget,
            households,
            steps,
            actual,
            reimbursed,
            end,
            village_batch,
        } = project;
        let words = self.words;
        let steps: Vec<String> = steps.iter().map(|step| self.reached(step)).collect();
        let end = end.as_ref().map(|end| {
            let reason = words.code("project-end", end.reason.as_str());
            format!("{reason} {}", end.on)
        });
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line(
                "项目类别",
                "Type",
                Cell::of(words.code("project-type", project_type.as_str())),
            ),
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line(
                "计划资金",
                "Budget",
                some(words, amounts(words, "fund-channel", budget)),
            ),
            self.line(
                "计划受益户数",
                "Households to benefit",
                Cell::of(words.count((*households).into())),
            ),
            self.line("办理环节", "Stages", some(words, steps.join(" · "))),
            self.line("决算金额", "Actual cost", money(words, *actual)),
            self.line("报账金额", "Reimbursed", money(words, *reimbursed)),
            self.line("结束", "End", words.text(end)),
            self.line(
                "整村推进",
                "Whole-village batch",
                words.text(*village_batch),
            ),
        ]
    }

    pub(super) fn village_batch(&self, batch: &VillageBatch) -> Vec<Line> {
        let VillageBatch {
            name,
            villages,
            span,
        } = batch;
        let words = self.words;
        let villages: Vec<_> = villages.iter().map(AreaCode::digits).collect();
        let span = words.span(span.from(), span.until());
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("村", "Villages", Cell::of(villages.join(" · "))),
            self.line("期间", "Time", Cell::of(span)),
        ]
    }

    fn reached(&self, step: &ReachedStage) -> String {
        let ReachedStage {
            stage,
            on,
            by,
            evidence,
        } = step;
        let stage = self.words.code("project-stage", stage.code());
        let evidence = evidence.map_or_else(String::new, |digest| format!(" {}", digest.short()));
        format!("{stage} {on} {}{evidence}", by.officer)
    }

    pub(super) fn enterprise(&self, enterprise: &Enterprise) -> Vec<Line> {
        let Enterprise { name, kind } = enterprise;
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line(
                "企业类别",
                "Kind",
                Cell::of(self.words.code("enterprise-kind", kind.as_str())),
            ),
        ]
    }

    pub(super) fn contract(&self, contract: &Contract) -> Vec<Line> {
        let Contract {
            household,
            organisation,
            kind,
            product,
            volume,
            price,
            added_income,
            from,
            until,
            ended_on,
        } = contract;
        let words = self.words;
        let volume = volume
            .as_ref()
            .map(|(volume, unit)| in_unit(words, *volume, unit));
        vec![
            self.line(
                "合同类别",
                "Kind",
                Cell::of(words.code("contract-kind", kind.as_str())),
            ),
            self.line("农户", "Household", Cell::of(household.to_string())),
            self.line(
                "合作社或企业",
                "Organisation",
                Cell::of(organisation.to_string()),
            ),
            self.line("产品", "Product", words.text(product.as_ref())),
            self.line("数量", "Volume", words.text(volume)),
            self.line("约定单价", "Agreed price", money(words, *price)),
            self.line("增加收入", "Added income", money(words, *added_income)),
            self.line("期间", "Time", Cell::of(words.span(*from, *until))),
            self.line("终止日期", "Ended on", words.text(*ended_on)),
        ]
    }

    pub(super) fn training(&self, training: &Training) -> Vec<Line> {
        let Training {
            kind,
            audience,
            title,
            on,
            days,
            place,
            attendances,
            questions_resolved,
            attendees,
            unit,
        } = training;
        let words = self.words;
        let attendees: Vec<String> = attendees.iter().map(ToString::to_string).collect();
        vec![
            self.line(
                "形式",
                "Kind",
                Cell::of(words.code("training-kind", kind.as_str())),
            ),
            self.line(
                "对象",
                "Audience",
                Cell::of(words.code("training-audience", audience.as_str())),
            ),
            self.line("主题", "Title", Cell::of(title.to_string())),
            self.line("开始日期", "First day", Cell::of(on.to_string())),
            self.line("天数", "Days", Cell::of(days.to_string())),
            self.line("地点", "Place", Cell::of(place.to_string())),
            self.line(
                "参加人次",
                "Attendances",
                Cell::of(words.count((*attendances).into())),
            ),
            self.line(
                "解决问题数",
                "Questions resolved",
                words.text(*questions_resolved),
            ),
            self.line("参加人", "Attendees", some(words, attendees.join(" · "))),
            self.line("组织单位", "Organised by", words.text(*unit)),
        ]
    }

    pub(super) fn cover(&self, cover: &Cover) -> Vec<Line> {
        let Cover {
            household,
            member,
            kind,
            insurer,
            premium,
            paid_by,
            from,
            until,
        } = cover;
        let words = self.words;
        vec![
            self.line(
                "险种",
                "Kind",
                Cell::of(words.code("insurance-kind", kind.as_str())),
            ),
            self.line("投保户", "Household", Cell::of(household.to_string())),
            self.line("被保险人", "Member", words.text(*member)),
            self.line("保险公司", "Insurer", Cell::of(insurer.to_string())),
            self.line("保费", "Premium", Cell::of(words.money(*premium))),
            self.line(
                "保费来源",
                "Paid by",
                Cell::of(words.code("fund-channel", paid_by.as_str())),
            ),
            self.line("期间", "Time", Cell::of(words.span(*from, Some(*until)))),
        ]
    }

    pub(super) fn collective_income(&self, income: &CollectiveIncome) -> Vec<Line> {
        let CollectiveIncome { year, sources } = income;
        let words = self.words;
        vec![
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line(
                "村集体收入",
                "Collective income",
                Cell::of(words.money(income.total())),
            ),
            self.line(
                "收入来源",
                "Sources",
                some(words, amounts(words, "collective-source", sources)),
            ),
        ]
    }
}

fn money(words: Words, amount: Option<Fen>) -> Cell {
    words.text(amount.map(|amount| words.money(amount)))
}

fn amounts(words: Words, list: &str, amounts: &[(Code, Fen)]) -> String {
    let amounts: Vec<String> = amounts
        .iter()
        .map(|(code, amount)| {
            let label = words.code(list, code.as_str());
            format!("{label} {}", words.money(*amount))
        })
        .collect();
    amounts.join(" · ")
}

/// A volume in the unit that people say: it is kept in grams, hundredths of a mu, and head.
fn in_unit(words: Words, volume: u64, unit: &Code) -> String {
    let (whole, digits) = match unit.as_str() {
        "kilogram" => (1000, 3),
        "mu" => (100, 2),
        _ => (1, 0),
    };
    let label = words.code("contract-unit", unit.as_str());
    let (units, rest) = (volume / whole, volume % whole);
    if rest == 0 {
        format!("{units} {label}")
    } else {
        format!("{units}.{rest:0digits$} {label}")
    }
}
