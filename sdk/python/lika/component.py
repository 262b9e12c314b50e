"""The boundary: a policy as the exports of a component. Only the component's own build can import this."""

import traceback

from componentize_py_types import Err
from wit_world.imports import diagnostics, types

from . import settings as _settings


def describe(policy):
    def label(code, zh, en):
        return types.Label(code, zh, en)

    def fact(it):
        return types.FactDeclaration(it.key, it.kind, it.version, it.optional, it.meaning, it.notes())

    def table(it):
        return types.TableDeclaration(it.name, it.parent, [fact(fact_) for fact_ in it.facts.values()], [])

    def reason(it):
        arguments = [types.ArgumentDeclaration(name, kind) for name, kind in it.arguments.items()]
        return types.ReasonDeclaration(it.code, it.zh, it.en, arguments)

    def role(it):
        return types.RoleDeclaration(label(it.code, it.zh, it.en), policy.subject.name, it.resource, it.capacity)

    return types.Manifest(
        name=policy.name,
        version=policy.version,
        purpose=policy.purpose,
        family=policy.family,
        summary=label(policy.name, policy.zh, policy.en),
        subjects=policy.subject.name,
        tables=[table(it) for it in policy.tables()],
        categories=[label(it.code, it.zh, it.en) for it in policy.categories],
        reasons=[reason(it) for it in policy.reasons],
        roles=[role(it) for it in policy.roles],
        scopes=[label(it.code, it.zh, it.en) for it in policy.scopes],
        pool=policy.pool,
        settings_schema=_settings.schema(policy.settings),
        notes=[("legal-basis", f"{number} {title}" if number else title) for number, title in policy.legal_basis],
    )


def validate_settings(policy, settings):
    _, faults = _settings.parse(policy.settings, settings)
    return [types.SettingsFault(path, zh, en) for path, zh, en in faults]


def evaluate(policy, settings, given):
    try:
        writer = policy.evaluate(settings, given)
    except ValueError as error:
        raise Err(str(error)) from error
    except BaseException as error:
        # A trap arrives without text; this line reaches the developer before it.
        diagnostics.write(diagnostics.Level.ERROR, "".join(traceback.format_exception_only(error)).strip())
        raise
    return _answer(writer)


def _answer(writer):
    outcomes = {"granted": types.Outcome.GRANTED, "refused": types.Outcome.REFUSED, "undetermined": types.Outcome.UNDETERMINED}
    comparators = {it.name.lower().replace("_", "-"): it for it in types.Comparator}

    def fact(it):
        return types.FactReference(**it)

    return types.Answer(
        decisions=[types.Decision(**{**it, "outcome": outcomes[it["outcome"]]}) for it in writer.decisions],
        missing=[types.MissingFact(it["subject"], fact(it["fact"])) for it in writer.missing],
        reasons=[types.Reason(**it) for it in writer.reasons],
        evidence=[types.Evidence(it["reason"], fact(it["fact"])) for it in writer.evidence],
        arguments=[types.Argument(**it) for it in writer.arguments],
        comparisons=[
            types.Comparison(**{**it, "fact": fact(it["fact"]), "comparator": comparators[it["comparator"]]})
            for it in writer.comparisons
        ],
        proposals=[types.Proposal(**it) for it in writer.proposals],
        strings=writer.strings,
    )
