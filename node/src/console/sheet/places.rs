//! Areas, nodes, units and figures: what the office itself is.

use lika_core::{
    record::{Area, Node, Officer, OfficialStatistic, Unit},
    value::hex,
};

use super::{Line, Sheet, some};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn area(&self, area: &Area) -> Vec<Line> {
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

    pub(super) fn node(&self, node: &Node) -> Vec<Line> {
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

    pub(super) fn unit(&self, unit: &Unit) -> Vec<Line> {
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

    pub(super) fn statistic(&self, statistic: &OfficialStatistic) -> Vec<Line> {
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

    pub(super) fn officer(&self, officer: &Officer) -> Vec<Line> {
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
}
