"""Stable codes and what they are called."""


class Category:
    """What *granted* can say."""

    def __init__(self, code, *, zh, en):
        self.code, self.zh, self.en = code, zh, en


class Scope(Category):
    """A pass of a group policy; the code is the level of its groups: county, township or village."""


class Role:
    """What a group policy can propose: rows of `resource` for subjects.

    `capacity` is the key of the fact with what a resource row can still take; the node checks it.
    """

    def __init__(self, code, *, zh, en, resource, capacity=None):
        self.code, self.zh, self.en = code, zh, en
        self.resource, self.capacity = resource, capacity


class Reason:
    """A reason with its two sentences. `arguments` maps the names in braces to kinds, in order."""

    def __init__(self, code, *, zh, en, **arguments):
        self.code, self.zh, self.en, self.arguments = code, zh, en, arguments
