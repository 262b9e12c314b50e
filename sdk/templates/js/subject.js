// Whether a household is visited as often as it should be: at least monthly (S4.4), and more often where somebody is
// able to work.

import { Category, Comparison, Reason, Setting, SubjectPolicy, Table, flag, granted, integer, refused } from "./lika/index.js";

const HOUSEHOLD = new Table("household", {
  able: flag("household.able-to-work", "Whether a member is able to work."),
});
const PAIRING = new Table(
  "pairing",
  {
    visits: integer("pairing.visits-in-month", "Visits of the helper in the month that ends with the day of judging.", {
      monotone: "increasing",
    }),
  },
  { parent: "household" },
);

const FOCUS = new Category("focus-help", { zh: "重点帮扶到位", en: "focus help is given" });
const CONTACT = new Category("contact-help", { zh: "联系帮扶到位", en: "contact help is given" });

const VISITED = new Reason("visited", {
  zh: "本月走访 {visits} 次，应走访 {needed} 次",
  en: "{visits} visits this month, {needed} are needed",
  args: { visits: "integer", needed: "integer" },
});
const TOO_RARELY = new Reason("visited-too-rarely", {
  zh: "本月只走访 {visits} 次，应走访 {needed} 次",
  en: "only {visits} visits this month, {needed} are needed",
  args: { visits: "integer", needed: "integer" },
});
const NO_HELPER = new Reason("no-helper", { zh: "没有帮扶人", en: "nobody is paired with the household" });

/** The policy. */
class Policy extends SubjectPolicy {
  name = "{{name}}";
  version = "0.1.0";
  purpose = "supervision";
  zh = "检查每户每月走访次数";
  en = "checks how often each household is visited";
  subject = HOUSEHOLD;
  parts = [PAIRING];
  settings = [
    new Setting("visits-able", {
      default: 2,
      min: 0,
      max: 31,
      zh: "有劳动能力户每月走访次数",
      en: "visits a month to a household that is able to work",
    }),
    new Setting("visits-others", {
      default: 1,
      min: 0,
      max: 31,
      zh: "其他户每月走访次数",
      en: "visits a month to any other household",
    }),
  ];
  categories = [FOCUS, CONTACT];
  reasons = [VISITED, TOO_RARELY, NO_HELPER];

  judge(settings, household) {
    const pairings = household.parts.get(PAIRING);
    if (pairings.length === 0) return refused().because(NO_HELPER);
    const visits = pairings.reduce((sum, pairing) => sum + pairing.visits, 0);
    const needed = household.able ? settings["visits-able"] : settings["visits-others"];
    const comparison = new Comparison(pairings[0].cell("visits"), "at-least", visits, needed);
    const facts = [household.cell("able"), ...pairings.map((pairing) => pairing.cell("visits"))];
    const decision = comparison.holds()
      ? granted(household.able ? FOCUS : CONTACT).because(VISITED, { visits, needed }, ...facts)
      : refused().because(TOO_RARELY, { visits, needed }, ...facts);
    return decision.compared(comparison);
  }
}

export const policy = new Policy();
