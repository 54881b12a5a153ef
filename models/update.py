"""What was learned since a model was trained: how far the log-odds of each of its heads are shifted."""

import json
from dataclasses import asdict, dataclass

from models.model import Model, shifted

FORMAT = 1


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
    """

    name: str
    version: str
    sha256: str
    as_of: str
    fingerprint: str
    shifts: dict[str, float]
    outcomes: float
    log_loss: dict[str, tuple[float, float]]

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
        """The model with its heads shifted."""
        return shifted(model, self.shifts)

    @property
    def words(self) -> str:
        """Shifts and losses as a line."""
        return ", ".join(
            f"{head} {shift:+.3f} (log loss {self.log_loss[head][0]:.4f} → {self.log_loss[head][1]:.4f})"
            for head, shift in self.shifts.items()
        )
