//! Indicators: what is counted, defined once, as data.
//!
//! A definition never changes: another one is another version, and what was reported by the old one still says so. The
//! formula in words is for people; [`Formula`] is what [`crate::statistics`] computes.

use crate::{record::IndicatorVersion, value::Ppm};

/// One definition of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its stable name.
    pub id: &'static str,
    /// From 1.
    pub version: u32,
    /// Its name, zh.
    pub zh: &'static str,
    /// Its name, en.
    pub en: &'static str,
    /// How it is computed, and rounded, zh.
    pub formula_zh: &'static str,
    /// The same, en.
    pub formula_en: &'static str,
    /// What its value is in.
    pub unit: Unit,
    /// The row of the domain that asks for it.
    pub source: &'static str,
    /// What it is computed by.
    pub formula: Formula,
}

/// What a value is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of something.
    Count,
    /// Fen.
    Fen,
    /// Parts per million.
    Ppm,
}

impl Unit {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Fen => "fen",
            Self::Ppm => "ppm",
        }
    }
}

/// A figure of the roll-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// What stands now, or stood on the day that is asked about.
    Stock(&'static str),
    /// What belongs to the period.
    InPeriod(&'static str),
}

/// How an indicator is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// One figure.
    Figure(Total),
    /// A figure of the period and the classes that it is the sum of.
    Classes {
        /// The whole.
        whole: &'static str,
        /// The parts, under the whole.
        classes: &'static [&'static str],
    },
    /// The sum of all figures of the period under a name.
    Group(&'static str),
    /// A part of a whole, as a share.
    Share {
        /// The part.
        part: Total,
        /// The whole.
        whole: Total,
    },
    /// An amount of the period by a number of people of the period.
    PerHead {
        /// The amount in fen.
        amount: &'static str,
        /// The number.
        persons: &'static str,
    },
    /// Villages whose collective income of the year stays below a threshold, which is a setting.
    ShellVillages,
    /// The coefficient of variation of a series of official statistics over the areas below.
    Variation {
        /// Code list statistic-series.
        series: &'static str,
        /// Weighted by this series; every area the same where there is none.
        weights: Option<&'static str>,
    },
    /// One official statistic by another.
    Quotient {
        /// What is divided.
        above: &'static str,
        /// By what.
        below: &'static str,
    },
    /// A share, which is a setting, of an official statistic.
    Line {
        /// Code list statistic-series.
        series: &'static str,
        /// The share when nobody sets another.
        share: Ppm,
    },
}

impl Formula {
    /// The dimensions of the roll-up that it reads in its period: these are what a report locks. One that ends in a
    /// stroke means all that begin so.
    pub fn reads(&self) -> Vec<String> {
        let in_period = |total: &Total| match total {
            Total::InPeriod(dimension) => Some((*dimension).to_owned()),
            Total::Stock(_) => None,
        };
        match self {
            Self::Figure(total) => in_period(total).into_iter().collect(),
            Self::Classes { whole, .. } => vec![(*whole).to_owned(), format!("{whole}/")],
            Self::Group(group) => vec![format!("{group}/")],
            Self::Share { part, whole } => {
                [part, whole].into_iter().filter_map(in_period).collect()
            }
            Self::PerHead { amount, persons } => vec![(*amount).to_owned(), (*persons).to_owned()],
            Self::ShellVillages => vec!["collective-income".to_owned()],
            Self::Variation { .. } | Self::Quotient { .. } | Self::Line { .. } => Vec::new(),
        }
    }

    /// Whether it follows from the totals of an area alone, so that the area can report it.
    pub fn is_of_totals(&self) -> bool {
        match self {
            Self::Figure(_)
            | Self::Classes { .. }
            | Self::Group(_)
            | Self::Share { .. }
            | Self::PerHead { .. } => true,
            Self::ShellVillages
            | Self::Variation { .. }
            | Self::Quotient { .. }
            | Self::Line { .. } => false,
        }
    }
}

/// The definition that is meant; none where this version of Lika does not have it.
pub fn of(meant: &IndicatorVersion) -> Option<&'static Indicator> {
    let mut all = INDICATORS.iter();
    all.find(|it| it.id == meant.indicator.as_str() && it.version == meant.version)
}

/// The latest definition of an indicator.
pub fn latest(id: &str) -> Option<&'static Indicator> {
    let own = INDICATORS.iter().filter(|it| it.id == id);
    own.max_by_key(|it| it.version)
}

const RURAL: &str = "rural-income-per-head";
const OUTPUT: &str = "output-per-head";

/// Every definition that there ever was.
pub static INDICATORS: &[Indicator] = &[
    Indicator {
        id: "households",
        version: 1,
        zh: "登记户数",
        en: "registered households",
        formula_zh: "未注销的农户数",
        formula_en: "households that are not closed",
        unit: Unit::Count,
        source: "S4.1",
        formula: Formula::Figure(Total::Stock("households")),
    },
    Indicator {
        id: "people",
        version: 1,
        zh: "登记人数",
        en: "registered people",
        formula_zh: "成员关系未终止的人数",
        formula_en: "people whose membership has not ended",
        unit: Unit::Count,
        source: "S4.1",
        formula: Formula::Figure(Total::Stock("people")),
    },
    Indicator {
        id: "income-per-head",
        version: 1,
        zh: "人均纯收入",
        en: "net income per head",
        formula_zh: "当年纯收入合计 ÷ 有收入记录的人数，舍去不足一分",
        formula_en: "net income of the year by the people of the statements, rounded down to fen",
        unit: Unit::Fen,
        source: "S3.3",
        formula: Formula::PerHead {
            amount: "income/net",
            persons: "income/persons",
        },
    },
    Indicator {
        id: "exits",
        version: 1,
        zh: "当年脱贫户数",
        en: "households that exited",
        formula_zh: "脱贫年度为当年的农户数",
        formula_en: "households whose year of exit it is",
        unit: Unit::Count,
        source: "S1.4",
        formula: Formula::Figure(Total::InPeriod("exits")),
    },
    Indicator {
        id: "projects",
        version: 1,
        zh: "项目数",
        en: "projects",
        formula_zh: "农业 + 工业 + 商贸旅游 + 其他",
        formula_en: "agriculture + industry + trade and tourism + other",
        unit: Unit::Count,
        source: "S3.6",
        formula: Formula::Classes {
            whole: "projects",
            classes: &["agriculture", "industry", "trade-tourism", "other"],
        },
    },
    Indicator {
        id: "training-attendances",
        version: 1,
        zh: "培训人次",
        en: "attendances of trainings",
        formula_zh: "当年各类对象参训人次之和",
        formula_en: "the attendances of the year, whoever was trained",
        unit: Unit::Count,
        source: "S3.6",
        formula: Formula::Group("training-attendances"),
    },
    Indicator {
        id: "jobs",
        version: 1,
        zh: "转移就业人数",
        en: "people who found work",
        formula_zh: "当年措施结果为就业的人数，一人计一次",
        formula_en: "people whom a measure of the year brought work, each once",
        unit: Unit::Count,
        source: "S3.6",
        formula: Formula::Figure(Total::InPeriod("people-with-result/job")),
    },
    Indicator {
        id: "collective-income",
        version: 1,
        zh: "村集体经济收入",
        en: "collective income",
        formula_zh: "各村当年集体收入之和",
        formula_en: "the collective incomes of the year added up",
        unit: Unit::Fen,
        source: "S2.7",
        formula: Formula::Figure(Total::InPeriod("collective-income")),
    },
    Indicator {
        id: "shell-villages",
        version: 1,
        zh: "空壳村数",
        en: "shell villages",
        formula_zh: "当年集体收入低于所设标准的村数；未填报的村不计",
        formula_en: "villages whose collective income of the year is below the threshold that is set; those without a statement are unknown and do not count",
        unit: Unit::Count,
        source: "S2.7",
        formula: Formula::ShellVillages,
    },
    Indicator {
        id: "helper-coverage",
        version: 1,
        zh: "结对帮扶覆盖率",
        en: "share of households with a helper",
        formula_zh: "有责任人的户数 ÷ 登记户数，向下取整到百万分之一",
        formula_en: "households with a responsible helper by registered households, rounded down",
        unit: Unit::Ppm,
        source: "S4.4",
        formula: Formula::Share {
            part: Total::Stock("households-paired"),
            whole: Total::Stock("households"),
        },
    },
    Indicator {
        id: "measure-coverage",
        version: 1,
        zh: "措施覆盖率",
        en: "share of households with a measure",
        formula_zh: "正在落实措施的户数 ÷ 登记户数，向下取整到百万分之一",
        formula_en: "households with a running measure by registered households, rounded down",
        unit: Unit::Ppm,
        source: "S1.2",
        formula: Formula::Share {
            part: Total::Stock("households-with-measure"),
            whole: Total::Stock("households"),
        },
    },
    Indicator {
        id: "project-coverage",
        version: 1,
        zh: "项目覆盖率",
        en: "share of households with a project",
        formula_zh: "有项目的户数 ÷ 登记户数，向下取整到百万分之一",
        formula_en: "households with a project by registered households, rounded down",
        unit: Unit::Ppm,
        source: "S0.3",
        formula: Formula::Share {
            part: Total::Stock("households-with-project"),
            whole: Total::Stock("households"),
        },
    },
    insured(
        "agricultural-insurance-coverage",
        "农业保险覆盖率",
        "share of households with agricultural insurance",
        "households-insured/agricultural",
    ),
    insured(
        "illness-insurance-coverage",
        "大病保险覆盖率",
        "share of households with serious-illness insurance",
        "households-insured/serious-illness",
    ),
    insured(
        "accident-insurance-coverage",
        "小额意外保险覆盖率",
        "share of households with small-accident insurance",
        "households-insured/small-accident",
    ),
    insured(
        "student-insurance-coverage",
        "学生保险覆盖率",
        "share of households with student insurance",
        "households-insured/student",
    ),
    Indicator {
        id: "regional-variation",
        version: 1,
        zh: "区域发展差异系数",
        en: "coefficient of variation of regional development",
        formula_zh: "下级区域人均产值的总体标准差 ÷ 平均数，各区域等权，四舍五入到百万分之一",
        formula_en: "standard deviation (of the whole population) of the output per head of the areas below by its mean, every area alike, rounded half up",
        unit: Unit::Ppm,
        source: "S3.6",
        formula: Formula::Variation {
            series: OUTPUT,
            weights: None,
        },
    },
    Indicator {
        id: "regional-variation",
        version: 2,
        zh: "区域发展差异系数（人口加权）",
        en: "coefficient of variation of regional development, by population",
        formula_zh: "下级区域人均产值的总体标准差 ÷ 平均数，按人口加权，四舍五入到百万分之一",
        formula_en: "as version 1, every area weighted by its population",
        unit: Unit::Ppm,
        source: "S3.6",
        formula: Formula::Variation {
            series: OUTPUT,
            weights: Some("population"),
        },
    },
    Indicator {
        id: "urban-rural-ratio",
        version: 1,
        zh: "城乡居民收入比",
        en: "urban-rural income ratio",
        formula_zh: "城镇居民人均可支配收入 ÷ 农村居民人均纯收入，四舍五入到百万分之一",
        formula_en: "urban income per head by rural income per head, rounded half up",
        unit: Unit::Ppm,
        source: "S3.6",
        formula: Formula::Quotient {
            above: "urban-income-per-head",
            below: RURAL,
        },
    },
    Indicator {
        id: "key-village-line",
        version: 1,
        zh: "重点村标准线",
        en: "line below which a village is a key village",
        formula_zh: "农民人均纯收入 × 比例（默认 60%），舍去不足一分",
        formula_en: "the rural mean by a share, 60 % unless it is set otherwise, rounded down to fen",
        unit: Unit::Fen,
        source: "S3.1",
        formula: Formula::Line {
            series: RURAL,
            share: Ppm::new(600_000),
        },
    },
    Indicator {
        id: "household-line",
        version: 1,
        zh: "贫困户标准线",
        en: "line below which a household is poor",
        formula_zh: "农民人均纯收入 × 比例（默认 33%），舍去不足一分",
        formula_en: "the rural mean by a share, 33 % unless it is set otherwise, rounded down to fen",
        unit: Unit::Fen,
        source: "S3.1",
        formula: Formula::Line {
            series: RURAL,
            share: Ppm::new(330_000),
        },
    },
];

const fn insured(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    dimension: &'static str,
) -> Indicator {
    Indicator {
        id,
        version: 1,
        zh,
        en,
        formula_zh: "当年参保户数 ÷ 登记户数，向下取整到百万分之一",
        formula_en: "households insured in the year by registered households, rounded down",
        unit: Unit::Ppm,
        source: "S2.8",
        formula: Formula::Share {
            part: Total::InPeriod(dimension),
            whole: Total::Stock("households"),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{codes, value::Code};

    #[test]
    fn a_definition_stands_there_once_and_versions_have_no_gaps() {
        let mut seen = BTreeSet::new();
        for it in INDICATORS {
            assert!(seen.insert((it.id, it.version)), "{} {}", it.id, it.version);
            assert!(Code::parse(it.id).is_ok(), "{}", it.id);
            assert!(
                it.version == 1 || seen.contains(&(it.id, it.version - 1)),
                "{}",
                it.id
            );
        }
    }

    #[test]
    fn every_series_is_one_that_can_be_entered() {
        let listed = |series: &str| codes::listed("statistic-series", series).is_ok();
        for it in INDICATORS {
            let series = match it.formula {
                Formula::Variation { series, weights } => vec![Some(series), weights],
                Formula::Quotient { above, below } => vec![Some(above), Some(below)],
                Formula::Line { series, .. } => vec![Some(series)],
                _ => Vec::new(),
            };
            for series in series.into_iter().flatten() {
                assert!(listed(series), "{} {series}", it.id);
            }
        }
    }
}
