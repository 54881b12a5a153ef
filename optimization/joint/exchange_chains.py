"""The chains of :mod:`exchange search <optimization.joint.exchange>`, compiled."""

from typing import NamedTuple

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE, HI, LEAST, LO, MOST, OVER, UNDER, USED, amount_of, put

WEIGHED = 14
"""Entries looked at that cost as much time as one move weighed."""
SOME = 1e-6
"""Cents that are more than rounding."""
ANY, NOWHERE = -2, -1
"""In place of a row: whichever. In place of a level: before the first."""
CASE, OLD, HOLE, ROOM, UP, DOWN, LOOKED = range(7)
"""Columns of a chain: who moved and from where; the row with room now, how much, and what of its list was seen."""


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


class Best(NamedTuple):
    """The cheapest choice (C,) that met every row, and its cents (1,), ∞ where there is none; moved in place."""

    choice: Ints
    cents: Floats


class Table(NamedTuple):
    """What chains move, and what moves cost: arrays of :class:`optimization.joint.state.State`; ``fines`` (R,)."""

    case: Ints
    choice: Ints
    rows: Ints
    use_start: Ints
    uses: Ints
    cost: Floats
    prices: Floats
    fines: Floats


class Reach(NamedTuple):
    """How far a chain may go: cases that move in, users looked at for one room, moves tried; cents a mover may lose."""

    length: int
    breadth: int
    tries: int
    largest: float


@compiled
def run_chains(
    first: Ints, tolerance: Floats, reach: Reach, room: Room, table: Table, cents: float, fined: float, best: Best
) -> int:
    """Begin a chain at each of the cases; one that ends within its tolerance stays. Returns entries looked at."""
    chain, spent, looked = np.zeros((reach.length, 7), np.int64), np.zeros((2, reach.length)), 0
    for t in range(len(first)):
        change, fine, looks, ended = _chain(first[t], tolerance[t], reach, room, table, chain, spent)
        looked += looks
        if not ended:
            continue
        cents, fined = cents + change, fined + fine
        if fined < SOME and cents < best.cents[0] - SOME:
            best.cents[0] = cents
            best.choice[:] = table.choice
    return looked


@compiled
def _chain(
    case: int, most: float, reach: Reach, room: Room, table: Table, chain: Ints, spent: Floats
) -> tuple[float, float, int, bool]:
    """One chain from a case, undone unless it ends within ``most`` cents: its cents, fines, entries looked at; its end.

    ``chain`` (length, 7) and ``spent`` (2, length), cents and fines so far, are room to work in.
    """
    choice, rows, use_start, uses = table.choice, table.rows, table.use_start, table.uses
    old, level, tried = choice[case], 0, 0
    spent[0, 0], spent[1, 0] = _weigh(rows, use_start, uses, table.cost, table.fines, FREE, old)
    put(choice, rows, use_start, uses, case, FREE)
    end, change, fine, looked = _end(case, ANY, old, spent[0, 0], spent[1, 0], most, room, table)
    looked += WEIGHED
    if room.main[old] == FREE:
        level = NOWHERE
    elif end == FREE:
        _look_into(chain, 0, room.main[old], rows, room.user_start, room.amount)
    while end == FREE and level > NOWHERE:
        new, more, more_fine, looks = _mover(case, chain, level, tried < reach.tries, spent, most, reach, room, table)
        looked += looks
        if new == FREE:
            if level > 0:
                put(choice, rows, use_start, uses, chain[level, CASE], chain[level, OLD])
            level -= 1
            continue
        tried += 1
        other, was = table.case[new], choice[table.case[new]]
        put(choice, rows, use_start, uses, other, new)
        so_far, so_fined = spent[0, level] + more, spent[1, level] + more_fine
        end, change, fine, looks = _end(case, room.main[was], FREE, so_far, so_fined, most, room, table)
        looked += looks
        if end == FREE and level + 1 < reach.length:
            level += 1
            chain[level, CASE], chain[level, OLD], spent[0, level], spent[1, level] = other, was, so_far, so_fined
            _look_into(chain, level, room.main[was], rows, room.user_start, room.amount)
        elif end == FREE:
            put(choice, rows, use_start, uses, other, was)
    put(choice, rows, use_start, uses, case, old if end == FREE else end)
    return change, fine, looked, end != FREE


@compiled
def _end(
    case: int, row: int, old: int, gone: float, fine_gone: float, most: float, room: Room, table: Table
) -> tuple[int, float, float, int]:
    """A candidate of the first case, in a row or ANY, that ends the chain within its tolerance, or FREE.

    Returns
    -------
    tuple
        It; cents and fines of the whole chain; entries looked at.
    """
    near, main = room.near, room.main
    rows, use_start, uses, cost, fines = table.rows, table.use_start, table.uses, table.cost, table.fines
    end, change, fine, looked = FREE, 0.0, 0.0, 0
    for i in range(room.near_start[case], room.near_start[case + 1]):
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
    case: int,
    chain: Ints,
    level: int,
    may_try: bool,
    spent: Floats,
    most: float,
    reach: Reach,
    room: Room,
    table: Table,
) -> tuple[int, float, float, int]:
    """The next user that may move into the level's room: it, or FREE; change in cents and fines; entries looked at."""
    main, regret, amount, user_start = room.main, room.regret, room.amount, room.user_start
    choice, rows, use_start, uses = table.choice, table.rows, table.use_start, table.uses
    new, change, fine, looked, hole = FREE, 0.0, 0.0, 0, chain[level, HOLE]
    price, fined = table.prices[hole], table.fines[hole]
    # The first case still needs a place: at best its cheapest; and at best all room is filled at its price.
    without = room.lowest[case] + spent[0, level] + spent[1, level]
    least = without - price * chain[level, ROOM]
    while may_try and new == FREE and chain[level, LOOKED] < reach.breadth:
        at, beside = _nearest(chain, level, user_start, amount)
        # What the row costs at least once someone with this amount has moved in.
        waste = price * -beside if beside < 0 else (fined - price) * beside
        if at == FREE or least + waste - reach.largest > most:
            break
        looked += 1
        chain[level, LOOKED] += 1
        candidate, was = room.user[at], choice[table.case[room.user[at]]]
        if was == FREE or main[was] == hole or main[was] == FREE:
            continue
        if least + waste + regret[candidate] - regret[was] > most or _moved(table.case[candidate], chain, level):
            continue
        change, fine = _weigh(rows, use_start, uses, table.cost, table.fines, candidate, was)
        looked += WEIGHED
        left = rows[main[was], HI] - rows[main[was], USED] + amount_of(was, main[was], use_start, uses)
        if without + change + fine - table.prices[main[was]] * left <= most:
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
def _moved(case: int, chain: Ints, level: int) -> bool:
    found = False
    for k in range(1, level + 1):
        found |= chain[k, CASE] == case
    return found
