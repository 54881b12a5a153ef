"""How loads ended: when and with whom, how late, and at what cost."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import Loads
from simulator.flow.promises import LATE_AFTER_MIN, delay_min
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.whatif.costs import Costs, costs_of, planner_min
from simulator.whatif.steering import Steering


@dataclass(frozen=True)
class Outcome:
    """How one load ended; times are minutes since the start, NaN for what never came.

    Attributes
    ----------
    tenders
        Offers made.
    pickup_at
        The truck at the dock.
    delay_min
        Minutes of delivery after plan.
    late
        More than :data:`simulator.flow.promises.LATE_AFTER_MIN` late.
    planner_min
        Minutes of planners.
    total
        Money, the sum of the parts that follow (:class:`simulator.whatif.costs.Costs`).
    """

    covered_at: float
    carrier: int
    price: float
    tenders: int
    pickup_at: float
    delivered_at: float
    delay_min: float
    late: bool
    planner_min: float
    total: float
    freight: float
    premium: float
    handling: float
    cancellation: float
    detention: float
    late_cost: float
    fine: float
    goodwill: float
    action: float


@dataclass
class Outcomes(Columns):
    """The same of many loads, one entry each, with the loads themselves.

    Attributes
    ----------
    first_accepted
        Whether the first offer was accepted.
    done
        Whether the action could be carried out.
    """

    loads: Loads
    tenders: Ints
    planner_min: Floats
    costs: Costs
    first_accepted: NDArray[np.bool_]
    done: NDArray[np.bool_]

    @property
    def delay_min(self) -> Floats:
        """Minutes of delivery after plan."""
        return delay_min(self.loads)

    @property
    def late(self) -> NDArray[np.bool_]:
        """Delivered late."""
        return np.asarray(self.delay_min > LATE_AFTER_MIN)

    @property
    def delivered(self) -> NDArray[np.bool_]:
        """Delivered at all."""
        return np.isfinite(self.loads.delivered_at)

    def one(self, row: int) -> Outcome:
        """One of them."""
        loads, costs = self.loads, self.costs
        money = {one.name: float(getattr(costs, one.name)[row]) for one in fields(Costs)}
        return Outcome(
            covered_at=float(loads.covered_at[row]), carrier=int(loads.carrier[row]), price=float(loads.price[row]),
            tenders=int(self.tenders[row]), pickup_at=float(loads.arrived_at[row]),
            delivered_at=float(loads.delivered_at[row]), delay_min=float(self.delay_min[row]),
            late=bool(self.late[row]), planner_min=float(self.planner_min[row]), total=float(costs.total[row]),
            late_cost=money.pop("late"), **money,
        )  # fmt: skip


def outcomes_of(
    world: World, loads: Loads, steering: Steering, first: NDArray[np.bool_], done: NDArray[np.bool_]
) -> Outcomes:
    """Outcomes of loads whose way is settled."""
    return Outcomes(loads, steering.tenders, planner_min(steering), costs_of(world, loads, steering), first, done)
