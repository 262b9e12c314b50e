//! Posts, duties and tasks; findings and sanctions; letters, surveys, assessments and awards.

use lika_core::record::{
    Answerable, Assessment, Award, Basis, Bound, Duty, Finding, Post, ResponsibilityLetter,
    Sanction, SatisfactionSurvey, Signature, Task,
};

use super::{Line, Sheet, some};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn post(&self, post: &Post) -> Vec<Line> {
        let Post {
            cadre,
            role,
            from,
            until,
        } = post;
        let words = self.words;
        vec![
            self.line("职务", "Office", words.label("post-role", Some(role))),
            self.line("干部", "Cadre", Cell::of(cadre.to_string())),
            self.line("任职时间", "Time", Cell::of(words.span(*from, *until))),
        ]
    }

    pub(super) fn duty(&self, duty: &Duty) -> Vec<Line> {
        let Duty {
            code,
            name,
            rhythm,
            side,
            bound,
            grace,
            from,
            until,
        } = duty;
        let words = self.words;
        let bound = match bound {
            Bound::Roles(roles) => words.labels("post-role", roles),
            Bound::One(one) => somebody(words, *one),
        };
        vec![
            self.line("代码", "Code", Cell::of(code.to_string())),
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line(
                "频次",
                "Rhythm",
                Cell::of(words.code("rhythm", rhythm.code())),
            ),
            self.line("责任方", "Side", words.label("duty-side", Some(side))),
            self.line("承担者", "For whom", bound),
            self.line("宽限天数", "Days of grace", Cell::of(grace.to_string())),
            self.line("期间", "Time", Cell::of(words.span(*from, *until))),
        ]
    }

    pub(super) fn task(&self, task: &Task) -> Vec<Line> {
        let Task {
            duty,
            holder,
            period,
            result,
            on,
            code,
            due,
            note,
        } = task;
        let words = self.words;
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        vec![
            self.line("工作任务", "Duty", words.text(code.as_ref())),
            self.line("任务记录", "Record of the duty", Cell::of(duty.to_string())),
            self.line("承担者", "Holder", somebody(words, *holder)),
            self.line("期间起始", "Period", Cell::of(period.to_string())),
            self.line("期限", "Due", words.text(*due)),
            self.line("结果", "Result", words.label("task-result", Some(result))),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line("说明", "Note", self.note(note)),
        ]
    }

    pub(super) fn finding(&self, finding: &Finding) -> Vec<Line> {
        let Finding {
            subject,
            kind,
            inspection,
            found_on,
            deadline,
            duty,
            settled,
            texts,
        } = finding;
        let words = self.words;
        let settled = settled.as_ref();
        let texts = texts.as_ref();
        let note = texts.map(|texts| words.text(texts.note.as_ref()));
        let settlement = texts.map(|texts| words.text(texts.settlement.as_ref()));
        vec![
            self.line("对象", "Subject", somebody(words, *subject)),
            self.line("问题类别", "Kind", words.label("finding-kind", Some(kind))),
            self.line(
                "发现方式",
                "Inspection",
                words.label("inspection", Some(inspection)),
            ),
            self.line("发现日期", "Found on", Cell::of(found_on.to_string())),
            self.line("整改期限", "Deadline", Cell::of(deadline.to_string())),
            self.line("工作任务", "Duty", words.text(*duty)),
            self.line(
                "整改日期",
                "Settled on",
                words.text(settled.map(|settled| settled.on)),
            ),
            self.line(
                "整改结论",
                "End",
                words.label("finding-end", settled.map(|settled| &settled.end)),
            ),
            self.line("问题", "What was found", self.note(note)),
            self.line("整改情况", "How it was settled", self.note(settlement)),
        ]
    }

    pub(super) fn sanction(&self, sanction: &Sanction) -> Vec<Line> {
        let Sanction {
            subject,
            kind,
            on,
            findings,
            lapses_on,
            deadline,
            lifted_on,
            penalty,
            decision,
            note,
        } = sanction;
        let words = self.words;
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        vec![
            self.line("对象", "Subject", somebody(words, *subject)),
            self.line("方式", "Kind", words.label("sanction-kind", Some(kind))),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line(
                "依据的问题",
                "Findings",
                some(words, findings.join(words.t("、", ", "))),
            ),
            self.line("记忆至", "Remembered until", words.text(*lapses_on)),
            self.line("整改期限", "Deadline", words.text(*deadline)),
            self.line("解除日期", "Lifted on", words.text(*lifted_on)),
            self.line("处分", "Penalty", words.label("penalty", penalty.as_ref())),
            self.line("决定", "Decision", words.text(*decision)),
            self.line("说明", "Note", self.note(note)),
        ]
    }

    pub(super) fn letter(&self, letter: &ResponsibilityLetter) -> Vec<Line> {
        let ResponsibilityLetter {
            year,
            upper,
            lower,
            goals,
            signatures,
        } = letter;
        let words = self.words;
        let goals = goals.iter().map(|(item, target)| {
            let item = words.code("letter-goal", item.as_str());
            format!("{item} {}", words.count(*target))
        });
        let signed = signatures.iter().map(|Signature { side, cadre, on }| {
            let side = words.code("letter-side", side.as_str());
            format!("{side} {on} {cadre}")
        });
        let (goals, signed) = (goals.collect::<Vec<_>>(), signed.collect::<Vec<_>>());
        vec![
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line("上级", "Upper side", Cell::of(upper.digits().to_owned())),
            self.line("下级", "Lower side", somebody(words, *lower)),
            self.line("目标", "Goals", some(words, goals.join(" · "))),
            self.line("签字", "Signatures", some(words, signed.join(" · "))),
        ]
    }

    pub(super) fn survey(&self, survey: &SatisfactionSurvey) -> Vec<Line> {
        let SatisfactionSurvey {
            subject,
            on,
            asked,
            answers,
        } = survey;
        let words = self.words;
        let answers = answers.iter().map(|(answer, people)| {
            let answer = words.code("satisfaction", answer.as_str());
            format!("{answer} {}", words.count(i64::from(*people)))
        });
        let answers: Vec<String> = answers.collect();
        vec![
            self.line("对象", "Subject", somebody(words, *subject)),
            self.line("日期", "Day", Cell::of(on.to_string())),
            self.line(
                "调查人数",
                "Asked",
                Cell::of(words.count(i64::from(*asked))),
            ),
            self.line("答复", "Answers", some(words, answers.join(" · "))),
        ]
    }

    pub(super) fn assessment(&self, assessment: &Assessment) -> Vec<Line> {
        let Assessment {
            subject,
            rhythm,
            period,
            score,
            grade,
            basis,
        } = assessment;
        let words = self.words;
        let basis = match basis {
            Basis::Decision(decision) => format!("{} {decision}", words.t("政策决定", "decision")),
            Basis::Entered(source) => format!("{} {source}", words.t("录入：", "entered:")),
        };
        vec![
            self.line("对象", "Subject", somebody(words, *subject)),
            self.line(
                "频次",
                "Rhythm",
                Cell::of(words.code("rhythm", rhythm.code())),
            ),
            self.line("期间起始", "Period", Cell::of(period.to_string())),
            self.line("得分", "Score", Cell::of(points(*score))),
            self.line("等次", "Grade", words.label("grade", Some(grade))),
            self.line("依据", "Basis", Cell::of(basis)),
        ]
    }

    pub(super) fn award(&self, award: &Award) -> Vec<Line> {
        let Award {
            year,
            category,
            most,
            recipients,
        } = award;
        let words = self.words;
        let recipients: Vec<String> = recipients.iter().map(ToString::to_string).collect();
        vec![
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line(
                "类别",
                "Category",
                words.label("award-category", Some(category)),
            ),
            self.line("名额", "Number", Cell::of(most.to_string())),
            self.line(
                "受表彰者",
                "Recipients",
                some(words, recipients.join(words.t("、", ", "))),
            ),
        ]
    }
}

fn somebody(words: Words, one: Answerable) -> Cell {
    Cell::of(format!("{} {}", words.kind(one.kind), one.id))
}

/// Points with two decimals.
fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let score = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", score / 100, score % 100)
}
