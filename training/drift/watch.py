"""Day by day through known outcomes: the evidence against the predictions, and the alarms it raises."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.drift.betting import STEPS, Books, ceilings, log_mean, log_wealth
from training.drift.detector import Stage
from training.drift.swing import spreads, swings

Array = NDArray[np.float64]
ENDS_BELOW = np.log(10.0)
"""An alarm ends when the evidence has fallen so far below the threshold, as a log: at a tenth of it."""


@dataclass(frozen=True)
class Evidence:
    """Evidence of K streams over D days; leading axes, where there are any, are repetitions.

    Attributes
    ----------
    swing
        τ² in force, shape (…, K, D).
    wealth
        Log e-value of each stream for "never shifted by more than is tolerated", shape (…, K, D).
    statistic
        Log of what each stream's bets hold, its share of the detector, shape (…, K, D).
    threshold
        Log of the mean number of days between false alarms.
    """

    swing: Array
    wealth: Array
    statistic: Array
    threshold: float

    @property
    def overall(self) -> Array:
        """Log of the detector over all streams, shape (…, D); an alarm is raised where it reaches the threshold."""
        return np.asarray(np.logaddexp.reduce(self.statistic, axis=-2))


@dataclass(frozen=True)
class Spell:
    """Days from the first to the last of an alarm, and the stream that raised it."""

    first: int
    last: int
    stream: int


def watch(books: Books, happened: Array, alarm_every_days: float) -> Evidence:
    """Follow outcomes day by day.

    Parameters
    ----------
    happened
        Shape (…, n): 1.0 where an outcome came true, else 0.0.
    """
    threshold = float(np.log(alarm_every_days))
    sums = books.sums(happened)
    whole, back = np.unique(books.stage, return_inverse=True)
    residual = sums[0][..., whole, :] - books.expected[whole]
    swing = swings(residual, books.variance[whole])[..., back, :]
    spread = spreads(swing, books.variance)
    factors = books.factors(sums, spread)
    share = books.weight / np.maximum(books.weight.sum(axis=1, keepdims=True), 1e-300)
    return Evidence(
        swing,
        log_mean(log_wealth(factors), share, (-2,)),
        _statistic(books, factors, spread, threshold),
        threshold,
    )


def _statistic(books: Books, factors: Array, spread: Array, threshold: float) -> Array:
    """Log of what each stream's bets hold, shape (…, K, D), stage by stage with equal budgets."""
    made = np.empty(spread.shape)
    ceiling, seen = ceilings(books.weight, threshold), books.variance > 0
    up, down, sloped = np.split(books.weight, [len(STEPS), 2 * len(STEPS)], axis=1)
    most = np.maximum(up.sum(axis=1), down.sum(axis=1)) + sloped.sum(axis=1)
    stages = np.unique(books.stage)
    for place in stages:
        its = books.stage == place
        stage = Stage(books.weight[its], books.means[:, its], most[its], 1 / len(stages))
        made[..., its, :] = stage.held(factors[..., its, :, :], spread[..., its, :], seen[its], ceiling[its])
    return made


def spells_of(evidence: Evidence) -> list[Spell]:
    """Alarms of one course of D days, the last one possibly still open (``last`` = D − 1)."""
    found: list[Spell] = []
    first: int | None = None
    overall = evidence.overall
    for day, level in enumerate(overall):
        if first is None and level >= evidence.threshold:
            first = day
        elif first is not None and level < evidence.threshold - ENDS_BELOW:
            found.append(Spell(first, day - 1, _raised_by(evidence, first)))
            first = None
    if first is not None:
        found.append(Spell(first, len(overall) - 1, _raised_by(evidence, first)))
    return found


def began(books: Books, happened: Array, evidence: Evidence, spell: Spell) -> int:
    """The likeliest first day of what raised an alarm: from where on the stream's best bet has won (Page 1954)."""
    factors = books.factors(books.sums(happened), spreads(evidence.swing, books.variance))
    made = books.weight[spell.stream] > 0
    backwards = np.cumsum(factors[spell.stream, made, : spell.first + 1][:, ::-1], axis=1)
    best = backwards[backwards.max(axis=1).argmax()]
    return int(spell.first - best.argmax())


def _raised_by(evidence: Evidence, day: int) -> int:
    return int(evidence.statistic[:, day].argmax())
