"""Beam search: all rows are packed anew, one after another, with the most promising beginnings side by side.

A beginning (*node*) has given some rows their loads. Fees of the other cases bound what the other rows cost, and where
few cases fill a row that bound lies close to the optimum. From each node one more row gets its cheapest load at the
node's fees; rows come first whose load takes least from what the others want. A few turns of the fees tell what that
costs, and the nodes of the lowest bounds go on, as many as the effort allows (beam search with bounds, Ow & Morton
1988; diving for column generation, Sadykov et al. 2019). The last rows are packed exactly.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimization.arrays import Flags, Floats, Ints
from optimization.joint.packing_cover import cover
from optimization.joint.packing_part import (
    UNITS,
    Part,
    cases_in,
    cents_of,
    part_of_rows,
    rows_to_pack,
    smaller_part,
    stock_of,
)
from optimization.joint.packing_rows import (
    FIRST_TURNS,
    TINY,
    WORD,
    bits_of,
    cheapest_loads,
    first_fees,
    list_near,
    move_fees,
    places_of,
    rises,
)
from optimization.joint.state import FREE, State

SHARED = 25
"""Cases to a row on average, up to which rows are packed: with 40 it gained nothing and kept exact search waiting."""


@dataclass(frozen=True)
class Beam:
    """How the search is steered.

    Attributes
    ----------
    children
        Rows that are tried next after each node.
    turns, step
        Steps of the fees after each row, and the length of the first, see :func:`move_fees`.
    last
        Rows that are packed exactly, 2 at least.
    loads, narrowings
        Loads listed for these, and how often the gap is made narrower when they are too many.
    nodes
        Nodes of one search for loads that hold every case once.
    """

    children: int = 6
    turns: int = 30
    step: float = 0.05
    last: int = 3
    loads: int = 8_000
    narrowings: int = 15
    nodes: int = 200_000

    def __post_init__(self) -> None:
        if self.last < 2:
            raise ValueError(f"2 rows or more are packed exactly, but last is {self.last!r}")


class _Node(NamedTuple):
    """Rows that have their loads, and those that have not: their ``part``, ``fee`` (q,) and ``share`` (k, q).

    ``fixed`` are the cents of the loads, ``bound`` those that no plan which begins so can cost less than, and ``place``
    (Q,) the row of each case of the whole, FREE while open.
    """

    part: Part
    fee: Floats
    share: Floats
    fixed: float
    bound: float
    place: Ints


@dataclass
class _Run:
    """A search for a way to pack the ``whole`` at fewer than ``cents``: ``found`` (Q,) the row of each case."""

    whole: Part
    cents: float
    beam: Beam
    over: Callable[[], bool]
    looked: int = 0
    found: Ints | None = None

    @property
    def most(self) -> float:
        """Cents, whole ones, that are still fewer."""
        return self.cents - 1 + TINY


def pack(
    state: State, looks: int, over: Callable[[], bool] = lambda: False, beam: Beam = Beam()
) -> tuple[Ints | None, int]:
    """Look for a choice that costs less than the state's, which every case is in and which meets every hard row.

    Parameters
    ----------
    looks
        About how many entries to look at: what allows more nodes side by side.
    over
        Whether to stop before.

    Returns
    -------
    tuple
        (C,) the cheaper choice, ``None`` where none was found; and the entries looked at.
    """
    stock = stock_of(state)
    rows = rows_to_pack(state, stock)
    if len(rows) < 2 or cases_in(stock, rows) > SHARED * len(rows):
        return None, 0
    whole = part_of_rows(rows, UNITS, stock)
    run = _Run(whole, cents_of(whole, whole.present), beam, over)
    fee, share, run.looked = first_fees(whole, state.lowest[whole.cases])
    a_node = beam.children * beam.turns * run.looked // FIRST_TURNS
    # Rows and cases become fewer: all levels cost what a fourth of them would if they did not.
    width = int(4 * (looks - run.looked) / (len(rows) * a_node + 1))
    if width > 0:
        _search(run, _node(run, whole, (fee, share), 0.0, np.full(len(fee), FREE)), width)
    if run.found is None:
        return None, run.looked
    chosen = state.choice.copy()
    chosen[whole.cases] = whole.candidate[run.found, np.arange(len(fee))]
    return chosen, run.looked


def _search(run: _Run, root: _Node, width: int) -> None:
    nodes = [root]
    while nodes and len(nodes[0].part.rows) > run.beam.last and not run.over():
        children = {child.place.tobytes(): child for node in nodes for child in _children(run, node)}
        nodes = sorted(children.values(), key=lambda child: child.bound)[:width]
    for node in nodes:
        if not run.over():
            _finish(run, node)


def _children(run: _Run, node: _Node) -> Iterator[_Node]:
    """Nodes with one row more that may still come to less."""
    least, held, looked = cheapest_loads(node.part, node.fee)
    rise, more = rises(node.part, node.fee, least, held)
    run.looked += looked + more
    for k in np.argsort(rise, kind="stable")[: run.beam.children]:
        if run.over():
            return
        child = _child(run, node, int(k), held[k] > 0)
        if child.bound <= run.most:
            yield child


def _child(run: _Run, node: _Node, k: int, held: Flags) -> _Node:
    """The node with row ``k`` holding some cases (q,)."""
    part, whole, place = node.part, run.whole, node.place.copy()
    rows, cases = np.delete(np.arange(len(part.rows)), k), np.flatnonzero(~held)
    place[np.searchsorted(whole.cases, part.cases[held])] = np.searchsorted(whole.rows, part.rows[k])
    fixed = node.fixed + part.cost[k, held].sum() + part.due[k, part.amount[k, held].sum()]
    fees = node.fee[cases], node.share[np.ix_(rows, cases)]
    return _node(run, smaller_part(part, rows, cases), fees, fixed, place)


def _node(run: _Run, part: Part, fees: tuple[Floats, Floats], fixed: float, place: Ints) -> _Node:
    share, beam = np.ascontiguousarray(fees[1]), run.beam
    fee, bound, looked = move_fees(part, fees[0], share, run.cents - fixed, run.most - fixed, beam.turns, beam.step)
    run.looked += looked
    return _Node(part, fee, share, fixed, fixed + bound, place)


def _finish(run: _Run, node: _Node) -> None:
    """Pack the last rows exactly."""
    part, whole, beam, gap = node.part, run.whole, run.beam, run.most - node.bound
    if len(part.cases) > 2 * WORD or gap < 0:
        return
    loads, looked = list_near(part, node.fee, gap, beam.loads, beam.narrowings)
    run.looked += looked
    if len(loads.first) <= len(part.rows):
        return
    present = bits_of(part.present * 0, len(part.rows))
    chosen, looked = cover(loads, np.bitwise_or.reduce(present), present, gap, beam.nodes)
    run.looked += looked
    if len(chosen):
        place, found = places_of(loads.words[chosen], len(part.cases)), node.place.copy()
        found[np.searchsorted(whole.cases, part.cases)] = np.searchsorted(whole.rows, part.rows[place])
        run.found, run.cents = found, cents_of(whole, found)
