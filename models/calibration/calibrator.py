"""What calibrates a margin: one protocol, and every member of the family by its name."""

from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from models.calibration.beta import Beta
from models.calibration.monotone import Monotone
from models.calibration.platt import Platt
from models.calibration.stagewise import Stagewise

Array = NDArray[np.float64]


class Calibrator(Protocol):
    """From a margin to log-odds. Whatever the stage, the log-odds rise strictly with the margin."""

    kind: ClassVar[str]

    def log_odds(self, margin: Array, stages: NDArray[Any]) -> Array:
        """Calibrated log-odds of n margins at their stages, shape (n,)."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        ...


KINDS = {one.kind: one for one in (Platt, Beta, Monotone, Stagewise)}


def to_json(calibrator: Calibrator) -> dict[str, Any]:
    """A calibrator with its kind, as JSON keeps it."""
    return {"kind": calibrator.kind, **calibrator.as_json()}


def from_json(document: dict[str, Any]) -> Calibrator:
    """Read back what :func:`to_json` gave."""
    return KINDS[document["kind"]].from_json(document)
