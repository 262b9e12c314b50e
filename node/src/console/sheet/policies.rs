//! Policies and what they said.

use lika_core::record::{Decision, Enactment, Evaluation, Outcome, Policy};

use super::{Line, Sheet, position, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn policy(&self, policy: &Policy) -> Vec<Line> {
        let Policy {
            name,
            version,
            purpose,
            component,
            size,
            package,
            signed_with,
        } = policy;
        let signed_with: Vec<String> = signed_with.iter().map(ToString::to_string).collect();
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("版本", "Version", Cell::of(version.to_string())),
            self.line("用途", "Purpose", Cell::of(self.words.purpose(purpose))),
            self.line(
                "组件摘要",
                "Component digest",
                Cell::of(component.to_string()),
            ),
            self.line("大小（字节）", "Bytes", Cell::of(size.to_string())),
            self.line(
                "政策包摘要",
                "Package digest",
                Cell::of(package.to_string()),
            ),
            self.line(
                "签名公钥",
                "Signed with",
                some(self.words, signed_with.join(" · ")),
            ),
        ]
    }

    pub(super) fn enactment(&self, enactment: &Enactment) -> Vec<Line> {
        let Enactment {
            policy,
            purpose,
            settings,
            from,
            until,
            preview,
            approvals,
            binding,
            suspended,
            brings_back,
        } = enactment;
        let words = self.words;
        let approvers: Vec<String> = approvals
            .iter()
            .map(|approval| approval.officer.to_string())
            .collect();
        vec![
            self.line("政策", "Policy", Cell::of(policy.to_string())),
            self.line("用途", "Purpose", Cell::of(self.words.purpose(purpose))),
            self.line("参数", "Settings", Cell::of(settings.clone())),
            self.line("启用时间", "In force", Cell::of(words.span(*from, *until))),
            self.line("预演摘要", "Preview", Cell::of(preview.to_string())),
            self.line("批准人", "Approved by", some(words, approvers.join(" · "))),
            self.line(
                "已经两人批准",
                "Approved by two",
                words.yes_no(Some(enactment.is_approved())),
            ),
            self.line(
                "对下级有约束力",
                "Binding below",
                words.yes_no(Some(*binding)),
            ),
            self.line("已暂停", "Suspended", words.yes_no(Some(*suspended))),
            self.line(
                "恢复自",
                "Brings back",
                words.text(brings_back.map(|earlier| earlier.to_string())),
            ),
        ]
    }

    pub(super) fn evaluation(&self, evaluation: &Evaluation) -> Vec<Line> {
        let Evaluation {
            enactment,
            component,
            settings,
            engine,
            as_of,
            scope,
            input,
            output,
            failure,
            tables,
        } = evaluation;
        let words = self.words;
        let rows: usize = tables.iter().map(|table| table.records.len()).sum();
        let (epoch, seq) = as_of;
        vec![
            self.line("政策启用", "Enactment", Cell::of(enactment.to_string())),
            self.line(
                "组件摘要",
                "Component digest",
                Cell::of(component.to_string()),
            ),
            self.line(
                "参数摘要",
                "Settings digest",
                Cell::of(settings.to_string()),
            ),
            self.line("执行引擎", "Engine", Cell::of(engine.clone())),
            self.line("数据时点", "As of", Cell::of(position(words, *epoch, *seq))),
            self.line("范围", "Scope", some(words, scope.clone())),
            self.line(
                "输入（字节）",
                "Input, bytes",
                Cell::of(input.len().to_string()),
            ),
            self.line(
                "输出（字节）",
                "Output, bytes",
                Cell::of(output.len().to_string()),
            ),
            self.line("失败代码", "Failure", words.text(failure.clone())),
            self.line("涉及记录", "Records", Cell::of(rows.to_string())),
        ]
    }

    pub(super) fn decision(&self, decision: &Decision) -> Vec<Line> {
        let Decision {
            evaluation,
            purpose,
            subject_kind,
            subject,
            outcome,
            amount,
            reasons,
            comparisons,
            proposals,
            score,
        } = decision;
        let words = self.words;
        let category = match outcome {
            Outcome::Granted(category) => Some(category),
            Outcome::Refused | Outcome::Undetermined(_) => None,
        };
        let reasons: Vec<String> = reasons
            .iter()
            .map(|reason| format!("{} {}", reason.code, reason.arguments.join(" ")))
            .collect();
        vec![
            self.line("政策运行", "Evaluation", Cell::of(evaluation.to_string())),
            self.line("用途", "Purpose", Cell::of(words.purpose(purpose))),
            self.line(
                "对象",
                "Subject",
                Cell::of(format!("{} {subject}", words.kind(*subject_kind))),
            ),
            self.line("结论", "Outcome", Cell::of(words.outcome(outcome))),
            self.line("类别", "Category", words.text(category)),
            self.line(
                "金额（元）",
                "Amount, yuan",
                words.text(amount.map(|amount| words.money(amount))),
            ),
            self.line("得分", "Score", words.text(*score)),
            self.line("理由", "Reasons", some(words, reasons.join(" · "))),
            self.line(
                "比较项数",
                "Comparisons",
                Cell::of(comparisons.len().to_string()),
            ),
            self.line(
                "建议项数",
                "Proposals",
                Cell::of(proposals.len().to_string()),
            ),
        ]
    }
}
