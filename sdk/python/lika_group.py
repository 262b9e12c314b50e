"""What componentize-py makes a component of: the policy of `policy.py` in the world `group`."""

from lika import component
from policy import POLICY


class GroupPolicy:
    """The exports."""

    def describe(self):
        return component.describe(POLICY)

    def validate_settings(self, settings):
        return component.validate_settings(POLICY, settings)

    def evaluate(self, settings, input):
        return component.evaluate(POLICY, settings, input)


class WitWorld:
    """The world itself has no exports beside the interface."""
