"""What a policy answers."""

import datetime
import operator

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_HOLDS = {
    "less": lambda value, threshold: value < threshold,
    "at-most": lambda value, threshold: value <= threshold,
    "equal": lambda value, threshold: value == threshold,
    "at-least": lambda value, threshold: value >= threshold,
    "greater": lambda value, threshold: value > threshold,
}


class Comparison:
    """A value held against a threshold, in the unit of the fact."""

    def __init__(self, cell, comparator, value, threshold):
        self.cell, self.comparator, self.value, self.threshold = cell, comparator, value, threshold

    def holds(self):
        return _HOLDS[self.comparator](self.value, self.threshold)


class Decision:
    """One decision; make it with `granted`, `refused` or `undetermined`."""

    def __init__(self, outcome, category=None, missing=()):
        self.outcome, self.category, self.missing = outcome, category, list(missing)
        self.amount, self.score, self.reasons, self.comparisons = None, None, [], []

    def because(self, reason, *cells, **arguments):
        """Adds a reason with the facts that it rests on and the arguments of its sentence."""
        self.reasons.append((reason, cells, arguments))
        return self

    def compared(self, comparison):
        """Adds a comparison."""
        self.comparisons.append(comparison)
        return self

    def with_amount(self, fen):
        """Sets the amount."""
        self.amount = fen
        return self

    def with_score(self, score):
        """Sets the score."""
        self.score = score
        return self


def granted(category):
    """Yes, as this."""
    return Decision("granted", category)


def refused():
    """No; say why with `because`."""
    return Decision("refused")


def undetermined(*missing):
    """Cannot be said: these facts are missing."""
    return Decision("undetermined", missing=missing)


class Writer:
    """Collects decisions in the form of the wire, as lists of dictionaries that `component` turns into its records."""

    def __init__(self, policy):
        self.policy = policy
        self.tables = {table.name: index for index, table in enumerate(policy.tables())}
        self.decisions, self.missing, self.reasons, self.evidence = [], [], [], []
        self.arguments, self.comparisons, self.proposals, self.strings = [], [], [], []

    def write(self, subject, decision):
        category = None if decision.category is None else self.policy.categories.index(decision.category)
        self.decisions.append(
            {
                "subject": subject,
                "outcome": decision.outcome,
                "category": category,
                "amount": decision.amount,
                "score": decision.score,
            }
        )
        for cell in decision.missing:
            self.missing.append({"subject": subject, "fact": self.reference(cell)})
        for reason, cells, arguments in decision.reasons:
            self._reason(subject, reason, cells, arguments)
        for comparison in decision.comparisons:
            self.comparisons.append(
                {
                    "subject": subject,
                    "fact": self.reference(comparison.cell),
                    "comparator": comparison.comparator,
                    "value": comparison.value,
                    "threshold": comparison.threshold,
                    "holds": comparison.holds(),
                }
            )

    def reference(self, cell):
        return {"table": self.tables[cell.table.name], "row": cell.row, "fact": cell.table.slots[cell.name]}

    def _reason(self, subject, reason, cells, arguments):
        index = len(self.reasons)
        self.reasons.append({"subject": subject, "code": self.policy.reasons.index(reason)})
        for cell in cells:
            self.evidence.append({"reason": index, "fact": self.reference(cell)})
        for name, kind in reason.arguments.items():
            self.arguments.append({"reason": index, "value": self._value(kind, arguments[name])})

    def _value(self, kind, value):
        if kind in ("code", "text"):
            if value not in self.strings:
                self.strings.append(value)
            return self.strings.index(value)
        if kind == "date":
            return value.toordinal() - _EPOCH
        # A fraction has no place in a decision: this refuses it, where int() would cut it.
        return operator.index(value)
