"""What was learned since a model was trained: how far the log-odds of each of its heads are shifted and spread."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from models.calibration.shift import Shift
from models.eta_risk import EtaRisk
from models.groups import Group
from models.model import Model, shifted
from models.shares import Sides

FORMAT = 2


@dataclass(frozen=True)
class Update:
    """A shift of each head, with what it was learned from; the same data and day give the same bytes.

    Attributes
    ----------
    name, version, sha256
        The model as the registry names it, its version, and the hash of its folder.
    as_of
        Moment by whose knowledge it was made, ISO 8601.
    fingerprint
        Of the data.
    shifts
        Log-odds by head.
    outcomes
        Subjects whose outcome counted since training.
    log_loss
        By head: mean log loss of these outcomes as trained, and each under the shift in force when it was asked about.
    slopes, around
        By head: how log-odds are spread, and around where; none in updates of the first format.
    sides
        Of a delay's distribution: group by group, how shares of either side are put right (``models.shares``).
    """

    name: str
    version: str
    sha256: str
    as_of: str
    fingerprint: str
    shifts: dict[str, float]
    outcomes: float
    log_loss: dict[str, tuple[float, float]]
    slopes: dict[str, float] = field(default_factory=dict)
    around: dict[str, float] = field(default_factory=dict)
    sides: list[tuple[list[str], dict[str, list[float]]]] = field(default_factory=list)

    def as_bytes(self) -> bytes:
        """JSON with sorted keys."""
        document = {"format": FORMAT, **asdict(self)}
        return (json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Update":
        """Read back what :meth:`as_bytes` gave."""
        said = json.loads(content)
        del said["format"]
        losses = {head: (before, after) for head, (before, after) in said["log_loss"].items()}
        return cls(**{**said, "log_loss": losses})

    def applied(self, model: Model) -> Model:
        """The model with its heads shifted, and shares put right further."""
        return updated(model, self.learned, self.further)

    @property
    def learned(self) -> dict[str, Shift]:
        """What is added to each head's log-odds."""
        return {
            head: Shift(by, self.slopes.get(head, 0.0), self.around.get(head, 0.0)) for head, by in self.shifts.items()
        }

    @property
    def further(self) -> dict[Group, Sides]:
        """How shares are put right further."""
        return {tuple(group): Sides.from_json(one) for group, one in self.sides}

    @property
    def words(self) -> str:
        """Shifts, slopes and losses as a line, and where updates have lost more than none would have."""
        told = ", ".join(
            f"{head} {shift:+.3f}, slope {self.slopes.get(head, 0.0):+.3f} "
            f"(log loss {self.log_loss[head][0]:.4f} → {self.log_loss[head][1]:.4f})"
            for head, shift in self.shifts.items()
        )
        worse = [head for head, (before, after) in self.log_loss.items() if after > before]
        return f"{told}; as trained {', '.join(worse)} would have lost less so far" if worse else told


def updated(model: Model, shifts: Mapping[str, Shift], further: Mapping[Group, Sides]) -> Model:
    """A model with its heads shifted and, of a delay's distribution, the shares put right further."""
    made = shifted(model, shifts)
    return made.with_further(further) if isinstance(made, EtaRisk) else made
