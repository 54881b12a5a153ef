"""Stretches of time in whole minutes from an origin that a side problem chooses."""

from dataclasses import dataclass

from domain.errors import BadProblem


@dataclass(frozen=True, order=True)
class Span:
    """From ``from_min`` until before ``until_min``."""

    from_min: int
    until_min: int

    def __post_init__(self) -> None:
        if self.from_min >= self.until_min:
            raise BadProblem(
                f"a span must end after it begins, but runs from minute {self.from_min} to {self.until_min}"
            )

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.until_min - self.from_min

    def holds(self, start: int, end: int) -> bool:
        """Whether it contains all of start ≤ t < end."""
        return self.from_min <= start and end <= self.until_min

    def meets(self, other: "Span") -> bool:
        """Whether the two have a minute in common."""
        return self.from_min < other.until_min and other.from_min < self.until_min
