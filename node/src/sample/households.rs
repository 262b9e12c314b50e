//! The people of the households.

use lika_core::value::{AreaCode, Date};

pub use super::composition::Kind;
use super::{
    composition::{Frame, frames},
    dice::Dice,
    naming::{self, Naming},
    places::{TOWNSHIPS, Village},
    targets::Targets,
};

/// One household in so many of a village does not want to be helped. No dice: the figures of the county stay as they are.
const UNWILLING: u32 = 40;

/// A made-up household.
#[derive(Clone, Debug)]
pub struct SampleHousehold {
    /// The village.
    pub village: AreaCode,
    /// The name of the village.
    pub village_name: String,
    /// The name of the township.
    pub township_name: &'static str,
    /// 户编号.
    pub number: String,
    /// 自然村(组).
    pub hamlet: String,
    /// Phone.
    pub phone: String,
    /// Type.
    pub kind: Kind,
    /// Labels of the causes, the main one first.
    pub causes: Vec<&'static str>,
    /// When it was identified.
    pub identified_on: Date,
    /// Whether it lives in a dangerous house.
    pub dangerous_house: bool,
    /// Whether it has safe water.
    pub safe_water: bool,
    /// Whether it wants to work its way out.
    pub willing: bool,
    /// Whole yuan: wages, business, property, transfers, expenses.
    pub income: [i64; 5],
    /// The members, the head first.
    pub members: Vec<SampleMember>,
}

/// A made-up person.
#[derive(Clone, Debug)]
pub struct SampleMember {
    /// Name.
    pub name: String,
    /// Whether male.
    pub is_male: bool,
    /// Birth date.
    pub born: Date,
    /// Age on the county's day.
    pub age: i32,
    /// Identity number.
    pub document: String,
    /// Label of the relation to the head.
    pub relation: &'static str,
    /// Whether able to work.
    pub is_able: bool,
    /// Label of the labour capacity.
    pub labour: &'static str,
    /// Label of the health.
    pub health: &'static str,
    /// Label of the education.
    pub education: &'static str,
    /// Label of the schooling.
    pub schooling: &'static str,
    /// Label of the region and the months of work.
    pub work: Option<(&'static str, u32)>,
}

impl SampleMember {
    /// Whether at school.
    pub fn is_at_school(&self) -> bool {
        self.schooling != NOT_AT_SCHOOL
    }
}

const NOT_AT_SCHOOL: &str = "非在校生";

/// How often a household lives in a key village rather than in another one.
const WEIGHT_OF_KEY_VILLAGES: usize = 3;

/// Makes the households, by village.
pub(super) fn generate(
    targets: &Targets,
    villages: &[Village],
    as_of: Date,
    naming: &mut Naming,
    dice: &mut Dice,
) -> Vec<SampleHousehold> {
    let doors: Vec<usize> = (0..villages.len())
        .flat_map(|at| {
            std::iter::repeat_n(
                at,
                if villages[at].is_key() {
                    WEIGHT_OF_KEY_VILLAGES
                } else {
                    1
                },
            )
        })
        .collect();
    let mut placed: Vec<(usize, Frame)> = frames(targets, dice)
        .into_iter()
        .map(|frame| (dice.pick(&doors), frame))
        .collect();
    placed.sort_by_key(|(village, _)| *village);
    let mut numbers = vec![0u32; villages.len()];
    placed
        .into_iter()
        .map(|(at, frame)| {
            numbers[at] += 1;
            household(&villages[at], numbers[at], frame, as_of, naming, dice)
        })
        .collect()
}

fn household(
    village: &Village,
    number: u32,
    frame: Frame,
    as_of: Date,
    naming: &mut Naming,
    dice: &mut Dice,
) -> SampleHousehold {
    let month = u8::try_from(dice.between(3, 6)).unwrap_or(3);
    let day = u8::try_from(dice.between(1, 28)).unwrap_or(1);
    let year = as_of.year().plus(-2).unwrap_or(as_of.year());
    let mut family = Family {
        surname: naming::surname(dice),
        as_of,
        members: Vec::new(),
        naming,
        dice,
    };
    family.fill(frame);
    let members = family.members;
    SampleHousehold {
        village: village.code,
        village_name: village.name.clone(),
        township_name: TOWNSHIPS[village.township].1,
        number: format!("{}{number:05}", village.code),
        hamlet: format!("{}组", dice.between(1, 12)),
        phone: naming::phone(dice),
        kind: frame.kind,
        causes: Vec::new(),
        identified_on: Date::new(year.get(), month, day).unwrap_or(as_of),
        dangerous_house: dice.chance(12),
        safe_water: dice.chance(88),
        willing: !number.is_multiple_of(UNWILLING),
        income: [0; 5],
        members,
    }
}

/// Somebody of an age, for a family.
struct Role {
    relation: &'static str,
    is_male: bool,
    age: i32,
    is_able: bool,
}

struct Family<'a> {
    surname: &'static str,
    as_of: Date,
    members: Vec<SampleMember>,
    naming: &'a mut Naming,
    dice: &'a mut Dice,
}

impl Family<'_> {
    fn fill(&mut self, frame: Frame) {
        for place in 0..frame.able {
            let role = self.able_role(place);
            self.add(role);
        }
        for _ in 0..frame.others {
            let role = if self.members.is_empty() {
                self.unable_head(frame.kind)
            } else {
                self.other_role(frame.kind)
            };
            self.add(role);
        }
    }

    fn head(&self) -> (i32, bool) {
        self.members
            .first()
            .map_or((60, true), |head| (head.age, head.is_male))
    }

    fn count(&self, relation: &str) -> usize {
        self.members
            .iter()
            .filter(|member| member.relation == relation)
            .count()
    }

    /// Those able to work: head, spouse, then a grown child or a brother.
    fn able_role(&mut self, place: usize) -> Role {
        let (age, is_male) = self.head();
        match place {
            0 => Role {
                relation: "户主",
                is_male: self.dice.chance(78),
                age: self.dice.between(32, 58),
                is_able: true,
            },
            1 => {
                let age = (age + self.dice.between(-4, 3)).clamp(25, 59);
                Role {
                    relation: "配偶",
                    is_male: !is_male,
                    age,
                    is_able: true,
                }
            }
            _ if age >= 42 => self.child(18, (age - 22).min(32), true),
            _ => Role {
                relation: "弟",
                is_male: true,
                age: self.dice.between(20, age - 1),
                is_able: true,
            },
        }
    }

    fn unable_head(&mut self, kind: Kind) -> Role {
        let is_old = kind == Kind::FiveGuarantee || self.dice.chance(55);
        let age = if is_old {
            self.dice.between(62, 88)
        } else {
            self.dice.between(35, 59)
        };
        Role {
            relation: "户主",
            is_male: self.dice.chance(72),
            age,
            is_able: false,
        }
    }

    /// Those who cannot work: children, parents, a sick spouse, grandchildren, disabled kin.
    fn other_role(&mut self, kind: Kind) -> Role {
        let (age, is_male) = self.head();
        let has_spouse = self.count("配偶") > 0;
        if kind == Kind::FiveGuarantee {
            return Role {
                relation: "弟",
                is_male: true,
                age: self.dice.between(60, age.max(60)),
                is_able: false,
            };
        }
        if !has_spouse && self.dice.chance(25) {
            let age = (age + self.dice.between(-4, 3)).max(25);
            return Role {
                relation: "配偶",
                is_male: !is_male,
                age,
                is_able: false,
            };
        }
        if (27..=62).contains(&age) && self.dice.chance(50) {
            return self.child(1, (age - 21).clamp(1, 22), false);
        }
        if age >= 56 && self.dice.chance(40) {
            let is_male = self.dice.chance(52);
            let relation = if is_male { "之孙子" } else { "之孙女" };
            return Role {
                relation,
                is_male,
                age: self.dice.between(2, (age - 44).min(17)),
                is_able: false,
            };
        }
        for (relation, is_male) in [("之母", false), ("之父", true)] {
            if age <= 66 && self.count(relation) == 0 {
                let age = (age + self.dice.between(20, 28)).clamp(60, 96);
                return Role {
                    relation,
                    is_male,
                    age,
                    is_able: false,
                };
            }
        }
        let relation = if self.dice.chance(50) { "弟" } else { "妹" };
        Role {
            relation,
            is_male: relation == "弟",
            age: self.dice.between(25, age.clamp(26, 59)),
            is_able: false,
        }
    }

    fn child(&mut self, least: i32, most: i32, is_able: bool) -> Role {
        let is_male = self.dice.chance(53);
        let relation = if is_male { "之子" } else { "之女" };
        Role {
            relation,
            is_male,
            age: self.dice.between(least, most),
            is_able,
        }
    }

    fn add(&mut self, role: Role) {
        let Role {
            relation,
            is_male,
            age,
            is_able,
        } = role;
        let back = -12 * age;
        let born = self
            .as_of
            .plus_months(back)
            .and_then(|day| day.plus_days(-self.dice.between(0, 364)));
        let number = self.naming.id_number(born.unwrap_or(self.as_of), is_male);
        let marries_in = matches!(relation, "配偶" | "之母");
        let surname = if marries_in {
            naming::surname(self.dice)
        } else {
            self.surname
        };
        let member = SampleMember {
            name: naming::name(surname, self.dice),
            is_male,
            born: number.birth_date(),
            age,
            document: number.as_str().to_owned(),
            relation,
            is_able,
            labour: labour(age, is_able),
            health: self.health(age, is_able),
            education: self.education(age),
            schooling: if is_able {
                NOT_AT_SCHOOL
            } else {
                self.schooling(age)
            },
            work: None,
        };
        self.members.push(member);
    }

    fn health(&mut self, age: i32, is_able: bool) -> &'static str {
        match age {
            _ if is_able => "健康",
            0..=22 => "健康",
            23..=59 => self
                .dice
                .pick(&["残疾", "患有大病", "长期慢性病、残疾", "患有大病"]),
            _ => self
                .dice
                .pick(&["健康", "长期慢性病", "健康", "长期慢性病", "残疾"]),
        }
    }

    fn education(&mut self, age: i32) -> &'static str {
        match age {
            0..=5 => "学龄前儿童",
            6..=12 => "",
            13..=15 => "小学",
            16..=22 => "初中",
            23..=59 => self
                .dice
                .pick(&["文盲或半文盲", "小学", "小学", "初中", "初中", "高中"]),
            _ => self
                .dice
                .pick(&["文盲或半文盲", "文盲或半文盲", "小学", "初中"]),
        }
    }

    fn schooling(&mut self, age: i32) -> &'static str {
        match age {
            4..=5 => "学前教育",
            6..=11 => "小学",
            12..=14 => "初中",
            15..=17 => self.dice.pick(&["普通高中", "中职"]),
            18..=22 => self.dice.pick(&["高职高专", "本科"]),
            _ => NOT_AT_SCHOOL,
        }
    }
}

fn labour(age: i32, is_able: bool) -> &'static str {
    match age {
        _ if is_able => "普通劳动力",
        23..=59 => "丧失劳动力",
        _ => "无劳动力",
    }
}
