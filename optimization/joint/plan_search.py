"""The joint solver: from prices to a plan, and from a plan to a proof that it is near the best.

1. :mod:`prices <optimization.joint.prices>`: shadow prices, and with them a bound;
2. :mod:`insertion <optimization.joint.insertion>`, :mod:`ejection <optimization.joint.ejection>` and
   :mod:`repair <optimization.joint.repair>`: a plan that meets every row;
3. in rounds of growing blocks, until the gap is certified, the plan is proven best, or the effort is spent:
   :mod:`refinement <optimization.joint.refinement>` of :mod:`blocks <optimization.joint.blocks>` for the
   bound and the plan, :mod:`neighbourhoods <optimization.joint.neighbourhood>` for the plan.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimization.arrays import Arrays, Floats, Ints
from optimization.effort import Effort
from optimization.joint.blocks import partition
from optimization.joint.bound import Priced, priced
from optimization.joint.ejection import improve
from optimization.joint.insertion import insert
from optimization.joint.neighbourhood import Search
from optimization.joint.prices import Annealing, ascend
from optimization.joint.refinement import refine
from optimization.joint.repair import repair
from optimization.joint.state import FREE, State, start

SMALLEST = 300
"""Most cases of a block in the first round."""
GROWTH = 3
"""How much larger blocks are in each round."""
BLOCK_NODES = 200
"""Branch-and-bound nodes for one block of a round."""


@dataclass(frozen=True, eq=False)
class Found:
    """A plan and its proof.

    Attributes
    ----------
    chosen
        (C,) candidate of each case.
    objective
        Cents.
    bound
        Cents that no plan can cost less than.
    priced
        The prices, with their own bound.
    """

    chosen: Ints
    objective: int
    bound: int
    priced: Priced

    @property
    def gap(self) -> float:
        """(objective − bound) / max(1, |objective|)."""
        return (self.objective - self.bound) / max(1, abs(self.objective))


def find_prices(arrays: Arrays, effort: Effort, prices: Floats | None = None) -> Priced:
    """Shadow prices and the bound they prove, from nothing or from earlier prices."""
    annealing = Annealing()
    effort.sweeps(len(arrays.use_row), annealing.sweeps)
    return priced(arrays, ascend(arrays, annealing, prices))


def first_plan(arrays: Arrays, prices: Priced, effort: Effort, earlier: Ints | None = None) -> Ints | None:
    """Make a plan that meets every row, from nothing or from an earlier one (C,); ``None`` where none was found."""
    state = start(arrays, prices.cents, earlier)
    insert(state)
    effort.moves(improve(state))
    serve_everybody(state)
    return meet_all_rows(arrays, prices, state.choice, effort)


def serve_everybody(state: State) -> None:
    """Give cases that nothing fits what costs least at the prices; repair has to make room."""
    without = np.flatnonzero(state.choice == FREE)
    state.choice[without] = state.by_reduced[state.arrays.starts[without]]


def meet_all_rows(arrays: Arrays, prices: Priced, choice: Ints, effort: Effort) -> Ints | None:
    """Repair a choice (C,) and improve what came of it; ``None`` where rows remain broken."""
    state = start(arrays, prices.cents, choice, keep_wide=True)
    whole, weighed = repair(state)
    effort.moves(weighed)
    if not whole:
        return None
    effort.moves(improve(state))
    return state.choice


def near_best(arrays: Arrays, found: Found, gap: float, effort: Effort, seed: int = 0) -> Found:
    """Refine a plan in rounds until the gap is certified or the effort is spent."""
    rng, largest = np.random.default_rng(seed), SMALLEST
    while found.gap > gap and not effort.over:
        found = _strengthened(arrays, found, gap, largest, effort)
        if largest >= arrays.cases:
            break
        if found.gap > gap and not effort.over:
            found = _searched(arrays, found, gap, largest, effort, rng)
        largest *= GROWTH
    return found


def _strengthened(arrays: Arrays, found: Found, gap: float, largest: int, effort: Effort) -> Found:
    """One round of blocks: their bound, and their choice where it makes a better plan."""
    blocks = partition(arrays, found.priced, found.chosen, largest)
    slack = gap * abs(found.objective) / 4
    nodes = effort.left if blocks.count == 1 else min(BLOCK_NODES, effort.left)
    refined = refine(arrays, found.priced, blocks, found.chosen, slack, nodes)
    effort.solver(refined.steps)
    bound = max(found.bound, -(-refined.value // found.priced.scale))
    other = meet_all_rows(arrays, found.priced, refined.chosen, effort)
    return replace(_better(arrays, found, other), bound=bound)


def _searched(
    arrays: Arrays, found: Found, gap: float, largest: int, effort: Effort, rng: np.random.Generator
) -> Found:
    """One round of neighbourhoods: blocks put together at random until they hold ``largest`` cases."""
    search = Search(arrays, found.priced.regret(arrays.case), found.chosen.copy(), arrays.used(found.chosen))
    tolerance = _tolerance(search.regret, found)
    wanted = found.bound + int(gap * abs(found.objective))
    left = found.objective - wanted
    for cases in _neighbourhoods(arrays, found, largest, rng):
        gained, steps = search.free(cases, tolerance, min(BLOCK_NODES, effort.left), max(left / 100, 0.5))
        effort.solver(steps)
        left -= gained
        if left <= 0 or effort.over:
            break
    return _better(arrays, found, search.chosen)


def _tolerance(regret: Floats, found: Found) -> float:
    """Cents of regret up to which a candidate competes: what nine in ten of the plan's own regrets are below."""
    taken = regret[found.chosen]
    return float(np.quantile(taken[taken > 0], 0.8)) if (taken > 0).any() else 0.0


def _neighbourhoods(arrays: Arrays, found: Found, largest: int, rng: np.random.Generator) -> list[Ints]:
    """Blocks in random order, cut into runs of about ``largest`` cases, each ascending."""
    block = partition(arrays, found.priced, found.chosen, max(1, largest // 2)).block
    rank = rng.permutation(int(block.max()) + 1)[block]
    order = np.argsort(rank, kind="stable")
    ends = np.flatnonzero(np.diff(rank[order], append=-1))
    cuts = (
        np.unique(
            ends[
                np.searchsorted(ends, np.arange(largest, len(order) + largest, largest) - 1, "left").clip(
                    max=len(ends) - 1
                )
            ]
        )
        + 1
    )
    return [np.sort(part) for part in np.split(order, cuts) if len(part)]


def _better(arrays: Arrays, found: Found, chosen: Ints | None) -> Found:
    """The found plan, or another (C,) that costs less."""
    if chosen is None:
        return found
    objective = arrays.objective(chosen)
    return found if objective >= found.objective else replace(found, chosen=chosen.copy(), objective=objective)
