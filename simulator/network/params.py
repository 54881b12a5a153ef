"""What a run is asked for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import BadSettings
from simulator.network.clock import Clock


class MarketKind(StrEnum):
    """The market of a run: more trucks than freight, fewer, or one that turns from the first to the second."""

    SOFT = "soft"
    TIGHT = "tight"
    TURNING = "turning"


@dataclass(frozen=True)
class SimulationParams:
    """Size and nature of a simulated network.

    Attributes
    ----------
    shipments
        Shipments to expect; the number that comes about differs by chance.
    days
        Days of history.
    seed
        0 or more; the same seed gives the same bytes.
    market
        How tight trucks are.
    truth_sample
        Subjects of each model for which true probabilities are worked out; 0 for none.
    start
        First day of the history.
    """

    shipments: int = 60_000
    days: int = 365
    seed: int = 1
    market: MarketKind = MarketKind.TURNING
    truth_sample: int = 20_000
    start: date = date(2024, 1, 1)

    def __post_init__(self) -> None:
        _within("shipments", self.shipments, 100, 20_000_000)
        _within("days", self.days, 7, 3_660)
        _within("seed", self.seed, 0, 2**31 - 1)
        _within("truth-sample", self.truth_sample, 0, 1_000_000)

    @property
    def clock(self) -> Clock:
        """The calendar of the run."""
        return Clock(self.start, self.days)

    @property
    def a_year(self) -> float:
        """Shipments to expect in a year."""
        return self.shipments * 365.0 / self.days


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise BadSettings(f"{name} must be a whole number from {low} to {high}, but is {value}")
