"""Why a kept state is refused."""

from domain.errors import LanewiseError


class BadState(LanewiseError):
    """A kept state cannot be taken up."""


class Damaged(BadState):
    """A file of a kept state is not what was written."""


class OtherDefinitions(BadState):
    """A state was kept in another format, or under other definitions of features."""
