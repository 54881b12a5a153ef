"""What was learned since a model was trained: how far the log-odds of each of its heads are shifted and spread."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from models.calibration.shift import OTHERS, Shift, Shifts, shifts_of
from models.eta_risk import EtaRisk
from models.groups import Group
from models.model import Model, shifted
from models.shares import Sides

FORMAT = 3
"""Updates of the first and second format have one shift and slope for all stages of a head."""


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
        Log-odds by head and stage; the stage "" stands for every other one.
    outcomes
        Subjects whose outcome counted since training.
    log_loss
        By head: mean log loss of these outcomes as trained, and each under the shift in force when it was asked about.
    slopes, around
        How log-odds are spread, by head and stage, and around where, by head; none in updates of the first format.
    sides
        Of a delay's distribution: group by group, how shares of either side are put right (``models.shares``).
    """

    name: str
    version: str
    sha256: str
    as_of: str
    fingerprint: str
    shifts: dict[str, dict[str, float]]
    outcomes: float
    log_loss: dict[str, tuple[float, float]]
    slopes: dict[str, dict[str, float]] = field(default_factory=dict)
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
        if said.pop("format") < FORMAT:
            for what in ("shifts", "slopes"):
                said[what] = {head: {OTHERS: value} for head, value in said.get(what, {}).items()}
        losses = {head: (before, after) for head, (before, after) in said["log_loss"].items()}
        return cls(**{**said, "log_loss": losses})

    def applied(self, model: Model) -> Model:
        """The model with its heads shifted, and shares put right further."""
        return updated(model, self.learned, self.further)

    @property
    def learned(self) -> dict[str, Shifts]:
        """What is added to each head's log-odds."""
        return {
            head: shifts_of(
                {stage: Shift(by, self._slope(head, stage), self.around.get(head, 0.0)) for stage, by in stages.items()}
            )
            for head, stages in self.shifts.items()
        }

    def _slope(self, head: str, stage: str) -> float:
        return self.slopes.get(head, {}).get(stage, 0.0)

    @property
    def further(self) -> dict[Group, Sides]:
        """How shares are put right further."""
        return {tuple(group): Sides.from_json(one) for group, one in self.sides}

    @property
    def words(self) -> str:
        """Shifts, slopes and losses as a line, and where updates have lost more than none would have."""
        told = "; ".join(
            f"{head} {self._stages(head)} (log loss {before:.4f} → {after:.4f})"
            for head, (before, after) in self.log_loss.items()
        )
        worse = [head for head, (before, after) in self.log_loss.items() if after > before]
        return f"{told}; as trained {', '.join(worse)} would have lost less so far" if worse else told

    def _stages(self, head: str) -> str:
        """Shift and slope of each stage; a stage is named where there are several."""
        alone = len(self.shifts[head]) == 1
        return ", ".join(
            f"{'' if alone else f'at {stage} '}{by:+.3f}, slope {self._slope(head, stage):+.3f}"
            for stage, by in self.shifts[head].items()
        )


def updated(model: Model, shifts: Mapping[str, Shifts], further: Mapping[Group, Sides]) -> Model:
    """A model with its heads shifted and, of a delay's distribution, the shares put right further."""
    made = shifted(model, shifts)
    return made.with_further(further) if isinstance(made, EtaRisk) else made
