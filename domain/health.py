"""Whether a model in service can still be trusted, as the last look at its outcomes said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Health(StrEnum):
    """The states of health."""

    OK = "ok"
    ALARM = "alarm"
    """Its outcomes contradict it by more than can be tolerated in money."""
    UNKNOWN = "unknown"
    """Nobody has looked, or at another version."""


@dataclass(frozen=True)
class ModelHealth:
    """Health of one model.

    Attributes
    ----------
    reason
        Of an alarm, or why nothing is known; empty where all is well.
    since
        When the alarm was raised (UTC).
    as_of
        Moment up to which outcomes were looked at.
    cost_per_day
        Money a day that deciding by the model is found to lose, in the data set's currency.
    """

    health: Health
    reason: str = ""
    since: datetime | None = None
    as_of: datetime | None = None
    cost_per_day: float | None = None


NEVER_LOOKED = ModelHealth(Health.UNKNOWN, "nobody has looked yet; `lanewise drift DIR` does")
