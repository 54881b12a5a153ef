"""Hours of service: how long a driver may drive and be on duty, and how long a drive takes under that."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import BadProblem


@dataclass(frozen=True)
class HoursOfService:
    """Limits in minutes; every number may be replaced.

    Attributes
    ----------
    source
        Where the numbers are from.
    max_driving_min, max_duty_min
        At the wheel, and from the beginning to the end of a duty, between two daily rests.
    rest_min
        A daily rest.
    break_after_min, break_min
        After so much driving a break of so long.
    max_period_duty_min
        On duty in the running period of a week or eight days.
    """

    source: str
    max_driving_min: int
    max_duty_min: int
    rest_min: int
    break_after_min: int
    break_min: int
    max_period_duty_min: int

    def __post_init__(self) -> None:
        limits = {name: value for name, value in vars(self).items() if name != "source"}
        for name, value in limits.items():
            if value <= 0:
                raise BadProblem(f"hours of service: {name} must be above 0, but is {value}")
        if self._with_breaks(self.max_driving_min) > self.max_duty_min:
            raise BadProblem("hours of service: the longest driving with its breaks does not fit into the longest duty")

    def elapsed_min(self, driving_min: int) -> int:
        """Minutes from departure to arrival: driving, breaks, and a daily rest wherever driving ends for the day."""
        days = list(self._days(driving_min))
        return sum(map(self._with_breaks, days)) + self.rest_min * (len(days) - 1)

    def duty_min(self, driving_min: int) -> int:
        """Minutes of it on duty: all but the daily rests."""
        return sum(map(self._with_breaks, self._days(driving_min)))

    def _days(self, driving_min: int) -> Iterator[int]:
        while driving_min > self.max_driving_min:
            yield self.max_driving_min
            driving_min -= self.max_driving_min
        yield driving_min

    def _with_breaks(self, driving_min: int) -> int:
        return driving_min + max(0, driving_min - 1) // self.break_after_min * self.break_min


US = HoursOfService("49 CFR 395.3, property-carrying vehicles, 70 h in 8 days", 660, 840, 600, 480, 30, 4_200)
"""11 h of driving within 14 h on duty, 10 h of rest, 30 min of break after 8 h at the wheel. The default."""
EU = HoursOfService(
    "Regulation (EC) 561/2006, articles 6 to 8; Directive 2002/15/EC, article 4", 540, 780, 660, 270, 45, 3_600
)
"""9 h of driving, 11 h of rest within each 24 h (so 13 h on duty), 45 min of break after 4.5 h; 60 h of work a week."""
