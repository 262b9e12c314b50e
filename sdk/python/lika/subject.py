"""Policies that judge one subject at a time."""

from . import settings as _settings
from .decision import Decision, Writer
from .facts import Cell, read_row


class SubjectPolicy:
    """Judges one subject at a time. Fill in what follows and write `judge`."""

    family = "subject"
    name = version = purpose = zh = en = ""
    subject = None  #: the Table whose rows are decided
    parts = ()  #: Tables whose rows belong to a subject, or the single row of `group`
    settings = ()
    categories = ()
    reasons = ()
    roles = ()
    scopes = ()
    pool = None
    legal_basis = ()  #: the documents that it rests on, as (number or None, title)

    def judge(self, settings, subject):
        """Decides about a subject; its parts are `subject.parts[table]`, a list of rows."""
        raise NotImplementedError

    def tables(self):
        return [self.subject, *self.parts]

    def evaluate(self, settings, given):
        """Judges every subject of an input. ValueError where nothing can be judged."""
        values, faults = _settings.parse(self.settings, settings)
        if faults:
            raise ValueError("; ".join(f"{path}: {en}" for path, _, en in faults))
        writer = Writer(self)
        owned = [_by_owner(rows) for rows in given.tables]
        for number in range(given.tables[0].rows):
            subject, missing = self._read(given, owned, number)
            decision = Decision("undetermined", missing=missing) if missing else self.judge(values, subject)
            writer.write(number, decision)
        return writer

    def _read(self, given, owned, number):
        subject, names = read_row(self.subject, given.tables[0], given.strings, number)
        missing = [Cell(self.subject, number, name) for name in names]
        subject.parts = {}
        for index, table in enumerate(self.parts, start=1):
            rows = given.tables[index]
            numbers = owned[index].get(number, []) if table.parent else range(rows.rows)
            subject.parts[table] = []
            for part in numbers:
                row, names = read_row(table, rows, given.strings, part)
                missing += [Cell(table, part, name) for name in names]
                subject.parts[table].append(row)
        return subject, missing


def _by_owner(rows):
    owned = {}
    for number, owner in enumerate(rows.parents):
        owned.setdefault(owner, []).append(number)
    return owned
