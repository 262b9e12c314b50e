"""Policies that share something out inside one group."""

from . import settings as _settings
from .decision import Decision, Writer
from .facts import Cell, read_row


class Group:
    """The tables of a group: `rows(table)` are the rows that could be read, `owner(table, row)` whose a part is."""

    def __init__(self, tables, given):
        self._rows, self._owners, self.unreadable = {}, {}, {}
        for table, rows in zip(tables, given.tables):
            self._owners[table] = rows.parents
            self._rows[table], self.unreadable[table] = [], {}
            for number in range(rows.rows):
                row, missing = read_row(table, rows, given.strings, number)
                if missing:
                    self.unreadable[table][number] = [Cell(table, number, name) for name in missing]
                else:
                    self._rows[table].append(row)
        self.decisions, self.proposals = {}, []

    def rows(self, table):
        """Every row that could be read, in order; `row.number` is its number."""
        return self._rows[table]

    def owner(self, table, row):
        """The number of the row of the parent table that owns this one."""
        return self._owners[table][row.number]

    def decide(self, subject, decision):
        """Decides about a subject: a row of the table of the subjects."""
        self.decisions[subject.number] = decision

    def propose(self, role, subject, resource, quantity=None):
        """Proposes a resource for a subject; without a quantity it takes 1."""
        self.proposals.append((role, subject.number, resource.number, quantity))


class GroupPolicy:
    """Shares something out inside one group. Fill in what follows and write `share`."""

    family = "group"
    name = version = purpose = zh = en = ""
    subject = None  #: the Table whose rows are decided
    context = None  #: the Table of the single row that everything depends on, or None
    others = ()  #: the other Tables
    settings = ()
    categories = ()
    reasons = ()
    roles = ()
    scopes = ()
    pool = None  #: key of the fact with the amount to be shared out
    legal_basis = ()  #: the documents that it rests on, as (number or None, title)

    def share(self, settings, scope, group):
        """Decides about every subject of `group.rows(self.subject)` and proposes what is missing."""
        raise NotImplementedError

    def tables(self):
        context = [] if self.context is None else [self.context]
        return [*context, self.subject, *self.others]

    def evaluate(self, settings, given):
        """Shares out inside the group of an input. ValueError where nothing can be judged."""
        values, faults = _settings.parse(self.settings, settings)
        if faults:
            raise ValueError("; ".join(f"{path}: {en}" for path, _, en in faults))
        tables = self.tables()
        writer, group = Writer(self), Group(tables, given)
        rows = given.tables[tables.index(self.subject)].rows
        missing = self._missing_context(group)
        if missing:
            group.decisions = {number: Decision("undetermined", missing=missing) for number in range(rows)}
        else:
            self.share(values, self.scopes[given.scope], group)
            for number, cells in group.unreadable[self.subject].items():
                group.decisions[number] = Decision("undetermined", missing=cells)
        for number in sorted(group.decisions):
            writer.write(number, group.decisions[number])
        writer.proposals = self._proposals(writer, group)
        return writer

    def _missing_context(self, group):
        if self.context is None or group.rows(self.context):
            return []
        cells = [Cell(self.context, 0, name) for name in self.context.facts]
        return group.unreadable[self.context].get(0, cells)

    def _proposals(self, writer, group):
        def order(proposal):
            role, subject, resource, _ = proposal
            return subject, self.roles.index(role), resource

        return [
            {
                "role": self.roles.index(role),
                "subject": subject,
                "table": writer.tables[role.resource],
                "resource_row": resource,
                "quantity": quantity,
            }
            for role, subject, resource, quantity in sorted(group.proposals, key=order)
        ]
