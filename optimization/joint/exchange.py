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

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, HI, LEAST, LO, MOST, OVER, UNDER, USED, State, put

WEIGHED = 14
"""Entries looked at that cost as much time as one move weighed."""
SOME = 1e-6
"""Cents that are more than rounding."""


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


class Room(NamedTuple):
    """Who competes for what.

    Attributes
    ----------
    main
        (n,) the row in which a candidate costs most at the prices, or FREE.
    regret
        (n,) cents of reduced cost above the case's lowest.
    lowest
        (C,) that lowest reduced cost.
    near_start, near
        (C + 1,), (k,) competing candidates of each case, cheapest first.
    user_start, user, amount
        (R + 1,), (u,), (u,) competing candidates of each main row, by amount.
    """

    main: Ints
    regret: Floats
    lowest: Floats
    near_start: Ints
    near: Ints
    user_start: Ints
    user: Ints
    amount: Ints


def exchange(
    state: State,
    looks: int,
    rng: np.random.Generator,
    cooling: Cooling = Cooling(),
) -> tuple[Ints | None, int]:
    """Search from the state's choice, which every case is in.

    Parameters
    ----------
    looks
        Entries of rows' lists to look at.

    Returns
    -------
    tuple
        (C,) the cheapest choice that met every row, ``None`` where none did; and the entries looked at.
    """
    room, prices = _room(state, cooling.near), state.prices
    hot = cooling.hottest * _second_regret(state, room)
    least_fine = cooling.least * np.maximum(np.abs(prices), _smallest_price(state))
    fines, best, looked = 2 * least_fine, _Best(state.choice.copy(), np.array([np.inf])), 0
    while looked < looks:
        heat = hot * (cooling.coldest / cooling.hottest) ** (looked / looks)
        first = rng.integers(0, state.arrays.cases, cooling.chains)
        tolerance = -heat * np.log1p(-rng.random(cooling.chains))
        looked += _round(state, room, cooling, first, tolerance, fines, best)
        factor = np.where(_beyond(state) > 0, cooling.rise, cooling.fall)
        fines = np.clip(fines * factor, least_fine, cooling.most / cooling.least * least_fine)
    return best.choice if np.isfinite(best.cents[0]) else None, looked


class _Best(NamedTuple):
    """The cheapest choice (C,) that met every row, and its cents (1,), ∞ where there is none; moved in place."""

    choice: Ints
    cents: Floats


def _round(
    state: State, room: Room, cooling: Cooling, first: Ints, tolerance: Floats, fines: Floats, best: _Best
) -> int:
    arrays = state.arrays
    cents, fined = float(arrays.objective(state.choice)), float((fines * _beyond(state)).sum())
    steering = (cooling.length, cooling.breadth, cooling.tries)
    moving = (state.choice, state.rows, arrays.use_start, state.uses, arrays.cost.astype(float))
    return _chains(first, tolerance, steering, room, arrays.case, state.prices, fines, cents, fined, best, *moving)


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


def _second_regret(state: State, room: Room) -> float:
    """Cents that a case loses on average with its second-best candidate."""
    starts = state.arrays.starts
    choosing = np.flatnonzero(np.diff(starts) > 1)
    return float(np.mean(room.regret[state.by_reduced[starts[choosing] + 1]])) if len(choosing) else 0.0


def _smallest_price(state: State) -> float:
    """Cents for a unit of a row that is not scarce: a part of what scarce ones cost."""
    some = np.abs(state.prices[state.prices != 0])
    return float(some.mean()) / 5 if len(some) else 1.0


ANY, NOWHERE = -2, -1
"""In place of a row: whichever. In place of a level: before the first."""
CASE, OLD, HOLE, ROOM, UP, DOWN, LOOKED = range(7)
"""Columns of a chain: who moved and from where; the row with room now, how much, and what of its list was seen."""


@compiled
def _chains(
    first: Ints,
    tolerance: Floats,
    steering: tuple[int, int, int],
    room: Room,
    case_of: Ints,
    prices: Floats,
    fines: Floats,
    cents: float,
    fined: float,
    best: _Best,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    cost: Floats,
) -> int:
    """Begin a chain at each of the cases; one that ends within its tolerance stays. Returns entries looked at."""
    length, breadth, tries = steering
    main, regret, lowest, near_start, near, user_start, user, amount = room
    chain, gone, fine_gone = np.zeros((length, 7), np.int64), np.zeros(length), np.zeros(length)
    largest, looked = regret[choice].max(), 0
    for t in range(len(first)):
        case, most, old = first[t], tolerance[t], choice[first[t]]
        level, tried = 0, 0
        gone[0], fine_gone[0] = _weigh(rows, use_start, uses, cost, fines, FREE, old)
        put(choice, rows, use_start, uses, case, FREE)
        end, change, fine, looks = _end(
            near_start[case], near_start[case + 1], near, main, ANY, old,
            gone[0], fine_gone[0], most, rows, use_start, uses, cost, fines,
        )  # fmt: skip
        looked += WEIGHED + looks
        if main[old] == FREE:
            level = NOWHERE
        elif end == FREE:
            _look_into(chain, 0, main[old], rows, user_start, amount)
        while end == FREE and level > NOWHERE:
            # The first case still needs a place: at best its cheapest, in what room there is.
            least = gone[level] + fine_gone[level] + lowest[case] - prices[chain[level, HOLE]] * chain[level, ROOM]
            new, change, fine, looks = _mover(
                chain, level, breadth if tried < tries else 0, least, lowest[case] + gone[level] + fine_gone[level],
                most, largest, user_start, user, amount, case_of, main, regret, prices,
                choice, rows, use_start, uses, cost, fines,
            )  # fmt: skip
            looked += looks
            if new == FREE:
                if level > 0:
                    put(choice, rows, use_start, uses, chain[level, CASE], chain[level, OLD])
                level -= 1
                continue
            tried += 1
            other, was = case_of[new], choice[case_of[new]]
            put(choice, rows, use_start, uses, other, new)
            so_far, so_fined = gone[level] + change, fine_gone[level] + fine
            end, change, fine, looks = _end(
                near_start[case], near_start[case + 1], near, main, main[was], FREE,
                so_far, so_fined, most, rows, use_start, uses, cost, fines,
            )  # fmt: skip
            looked += looks
            if end == FREE and level + 1 < length:
                level += 1
                chain[level, CASE], chain[level, OLD] = other, was
                gone[level], fine_gone[level] = so_far, so_fined
                _look_into(chain, level, main[was], rows, user_start, amount)
            elif end == FREE:
                put(choice, rows, use_start, uses, other, was)
        if end == FREE:
            put(choice, rows, use_start, uses, case, old)
            continue
        put(choice, rows, use_start, uses, case, end)
        cents, fined = cents + change, fined + fine
        if fined < SOME and cents < best.cents[0] - SOME:
            best.cents[0] = cents
            best.choice[:] = choice
    return looked


@compiled
def _end(
    begin: int,
    stop: int,
    near: Ints,
    main: Ints,
    row: int,
    old: int,
    gone: float,
    fine_gone: float,
    most: float,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    cost: Floats,
    fines: Floats,
) -> tuple[int, float, float, int]:
    """A candidate of the first case, in a row or ANY, that ends the chain within its tolerance, or FREE.

    Returns
    -------
    tuple
        It; cents and fines of the whole chain; entries looked at.
    """
    end, change, fine, looked = FREE, 0.0, 0.0, 0
    for i in range(begin, stop):
        if (row != ANY and main[near[i]] != row) or near[i] == old:
            continue
        added, added_fine = _weigh(rows, use_start, uses, cost, fines, near[i], FREE)
        looked += WEIGHED
        if gone + fine_gone + added + added_fine <= most:
            end, change, fine = near[i], gone + added, fine_gone + added_fine
            break
    return end, change, fine, looked


@compiled
def _mover(
    chain: Ints,
    level: int,
    breadth: int,
    least: float,
    without: float,
    most: float,
    largest: float,
    user_start: Ints,
    user: Ints,
    amount: Ints,
    case_of: Ints,
    main: Ints,
    regret: Floats,
    prices: Floats,
    choice: Ints,
    rows: Ints,
    use_start: Ints,
    uses: Ints,
    cost: Floats,
    fines: Floats,
) -> tuple[int, float, float, int]:
    """The next user that may move into the level's room, or FREE.

    Parameters
    ----------
    least
        Cents of the chain if all room were filled at its price.
    without
        The same if the room stayed empty.
    largest
        Cents of regret that a case may lose by moving.

    Returns
    -------
    tuple
        It; change in cents and in fines; entries looked at.
    """
    new, change, fine, looked = FREE, 0.0, 0.0, 0
    hole = chain[level, HOLE]
    while new == FREE and chain[level, LOOKED] < breadth:
        at, beside = _nearest(chain, level, user_start, amount)
        # What the row costs at least once someone with this amount has moved in.
        waste = prices[hole] * -beside if beside < 0 else (fines[hole] - prices[hole]) * beside
        if at == FREE or least + waste - largest > most:
            break
        looked += 1
        chain[level, LOOKED] += 1
        candidate, other = user[at], case_of[user[at]]
        was = choice[other]
        if was == FREE or main[was] == hole or main[was] == FREE:
            continue
        if least + waste + regret[candidate] - regret[was] > most or _moved(other, chain, level):
            continue
        change, fine = _weigh(rows, use_start, uses, cost, fines, candidate, was)
        looked += WEIGHED
        left = rows[main[was], HI] - rows[main[was], USED] + _amount(was, main[was], use_start, uses)
        if without + change + fine - prices[main[was]] * left <= most:
            new = candidate
    return new, change, fine, looked


@compiled
def _weigh(
    rows: Ints, use_start: Ints, uses: Ints, cost: Floats, fines: Floats, new: int, old: int
) -> tuple[float, float]:
    """Change in cents, soft penalties included, and in fines, if ``new`` comes in place of ``old``."""
    cents, fined = 0.0, 0.0
    i, i_end, j, j_end = 0, 0, 0, 0
    if new != FREE:
        cents += cost[new]
        i, i_end = use_start[new], use_start[new + 1]
    if old != FREE:
        cents -= cost[old]
        j, j_end = use_start[old], use_start[old + 1]
    while i < i_end or j < j_end:
        if j == j_end or (i < i_end and uses[i, 0] < uses[j, 0]):
            row, change = uses[i, 0], uses[i, 1]
            i += 1
        elif i == i_end or uses[j, 0] < uses[i, 0]:
            row, change = uses[j, 0], -uses[j, 1]
            j += 1
        else:
            row, change = uses[i, 0], uses[i, 1] - uses[j, 1]
            i += 1
            j += 1
        now = rows[row, USED]
        then = now + change
        if rows[row, UNDER] > 0:
            cents += float(rows[row, UNDER] * (max(0, rows[row, LO] - then) - max(0, rows[row, LO] - now)))
        if rows[row, OVER] > 0:
            cents += float(rows[row, OVER] * (max(0, then - rows[row, HI]) - max(0, now - rows[row, HI])))
        fined += fines[row] * (max(0, then - rows[row, MOST]) - max(0, now - rows[row, MOST]))
        fined += fines[row] * (max(0, rows[row, LEAST] - then) - max(0, rows[row, LEAST] - now))
    return cents, fined


@within
def _look_into(chain: Ints, level: int, hole: int, rows: Ints, user_start: Ints, amount: Ints) -> None:
    """Set a level of the chain to look for who fits a row's room best."""
    free = rows[hole, HI] - rows[hole, USED]
    low, high = user_start[hole], user_start[hole + 1]
    while low < high:
        middle = (low + high) // 2
        if amount[middle] <= free:
            low = middle + 1
        else:
            high = middle
    chain[level, HOLE], chain[level, ROOM], chain[level, LOOKED] = hole, free, 0
    chain[level, UP], chain[level, DOWN] = low, low - 1


@within
def _nearest(chain: Ints, level: int, user_start: Ints, amount: Ints) -> tuple[int, int]:
    """Place of the user whose amount comes next nearest to the room, and its units beyond it; FREE at the end."""
    up, down, free = chain[level, UP], chain[level, DOWN], chain[level, ROOM]
    more, fewer = up < user_start[chain[level, HOLE] + 1], down >= user_start[chain[level, HOLE]]
    at = FREE
    if fewer and (not more or free - amount[down] <= amount[up] - free):
        at = down
        chain[level, DOWN] -= 1
    elif more:
        at = up
        chain[level, UP] += 1
    beside = amount[at] - free if at != FREE else 0
    return at, beside


@within
def _amount(candidate: int, row: int, use_start: Ints, uses: Ints) -> int:
    amount = 0
    for i in range(use_start[candidate], use_start[candidate + 1]):
        if uses[i, 0] == row:
            amount = uses[i, 1]
    return amount


@within
def _moved(case: int, chain: Ints, level: int) -> bool:
    found = False
    for k in range(1, level + 1):
        found |= chain[k, CASE] == case
    return found
