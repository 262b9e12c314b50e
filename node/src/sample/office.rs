//! Those who help: units and cadres.

use lika_core::{
    command::Change,
    record::{Cadre, CadreIdentity, Unit},
    value::{AreaCode, Code, Date, Label, Name, Phone, RecordId, Text, Year},
};

use super::{
    dice::Dice,
    naming,
    places::{self, COUNTY, TOWNSHIPS, Village},
    targets::Targets,
};

/// Sponsoring units: three for each key village (S4.2), and enough that the next plan has others.
const UNITS: usize = 136;

/// County leaders: more than the 14 key villages need.
const LEADERS: usize = 30;

/// Development households in focus of a county leader; a cadre of section level has one (S4.4).
const FOCUS_OF_A_LEADER: usize = 2;

/// Households that a cadre of a township or village can look after, with room to spare.
const HOUSEHOLDS_OF_A_CADRE: usize = 35;

const OFFICES: [(&str, &str); 40] = [
    ("委办公室", "party"),
    ("委组织部", "party"),
    ("委宣传部", "party"),
    ("委统战部", "party"),
    ("委政法委", "party"),
    ("纪委监察局", "party"),
    ("总工会", "party"),
    ("团委", "party"),
    ("妇联", "party"),
    ("科协", "party"),
    ("人大办", "government"),
    ("政协办", "government"),
    ("政府办公室", "government"),
    ("发改委", "government"),
    ("财政局", "government"),
    ("教育局", "government"),
    ("民政局", "government"),
    ("人社局", "government"),
    ("国土局", "government"),
    ("住建局", "government"),
    ("交通局", "government"),
    ("水务局", "government"),
    ("农业局", "government"),
    ("林业局", "government"),
    ("卫计委", "government"),
    ("环保局", "government"),
    ("商务局", "government"),
    ("审计局", "government"),
    ("统计局", "government"),
    ("公安局", "government"),
    ("司法局", "government"),
    ("法院", "government"),
    ("检察院", "government"),
    ("工信委", "government"),
    ("文广局", "government"),
    ("旅游局", "government"),
    ("扶贫办", "government"),
    ("残联", "social"),
    ("供销社", "co-operative"),
    ("农商银行", "financial"),
];

/// Other kinds of units, with made-up names.
const OTHERS: [(&str, &str); 6] = [
    ("实业有限公司", "enterprise"),
    ("农业发展有限公司", "enterprise"),
    ("种养专业合作社", "co-operative"),
    ("学校", "school"),
    ("医院", "hospital"),
    ("商会", "social"),
];

const NAMES: [&str; 16] = [
    "青云", "金山", "长丰", "和顺", "新源", "永兴", "广惠", "民生", "同心", "春晖", "远大", "福田",
    "利农", "安居", "乐业", "康宁",
];

/// A unit and the change that registers it.
pub(super) struct SampleUnit {
    pub(super) id: RecordId,
    pub(super) change: Change,
}

/// The sponsoring units, those of the county first.
pub(super) fn units(dice: &mut Dice) -> Vec<SampleUnit> {
    let mut made_up: Vec<(String, &'static str)> = NAMES
        .iter()
        .flat_map(|name| {
            OTHERS
                .iter()
                .map(move |(kind, code)| (format!("{COUNTY}{name}{kind}"), *code))
        })
        .collect();
    dice.shuffle(&mut made_up);
    let offices = OFFICES
        .iter()
        .map(|(name, code)| (format!("{COUNTY}{name}"), *code));
    offices
        .chain(made_up)
        .take(UNITS)
        .map(|(name, code)| unit(&name, code))
        .collect()
}

fn unit(name: &str, unit_type: &'static str) -> SampleUnit {
    let id = RecordId::derived("lika.sample.unit", name.as_bytes());
    let name = Label::parse(name).expect("the names of this file are short and printable");
    SampleUnit {
        id,
        change: Change::create(
            id,
            places::county(),
            Unit {
                name,
                unit_type: code(unit_type),
            },
        ),
    }
}

/// The cadres: enough that every development household has one of section level or above, with room to spare, and every
/// household somebody who answers for it (S4.4).
pub(super) fn cadres(
    targets: &Targets,
    villages: &[Village],
    units: &[SampleUnit],
    as_of: Date,
    dice: &mut Dice,
) -> Vec<Change> {
    let mut office = Office {
        units,
        as_of,
        dice,
        cadres: Vec::new(),
    };
    office.add(LEADERS, "county", places::county(), None);
    let with_room = targets.development + targets.development / 10;
    // Twice 28 reserve cadres are stationed in villages over two years (S4.2).
    let section = with_room
        .saturating_sub(LEADERS * FOCUS_OF_A_LEADER)
        .max(120);
    let shares = [
        ("section-full", 15),
        ("section-deputy", 30),
        ("reserve-full", 25),
        ("reserve-deputy", 30),
    ];
    for (rank, percent) in shares {
        office.add(
            (section * percent).div_ceil(100),
            rank,
            places::county(),
            Some(0),
        );
    }
    let of_township = (targets.households / TOWNSHIPS.len())
        .div_ceil(HOUSEHOLDS_OF_A_CADRE)
        .max(12);
    for (digits, _) in TOWNSHIPS {
        office.add(of_township, "township", places::code(digits), None);
    }
    // Key villages have several times the households of the others.
    let of_village = (4 * targets.households / villages.len())
        .div_ceil(HOUSEHOLDS_OF_A_CADRE)
        .max(4);
    for village in villages {
        office.add(of_village, "village", village.code, None);
    }
    office.cadres
}

struct Office<'a> {
    units: &'a [SampleUnit],
    as_of: Date,
    dice: &'a mut Dice,
    cadres: Vec<Change>,
}

impl Office<'_> {
    /// Adds cadres of a rank; those with a first unit are spread over the offices of the county.
    fn add(&mut self, count: usize, rank: &'static str, area: AreaCode, first_unit: Option<usize>) {
        for place in 0..count {
            let unit = first_unit.and_then(|first| self.units.get((first + place) % OFFICES.len()));
            let cadre = Cadre {
                rank: code(rank),
                unit: unit.map(|unit| unit.id),
                from: self
                    .as_of
                    .year()
                    .plus(-1)
                    .map_or(self.as_of, Year::first_day),
                until: None,
                identity: Some(self.identity()),
            };
            let number = self.cadres.len().to_be_bytes();
            let id = RecordId::derived("lika.sample.cadre", &number);
            self.cadres.push(Change::create(id, area, cadre));
        }
    }

    fn identity(&mut self) -> CadreIdentity {
        let surname = naming::surname(self.dice);
        let name = naming::name(surname, self.dice);
        CadreIdentity {
            number: Text::parse(&format!("LX{:05}", self.cadres.len() + 1)).ok(),
            name: Name::parse(&name).expect("a surname and one or two characters"),
            phone: Phone::parse(&naming::phone(self.dice)).ok(),
        }
    }
}

fn code(text: &'static str) -> Code {
    Code::parse(text).expect("the codes of this file are lower-case letters and hyphens")
}
