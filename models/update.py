"""What was learned since a model was trained: how the log-odds of each of its heads are shifted, spread and bent."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from models.calibration.shift import FLAT, OTHERS, Shift, Shifts, shifts_of
from models.eta_risk import EtaRisk
from models.groups import Group
from models.model import Model, shifted
from models.shares import Sides

FORMAT, STAGES_APART = 4, 3
"""Formats from the third on have a shift for each stage of a head, not one for all; the fourth has bends."""


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
    bends
        What is added at each knot, by head and stage; none in updates before the fourth format.
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
    bends: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """JSON with sorted keys."""
        document = {"format": FORMAT, **asdict(self)}
        return (json.dumps(document, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Update":
        """Read back what :meth:`as_bytes` gave."""
        said = json.loads(content)
        if said.pop("format") < STAGES_APART:
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
            head: shifts_of({stage: self._shift(head, stage) for stage in stages})
            for head, stages in self.shifts.items()
        }

    def _shift(self, head: str, stage: str) -> Shift:
        slope, bends = self.slopes.get(head, {}).get(stage, 0.0), self.bends.get(head, {}).get(stage, FLAT)
        return Shift(self.shifts[head][stage], slope, self.around.get(head, 0.0), tuple(bends))

    @property
    def further(self) -> dict[Group, Sides]:
        """How shares are put right further."""
        return {tuple(group): Sides.from_json(one) for group, one in self.sides}

    @property
    def words(self) -> str:
        """Shifts, slopes, bends and losses as a line, and where updates have lost more than none would have."""
        told = "; ".join(
            f"{head} {self._stages(head)} (log loss {before:.4f} → {after:.4f})"
            for head, (before, after) in self.log_loss.items()
        )
        worse = [head for head, (before, after) in self.log_loss.items() if after > before]
        return f"{told}; as trained {', '.join(worse)} would have lost less so far" if worse else told

    def _stages(self, head: str) -> str:
        """Shift, slope and largest bend of each stage; a stage is named where there are several."""
        made = {stage: self._shift(head, stage) for stage in self.shifts[head]}
        return ", ".join(
            f"{f'at {stage} ' if len(made) > 1 else ''}{one.by:+.3f}, slope {one.slope:+.3f}, bends to {one.bend:.3f}"
            for stage, one in made.items()
        )


def updated(model: Model, shifts: Mapping[str, Shifts], further: Mapping[Group, Sides]) -> Model:
    """A model with its heads shifted and, of a delay's distribution, the shares put right further."""
    made = shifted(model, shifts)
    return made.with_further(further) if isinstance(made, EtaRisk) else made
