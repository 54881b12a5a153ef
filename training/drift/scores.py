"""Drift of what a model says, whether or not it is right."""

from dataclasses import dataclass

import pandas as pd

from domain.predictions import OUT_OF_SUPPORT
from training.drift.watched import Said
from training.frame_checks import drift_of

DECILES = tuple(k / 10 for k in range(1, 10))


@dataclass(frozen=True)
class Scores:
    """Predicted probabilities of subjects of before and of the last days.

    Attributes
    ----------
    psi, drifted
        Population stability index, and whether it is another distribution.
    mean_before, mean_now
        Mean probability.
    deciles_before, deciles_now
        The nine inner deciles.
    abstaining
        Share of recent subjects of which the model abstains; ``None`` where it never says.
    """

    n: int
    psi: float
    drifted: bool
    mean_before: float
    mean_now: float
    deciles_before: tuple[float, ...]
    deciles_now: tuple[float, ...]
    abstaining: float | None


def scores_of(before: Said, recent: Said) -> Scores:
    """Compare what was said."""
    p, q = pd.Series(before.p), pd.Series(recent.p)
    psi, drifted = drift_of(p, q)
    return Scores(
        len(q),
        psi,
        drifted,
        float(p.mean()),
        float(q.mean()),
        _deciles(p),
        _deciles(q),
        _abstaining(recent.predicted),
    )


def _deciles(p: pd.Series) -> tuple[float, ...]:
    return tuple(map(float, p.quantile(list(DECILES))))


def _abstaining(predicted: pd.DataFrame) -> float | None:
    if OUT_OF_SUPPORT not in predicted:
        return None
    return float(predicted[OUT_OF_SUPPORT].fillna("").astype(bool).mean())
