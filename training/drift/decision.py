"""What a probability is used for, in money: act or do not act, and what it costs to decide by a wrong one.

The smallest model of a decision that prices a probability: a failure that costs F and comes with probability p can be
met by doing nothing, or by one of three actions of the catalogue: a cheap one, one that takes a person's time, and
premium freight at the price that holds where no freight price is known. Which of them is possible, and what they
compete for, is left to the plan. An action costs a fixed sum and avoids a share of the failure's cost:

    cost(action, p) = fixed + (1 − relief) · p · F
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.params import CostParams
from optimization.assumptions import assumed

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """One answer to a risk: ``fixed`` is money paid at once, ``relief`` the share of the failure's cost avoided."""

    name: str
    fixed: float
    relief: float


@dataclass(frozen=True)
class Decision:
    """The choices there are; the cheapest by the probability at hand is taken."""

    choices: tuple[Choice, ...]

    def costs(self, p: Array, failure: Array) -> Array:
        """Expected money of each choice, shape (choices, n), of n cases that fail with ``p`` and then cost ``failure``.

        Both broadcast against one another.
        """
        return np.stack([one.fixed + (1 - one.relief) * p * failure for one in self.choices])

    def expected(self, p: Array, failure: Array) -> Array:
        """Expected money of the cheapest choice, shape (n,)."""
        return np.asarray(self.costs(p, failure).min(axis=0))

    def regret(self, said: Array, true: Array, failure: Array) -> Array:
        """Money lost by choosing after ``said`` where ``true`` holds, shape (n,); never below 0."""
        at_truth = self.costs(true, failure)
        taken = np.broadcast_to(self.costs(said, failure).argmin(axis=0), at_truth.shape[1:])
        return np.asarray(np.take_along_axis(at_truth, taken[None], axis=0)[0] - at_truth.min(axis=0))

    def changed(self, said: Array, true: Array, failure: Array) -> NDArray[np.bool_]:
        """Whether another choice would be taken, shape (n,)."""
        taken = (self.costs(p, failure).argmin(axis=0) for p in (said, true))
        return np.asarray(np.not_equal(*taken))


def decision_at(costs: CostParams) -> Decision:
    """The decision at the costs in force; what actions avoid is taken from the catalogue of assumptions."""
    notify = costs.notify + assumed("notify_handling_min") * costs.handling_per_min
    escalate = costs.escalate_min * costs.handling_per_min
    expedite = costs.expedite + assumed("expedite_handling_min") * costs.handling_per_min
    return Decision(
        (
            Choice("do_nothing", 0.0, 0.0),
            Choice("notify", notify, assumed("notify_relief")),
            Choice("escalate", escalate, assumed("escalate_relief")),
            Choice("expedite", expedite, assumed("expedite_removed")),
        )
    )
