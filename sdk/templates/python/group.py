"""A helper for every household that has none: the first of its village who can still take one (S4.4)."""

from lika import Category, GroupPolicy, Reason, Role, Scope, Setting, Table, code, flag, granted, integer, refused

HOUSEHOLD = Table(
    "household",
    able=flag("household.able-to-work", "Whether a member is able to work."),
    village=code("household.village", "Area code of the village."),
)
HELPER = Table(
    "helper",
    village=code("helper.village", "Area code of the village; absent where the cadre belongs to none.", optional=True),
    free=integer("helper.free", "How many more households the cadre can take.", optional=True),
)
PAIRING = Table(
    "pairing",
    parent="household",
    responsible=flag("pairing.responsible", "Whether the helper is the one who answers for the household."),
)

PAIRED = Category("paired", zh="已结对", en="paired")

HAS_HELPER = Reason("has-helper", zh="已有帮扶责任人", en="has a responsible helper")
PROPOSED = Reason("helper-proposed", zh="本村有帮扶人可用", en="a helper of the village is free")
NOBODY_FREE = Reason("nobody-free", zh="本村没有可用的帮扶人", en="no helper of the village is free")

FOCUS = Role("focus", zh="重点帮扶", en="focus help", resource="helper", capacity="helper.free")
CONTACT = Role("contact", zh="联系帮扶", en="contact help", resource="helper", capacity="helper.free")

TOWNSHIP = Scope("township", zh="乡镇", en="township")


class Policy(GroupPolicy):
    """The policy."""

    name = "{{name}}"
    version = "0.1.0"
    purpose = "pairing"
    zh = "为没有帮扶责任人的户在本村提出帮扶人"
    en = "proposes a helper of the village for every household that has none"
    subject = HOUSEHOLD
    others = [HELPER, PAIRING]
    settings = [
        Setting(
            "households-each",
            default=5,
            min=0,
            max=100,
            zh="每名帮扶人最多新增户数",
            en="new households for each helper at most",
        ),
    ]
    categories = [PAIRED]
    reasons = [HAS_HELPER, PROPOSED, NOBODY_FREE]
    roles = [FOCUS, CONTACT]
    scopes = [TOWNSHIP]

    def share(self, settings, scope, group):
        each = settings["households-each"]
        helpers = group.rows(HELPER)
        left = {helper: each if helper.free is None else min(helper.free, each) for helper in helpers}
        paired = {group.owner(PAIRING, pairing) for pairing in group.rows(PAIRING) if pairing.responsible}
        for household in group.rows(HOUSEHOLD):
            if household.number in paired:
                group.decide(household, granted(PAIRED).because(HAS_HELPER))
                continue
            suits = (helper for helper in helpers if helper.village == household.village and left[helper] > 0)
            helper = next(suits, None)
            if helper is None:
                group.decide(household, refused().because(NOBODY_FREE))
                continue
            left[helper] -= 1
            group.decide(household, refused().because(PROPOSED))
            group.propose(FOCUS if household.able else CONTACT, household, helper)


POLICY = Policy()
