"""The delays of many subjects, each with the law of its group: P(delay > x), quantiles, means and expected costs.

An expected cost is integrated here, over the whole distribution, for whoever asks about one; a plan, which prices
millions of rows, integrates over a few quantiles (`optimization/cost.py`). The two rooms may not import one another,
and the ground floor below both knows no arrays; a test holds them to the same figures (`docs/decisions/0012`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.penalty import PenaltyCurve
from models.boosted import Array
from models.delay import DelayShape, Scale
from models.delay_law import DelayLaw
from models.groups import Group, Rows, groups_of, nearest
from models.shares import Sides

TOP = 0.995
"""The rarest delays count as this quantile and never as more, as in a plan: no model knows how long they really are."""
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(32)
"""Gauss and Legendre's points on [−1, 1], on which a quantile function is integrated."""


@dataclass(frozen=True)
class Shapes:
    """Shapes of the delays of n subjects.

    Attributes
    ----------
    scale, errors
        As in :class:`models.delay.DelayShape`; error quantiles of everybody and of each stage seen often enough.
    centre, spread
        Shape (n,).
    """

    scale: Scale
    errors: Mapping[Group, Array]
    centre: Array
    spread: Array

    def of(self, group: Group, rows: Rows) -> DelayShape:
        """The shape of those rows, all of one group."""
        return DelayShape(self.scale, self.centre[rows], self.spread[rows], nearest(group[:1], self.errors))


@dataclass(frozen=True)
class Standing:
    """How n shipments stand when they are asked about.

    Attributes
    ----------
    tolerated
        Shape (n,): minutes of delay above which a shipment is late.
    passed
        Shape (n,): minutes after plan that have passed without a delivery; −inf where that is not known.
    """

    tolerated: Array
    passed: Array

    def at(self, rows: Rows) -> "Standing":
        """Some of them."""
        return Standing(self.tolerated[rows], self.passed[rows])


@dataclass(frozen=True)
class DelayDistribution:
    """Distributions of n delays.

    Attributes
    ----------
    parts
        Laws with the places of their subjects, which together are all n.
    size
        n.
    """

    parts: tuple[tuple[Rows, DelayLaw], ...]
    size: int

    @property
    def p_late(self) -> Array:
        """P(delay > what is tolerated), shape (n,)."""
        made = np.empty(self.size)
        for rows, law in self.parts:
            made[rows] = law.p_above
        return made

    def given_overdue(self) -> "DelayDistribution":
        """The same, where the time that went by since plan is reckoned with; see :class:`DelayLaw`."""
        return DelayDistribution(tuple((rows, law.given_overdue()) for rows, law in self.parts), self.size)

    def above(self, minutes: float | NDArray[np.float64]) -> Array:
        """P(delay > minutes).

        Parameters
        ----------
        minutes
            One number for all, shape (n,) for one a row, or shape (n, m) for several a row.

        Returns
        -------
        Shape (n,), or (n, m) where several were asked about.
        """
        asked = np.asarray(minutes, dtype=np.float64)
        if asked.ndim < 2:
            return self.above(np.broadcast_to(asked, (self.size,))[:, None])[:, 0]
        made = np.empty(asked.shape)
        for rows, law in self.parts:
            made[rows] = law.above(asked[rows])
        return made

    def quantiles(self, levels: Sequence[float] | NDArray[np.float64]) -> Array:
        """Delay in minutes, shape (n, m), at ``levels`` of shape (m,) for all or (n, m); rising with the level."""
        asked = np.asarray(levels, dtype=np.float64)
        made = np.empty((self.size, asked.shape[-1]))
        for rows, law in self.parts:
            made[rows] = law.quantiles(asked if asked.ndim == 1 else asked[rows])
        return made

    def shares(self, minutes: Array) -> Array:
        """Log-odds of the share that the shape says to each delay on its side, shape (n,)."""
        made = np.empty(self.size)
        for rows, law in self.parts:
            made[rows] = law.shares(minutes[rows])
        return made

    def put_right(self, minutes: Array) -> Array:
        """Log-odds of the share that each delay had on its side, as it is put right, shape (n,)."""
        made = np.empty(self.size)
        for rows, law in self.parts:
            made[rows] = law.put_right(minutes[rows])
        return made

    def mean_beyond(self, minutes: float | NDArray[np.float64]) -> Array:
        """E[(delay − minutes)⁺] in minutes, shape (n,), for one number or one a row; delays end at :data:`TOP`."""
        at = np.broadcast_to(np.asarray(minutes, dtype=np.float64), (self.size,))
        begin = np.minimum(1 - self.above(at), TOP)
        # The quantile function has a bend where the side of the threshold changes.
        middle = np.clip(1 - self.p_late, begin, TOP)
        made = (1 - TOP) * np.maximum(self.quantiles((TOP,))[:, 0] - at, 0.0)
        for low, high in ((begin, middle), (middle, np.full(self.size, TOP))):
            half = ((high - low) / 2)[:, None]
            beyond = self.quantiles(low[:, None] + half * (1 + POINTS)) - at[:, None]
            made += (half * np.maximum(beyond, 0.0)) @ WEIGHTS
        return made

    def expected_cost(self, curve: PenaltyCurve) -> Array:
        """E[cost(delay)] in money, shape (n,): jumps by their exact probability, slopes as :meth:`mean_beyond`."""
        made = np.zeros(self.size)
        for bend in curve.bends:
            made += bend.cost * self.above(bend.after_min) if bend.cost else 0.0
            made += bend.per_min * self.mean_beyond(bend.after_min) if bend.per_min else 0.0
        return made

    def pit(self, delay: Array, grain_min: float, seed: int) -> Array:
        """Where each delay fell in its distribution, shape (n,): uniform from 0 to 1 if the distribution is right.

        A delay told on a grain of so many minutes stands for all those down to the one before; where among them it fell
        is drawn (the randomised probability integral transform; Czado, Gneiting & Held 2009).
        """
        below = 1 - self.above(np.stack([delay - grain_min, delay], axis=1))
        drawn = np.random.default_rng(seed).random(self.size)
        return np.asarray(below[:, 0] + drawn * (below[:, 1] - below[:, 0]))


def distribution_of(
    frame: pd.DataFrame, shapes: Shapes, standing: Standing, p_late: Array, sides: Mapping[Group, Sides]
) -> DelayDistribution:
    """The delays of a frame's n rows, each with the law of its group."""
    parts = []
    for group, rows in groups_of(frame):
        shape, stands = shapes.of(group, rows), standing.at(rows)
        law = DelayLaw(shape, stands.tolerated, p_late[rows], stands.passed, nearest(group, sides))
        parts.append((rows, law))
    return DelayDistribution(tuple(parts), len(frame))
