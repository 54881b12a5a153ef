"""Exchange search: chains of cases that take each other's room, with rows overfull for a while.

A chain takes one case out; another moves into the room it leaves, a third into the room of the
second, until the first case fits what was left last. Who could move in is looked up among the users
of the row, ordered by amount, nearest to the room first; a chain goes on only while its cheapest end
(the first case's lowest reduced cost, less the prices of what room is left) lies within a tolerance.
The tolerance is drawn anew for each chain at a falling temperature (simulated annealing), and a
unit beyond a hard bound costs a *fine* that rises while its row is broken and falls while it is kept
(ejection chains with adaptive penalties: Yagiura, Ibaraki & Glover 2004; cyclic exchange: Ahuja et al.
2001). What counts is the cheapest choice that met every row.

It finds its way where rows are so full that no move alone fits, as in generalised assignment.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimization.arrays import Floats, Ints
from optimization.joint.exchange_chains import SOME, Best, Reach, Room, Table, run_chains
from optimization.joint.state import FREE, LEAST, MOST, USED, State


@dataclass(frozen=True)
class Cooling:
    """How the search is steered.

    Attributes
    ----------
    hottest, coldest
        First and last temperature, in what a case loses on average with its second-best candidate.
    rise, fall
        Factors of the fine of a broken row, of a kept one, after each round.
    least, most
        Bounds of fines, in shadow prices of their row.
    chains
        Chains begun in a round.
    near
        Candidates for each case that compete.
    length
        Cases that move in, in one chain.
    breadth
        Users of a row that are looked at for one room.
    tries
        Moves tried in one chain.
    """

    hottest: float = 1.0
    coldest: float = 0.2
    rise: float = 1.05
    fall: float = 0.985
    least: float = 1.3
    most: float = 10.0
    chains: int = 500
    near: float = 8.0
    length: int = 10
    breadth: int = 80
    tries: int = 200


def exchange(
    state: State,
    looks: int,
    rng: np.random.Generator,
    over: Callable[[], bool] = lambda: False,
    cooling: Cooling = Cooling(),
) -> tuple[Ints | None, int]:
    """Search from the state's choice, which every case is in.

    Parameters
    ----------
    looks
        Entries of rows' lists to look at.
    over
        Whether to stop before.

    Returns
    -------
    tuple
        (C,) the cheapest choice that met every row, ``None`` where none did; and the entries looked at.
    """
    room, prices = _room(state, cooling.near), state.prices
    hot = cooling.hottest * state.second_regret
    least_fine = cooling.least * np.maximum(np.abs(prices), _smallest_price(state))
    fines, best, looked = 2 * least_fine, Best(state.choice.copy(), np.array([np.inf])), 0
    while looked < looks and not over():
        heat = hot * (cooling.coldest / cooling.hottest) ** (looked / looks)
        first = rng.integers(0, state.arrays.cases, cooling.chains)
        tolerance = -heat * np.log1p(-rng.random(cooling.chains))
        looked += _round(state, room, cooling, first, tolerance, fines, best)
        factor = np.where(_beyond(state) > 0, cooling.rise, cooling.fall)
        fines = np.clip(fines * factor, least_fine, cooling.most / cooling.least * least_fine)
    return best.choice if np.isfinite(best.cents[0]) else None, looked


def _round(
    state: State, room: Room, cooling: Cooling, first: Ints, tolerance: Floats, fines: Floats, best: Best
) -> int:
    arrays = state.arrays
    cents, fined = float(arrays.objective(state.choice)), float((fines * _beyond(state)).sum())
    cost = arrays.cost.astype(float)
    table = Table(arrays.case, state.choice, state.rows, arrays.use_start, state.uses, cost, state.prices, fines)
    reach = Reach(cooling.length, cooling.breadth, cooling.tries, float(room.regret[state.choice].max()))
    return run_chains(first, tolerance, reach, room, table, cents, fined, best)


def _beyond(state: State) -> Ints:
    """(R,) units that are used beyond hard bounds."""
    used = state.rows[:, USED]
    return np.asarray(np.maximum(0, used - state.rows[:, MOST]) + np.maximum(0, state.rows[:, LEAST] - used))


def _room(state: State, near: float) -> Room:
    arrays = state.arrays
    regret = state.reduced - state.lowest[arrays.case]
    within = min(int(near * arrays.cases), len(regret)) - 1
    competes = regret <= np.partition(regret, within)[within]
    competes[state.choice] = True
    main, amount = _main_rows(state)
    user = np.flatnonzero(competes & (main != FREE))
    user = user[np.lexsort((user, amount[user], main[user]))]
    by_case = state.by_reduced[competes[state.by_reduced]]
    return Room(
        main=main,
        regret=regret,
        lowest=state.lowest,
        near_start=np.searchsorted(arrays.case[by_case], np.arange(arrays.cases + 1)),
        near=by_case,
        user_start=np.searchsorted(main[user], np.arange(arrays.rows + 1)),
        user=user,
        amount=amount[user],
    )


def _main_rows(state: State) -> tuple[Ints, Ints]:
    """(n,) row with an upper bound in which each candidate costs most at the prices, or FREE; (n,) its amount."""
    arrays, user = state.arrays, state.arrays.user
    cents = np.maximum(state.prices, SOME * SOME)[arrays.use_row] * arrays.use_amount
    bounded = np.flatnonzero((arrays.hard_hi | (arrays.over > 0))[arrays.use_row])
    order = bounded[np.lexsort((cents[bounded], user[bounded]))]
    main, amount = np.full(len(arrays.cost), FREE), np.zeros(len(arrays.cost), np.int64)
    main[user[order]], amount[user[order]] = arrays.use_row[order], arrays.use_amount[order]
    return main, amount


def _smallest_price(state: State) -> float:
    """Cents for a unit of a row that is not scarce: a part of what scarce ones cost."""
    some = np.abs(state.prices[state.prices != 0])
    return float(some.mean()) / 5 if len(some) else 1.0
