// A helper for every household that has none: the first of its village who can still take one (S4.4).

import {
  Category,
  GroupPolicy,
  Reason,
  Role,
  Scope,
  Setting,
  Table,
  code,
  flag,
  granted,
  integer,
  refused,
} from "./lika/index.js";

const HOUSEHOLD = new Table("household", {
  able: flag("household.able-to-work", "Whether a member is able to work."),
  village: code("household.village", "Area code of the village."),
});
const HELPER = new Table("helper", {
  village: code("helper.village", "Area code of the village; absent where the cadre belongs to none.", { optional: true }),
  free: integer("helper.free", "How many more households the cadre can take.", { optional: true }),
});
const PAIRING = new Table(
  "pairing",
  { responsible: flag("pairing.responsible", "Whether the helper is the one who answers for the household.") },
  { parent: "household" },
);

const PAIRED = new Category("paired", { zh: "已结对", en: "paired" });

const HAS_HELPER = new Reason("has-helper", { zh: "已有帮扶责任人", en: "has a responsible helper" });
const PROPOSED = new Reason("helper-proposed", { zh: "本村有帮扶人可用", en: "a helper of the village is free" });
const NOBODY_FREE = new Reason("nobody-free", { zh: "本村没有可用的帮扶人", en: "no helper of the village is free" });

const FOCUS = new Role("focus", { zh: "重点帮扶", en: "focus help", resource: "helper", capacity: "helper.free" });
const CONTACT = new Role("contact", { zh: "联系帮扶", en: "contact help", resource: "helper", capacity: "helper.free" });

const TOWNSHIP = new Scope("township", { zh: "乡镇", en: "township" });

/** The policy. */
class Policy extends GroupPolicy {
  name = "{{name}}";
  version = "0.1.0";
  purpose = "pairing";
  zh = "为没有帮扶责任人的户在本村提出帮扶人";
  en = "proposes a helper of the village for every household that has none";
  subject = HOUSEHOLD;
  others = [HELPER, PAIRING];
  settings = [
    new Setting("households-each", {
      default: 5,
      min: 0,
      max: 100,
      zh: "每名帮扶人最多新增户数",
      en: "new households for each helper at most",
    }),
  ];
  categories = [PAIRED];
  reasons = [HAS_HELPER, PROPOSED, NOBODY_FREE];
  roles = [FOCUS, CONTACT];
  scopes = [TOWNSHIP];

  share(settings, _scope, group) {
    const each = settings["households-each"];
    const helpers = group.rows(HELPER);
    const left = new Map(helpers.map((helper) => [helper, helper.free === null ? each : Math.min(helper.free, each)]));
    const responsible = group.rows(PAIRING).filter((pairing) => pairing.responsible);
    const paired = new Set(responsible.map((pairing) => group.owner(PAIRING, pairing)));
    for (const household of group.rows(HOUSEHOLD)) {
      if (paired.has(household.number)) {
        group.decide(household, granted(PAIRED).because(HAS_HELPER));
        continue;
      }
      const helper = helpers.find((helper) => helper.village === household.village && left.get(helper) > 0);
      if (helper === undefined) {
        group.decide(household, refused().because(NOBODY_FREE));
        continue;
      }
      left.set(helper, left.get(helper) - 1);
      group.decide(household, refused().because(PROPOSED));
      group.propose(household.able ? FOCUS : CONTACT, household, helper);
    }
  }
}

export const policy = new Policy();
