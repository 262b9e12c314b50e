//! Every failure that a client can see: one row a code.
//!
//! Codes are an interface: they never change their meaning, and clients may act on them. The sentences say what to do;
//! what exactly was wrong is in the message of the failure itself.

/// The kind of a failure, from which the gRPC status and the HTTP status follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The request is wrong in itself.
    Invalid,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The state of the registry speaks against it.
    Refused,
    /// Somebody else was faster.
    Conflict,
    /// Nobody is signed in.
    Unauthenticated,
    /// The caller may not.
    Denied,
    /// Too much at once.
    TooMuch,
    /// Not now.
    Unavailable,
    /// A fault of the node.
    Internal,
    /// Data is damaged.
    Damaged,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The stable code.
    pub code: &'static str,
    /// What kind of failure it is.
    pub class: Class,
    /// Whether the same request can succeed later without a change.
    pub retryable: bool,
    /// What to do, zh.
    pub advice_zh: &'static str,
    /// What to do, en.
    pub advice_en: &'static str,
}

impl Class {
    /// The HTTP status of a page or an answer.
    pub fn http(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Denied => 403,
            Self::NotFound => 404,
            Self::Refused | Self::Conflict => 409,
            Self::TooMuch => 413,
            Self::Internal | Self::Damaged => 500,
            Self::Unavailable => 503,
        }
    }
}

/// The row of a code; an unknown code is a fault of the node.
pub fn failure(code: &str) -> &'static Failure {
    TABLE
        .iter()
        .find(|failure| failure.code == code)
        .unwrap_or(&INTERNAL)
}

const INTERNAL: Failure = row(
    "internal",
    Class::Internal,
    false,
    "请把请求编号告诉系统管理员",
    "give the request id to the administrator of the node",
);

const fn row(
    code: &'static str,
    class: Class,
    retryable: bool,
    advice_zh: &'static str,
    advice_en: &'static str,
) -> Failure {
    Failure {
        code,
        class,
        retryable,
        advice_zh,
        advice_en,
    }
}

/// All of them, by what they are about.
pub const TABLE: &[Failure] = &[
    INTERNAL,
    // Who asks.
    row(
        "not-signed-in",
        Class::Unauthenticated,
        false,
        "请先登录",
        "sign in first",
    ),
    row(
        "wrong-password",
        Class::Unauthenticated,
        false,
        "请核对用户名和密码",
        "check the name and the password",
    ),
    row(
        "too-many-attempts",
        Class::TooMuch,
        true,
        "登录失败次数过多，请十五分钟后再试",
        "wait a quarter of an hour, then sign in again",
    ),
    row(
        "form-expired",
        Class::Denied,
        true,
        "请刷新页面后重新提交",
        "load the page again and send the form once more",
    ),
    row(
        "no-such-page",
        Class::NotFound,
        false,
        "请从首页重新进入",
        "start again from the first page",
    ),
    row(
        "not-an-officer",
        Class::Unauthenticated,
        false,
        "请使用本节点签发的个人证书",
        "use a client certificate that this node issued to an officer",
    ),
    row(
        "not-a-node-certificate",
        Class::Denied,
        false,
        "请使用节点证书",
        "use a node certificate",
    ),
    row(
        "denied",
        Class::Denied,
        false,
        "请向县扶贫办申请相应辖区的权限",
        "ask the county office for a role in that area",
    ),
    // What is asked.
    row(
        "nothing-to-do",
        Class::Invalid,
        false,
        "请给出至少一项变更",
        "give at least one change",
    ),
    row(
        "invalid-field",
        Class::Invalid,
        false,
        "请按提示改正该字段",
        "correct the field that is named",
    ),
    row(
        "malformed-request",
        Class::Invalid,
        false,
        "请按接口说明改正请求",
        "correct the request as the interface describes it",
    ),
    row(
        "not-found",
        Class::NotFound,
        false,
        "请核对编号",
        "check the id",
    ),
    row(
        "too-large",
        Class::TooMuch,
        false,
        "请分成较小的部分",
        "split it into smaller pieces",
    ),
    row(
        "no-policy-in-force",
        Class::Refused,
        false,
        "请先启用该用途的政策",
        "enact a policy for that purpose first",
    ),
    row(
        "policy-refused",
        Class::Invalid,
        false,
        "请按提示修改政策后重新提交",
        "mend the policy as the message says and submit it again",
    ),
    row(
        "policy-not-as-declared",
        Class::Invalid,
        false,
        "政策没有做到自己声明的单调性，请改正政策或撤回声明",
        "mend the policy, or do not declare what it does not keep",
    ),
    row(
        "not-signed",
        Class::Refused,
        false,
        "请由本县认可的签署人对政策包签名后重新提交",
        "have the package signed by people whose signatures count here",
    ),
    row(
        "stale-preview",
        Class::Conflict,
        false,
        "预演结果已变化，请重新预演后再提出或批准",
        "preview again, look at it, and repeat with the new digest",
    ),
    row(
        "policy-suspended",
        Class::Refused,
        false,
        "该政策已暂停，请恢复或启用新的政策",
        "resume the enactment or put another in force",
    ),
    row(
        "policies-unavailable",
        Class::Unavailable,
        true,
        "政策程序暂时无法运行，请稍后再试",
        "policies cannot be run just now; try again later",
    ),
    row(
        "invalid-settings",
        Class::Invalid,
        false,
        "请按提示改正政策参数",
        "correct the settings that are named",
    ),
    row(
        "file-refused",
        Class::Invalid,
        false,
        "请按提示改正或更换文件后重新导入",
        "mend or replace the file as the message says and import again",
    ),
    // What the rules say.
    row(
        "stale-revision",
        Class::Conflict,
        false,
        "请重新读取记录后再修改",
        "read the record again and repeat the change",
    ),
    row(
        "request-reused",
        Class::Conflict,
        false,
        "新的请求请使用新的请求编号",
        "use a new request id for a new request",
    ),
    row(
        "alert-of-another-node",
        Class::Refused,
        false,
        "请在发出预警的节点上处理",
        "look at it and close it at the node that raised it",
    ),
    row(
        "record-closed",
        Class::Refused,
        false,
        "已注销的记录不能修改",
        "a closed record cannot be changed; register anew if that is meant",
    ),
    row(
        "other-kind",
        Class::Refused,
        false,
        "请核对记录编号",
        "check the record's id",
    ),
    row(
        "other-area",
        Class::Refused,
        false,
        "跨区划迁移请走迁移流程",
        "moving to another area is a case, not a change",
    ),
    row(
        "outside-area",
        Class::Refused,
        false,
        "请在该区划所属的节点办理",
        "do this at the node that serves the area",
    ),
    row(
        "unknown-area",
        Class::Refused,
        false,
        "请先登记该区划或改正区划代码",
        "register the area first or correct its code",
    ),
    row(
        "not-a-village",
        Class::Invalid,
        false,
        "请填写十二位的行政村代码",
        "give the 12-digit code of a village",
    ),
    row(
        "wrong-id",
        Class::Invalid,
        false,
        "请使用由内容得出的编号",
        "use the id that follows from the content",
    ),
    row(
        "no-such-record",
        Class::Refused,
        false,
        "请核对所引用的记录",
        "check the record that is referred to",
    ),
    row(
        "not-unique",
        Class::Refused,
        false,
        "该编号已被使用，请核对",
        "the number is taken; check it",
    ),
    row(
        "duplicate-person",
        Class::Refused,
        false,
        "此人已登记，请核对原记录",
        "the person is registered already; check that record",
    ),
    row(
        "not-one-head",
        Class::Refused,
        false,
        "每户必须有且只有一名户主",
        "give the household exactly one head",
    ),
    row(
        "still-has-members",
        Class::Refused,
        false,
        "请先终止家庭成员关系",
        "end the memberships first",
    ),
    row(
        "still-paired",
        Class::Refused,
        false,
        "请先结束此户的结对关系",
        "end the household's pairings first",
    ),
    row(
        "made-by-the-node",
        Class::Denied,
        false,
        "此类记录由节点在录入、颁行或运行政策时生成，请使用相应功能",
        "records of this kind are made when a policy is admitted, enacted or run; use those calls",
    ),
    row(
        "already-paired",
        Class::Refused,
        false,
        "该帮扶人已与此户结对",
        "this cadre is paired with the household already",
    ),
    row(
        "already-has-team",
        Class::Refused,
        false,
        "该村已有工作队，请修改原记录",
        "change the team that the village has",
    ),
    row(
        "same-person",
        Class::Refused,
        false,
        "须由另一人批准",
        "somebody else must approve",
    ),
    row(
        "not-the-approver",
        Class::Denied,
        false,
        "请由批准人本人操作",
        "the officer approves in person",
    ),
    row(
        "shares-beyond-capital",
        Class::Refused,
        false,
        "入股合计超过合作社总股本，请核对股本与各股东金额",
        "check the capital of the co-operative and what its holders have",
    ),
    row(
        "already-holds",
        Class::Refused,
        false,
        "此户在该合作社已有入股记录，请修改原记录",
        "change the shareholding that the household has in this co-operative",
    ),
    row(
        "still-has-shares",
        Class::Refused,
        false,
        "请先终止该合作社的入股",
        "end the shareholdings of the co-operative first",
    ),
    row(
        "area-in-use",
        Class::Refused,
        false,
        "请先关闭或迁出该区划内的记录",
        "close or move what is in the area first",
    ),
    row(
        "in-the-future",
        Class::Invalid,
        false,
        "请填写已经发生的日期",
        "give a date that has come",
    ),
    row(
        "below-zero",
        Class::Refused,
        false,
        "账户余额不足，请核对金额或等资金到账",
        "check the amount, or wait for money to come in",
    ),
    row(
        "barred-use",
        Class::Refused,
        false,
        "该资金不得用于生活开支，请核对用途",
        "spend other money on that; this is never for living expenses",
    ),
    row(
        "other-channel",
        Class::Refused,
        false,
        "资金来源渠道不符，请按账户的渠道填写",
        "use an account of that channel",
    ),
    row(
        "year-closed",
        Class::Refused,
        false,
        "该年度账目已结账，请在未结账的年度办理",
        "the books of that year are closed; use a day of an open year",
    ),
    row(
        "year-not-over",
        Class::Refused,
        false,
        "年度尚未结束，不能结账",
        "close the books when the year is over",
    ),
    row(
        "transfer-posted",
        Class::Refused,
        false,
        "该笔划转已入账，请用冲销办理",
        "reverse the transfer; what is posted stays",
    ),
    row(
        "transfer-not-posted",
        Class::Refused,
        false,
        "该笔划转尚未入账，请撤回",
        "withdraw the proposal",
    ),
    row(
        "already-reversed",
        Class::Refused,
        false,
        "该笔划转已有冲销记录，请核对",
        "look at the transfer that reverses it",
    ),
    row(
        "over-committed",
        Class::Refused,
        false,
        "余额已有承诺用途，请核对承诺与金额",
        "check what the account owes, or name the commitment that is settled",
    ),
    row(
        "beyond-commitment",
        Class::Refused,
        false,
        "金额超过该承诺的未付部分，请核对",
        "pay no more than is still owed",
    ),
    row(
        "account-not-empty",
        Class::Refused,
        false,
        "请先将账户余额转出",
        "move what is on the account first",
    ),
    row(
        "already-given",
        Class::Refused,
        false,
        "该对象已在享受此项措施，请修改原记录",
        "change the measure that is running, or end it first",
    ),
    row(
        "already-covered",
        Class::Refused,
        false,
        "同一期间已有同类保险，请核对",
        "check the cover that runs at the same time",
    ),
    row(
        "stage-skipped",
        Class::Refused,
        false,
        "项目环节须依次办理，不得跳过",
        "write the stages down one after the other",
    ),
    row(
        "stage-backdated",
        Class::Invalid,
        false,
        "环节日期不得早于上一环节",
        "give a day that is not before the stage before it",
    ),
    row(
        "not-accepted",
        Class::Refused,
        false,
        "项目通过验收后才能登记决算和报账",
        "accept the project first",
    ),
    row(
        "erased",
        Class::Refused,
        false,
        "此人的个人信息已被永久删除，请另立新记录",
        "register a new record",
    ),
    row(
        "step-skipped",
        Class::Refused,
        false,
        "请按办理流程的顺序办理下一步",
        "take the step that comes next in the procedure",
    ),
    row(
        "step-backdated",
        Class::Invalid,
        false,
        "请填写不早于上一步、不晚于今天的日期",
        "give a day not before the step before and not after today",
    ),
    row(
        "clock-running",
        Class::Refused,
        false,
        "期限未满，请在所示日期之后办理",
        "wait until the day that is named",
    ),
    row(
        "objection-open",
        Class::Refused,
        false,
        "请先答复异议",
        "answer the objection first",
    ),
    row(
        "objection-upheld",
        Class::Refused,
        false,
        "异议成立，只能作不通过处理或撤回",
        "reject the case or withdraw it",
    ),
    row(
        "case-rejected",
        Class::Refused,
        false,
        "该流程已不通过，请办结后另行发起",
        "close the case as rejected and open another",
    ),
    row(
        "level-too-low",
        Class::Denied,
        false,
        "请由相应级别的经办人办理",
        "have an officer of that level take the step",
    ),
    row(
        "already-in-case",
        Class::Refused,
        false,
        "该对象已有同类流程正在办理",
        "go on with the case that is open, or close it",
    ),
    row(
        "procedure-not-in-force",
        Class::Refused,
        false,
        "请按当日有效的办理流程发起，或先启用办理流程",
        "open it by the procedure in force on that day, or put one in force first",
    ),
    row(
        "forbidden-in-notice",
        Class::Invalid,
        false,
        "公示内容不得含证件号码、银行账号或电话",
        "leave out identity numbers, accounts and phones",
    ),
    row(
        "notice-too-short",
        Class::Invalid,
        false,
        "公示期不足，请延长至所示日期",
        "let it hang until the day that is named",
    ),
    row(
        "not-on-notice",
        Class::Refused,
        false,
        "请选用上一步之后公示了该流程的公示",
        "name a notice that lists the case and was posted after the step before",
    ),
    row(
        "notice-counted",
        Class::Refused,
        false,
        "已据此公示办理，不能撤回",
        "a notice that a case has counted on stays",
    ),
    row(
        "not-while-posted",
        Class::Refused,
        false,
        "请在公示期内提出异议",
        "object while the notice hangs",
    ),
    row(
        "too-many-objections",
        Class::TooMuch,
        false,
        "该公示待答复的异议过多，请到村委会当面提出",
        "tell the village committee in person; too many objections to this notice wait",
    ),
    // What the node is.
    row(
        "busy",
        Class::Unavailable,
        true,
        "请稍后再试",
        "try again shortly",
    ),
    row(
        "stopped",
        Class::Unavailable,
        true,
        "节点正在停止或已停止写入，请联系系统管理员",
        "the node is stopping or can no longer write; tell its administrator",
    ),
    row(
        "disk-full",
        Class::Unavailable,
        true,
        "磁盘已满，请联系系统管理员",
        "the disk is full; tell the administrator",
    ),
    row(
        "damaged",
        Class::Damaged,
        false,
        "数据文件损坏，请联系系统管理员",
        "a data file is damaged; tell the administrator",
    ),
    // Loans.
    row(
        "borrower-gone",
        Class::Refused,
        false,
        "借款户或借款人已注销，不得发放贷款",
        "lend to somebody who is registered",
    ),
    row(
        "blacklisted",
        Class::Refused,
        false,
        "该户在黑名单内，期满或申诉成立后再办",
        "wait until the blacklisting is over, or answer the appeal",
    ),
    row(
        "guarantor-borrows",
        Class::Refused,
        false,
        "担保人本人借款，请另找担保人",
        "name another guarantor",
    ),
    row(
        "guarantor-approves",
        Class::Refused,
        false,
        "担保人不得审批本人担保的贷款",
        "let somebody else approve it",
    ),
    row(
        "loan-stage-skipped",
        Class::Refused,
        false,
        "贷款环节须依次办理，不得跳过",
        "write the stages down one after the other",
    ),
    row(
        "loan-backdated",
        Class::Invalid,
        false,
        "日期不得早于上一笔记录",
        "give a day that is not before what was written down last",
    ),
    row(
        "above-ceiling",
        Class::Refused,
        false,
        "超过担保基金的放大额度，请先收回贷款或增加基金",
        "wait for repayments, or put more into the fund",
    ),
    row(
        "beyond-debt",
        Class::Refused,
        false,
        "金额超过所欠本息，请核对",
        "pay no more than is owed",
    ),
    row(
        "still-owed",
        Class::Refused,
        false,
        "本息尚未还清",
        "write the rest of the repayments down first",
    ),
    row(
        "not-overdue",
        Class::Refused,
        false,
        "当日没有逾期款项",
        "check the schedule",
    ),
    row(
        "beyond-interest",
        Class::Refused,
        false,
        "贴息超过已付利息，请核对",
        "take over no more than the interest that was paid",
    ),
    row(
        "not-paid-by-fund",
        Class::Refused,
        false,
        "该划转不是担保基金为此支付的，请核对",
        "name a posted transfer of the fund for this use",
    ),
    row(
        "beyond-transfer",
        Class::Refused,
        false,
        "该笔划转已用于其他贷款，余额不足",
        "name another transfer",
    ),
    row(
        "counted-on",
        Class::Refused,
        false,
        "已有贷款以该笔划转为据，不得冲销",
        "leave it as it is",
    ),
    row(
        "not-decided",
        Class::Refused,
        false,
        "请先按现行政策评估本笔贷款",
        "run the policy in force and name its decision",
    ),
    row(
        "decision-suspended",
        Class::Refused,
        false,
        "现行政策已暂停，恢复后再办",
        "wait until the policy is resumed",
    ),
    row(
        "refused-by-policy",
        Class::Refused,
        false,
        "现行政策不同意，理由见信息",
        "see the reasons of the decision",
    ),
    row(
        "undetermined-by-policy",
        Class::Refused,
        false,
        "现行政策未能得出结论，请补齐缺少的信息",
        "complete what is missing and run the policy again",
    ),
    row(
        "beyond-grant",
        Class::Refused,
        false,
        "贴息超过政策核定金额",
        "take over no more than the policy grants",
    ),
    row(
        "already-deposited",
        Class::Refused,
        false,
        "该账户已用于其他担保基金",
        "name another account",
    ),
    row(
        "still-guarantees",
        Class::Refused,
        false,
        "担保基金尚有未收回贷款",
        "wait until its loans have ended",
    ),
    row(
        "loan-disbursed",
        Class::Refused,
        false,
        "贷款已发放，不能注销",
        "write down its repayments instead",
    ),
    row(
        "not-in-default",
        Class::Refused,
        false,
        "该笔贷款没有无正当理由的违约",
        "name a loan that was defaulted on without an excuse",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_table_once() {
        for failure in TABLE {
            let count = TABLE
                .iter()
                .filter(|other| other.code == failure.code)
                .count();
            assert_eq!(count, 1, "{}", failure.code);
        }
    }
}
