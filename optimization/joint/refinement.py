"""Refinement: each block solved exactly, for a better plan and a stronger bound at once.

In a block only candidates can matter whose regret at the prices is no larger than what the present
plan loses there against the block's bound (reduced-cost fixing); among the few that remain the best is
chosen exactly. What blocks cost and are bounded by is summed in integers of any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimization.arrays import Arrays, Flags, Ints, arranged
from optimization.best_choice import best_choice
from optimization.effort import Effort
from optimization.incidence import add_priced
from optimization.joint.blocks import NOBODY, Blocks
from optimization.joint.bound import Priced
from optimization.joint.part import uses_of
from optimization.problem_checks import LARGEST_SUM, exact_sum, exact_sums


@dataclass(frozen=True, eq=False)
class Refined:
    """What the blocks gave.

    Attributes
    ----------
    chosen
        (C,) candidates; each block's rows are met by the block's own cases, others may not be.
    value
        The bound in 1/scale cents.
    """

    chosen: Ints
    value: int


@dataclass(frozen=True, eq=False)
class Block:
    """A block as a problem of its own.

    Attributes
    ----------
    arrays
        Its candidates that can matter, under its own rows; costs in 1/scale cents above ``base``.
    cases
        (cases,) its cases, places in the whole problem.
    candidate
        (k,) each candidate's place in the whole problem.
    chosen
        (cases,) the present plan, as candidates of ``arrays``.
    base
        What the cheapest candidates cost together, in 1/scale cents.
    least
        The block's bound at the prices, in 1/scale cents.
    share
        Its part of all that the plan may lose.
    """

    arrays: Arrays
    cases: Ints
    candidate: Ints
    chosen: Ints
    base: int
    least: int
    share: float


def refine(
    arrays: Arrays, priced: Priced, blocks: Blocks, chosen: Ints, slack: float, max_nodes: int, effort: Effort
) -> Refined:
    """Solve every block; those whose turn comes after the steps are spent keep their choice and the prices' bound.

    Parameters
    ----------
    chosen
        (C,) a plan that meets all rows.
    slack
        Cents by which all blocks together may stay above their optimum.
    max_nodes
        Branch-and-bound nodes that a block may take.
    effort
        What all blocks may take; the last one may overrun its steps. It is spent here.
    """
    view, found = _View.of(arrays, priced, blocks, chosen), chosen.copy()
    settled = view.gap == 0
    value = view.unowned + sum(view.least[number] for number in np.flatnonzero(settled).tolist())
    for block in _open_blocks(view, np.flatnonzero(~settled)):
        if effort.over:
            value += block.least
            continue
        better, least, steps = _solve(block, priced.scale, slack * block.share, max_nodes, effort.seconds_left)
        found[block.cases] = block.candidate[better]
        value += least
        effort.solver(steps)
    return Refined(found, value)


@dataclass(frozen=True, eq=False)
class _View:
    """The whole problem as its blocks see it, in 1/scale cents.

    ``cost`` (n,) holds the prices of unowned rows; ``regret`` (n,) those of the block's own rows too;
    ``own`` (m,) says which uses are of a row that the user's block owns; ``least`` and ``gap`` (B,)
    are each block's bound and what the present plan costs above it; ``unowned`` is minus the value of
    the capacities that stay priced.
    """

    arrays: Arrays
    blocks: Blocks
    chosen: Ints
    cost: Ints
    regret: Ints
    own: Flags
    least: list[int]
    gap: Ints
    unowned: int

    @staticmethod
    def of(arrays: Arrays, priced: Priced, blocks: Blocks, chosen: Ints) -> "_View":
        count, owned = blocks.count, blocks.owner != NOBODY
        own = _own_uses(arrays, blocks)
        cost = arrays.cost * priced.scale
        add_priced(cost, arrays.by_candidate, np.where(owned, 0, priced.price))
        reduced = cost.copy()
        np.add.at(reduced, arrays.user[own], priced.price[arrays.use_row[own]] * arrays.use_amount[own])
        lowest = np.minimum.reduceat(reduced, arrays.starts[:-1])
        values, rest = _capacity_values(arrays, priced.price, blocks)
        least = [low - value for low, value in zip(exact_sums(blocks.block, lowest, count), values, strict=True)]
        money = exact_sums(blocks.block, cost[chosen], count)
        broken = exact_sums(blocks.owner[owned], _penalties(arrays, own, chosen)[owned], count)
        present = [cents + priced.scale * more for cents, more in zip(money, broken, strict=True)]
        gap = [min(LARGEST_SUM, now - low) for now, low in zip(present, least, strict=True)]
        return _View(
            arrays, blocks, chosen, cost, reduced - lowest[arrays.case], own, least, np.array(gap, np.int64), -rest
        )


def _own_uses(arrays: Arrays, blocks: Blocks) -> Flags:
    """(m,) which uses are of a row that the user's own block owns."""
    of_candidate = blocks.block.astype(np.int32)[arrays.case]
    owner = blocks.owner.astype(np.int32)
    return np.asarray(owner[arrays.use_row] == np.repeat(of_candidate, np.diff(arrays.use_start)))


def _capacity_values(arrays: Arrays, price: Ints, blocks: Blocks) -> tuple[list[int], int]:
    """Price × bound it belongs to, summed for the rows that each block (B,) owns and for those that none does."""
    rows = np.flatnonzero(price)
    bound = np.where(price > 0, arrays.hi, arrays.lo)[rows]
    values, rest = [0] * blocks.count, 0
    for owner, each, limit in zip(blocks.owner[rows].tolist(), price[rows].tolist(), bound.tolist(), strict=True):
        if owner == NOBODY:
            rest += each * limit
        else:
            values[owner] += each * limit
    return values, rest


def _penalties(arrays: Arrays, own: Flags, chosen: Ints) -> Ints:
    """(R,) cents that own users of each row pay for leaving its soft bounds."""
    taken = np.zeros(len(arrays.cost), bool)
    taken[chosen] = True
    counts = own & taken[arrays.user]
    used = np.zeros(arrays.rows, np.int64)
    np.add.at(used, arrays.use_row[counts], arrays.use_amount[counts])
    return arrays.penalties(used)


def _open_blocks(view: _View, numbers: Ints) -> Iterator[Block]:
    """Those that are not settled, with the candidates whose regret does not exceed the block's gap."""
    of_case = view.blocks.block[view.arrays.case]
    kept = np.flatnonzero(view.regret <= view.gap[of_case])
    by_block = kept[np.argsort(of_case[kept], kind="stable")]
    bounds = np.searchsorted(of_case[by_block], np.r_[numbers, numbers + 1].reshape(2, -1))
    rows_of = np.argsort(view.blocks.owner, kind="stable")
    owned = np.searchsorted(view.blocks.owner[rows_of], np.r_[numbers, numbers + 1].reshape(2, -1))
    total = float(exact_sum(view.gap[numbers]))
    for at, number in enumerate(numbers.tolist()):
        candidate = by_block[bounds[0, at] : bounds[1, at]]
        rows = rows_of[owned[0, at] : owned[1, at]]
        yield _block(view, candidate, rows, view.least[number], float(view.gap[number]) / total)


def _block(view: _View, candidate: Ints, rows: Ints, least: int, share: float) -> Block:
    arrays = view.arrays
    cases, case = np.unique(arrays.case[candidate], return_inverse=True)
    starts = np.searchsorted(case, np.arange(len(cases) + 1))
    cost = view.cost[candidate]
    cheapest = np.minimum.reduceat(cost, starts[:-1])
    uses = _uses_of(view, candidate, rows)
    return Block(
        arrays=arranged(case.astype(np.int64), starts, cost - cheapest[case], uses, arrays.bounds(rows)),
        cases=cases,
        candidate=candidate,
        chosen=np.searchsorted(candidate, view.chosen[cases]),
        base=exact_sum(cheapest),
        least=least,
        share=share,
    )


def _uses_of(view: _View, candidate: Ints, rows: Ints) -> tuple[Ints, Ints, Ints]:
    """What the candidates (ascending) use of the block's own rows (ascending), by their places in the block."""
    arrays = view.arrays
    user, use = uses_of(arrays, candidate)
    own = view.own[use]
    return user[own], np.searchsorted(rows, arrays.use_row[use[own]]), arrays.use_amount[use[own]]


def _solve(block: Block, scale: int, slack: float, max_nodes: int, seconds: float | None) -> tuple[Ints, int, int]:
    """The best choice known of a block (cases,), its bound in 1/scale cents, and the steps."""
    best = best_choice(block.arrays, max_nodes, slack, scale, block.chosen, seconds)
    least = block.least if best.bound is None else max(block.least, block.base + best.bound)
    return block.chosen if best.chosen is None else best.chosen, least, best.steps
