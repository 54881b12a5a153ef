"""One load for each row, so that every case is in exactly one: depth-first search, compiled."""

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import Ints
from optimization.joint.packing_rows import TINY, Loads


@compiled
def cover(loads: Loads, full: Ints, present: Ints, gap: float, most: int) -> tuple[Ints, int]:
    """Find the cheapest exact cover but the present one: (k,) a load of each row, empty where none is; and nodes.

    Parameters
    ----------
    full, present
        (2,), (k, 2) bits of all cases, and of each row's present load.
    gap
        Cents that loads may cost together above their rows' cheapest.
    most
        Nodes of the search.
    """
    rows = len(loads.first) - 1
    row, order, start = _ordered(loads)
    found, nodes, level = np.empty(0, np.int64), 0, 0
    at, used, spent = np.zeros(rows, np.int64), np.zeros((rows + 1, 2), np.int64), np.zeros(rows + 1)
    at[0] = start[0] - 1
    while level >= 0 and nodes < most:
        at[level] += 1
        nodes += 1
        if at[level] >= start[level + 1] or spent[level] + loads.extra[order[at[level]]] > gap:
            level -= 1
            continue
        load, word = order[at[level]], loads.words[order[at[level]]]
        if (word[0] & used[level, 0]) | (word[1] & used[level, 1]):
            continue
        used[level + 1, 0], used[level + 1, 1] = used[level, 0] | word[0], used[level, 1] | word[1]
        spent[level + 1] = spent[level] + loads.extra[load]
        if level < rows - 2:
            level += 1
            at[level] = start[level] - 1
            continue
        at[rows - 1] = _place(loads, order, start[rows - 1], start[rows], full ^ used[level + 1])
        cents = spent[level + 1] + loads.extra[order[at[rows - 1]]]
        if at[rows - 1] >= 0 and cents <= gap and _differs(loads, order, at, row, present):
            gap, found = cents - TINY, np.empty(rows, np.int64)
            found[row] = order[at]
    return found, nodes


@within
def _ordered(loads: Loads) -> tuple[Ints, Ints, Ints]:
    """(k,) rows, those with few loads first; (P,) their loads by cost, the last row's by bits; (k + 1,) starts."""
    rows = len(loads.first) - 1
    row = np.argsort(np.diff(loads.first), kind="mergesort")
    order, start = np.empty(loads.first[rows], np.int64), np.zeros(rows + 1, np.int64)
    for level in range(rows):
        low, high = loads.first[row[level]], loads.first[row[level] + 1]
        start[level + 1] = start[level] + high - low
        if level < rows - 1:
            mine = np.argsort(loads.extra[low:high], kind="mergesort")
        else:
            mine = np.argsort(loads.words[low:high, 1], kind="mergesort")
            mine = mine[np.argsort(loads.words[low:high, 0][mine], kind="mergesort")]
        order[start[level] : start[level + 1]] = low + mine
    return row, order, start


@within
def _place(loads: Loads, order: Ints, low: int, high: int, wanted: Ints) -> int:
    """Where a load with just these bits stands, −1 if nowhere."""
    end = high
    while low < high:
        middle = (low + high) // 2
        word = loads.words[order[middle]]
        if word[0] < wanted[0] or (word[0] == wanted[0] and word[1] < wanted[1]):
            low = middle + 1
        else:
            high = middle
    if low < end and loads.words[order[low], 0] == wanted[0] and loads.words[order[low], 1] == wanted[1]:
        return low
    return -1


@within
def _differs(loads: Loads, order: Ints, at: Ints, row: Ints, present: Ints) -> bool:
    """Whether the loads at some places are not the present ones."""
    other = False
    for level in range(len(at)):
        word = loads.words[order[at[level]]]
        other |= word[0] != present[row[level], 0] or word[1] != present[row[level], 1]
    return other
