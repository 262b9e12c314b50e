"""What a policy is written with, in Python.

A policy gets facts and answers with decisions; it has no clock, no randomness, no files and no network.
Declare tables of facts, settings, categories and reasons, and write `judge` (SubjectPolicy) or `share` (GroupPolicy).
The same code runs as a component in a node and in ordinary tests; the contract itself is `wit/policy.wit`.
"""

from .decision import Comparison, Decision, granted, refused, undetermined
from .facts import Table, code, date, fen, flag, integer, ppm, row, text
from .group import Group, GroupPolicy
from .label import Category, Reason, Role, Scope
from .money import share_by_largest_remainder
from .settings import Setting
from .subject import SubjectPolicy

__all__ = [
    "Category", "Comparison", "Decision", "Group", "GroupPolicy", "Reason", "Role", "Scope", "Setting", "SubjectPolicy",
    "Table", "code", "date", "fen", "flag", "granted", "integer", "ppm", "refused", "row", "share_by_largest_remainder",
    "text", "undetermined",
]
