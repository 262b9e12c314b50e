//! Procedures, calendars, cases, notices and objections.

use lika_core::{
    record::{
        Calendar, Case, ConditionFound, Item, Notice, Objection, ObjectionFinding, Procedure, Step,
        Taken, Votes,
    },
    value::Date,
    working_days::Counted,
};

use super::{Line, Sheet, some};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn procedure(&self, procedure: &Procedure) -> Vec<Line> {
        let Procedure {
            kind,
            name,
            from,
            until,
            steps,
            objection_days,
        } = procedure;
        let words = self.words;
        let steps: Vec<String> = steps.iter().map(|step| planned(words, step)).collect();
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("事项", "Kind of case", words.label("case-kind", Some(kind))),
            self.line("期间", "Time", Cell::of(words.span(*from, *until))),
            self.line("步骤", "Steps", some(words, steps.join(" → "))),
            self.line(
                "异议答复期限（工作日）",
                "Working days to answer an objection",
                Cell::of(objection_days.to_string()),
            ),
        ]
    }

    pub(super) fn calendar(&self, calendar: &Calendar) -> Vec<Line> {
        let Calendar {
            year,
            holidays,
            workdays,
        } = calendar;
        let days = |days: &[Date]| {
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            some(self.words, days.join(self.words.t("、", ", ")))
        };
        vec![
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line("放假", "Holidays", days(holidays)),
            self.line("周末上班", "Working weekends", days(workdays)),
        ]
    }

    pub(super) fn case(&self, case: &Case) -> Vec<Line> {
        let Case {
            procedure,
            kind,
            subject,
            opened_on,
            steps,
            end,
            due,
            note,
        } = case;
        let words = self.words;
        let note = note.as_ref().map(|note| words.text(note.as_ref()));
        let steps: Vec<String> = steps.iter().map(|step| taken(words, step)).collect();
        vec![
            self.line("事项", "Kind of case", words.label("case-kind", Some(kind))),
            self.line("办理流程", "Procedure", Cell::of(procedure.to_string())),
            self.line(
                "对象",
                "Subject",
                words.text(subject.map(|subject| subject.id)),
            ),
            self.line("受理日期", "Opened on", Cell::of(opened_on.to_string())),
            self.line("已办步骤", "Steps taken", some(words, steps.join(" · "))),
            self.line("结果", "End", words.label("case-end", end.as_ref())),
            self.line("下一步期限", "Next step is due", words.text(*due)),
            self.line("说明", "Note", self.note(note)),
        ]
    }

    pub(super) fn notice(&self, notice: &Notice) -> Vec<Line> {
        let Notice {
            kind,
            place,
            from,
            until,
            items,
            digest,
            names,
        } = notice;
        let words = self.words;
        let items: Vec<String> = items.iter().map(|item| listed(words, item)).collect();
        let names = names.as_ref().map(|names| {
            let names = names.iter().flatten().map(ToString::to_string);
            some(words, names.collect::<Vec<_>>().join(words.t("、", ", ")))
        });
        vec![
            self.line("事项", "Kind of case", words.label("case-kind", Some(kind))),
            self.line("公示地点", "Place", Cell::of(place.to_string())),
            self.line("公示期", "Time", Cell::of(words.span(*from, Some(*until)))),
            self.line("公示内容", "Items", some(words, items.join(" · "))),
            self.line("户主", "Heads", self.identity(names)),
            self.line("摘要", "Digest", words.text(*digest)),
        ]
    }

    pub(super) fn objection(&self, objection: &Objection) -> Vec<Line> {
        let Objection {
            notice,
            case,
            received_on,
            answer_due,
            finding,
            texts,
        } = objection;
        let words = self.words;
        let (answered_on, found, officer) = match finding {
            Some(ObjectionFinding {
                answered_on,
                finding,
                officer,
            }) => (
                Cell::of(answered_on.to_string()),
                words.label("objection-finding", Some(finding)),
                Cell::of(officer.to_string()),
            ),
            None => (words.none(), words.none(), words.none()),
        };
        let said = texts
            .as_ref()
            .map(|texts| words.text(texts.objection.as_ref()));
        let answer = texts
            .as_ref()
            .map(|texts| words.text(texts.answer.as_ref()));
        vec![
            self.line("公示", "Notice", Cell::of(notice.to_string())),
            self.line("办理事项", "Case", Cell::of(case.to_string())),
            self.line("收到日期", "Received on", Cell::of(received_on.to_string())),
            self.line("答复期限", "To be answered by", words.text(*answer_due)),
            self.line("异议", "Objection", self.note(said)),
            self.line("答复日期", "Answered on", answered_on),
            self.line("结论", "Finding", found),
            self.line("答复人", "Answered by", officer),
            self.line("答复", "Answer", self.note(answer)),
        ]
    }
}

fn planned(words: Words, step: &Step) -> String {
    let Step {
        code: _,
        act,
        level,
        least,
        most,
        counted,
    } = step;
    let mut text = format!(
        "{}{}{}",
        words.code("step-level", level.as_str()),
        words.t("", " "),
        words.code("step-act", act.as_str())
    );
    let unit = match counted {
        Counted::Calendar => words.t("天", " days"),
        Counted::Working => words.t("个工作日", " working days"),
    };
    if *least > 0 {
        text += &format!("{}{least}{unit}", words.t("，至少", ", at least "));
    }
    if *most > 0 {
        text += &format!("{}{most}{unit}", words.t("，至多", ", at most "));
    }
    text
}

fn taken(words: Words, step: &Taken) -> String {
    let Taken {
        step,
        on,
        officer,
        result,
        votes,
        notice,
        conditions,
    } = step;
    let mut text = format!(
        "{on} {step} {} {officer}",
        words.code("step-result", result.as_str())
    );
    if let Some(Votes {
        present,
        in_favour,
        against,
    }) = votes
    {
        text += &match words.0 {
            crate::console::Language::Chinese => {
                format!("（到会{present}人，赞成{in_favour}，反对{against}）")
            }
            crate::console::Language::English => {
                format!(" ({present} came, {in_favour} for, {against} against)")
            }
        };
    }
    if let Some(notice) = notice {
        text += &format!(" {} {notice}", words.t("公示", "notice"));
    }
    for ConditionFound {
        condition,
        met,
        evidence,
    } in conditions
    {
        text += &format!(
            "; {}: {} ({})",
            words.code("exit-condition", condition.as_str()),
            words.t(
                if *met { "是" } else { "否" },
                if *met { "met" } else { "not met" }
            ),
            words.code("evidence", evidence.as_str())
        );
    }
    text
}

fn listed(words: Words, item: &Item) -> String {
    let Item {
        case,
        village,
        people,
        category,
    } = item;
    let mut parts = vec![case.to_string()];
    parts.extend(village.as_ref().map(ToString::to_string));
    parts.extend(people.map(|people| format!("{people}{}", words.t("人", " people"))));
    let category = category.as_ref();
    parts.extend(category.map(|code| words.code("household-type", code.as_str())));
    parts.join(" ")
}
