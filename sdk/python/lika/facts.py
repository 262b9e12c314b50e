"""Facts: what a policy is told, row by row."""

import datetime

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_PRESENT, _ABSENT = 0, 1


class Fact:
    """One fact that a policy reads; make it with `flag`, `integer`, `fen`, `ppm`, `date`, `code`, `text` or `row`.

    `monotone="increasing"` promises that a higher value never turns a subject's *granted* into *refused*, and
    `"decreasing"` that it never turns *refused* into *granted*, everything else being the same; tests try it.
    """

    def __init__(self, kind, key, meaning, optional=False, version=1, of=None, monotone=None):
        self.kind, self.key, self.meaning = kind, key, meaning
        self.optional, self.version, self.of, self.monotone = optional, version, of, monotone

    def notes(self):
        notes = [("table", self.of), ("monotone", self.monotone)]
        return [(name, value) for name, value in notes if value is not None]

    def value(self, slot, strings):
        match self.kind:
            case "flag":
                return slot != 0
            case "date":
                return datetime.date.fromordinal(_EPOCH + slot)
            case "code" | "text":
                return strings[slot]
            case _:
                return slot


def flag(key, meaning, **how):
    """Yes or no."""
    return Fact("flag", key, meaning, **how)


def integer(key, meaning, **how):
    """A whole number."""
    return Fact("integer", key, meaning, **how)


def fen(key, meaning, **how):
    """Money in fen, 1/100 yuan."""
    return Fact("fen", key, meaning, **how)


def ppm(key, meaning, **how):
    """Parts per million."""
    return Fact("ppm", key, meaning, **how)


def date(key, meaning, **how):
    """A day, as `datetime.date`."""
    return Fact("date", key, meaning, **how)


def code(key, meaning, **how):
    """A stable code."""
    return Fact("code", key, meaning, **how)


def text(key, meaning, **how):
    """Text for people."""
    return Fact("text", key, meaning, **how)


def row(key, meaning, of, **how):
    """The number of a row of the table named `of`."""
    return Fact("row", key, meaning, of=of, **how)


class Table:
    """A table with its facts by the names that the policy uses: `Table("household", able=flag("…", "…"))`."""

    def __init__(self, name, *, parent=None, **facts):
        self.name, self.parent, self.facts = name, parent, facts
        self.slots = {fact: slot for slot, fact in enumerate(facts)}


class Cell:
    """One fact of one row."""

    def __init__(self, table, row, name):
        self.table, self.row, self.name = table, row, name


class Row:
    """A row whose facts are attributes; an optional fact that is absent is None."""

    def __init__(self, table, number, values):
        self._table, self.number = table, number
        self.__dict__.update(values)

    def cell(self, name):
        """The place of one of its facts, for reasons and comparisons."""
        return Cell(self._table, self.number, name)


def read_row(table, rows, strings, number):
    """The row, and the names of the facts without which it cannot be judged."""
    values, missing = {}, []
    first = number * len(table.facts)
    for slot, (name, fact) in enumerate(table.facts.items()):
        position = first + slot
        word = rows.states[position // 32] if rows.states else 0
        state = word >> (position % 32 * 2) & 3
        if state == _PRESENT:
            values[name] = fact.value(rows.slots[position], strings)
        elif state == _ABSENT and fact.optional:
            values[name] = None
        else:
            missing.append(name)
    return Row(table, number, values), missing
