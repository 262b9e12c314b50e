//! Areas by name or code.

use std::collections::HashMap;

use lika_core::value::{AreaCode, AreaLevel, Label};

use super::{column::half_width, fault::Cause};

/// The areas of the node, to be found as files name them.
#[derive(Debug)]
pub(super) struct Places {
    /// Names of every area by code.
    names: HashMap<AreaCode, String>,
    /// Villages by their own name.
    villages: HashMap<String, Vec<AreaCode>>,
    /// What was asked before: rows of one village ask the same.
    asked: HashMap<[String; 6], Option<AreaCode>>,
}

impl Places {
    pub(super) fn new(areas: Vec<(AreaCode, Label)>) -> Self {
        let mut villages: HashMap<String, Vec<AreaCode>> = HashMap::new();
        for (code, name) in areas
            .iter()
            .filter(|(code, _)| code.level() == AreaLevel::Village)
        {
            villages
                .entry(normalised(name.as_str()))
                .or_default()
                .push(*code);
        }
        let names = areas
            .into_iter()
            .map(|(code, name)| (code, normalised(name.as_str())))
            .collect();
        Self {
            names,
            villages,
            asked: HashMap::new(),
        }
    }

    /// The registered area of a cell: by its code, or by its name with those of the areas around it before it, as far as
    /// they are needed to tell it from others: 京口村, 宣风镇京口村 or 芦溪县宣风镇京口村.
    pub(super) fn area(&self, text: &str) -> Result<AreaCode, Cause> {
        let text = normalised(text);
        if text.chars().all(|c| c.is_ascii_digit()) {
            let code = AreaCode::parse_padded(&text).map_err(|_| Cause::NoSuchArea)?;
            let is_registered = self.names.contains_key(&code);
            return is_registered.then_some(code).ok_or(Cause::NoSuchArea);
        }
        let is_written = |(code, name): &(&AreaCode, &String)| {
            let mut whole = (*name).clone();
            let around = code.ancestors_inclusive().skip(1);
            let mut around = around.filter_map(|area| self.names.get(&area));
            whole == text
                || around.any(|name| {
                    whole.insert_str(0, name);
                    whole == text
                })
        };
        let written = self.names.iter().filter(is_written);
        let areas: Vec<AreaCode> = written.map(|(area, _)| *area).collect();
        match areas.as_slice() {
            [area] => Ok(*area),
            [] => Err(Cause::NoSuchArea),
            areas => Err(Cause::ManyAreas { count: areas.len() }),
        }
    }

    /// The registered village of a row: by its code where the file gives one, else by the names of province, prefecture,
    /// county, township and village. A name that is blank, or of an area that this node does not know (a county does not
    /// register its province), is not compared. Several villages of one name are none.
    pub(super) fn village(&mut self, names: [&str; 5], code: &str) -> Option<AreaCode> {
        let [province, prefecture, county, township, village] = names;
        let question =
            [province, prefecture, county, township, village, code].map(ToOwned::to_owned);
        if let Some(answer) = self.asked.get(&question) {
            return *answer;
        }
        let answer = self.look_up(names, code);
        self.asked.insert(question, answer);
        answer
    }

    fn look_up(&self, names: [&str; 5], code: &str) -> Option<AreaCode> {
        if !code.is_empty() {
            let code = AreaCode::parse_padded(code).ok()?;
            return (code.level() == AreaLevel::Village && self.names.contains_key(&code))
                .then_some(code);
        }
        let [around @ .., village] = names.map(normalised);
        let levels = [
            AreaLevel::Province,
            AreaLevel::Prefecture,
            AreaLevel::County,
            AreaLevel::Township,
        ];
        let is_inside = |area: &&AreaCode| {
            levels.iter().zip(&around).all(|(level, name)| {
                let registered = area.at_level(*level).and_then(|area| self.names.get(&area));
                name.is_empty() || registered.is_none_or(|registered| registered == name)
            })
        };
        let mut matching = self.villages.get(&village)?.iter().filter(is_inside);
        let found = matching.next()?;
        if matching.next().is_some() {
            None
        } else {
            Some(*found)
        }
    }
}

/// Half-width, without white space; 村委会 and 村民委员会 are the village that they govern.
fn normalised(name: &str) -> String {
    let name: String = name
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace())
        .collect();
    for suffix in ["村民委员会", "村委会", "行政村"] {
        if let Some(stem) = name.strip_suffix(suffix) {
            return format!("{stem}村");
        }
    }
    name
}
