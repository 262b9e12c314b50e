//! Names and numbers that are nobody's.

use std::collections::HashMap;

use lika_core::value::{Date, IdNumber};

use super::dice::Dice;

/// A county code that was never assigned.
const NOWHERE: &str = "360399";

const SURNAMES: [&str; 60] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "高", "林", "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾",
    "肖", "田", "董", "袁", "潘", "于", "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁",
    "任", "沈", "姚", "卢", "姜", "崔", "钟", "谭", "陆", "汪", "范", "欧阳",
];

const GIVEN: [&str; 48] = [
    "春", "秋", "梅", "兰", "菊", "华", "荣", "贵", "福", "生", "明", "发", "国", "建", "军", "平",
    "红", "英", "秀", "玉", "凤", "金", "水", "根", "林", "山", "文", "武", "志", "勇", "丽", "芳",
    "娟", "燕", "霞", "辉", "强", "伟", "民", "桂", "香", "莲", "云", "海", "龙", "庆", "祥", "安",
];

/// Keeps identity numbers apart.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// Births by day, female and male.
    births: HashMap<Date, [u16; 2]>,
}

pub(super) fn surname(dice: &mut Dice) -> &'static str {
    dice.pick(&SURNAMES)
}

pub(super) fn name(surname: &str, dice: &mut Dice) -> String {
    let first = dice.pick(&GIVEN);
    if dice.chance(35) {
        format!("{surname}{first}")
    } else {
        format!("{surname}{first}{}", dice.pick(&GIVEN))
    }
}

/// A telephone number with a prefix that no network has.
pub(super) fn phone(dice: &mut Dice) -> String {
    format!("100{:08}", dice.below(100_000_000))
}

impl Naming {
    /// An identity number for a birth on this day or, where all its numbers are given out, one of the days before.
    pub(super) fn id_number(&mut self, born: Date, is_male: bool) -> IdNumber {
        let mut day = born;
        loop {
            let count = &mut self.births.entry(day).or_default()[usize::from(is_male)];
            let sequence = *count * 2 + u16::from(is_male);
            let number = IdNumber::compose(NOWHERE, day, sequence);
            if let (Ok(number), true) = (number, sequence < 1_000) {
                *count += 1;
                return number;
            }
            day = day.plus_days(-1).unwrap_or(born);
        }
    }
}
