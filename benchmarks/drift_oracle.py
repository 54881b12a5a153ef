"""What can be found at all: a detector that knows which subjects a planted shift concerns, its size, and its day's end.

It is Shiryaev–Roberts on the likelihood ratio of the shift against the largest harmless one, by the latest probability
of each subject, at the same bound on false alarms: once at the threshold that is proved, once at the lower one at which
simulated courses, off by all that is harmless, raise an alarm just as often as is allowed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.drift_courses import Array, Pool

REPEATED, WEEKDAYS, CALM = 100, 14, 20
NULL_DAYS = 240
THRESHOLDS = np.arange(-3.0, 6.0, 0.1)
OFF = -30.0
"""Log evidence after an alarm: as good as none."""


@dataclass(frozen=True)
class Oracle:
    """Knows who is ``hit``, shape (subjects,), by which ``shift``, and that one by ``harmless`` is harmless."""

    pool: Pool
    hit: NDArray[np.bool_]
    shift: float
    harmless: float

    def gains(self, random: np.random.Generator, begin: int, true: Array) -> Iterator[Array]:
        """Log likelihood ratios of days that are off by ``true``, shape (days,), one array of (R,) after another."""
        daily = self.pool.daily
        for day, off in enumerate(true):
            many = daily[30 + (begin + day) % (len(daily) - 60)]
            who = random.integers(0, self.pool.begin.size, (REPEATED, many))
            margin, hit = self.pool.margin[self.pool.last[who]], self.hit[who]
            came = random.random(who.shape) < expit(margin + off * hit)
            price = np.logaddexp(0, margin + self.shift) - np.logaddexp(0, margin + self.harmless)
            yield np.where(hit, (self.shift - self.harmless) * came - price, 0.0).sum(axis=1)

    def exact(self, random: np.random.Generator, alarm_every_days: float) -> float:
        """The threshold at which harmless courses are an alarm just so often."""
        held, alarms = np.full((len(THRESHOLDS), REPEATED), OFF), np.zeros(len(THRESHOLDS))
        for gain in self.gains(random, 0, np.full(NULL_DAYS, self.harmless)):
            held = np.logaddexp(0, held) + gain
            raised = held >= THRESHOLDS[:, None]
            alarms += raised.sum(axis=1)
            held = np.where(raised, OFF, held)
        seldom = NULL_DAYS * REPEATED / np.maximum(alarms, 1) >= alarm_every_days
        return float(THRESHOLDS[seldom.argmax()])

    def found(self, random: np.random.Generator, thresholds: tuple[float, ...], in_time: int) -> Array:
        """Share of shifts found within so many days, for each threshold, shape (thresholds,)."""
        shares = []
        for begin in range(WEEKDAYS):
            held, best = np.full(REPEATED, OFF), np.full(REPEATED, -np.inf)
            true = np.concatenate([np.zeros(CALM), np.full(in_time, self.shift)])
            for day, gain in enumerate(self.gains(random, begin, true)):
                held = np.logaddexp(0, held) + gain
                best = np.maximum(best, held) if day >= CALM else best
            shares.append([(best >= threshold).mean() for threshold in thresholds])
        return np.asarray(np.mean(shares, axis=0))
