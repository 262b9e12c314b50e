//! Lists about offices, duties, what inspections find, and how work is assessed.

use super::{CodeList, entry};

/// The offices of the organisation (S4.7).
pub(super) static POST_ROLE: CodeList = CodeList {
    name: "post-role",
    entries: &[
        entry(
            "leading-group-head",
            "领导小组组长",
            "head of the leading group",
            &["组长"],
        ),
        entry(
            "leading-group-member",
            "领导小组成员",
            "member of the leading group",
            &["副组长", "成员"],
        ),
        entry(
            "work-station-head",
            "扶贫工作站站长",
            "head of the work station",
            &["站长"],
        ),
        entry(
            "work-station-member",
            "扶贫工作站工作人员",
            "member of the work station",
            &[],
        ),
        entry("first-secretary", "第一书记", "first secretary", &[]),
        entry(
            "village-party-secretary",
            "村党支部书记",
            "village party secretary",
            &["村支部书记", "村支书"],
        ),
    ],
};

/// How often something falls due.
pub(super) static RHYTHM: CodeList = CodeList {
    name: "rhythm",
    entries: &[
        entry("week", "每周", "week", &["周"]),
        entry("month", "每月", "month", &["月"]),
        entry("two-months", "每两月", "two months", &["两月"]),
        entry("quarter", "每季度", "quarter", &["季"]),
        entry("half-year", "每半年", "half-year", &["半年"]),
        entry("year", "每年", "year", &["年"]),
        entry("three-years", "每三年", "three years", &["三年"]),
    ],
};

/// On which side of the help a duty lies (S3.2).
pub(super) static DUTY_SIDE: CodeList = CodeList {
    name: "duty-side",
    entries: &[
        entry("helping", "帮扶方", "the helping side", &[]),
        entry("helped", "被帮扶方", "the helped side", &[]),
    ],
};

/// What came of a task.
pub(super) static TASK_RESULT: CodeList = CodeList {
    name: "task-result",
    entries: &[
        entry("done", "已完成", "done", &["完成"]),
        entry("excused", "免办", "excused", &[]),
    ],
};

/// What is wrong with how somebody works (S4.8).
pub(super) static FINDING_KIND: CodeList = CodeList {
    name: "finding-kind",
    entries: &[
        entry("inaction", "不作为", "inaction", &[]),
        entry("misconduct", "乱作为", "misconduct", &[]),
        entry("laxity", "软作为", "laxity", &[]),
        entry("delay", "慢作为", "delay", &["进展缓慢"]),
        entry("false-record", "弄虚作假", "false record", &["材料不实"]),
        entry(
            "failed-assessment",
            "考核不合格",
            "failed assessment",
            &["不合格"],
        ),
        entry("other", "其他", "other", &[]),
    ],
};

/// How something was found.
pub(super) static INSPECTION: CodeList = CodeList {
    name: "inspection",
    entries: &[
        entry("spot-check", "抽查", "spot check", &[]),
        entry(
            "monthly-inspection",
            "月督查",
            "monthly inspection",
            &["督查"],
        ),
        entry("dispatch", "调度会", "dispatch meeting", &["调度"]),
        entry("assessment", "考核", "assessment", &[]),
        entry("account-check", "查账", "check of the accounts", &[]),
        entry("report", "群众反映", "report by the public", &["举报"]),
    ],
};

/// How a finding was settled.
pub(super) static FINDING_END: CodeList = CodeList {
    name: "finding-end",
    entries: &[
        entry("put-right", "整改到位", "put right", &["已整改"]),
        entry("unfounded", "不属实", "unfounded", &[]),
    ],
};

/// The escalation ladder, and what stands beside it (S3.2, S4.8, S4.9).
pub(super) static SANCTION_KIND: CodeList = CodeList {
    name: "sanction-kind",
    entries: &[
        entry("reprimand", "通报", "reprimand", &["通报批评"]),
        entry("interview", "约谈", "interview", &["单兵教练约谈"]),
        entry("accountability", "问责", "accountability", &["责任追究"]),
        entry("naming", "点名", "naming", &["点名批评"]),
        entry("yellow-card", "黄牌警告", "yellow card", &["黄牌"]),
    ],
};

/// To what somebody was held in accountability (S3.2).
pub(super) static PENALTY: CodeList = CodeList {
    name: "penalty",
    entries: &[
        entry("warning", "警告", "warning", &[]),
        entry("demerit", "记过", "demerit", &["记大过"]),
        entry("demotion", "降级", "demotion", &[]),
        entry("dismissal", "撤职", "dismissal", &["免职"]),
    ],
};

/// What a responsibility letter promises; the unit of each is in its label.
pub(super) static LETTER_GOAL: CodeList = CodeList {
    name: "letter-goal",
    entries: &[
        entry(
            "people-exited",
            "减贫人数",
            "people who exit",
            &["脱贫人数"],
        ),
        entry("households-exited", "脱贫户数", "households that exit", &[]),
        entry(
            "villages-exited",
            "摘帽村数",
            "villages that exit",
            &["退出村数"],
        ),
        entry(
            "income-growth",
            "贫困人口收入增幅（百万分之一）",
            "growth of the income of registered people, parts per million",
            &[],
        ),
        entry(
            "services",
            "基础设施和公共服务项目数",
            "projects of infrastructure and public services",
            &[],
        ),
        // S1.5: what is the county's to answer for, "four to the county".
        entry(
            "funds",
            "资金到县（分）",
            "poverty funds planned in projects, in fen",
            &["扶贫资金"],
        ),
        entry("projects", "项目到县", "projects approved", &["扶贫项目"]),
        entry(
            "letters",
            "责任到县（份）",
            "responsibility letters signed below",
            &["责任书数"],
        ),
        entry(
            "projects-accepted",
            "管理到县（竣工验收项目数）",
            "projects accepted",
            &["竣工验收项目数"],
        ),
    ],
};

/// Who signs a responsibility letter.
pub(super) static LETTER_SIDE: CodeList = CodeList {
    name: "letter-side",
    entries: &[
        entry("upper", "上级", "the upper side", &[]),
        entry("lower", "下级", "the lower side", &[]),
    ],
};

/// What people who are helped think of it, the best first.
pub(super) static SATISFACTION: CodeList = CodeList {
    name: "satisfaction",
    entries: &[
        entry("very-satisfied", "非常满意", "very satisfied", &["很满意"]),
        entry("satisfied", "满意", "satisfied", &[]),
        entry(
            "fairly-satisfied",
            "基本满意",
            "fairly satisfied",
            &["一般"],
        ),
        entry("dissatisfied", "不满意", "dissatisfied", &[]),
    ],
};

/// How somebody did, the best first.
pub(super) static GRADE: CodeList = CodeList {
    name: "grade",
    entries: &[
        entry("excellent", "优秀", "excellent", &[]),
        entry("good", "良好", "good", &["好"]),
        entry("passing", "合格", "passing", &["一般"]),
        entry("failing", "不合格", "failing", &["差"]),
    ],
};

/// Who is commended, and who is ranked with whom (S4.9).
pub(super) static AWARD_CATEGORY: CodeList = CodeList {
    name: "award-category",
    entries: &[
        entry("county", "先进县", "counties", &[]),
        entry("township", "先进乡镇", "townships", &[]),
        entry("village", "先进村", "villages", &[]),
        entry("unit", "先进单位", "units", &[]),
        entry("person", "先进个人", "people", &[]),
    ],
};
