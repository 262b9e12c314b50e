//! How a household lives.

use lika_core::record::{Land, LivingConditions};

use super::{Line, Sheet};
use crate::console::words::Cell;

impl Sheet<'_> {
    pub(super) fn living(&self, living: &LivingConditions) -> Vec<Line> {
        let LivingConditions {
            household,
            surveyed_on,
            house_area,
            house_structure,
            house_year,
            electricity,
            fuel,
            toilet,
            road,
            road_distance,
            broadband,
            land,
            allowance_entitled,
            dropouts,
            admitted,
            admitted_supported,
            trained,
            skills,
            hardship_expenses,
        } = living;
        let words = self.words;
        let flag = |zh, en, value: &Option<bool>| self.line(zh, en, words.yes_no(*value));
        let count = |zh, en, value: &Option<u32>| self.line(zh, en, words.text(*value));
        let mut lines = vec![
            self.line("所属户", "Household", Cell::of(household.to_string())),
            self.line("调查日期", "Surveyed on", Cell::of(surveyed_on.to_string())),
            count("住房面积（平方米）", "Floor (m²)", house_area),
            self.line(
                "住房结构",
                "Structure of the house",
                words.label("house-structure", house_structure.as_ref()),
            ),
            self.line("建房年份", "Built in", words.text(*house_year)),
            flag("通电", "Electricity", electricity),
            self.line("主要燃料", "Fuel", words.label("fuel", fuel.as_ref())),
            flag("卫生厕所", "Sanitary toilet", toilet),
            flag("入户路硬化", "Hardened road", road),
            count("距主干路（米）", "Metres to the main road", road_distance),
            flag("宽带", "Broadband", broadband),
        ];
        lines.extend(self.land(land.as_ref()));
        lines.extend([
            flag(
                "符合低保条件",
                "Entitled to the allowance",
                allowance_entitled,
            ),
            count("辍学人数", "Left school early", dropouts),
            count("录取学生人数", "Admitted students", admitted),
            count(
                "能完成学业的录取学生人数",
                "Admitted students who can finish",
                admitted_supported,
            ),
            count("参加就业培训人数", "Members trained", trained),
            count("掌握实用技术（项）", "Skills learned", skills),
            self.line(
                "刚性支出",
                "Unavoidable expenses",
                words.text(hardship_expenses.map(|fen| words.money(fen))),
            ),
        ]);
        lines
    }

    fn land(&self, land: Option<&Land>) -> [Line; 6] {
        let mu = |area: fn(&Land) -> u32| {
            let area = land.map(area);
            self.words
                .text(area.map(|area| format!("{}.{:02}", area / 100, area % 100)))
        };
        [
            self.line("耕地（亩）", "Arable land (mu)", mu(|land| land.arable)),
            self.line(
                "有效灌溉（亩）",
                "Irrigated (mu)",
                mu(|land| land.irrigated),
            ),
            self.line("林地（亩）", "Forest (mu)", mu(|land| land.forest)),
            self.line("林果（亩）", "Orchard (mu)", mu(|land| land.orchard)),
            self.line("牧草地（亩）", "Pasture (mu)", mu(|land| land.pasture)),
            self.line("水面（亩）", "Water (mu)", mu(|land| land.water)),
        ]
    }
}
