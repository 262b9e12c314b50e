//! A record as labelled lines: what its page shows, and what a history compares.

use lika_core::{
    log::Class,
    record::{
        Area, Body, Cadre, Decision, Enactment, Evaluation, Household, HouseholdIdentity,
        IncomeStatement, Member, Node, Officer, OfficialStatistic, Outcome, Pairing, Policy, Unit,
        VillageTeam, Visit,
    },
    value::Phone,
};

use super::words::{Cell, Words};

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub label: &'static str,
    /// The value.
    pub value: Cell,
}

/// What changed between two revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is.
    pub label: &'static str,
    /// As it was.
    pub before: Cell,
    /// As it became.
    pub after: Cell,
}

/// The lines of a record.
pub fn lines(words: Words, withheld: &[Class], body: &Body) -> Vec<Line> {
    let sheet = Sheet { words, withheld };
    match body {
        Body::Area(area) => sheet.area(area),
        Body::Household(household) => sheet.household(household),
        Body::Member(member) => sheet.member(member),
        Body::IncomeStatement(income) => sheet.income(income),
        Body::Cadre(cadre) => sheet.cadre(cadre),
        Body::Unit(unit) => sheet.unit(unit),
        Body::Pairing(pairing) => sheet.pairing(pairing),
        Body::VillageTeam(team) => sheet.team(team),
        Body::Visit(visit) => sheet.visit(visit),
        Body::OfficialStatistic(statistic) => sheet.statistic(statistic),
        Body::Officer(officer) => sheet.officer(officer),
        Body::Policy(policy) => sheet.policy(policy),
        Body::Enactment(enactment) => sheet.enactment(enactment),
        Body::Evaluation(evaluation) => sheet.evaluation(evaluation),
        Body::Decision(decision) => sheet.decision(decision),
        Body::Node(node) => sheet.node(node),
    }
}

/// What is different between the lines of two revisions of a record.
pub fn differences(before: &[Line], after: &[Line]) -> Vec<Difference> {
    let changed = before
        .iter()
        .zip(after)
        .filter(|(before, after)| before.value != after.value);
    changed
        .map(|(before, after)| Difference {
            label: after.label,
            before: before.value.clone(),
            after: after.value.clone(),
        })
        .collect()
}

struct Sheet<'a> {
    words: Words,
    withheld: &'a [Class],
}

impl Sheet<'_> {
    fn line(&self, zh: &'static str, en: &'static str, value: Cell) -> Line {
        Line {
            label: self.words.t(zh, en),
            value,
        }
    }

    fn identity(&self, value: Option<Cell>) -> Cell {
        self.words.sealed(self.withheld, Class::Identity, value)
    }

    fn note(&self, note: Option<Cell>) -> Cell {
        self.words.sealed(self.withheld, Class::FreeText, note)
    }

    fn phone(&self, phone: Option<&Phone>) -> Cell {
        self.words.text(phone.map(Phone::masked))
    }

    fn area(&self, area: &Area) -> Vec<Line> {
        let Area {
            code,
            name,
            key_village,
            from,
            until,
            successors,
        } = area;
        let words = self.words;
        let spans: Vec<String> = key_village
            .iter()
            .map(|span| words.span(span.from(), span.until()))
            .collect();
        let successors: Vec<&str> = successors.iter().map(|code| code.digits()).collect();
        vec![
            self.line("区划代码", "Code", Cell::of(code.digits())),
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("重点村", "Key village", some(words, spans.join(" · "))),
            self.line("设立日期", "Exists from", words.text(*from)),
            self.line("撤销日期", "Exists until", words.text(*until)),
            self.line(
                "继任区划",
                "Successors",
                some(words, successors.join(" · ")),
            ),
        ]
    }

    fn household(&self, household: &Household) -> Vec<Line> {
        let Household {
            household_type,
            standard,
            main_cause,
            other_causes,
            identified_on,
            exit_year,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
            identity,
            note,
        } = household;
        let words = self.words;
        let of = |take: fn(&HouseholdIdentity, Words) -> Cell| {
            self.identity(identity.as_ref().map(|identity| take(identity, words)))
        };
        vec![
            self.line(
                "户编号",
                "Household number",
                of(|own, words| words.text(own.number.as_ref())),
            ),
            self.line(
                "自然村（组）",
                "Hamlet",
                of(|own, words| words.text(own.hamlet.as_ref())),
            ),
            self.line(
                "住址",
                "Address",
                of(|own, words| words.text(own.address.as_ref())),
            ),
            self.line(
                "联系电话",
                "Phone",
                of(|own, words| words.text(own.phone.as_ref().map(Phone::masked))),
            ),
            self.line(
                "银行账号",
                "Bank account",
                of(|own, words| account(words, own)),
            ),
            self.line(
                "户类型",
                "Type",
                Cell::of(words.code("household-type", household_type.as_str())),
            ),
            self.line(
                "识别标准",
                "Identified by",
                words.label("identification-standard", standard.as_ref()),
            ),
            self.line(
                "主要致贫原因",
                "Main cause",
                words.label("cause", main_cause.as_ref()),
            ),
            self.line(
                "其他致贫原因",
                "Other causes",
                words.labels("cause", other_causes),
            ),
            self.line("首次识别时间", "Identified on", words.text(*identified_on)),
            self.line("脱贫年度", "Year of exit", words.text(*exit_year)),
            self.line("风险是否消除", "Risk removed", words.yes_no(*risk_removed)),
            self.line("危房户", "Dangerous house", words.yes_no(*dangerous_house)),
            self.line("解决安全饮用水", "Safe water", words.yes_no(*safe_water)),
            self.line("有脱贫意愿", "Willing to be helped", words.yes_no(*willing)),
            self.line(
                "备注",
                "Note",
                self.note(note.as_ref().map(|note| words.text(note.as_ref()))),
            ),
        ]
    }

    fn member(&self, member: &Member) -> Vec<Line> {
        let Member {
            household,
            from,
            until,
            sex,
            birth_year,
            relation,
            ethnic_group,
            political,
            education,
            schooling,
            labour,
            work_region,
            work_months,
            allowance,
            medical_insurance,
            illness_insurance,
            pension_insurance,
            identified_on,
            measures,
            identity,
            health,
        } = member;
        let words = self.words;
        let identity = identity.as_ref();
        let ended = until
            .as_ref()
            .map(|(_, reason)| words.code("member-end-reason", reason.as_str()));
        let health = health.as_ref().map(|health| words.labels("health", health));
        vec![
            self.line(
                "姓名",
                "Name",
                self.identity(identity.map(|own| Cell::of(own.name.to_string()))),
            ),
            self.line(
                "人编号",
                "Person number",
                self.identity(identity.map(|own| words.text(own.number.as_ref()))),
            ),
            self.line(
                "证件号码",
                "Document",
                self.identity(identity.map(|own| words.document(&own.document))),
            ),
            self.line(
                "联系电话",
                "Phone",
                self.identity(identity.map(|own| self.phone(own.phone.as_ref()))),
            ),
            self.line("所属户", "Household", Cell::of(household.to_string())),
            self.line(
                "在户时间",
                "Membership",
                Cell::of(words.span(*from, until.as_ref().map(|(day, _)| *day))),
            ),
            self.line("终止原因", "Ended because", words.text(ended)),
            self.line("性别", "Sex", words.label("sex", sex.as_ref())),
            self.line("出生年份", "Year of birth", words.text(*birth_year)),
            self.line(
                "与户主关系",
                "Relation to head",
                Cell::of(words.code("relation", relation.as_str())),
            ),
            self.line(
                "民族",
                "Ethnic group",
                words.label("ethnic-group", ethnic_group.as_ref()),
            ),
            self.line(
                "政治面貌",
                "Political status",
                words.label("political", political.as_ref()),
            ),
            self.line(
                "文化程度",
                "Education",
                words.label("education", education.as_ref()),
            ),
            self.line(
                "在校生状况",
                "Schooling",
                words.label("schooling", schooling.as_ref()),
            ),
            self.line(
                "健康状况",
                "Health",
                words.sealed(self.withheld, Class::Sensitive, health),
            ),
            self.line("劳动技能", "Labour", words.label("labour", labour.as_ref())),
            self.line(
                "务工区域",
                "Works in",
                words.label("work-region", work_region.as_ref()),
            ),
            self.line("务工时间（月）", "Months of work", words.text(*work_months)),
            self.line("享受低保", "Allowance", words.yes_no(*allowance)),
            self.line(
                "基本医疗保险",
                "Medical insurance",
                words.yes_no(*medical_insurance),
            ),
            self.line(
                "大病保险",
                "Serious-illness insurance",
                words.yes_no(*illness_insurance),
            ),
            self.line(
                "基本养老保险",
                "Pension insurance",
                words.yes_no(*pension_insurance),
            ),
            self.line("人员识别时间", "Identified on", words.text(*identified_on)),
            self.line("帮扶措施", "Measures", words.labels("measure", measures)),
        ]
    }

    fn income(&self, income: &IncomeStatement) -> Vec<Line> {
        let IncomeStatement {
            household,
            year,
            wages,
            business,
            property,
            transfers,
            expenses,
            persons,
        } = income;
        let words = self.words;
        vec![
            self.line("所属户", "Household", Cell::of(household.to_string())),
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line("工资性收入", "Wages", Cell::of(words.money(*wages))),
            self.line(
                "生产经营性收入",
                "Business",
                Cell::of(words.money(*business)),
            ),
            self.line("财产性收入", "Property", Cell::of(words.money(*property))),
            self.line("转移性收入", "Transfers", Cell::of(words.money(*transfers))),
            self.line(
                "生产经营性支出",
                "Expenses",
                Cell::of(words.money(*expenses)),
            ),
            self.line("人数", "People", Cell::of(persons.to_string())),
            self.line(
                "人均纯收入",
                "Net income per head",
                Cell::of(words.money(income.net_per_head())),
            ),
        ]
    }

    fn cadre(&self, cadre: &Cadre) -> Vec<Line> {
        let Cadre {
            rank,
            unit,
            from,
            until,
            identity,
        } = cadre;
        let words = self.words;
        let identity = identity.as_ref();
        vec![
            self.line(
                "姓名",
                "Name",
                self.identity(identity.map(|own| Cell::of(own.name.to_string()))),
            ),
            self.line(
                "编号",
                "Number",
                self.identity(identity.map(|own| words.text(own.number.as_ref()))),
            ),
            self.line(
                "联系电话",
                "Phone",
                self.identity(identity.map(|own| self.phone(own.phone.as_ref()))),
            ),
            self.line("职级", "Rank", Cell::of(words.code("rank", rank.as_str()))),
            self.line("单位", "Unit", words.text(*unit)),
            self.line(
                "任职时间",
                "In the post",
                Cell::of(words.span(*from, *until)),
            ),
        ]
    }

    fn unit(&self, unit: &Unit) -> Vec<Line> {
        let Unit { name, unit_type } = unit;
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line(
                "单位类型",
                "Type",
                Cell::of(self.words.code("unit-type", unit_type.as_str())),
            ),
        ]
    }

    fn pairing(&self, pairing: &Pairing) -> Vec<Line> {
        let Pairing {
            household,
            cadre,
            role,
            level,
            responsible,
            from,
            until,
            decision,
        } = pairing;
        let words = self.words;
        vec![
            self.line("帮扶对象", "Household", Cell::of(household.to_string())),
            self.line("帮扶人", "Helper", Cell::of(cadre.to_string())),
            self.line(
                "帮扶方式",
                "Role",
                Cell::of(words.code("pairing-role", role.as_str())),
            ),
            self.line(
                "帮扶层级",
                "Level",
                Cell::of(words.code("helper-level", level.code())),
            ),
            self.line(
                "帮扶责任人",
                "Answers for the household",
                words.yes_no(Some(*responsible)),
            ),
            self.line("结对时间", "Paired", Cell::of(words.span(*from, *until))),
            self.line("依据决定", "Decision", words.text(*decision)),
        ]
    }

    fn team(&self, team: &VillageTeam) -> Vec<Line> {
        let VillageTeam {
            seats,
            from,
            until,
            decision,
        } = team;
        let words = self.words;
        let seats: Vec<String> = seats
            .iter()
            .map(|seat| {
                let role = words.code("team-role", seat.role.as_str());
                format!(
                    "{role} {} ({})",
                    seat.holder,
                    words.span(seat.from, seat.until)
                )
            })
            .collect();
        vec![
            self.line("成员", "Seats", some(words, seats.join(" · "))),
            self.line(
                "驻村时间",
                "In the village",
                Cell::of(words.span(*from, *until)),
            ),
            self.line("依据决定", "Decision", words.text(*decision)),
        ]
    }

    fn visit(&self, visit: &Visit) -> Vec<Line> {
        let Visit {
            household,
            cadre,
            on,
            purpose,
            note,
        } = visit;
        let words = self.words;
        vec![
            self.line("走访日期", "Day", Cell::of(on.to_string())),
            self.line("走访对象", "Household", words.text(*household)),
            self.line("走访人", "Cadre", Cell::of(cadre.to_string())),
            self.line(
                "走访目的",
                "Purpose",
                words.label("visit-purpose", purpose.as_ref()),
            ),
            self.line(
                "走访记录",
                "Note",
                self.note(note.as_ref().map(|note| words.text(note.as_ref()))),
            ),
        ]
    }

    fn statistic(&self, statistic: &OfficialStatistic) -> Vec<Line> {
        let OfficialStatistic {
            series,
            year,
            value,
            source,
        } = statistic;
        vec![
            self.line(
                "指标",
                "Series",
                Cell::of(self.words.code("statistic-series", series.as_str())),
            ),
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line("数值", "Value", Cell::of(self.words.count(*value))),
            self.line("出处", "Source", Cell::of(source.to_string())),
        ]
    }

    fn officer(&self, officer: &Officer) -> Vec<Line> {
        // A password's hash is nobody's to read, not even whether there is one.
        let Officer {
            grants,
            cadre,
            locked,
            identity,
            password_hash: _,
        } = officer;
        let words = self.words;
        let identity = identity.as_ref();
        let grants: Vec<String> = grants
            .iter()
            .map(|grant| {
                format!(
                    "{} {}",
                    words.code("role", grant.role.as_str()),
                    grant.area.digits()
                )
            })
            .collect();
        vec![
            self.line(
                "姓名",
                "Name",
                self.identity(identity.map(|own| Cell::of(own.name.to_string()))),
            ),
            self.line(
                "用户名",
                "Sign-in name",
                self.identity(identity.map(|own| Cell::of(own.login.to_string()))),
            ),
            self.line("角色", "Roles", some(words, grants.join(" · "))),
            self.line("干部记录", "Cadre", words.text(*cadre)),
            self.line("停用", "Locked", words.yes_no(Some(*locked))),
        ]
    }

    fn policy(&self, policy: &Policy) -> Vec<Line> {
        let Policy {
            name,
            version,
            purpose,
            component,
            size,
        } = policy;
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
        ]
    }

    fn enactment(&self, enactment: &Enactment) -> Vec<Line> {
        let Enactment {
            policy,
            purpose,
            settings,
            from,
            until,
        } = enactment;
        vec![
            self.line("政策", "Policy", Cell::of(policy.to_string())),
            self.line("用途", "Purpose", Cell::of(self.words.purpose(purpose))),
            self.line("参数", "Settings", Cell::of(settings.clone())),
            self.line(
                "启用时间",
                "In force",
                Cell::of(self.words.span(*from, *until)),
            ),
        ]
    }

    fn evaluation(&self, evaluation: &Evaluation) -> Vec<Line> {
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

    fn decision(&self, decision: &Decision) -> Vec<Line> {
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

    fn node(&self, node: &Node) -> Vec<Line> {
        let Node {
            name,
            public_key,
            scenario,
        } = node;
        let key = if public_key.is_empty() {
            self.words.none()
        } else {
            Cell::of(hex(public_key))
        };
        vec![
            self.line("名称", "Name", Cell::of(name.to_string())),
            self.line("公钥", "Public key", key),
            self.line(
                "情景时钟",
                "Scenario clock",
                self.words.yes_no(Some(*scenario)),
            ),
        ]
    }
}

/// A place in a log, in words.
pub fn position(words: Words, epoch: u32, seq: u64) -> String {
    match words.0 {
        super::Language::Chinese => format!("第 {epoch} 期第 {seq} 条"),
        super::Language::English => format!("epoch {epoch}, entry {seq}"),
    }
}

fn some(words: Words, text: String) -> Cell {
    if text.is_empty() {
        words.none()
    } else {
        Cell::of(text)
    }
}

/// The last four digits are enough to tell accounts apart.
fn account(words: Words, identity: &HouseholdIdentity) -> Cell {
    let Some(account) = &identity.bank_account else {
        return words.none();
    };
    let characters: Vec<char> = account.as_str().chars().collect();
    let shown = if characters.len() > 8 {
        &characters[characters.len() - 4..]
    } else {
        &[]
    };
    Cell::of(format!("****{}", shown.iter().collect::<String>()))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
