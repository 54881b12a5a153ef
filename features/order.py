"""The order of moments: positions by ascending moment, those of one moment as they stand."""

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled, within

FEW_MOMENTS = 4096
"""So many are sorted by numpy before a radix sort has set up its counts."""
POSITION_BITS = 32
"""Bits of a number that are a position; the others are the moment's leading ones."""
DIGIT_BITS = 13
"""Bits that one pass sorts by: counts of eight thousand digits stay in the second cache."""
DIGITS = 2
LEADING_BITS = DIGITS * DIGIT_BITS
DIGIT = (1 << DIGIT_BITS) - 1
POSITION = (1 << POSITION_BITS) - 1
FEW_ALIKE = 16
"""So many moments of one beginning are put in order one by one."""

Unsigned = NDArray[np.uint64]
U = np.uint64


def in_order(moments: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A stable argsort of moments, of many several times faster.

    A radix sort (Knuth, TAOCP 3, 5.2.5) of what is leading in the moments' span, each with its position in one number:
    two passes. Moments of one beginning, which a year has few of, are then put in order among themselves.

    Returns
    -------
    The order, and the moments in it.

    Raises
    ------
    ValueError
        If there are 2^32 moments or more.
    """
    if moments.size <= FEW_MOMENTS:
        order = np.argsort(moments, kind="stable")
        return order, moments[order]
    if moments.size > POSITION:
        raise ValueError(f"expected fewer than 2^{POSITION_BITS} moments, but there are {moments.size:,}")
    # Memory is numpy's, which asks for large pages.
    order, ordered = np.empty((2, moments.size), np.int64)
    packed, spare = np.empty((2, moments.size), np.uint64)
    _sort(np.ascontiguousarray(moments, np.int64), packed, spare, order, ordered)
    return order, ordered


def in_order_of(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """A stable argsort by several keys, the last one foremost: a pass of :func:`in_order` for each."""
    order = in_order(keys[0])[0]
    for key in keys[1:]:
        order = order[in_order(key[order])[0]]
    return order


@compiled
def _sort(
    moments: NDArray[np.int64],
    packed: Unsigned,
    spare: Unsigned,
    order: NDArray[np.int64],
    ordered: NDArray[np.int64],
) -> None:
    first, last = moments[0], moments[0]
    for moment in moments:
        first, last = min(first, moment), max(last, moment)
    span, bits = U(last) - U(first), 0
    while bits < 64 and span >> U(bits) > U(0):
        bits += 1
    left_out = U(max(bits - LEADING_BITS, 0))
    counted = _packed(moments, U(first), left_out, packed)
    for digit in range((min(bits, LEADING_BITS) + DIGIT_BITS - 1) // DIGIT_BITS):
        _pass(packed, spare, counted[digit], U(POSITION_BITS + digit * DIGIT_BITS))
        packed, spare = spare, packed
    for k in range(order.size):
        order[k] = np.int64(packed[k] & U(POSITION))
        ordered[k] = moments[order[k]]
    if left_out > U(0):
        _mend(packed, order, ordered)


@within
def _packed(moments: NDArray[np.int64], first: U, left_out: U, packed: Unsigned) -> NDArray[np.int64]:
    """Put each moment's leading bits and its position into a number.

    Returns
    -------
    Where each digit's numbers begin in each pass, shape (passes, digits).
    """
    counted = np.zeros((DIGITS, DIGIT + 1), np.int64)
    for k in range(moments.size):
        leading = (U(moments[k]) - first) >> left_out
        packed[k] = leading << U(POSITION_BITS) | U(k)
        for digit in range(DIGITS):
            counted[digit, (leading >> U(digit * DIGIT_BITS)) & U(DIGIT)] += 1
    for digit in range(DIGITS):
        total = 0
        for value in range(DIGIT + 1):
            total, counted[digit, value] = total + counted[digit, value], total
    return counted


@within
def _pass(packed: Unsigned, spare: Unsigned, places: NDArray[np.int64], shift: U) -> None:
    """Write numbers in the order of one digit."""
    for number in packed:
        value = (number >> shift) & U(DIGIT)
        spare[places[value]] = number
        places[value] += 1


@within
def _mend(packed: Unsigned, order: NDArray[np.int64], ordered: NDArray[np.int64]) -> None:
    """Put moments of one beginning in order."""
    begin = 0
    for k in range(1, order.size + 1):
        if k < order.size and packed[k] >> U(POSITION_BITS) == packed[begin] >> U(POSITION_BITS):
            continue
        if k - begin > FEW_ALIKE:
            some = np.argsort(ordered[begin:k], kind="mergesort")
            order[begin:k], ordered[begin:k] = order[begin:k][some], ordered[begin:k][some]
        elif k - begin > 1:
            _insert(order, ordered, begin, k)
        begin = k


@within
def _insert(order: NDArray[np.int64], ordered: NDArray[np.int64], begin: int, end: int) -> None:
    for k in range(begin + 1, end):
        position, moment, free = order[k], ordered[k], k
        while free > begin and ordered[free - 1] > moment:
            order[free], ordered[free] = order[free - 1], ordered[free - 1]
            free -= 1
        order[free], ordered[free] = position, moment
