"""Whether a household is visited as often as it should be: at least monthly (S4.4), and more often where somebody is
able to work."""

from lika import Category, Comparison, Reason, Setting, SubjectPolicy, Table, flag, granted, integer, refused

HOUSEHOLD = Table("household", able=flag("household.able-to-work", "Whether a member is able to work."))
PAIRING = Table(
    "pairing",
    parent="household",
    visits=integer(
        "pairing.visits-in-month",
        "Visits of the helper in the month that ends with the day of judging.",
        monotone="increasing",
    ),
)

FOCUS = Category("focus-help", zh="重点帮扶到位", en="focus help is given")
CONTACT = Category("contact-help", zh="联系帮扶到位", en="contact help is given")

VISITED = Reason(
    "visited",
    zh="本月走访 {visits} 次，应走访 {needed} 次",
    en="{visits} visits this month, {needed} are needed",
    visits="integer",
    needed="integer",
)
TOO_RARELY = Reason(
    "visited-too-rarely",
    zh="本月只走访 {visits} 次，应走访 {needed} 次",
    en="only {visits} visits this month, {needed} are needed",
    visits="integer",
    needed="integer",
)
NO_HELPER = Reason("no-helper", zh="没有帮扶人", en="nobody is paired with the household")


class Policy(SubjectPolicy):
    """The policy."""

    name = "{{name}}"
    version = "0.1.0"
    purpose = "supervision"
    zh = "检查每户每月走访次数"
    en = "checks how often each household is visited"
    subject = HOUSEHOLD
    parts = [PAIRING]
    settings = [
        Setting(
            "visits-able",
            default=2,
            min=0,
            max=31,
            zh="有劳动能力户每月走访次数",
            en="visits a month to a household that is able to work",
        ),
        Setting(
            "visits-others",
            default=1,
            min=0,
            max=31,
            zh="其他户每月走访次数",
            en="visits a month to any other household",
        ),
    ]
    categories = [FOCUS, CONTACT]
    reasons = [VISITED, TOO_RARELY, NO_HELPER]

    def judge(self, settings, household):
        pairings = household.parts[PAIRING]
        if not pairings:
            return refused().because(NO_HELPER)
        visits = sum(pairing.visits for pairing in pairings)
        needed = settings["visits-able"] if household.able else settings["visits-others"]
        comparison = Comparison(pairings[0].cell("visits"), "at-least", visits, needed)
        facts = [household.cell("able"), *(pairing.cell("visits") for pairing in pairings)]
        if comparison.holds():
            category = FOCUS if household.able else CONTACT
            decision = granted(category).because(VISITED, *facts, visits=visits, needed=needed)
        else:
            decision = refused().because(TOO_RARELY, *facts, visits=visits, needed=needed)
        return decision.compared(comparison)


POLICY = Policy()
