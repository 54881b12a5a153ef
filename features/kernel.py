"""The compiled scan of entity history: exponentially decayed sums, forward in the order of knowledge.

A sum over events i with ages a_i is S(t) = Σ x_i · 2^(−a_i / h). With forward decay (Cormode, Shkapenyuk, Srivastava &
Xu 2009) an event weighs 2^(k_i / h) once and for all, and the sum is scaled when it is read. Weights are kept as
2^f · 2^e with whole e, and a sum is rescaled by exact powers of two, so that no age overflows it.

No fastmath: the same numbers in the same order give the same bits, whether a thousand events come at once or one.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from features.known import NEVER, is_known

EMPTY = int(np.iinfo(np.int64).min // 2)
"""Exponent of an entity that has no events yet."""
POWERS = np.append(np.ldexp(1.0, -np.arange(1075)), 0.0)
"""2^−k for k = 0 … 1074, and what is below the smallest float."""
LAST = POWERS.size - 1
FEW_MOMENTS = 4096
"""So many are sorted by numpy before a radix sort has set up its counts."""
DIGIT_BITS = 8


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def learn(
    sums: NDArray[np.float64],
    exponents: NDArray[np.int64],
    slots: NDArray[np.int32],
    kept: NDArray[np.bool_],
    half_lives: NDArray[np.int64],
    moment: int,
    change: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Add one event to the sums of its entities ``begin`` to ``end``.

    A sum is ``sums · 2^exponents``, of shapes (slots, half-lives, 1 + values) and (slots, half-lives); ``slots`` has
    shape (entities,), −1 for an entity that is not named; ``kept``, (entities, half-lives), says which half-lives an
    entity is kept with; ``half_lives`` are microseconds, 0 never decays; ``moment`` is when the fact first became
    known, microseconds; ``change`` has shape (1 + values,): count and values.
    """
    for h in range(half_lives.size):
        exponent, weight = 0, 1.0
        if half_lives[h] > 0:
            exponent = moment // half_lives[h]
            weight = 2.0 ** ((moment - exponent * half_lives[h]) / half_lives[h])
        for e in range(begin, end):
            slot = slots[e]
            if slot >= 0 and kept[e, h]:
                behind = exponent - exponents[slot, h]
                scale, scaled = POWERS[min(max(behind, 0), LAST)], weight * POWERS[min(max(-behind, 0), LAST)]
                for v in range(change.size):
                    sums[slot, h, v] = sums[slot, h, v] * scale + change[v] * scaled
                exponents[slot, h] = max(exponent, exponents[slot, h])


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def recall(
    sums: NDArray[np.float64],
    exponents: NDArray[np.int64],
    slots: NDArray[np.int32],
    kept: NDArray[np.bool_],
    half_lives: NDArray[np.int64],
    as_of: int,
    answer: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Decayed sums of one question's entities ``begin`` to ``end``; ``answer`` is (entities, half-lives, 1 + values)."""
    for h in range(half_lives.size):
        exponent, weight = 0, 1.0
        if half_lives[h] > 0:
            exponent = as_of // half_lives[h]
            weight = 2.0 ** (-((as_of - exponent * half_lives[h]) / half_lives[h]))
        for e in range(begin, end):
            slot = slots[e]
            if slot >= 0 and kept[e, h]:
                scaled = weight * POWERS[min(exponent - exponents[slot, h], LAST)]
                for v in range(sums.shape[2]):
                    answer[e, h, v] = sums[slot, h, v] * scaled
            else:
                answer[e, h, :] = 0.0


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def scan(
    sums: NDArray[np.float64],
    exponents: NDArray[np.int64],
    kept: NDArray[np.bool_],
    half_lives: NDArray[np.int64],
    known: NDArray[np.int64],
    moments: NDArray[np.int64],
    changes: NDArray[np.float64],
    event_slots: NDArray[np.int32],
    questions: NDArray[np.int64],
    as_of: NDArray[np.int64],
    slots: NDArray[np.int32],
    places: NDArray[np.int64],
    answers: NDArray[np.float64],
    begin: int,
    end: int,
) -> int:
    """Go through events and questions merged in time: events of an instant come before its questions.

    What is asked is laid side by side first: the scan waits for one cache line at a time, a gather does not.

    Parameters
    ----------
    known, moments, changes, event_slots
        Events that ``sums`` do not hold yet, shapes (events,), (events,), (events, 1 + values), (events, entities);
        ``known`` ascends, ``moments`` are when each fact first became known.
    questions
        Positions in ``as_of``, by ascending moment.
    as_of, slots
        Shapes (n,) and (n, entities).
    places, answers
        Where in ``answers``, shape (…, entities, half-lives, 1 + values), each question's are written.
    begin, end
        The entities gone through; others have sums and answers of their own, so threads may share the arrays.

    Returns
    -------
    How many of the events ``sums`` hold now.
    """
    asked, whose = as_of[questions], np.empty((questions.size, slots.shape[1]), slots.dtype)
    for q in range(questions.size):
        for e in range(begin, end):
            whose[q, e] = slots[questions[q], e]
    event = 0
    for q in range(questions.size):
        while event < known.size and is_known(known[event], NEVER, asked[q]):
            learn(sums, exponents, event_slots[event], kept, half_lives, moments[event], changes[event], begin, end)
            event += 1
        recall(sums, exponents, whose[q], kept, half_lives, asked[q], answers[places[q]], begin, end)
    return event


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def learn_all(
    sums: NDArray[np.float64],
    exponents: NDArray[np.int64],
    kept: NDArray[np.bool_],
    half_lives: NDArray[np.int64],
    moments: NDArray[np.int64],
    changes: NDArray[np.float64],
    event_slots: NDArray[np.int32],
) -> None:
    """Learn events in their order, one or many; parameters as in :func:`scan`."""
    for event in range(moments.size):
        slots = event_slots[event]
        learn(sums, exponents, slots, kept, half_lives, moments[event], changes[event], 0, slots.size)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def shrunk_means(
    answers: NDArray[np.float64],
    parents: NDArray[np.int64],
    kept: NDArray[np.bool_],
    long: int,
    prior_weight: float,
) -> NDArray[np.float64]:
    """Means shrunk toward the parent's: (S + k·m) / (N + k).

    Parameters
    ----------
    answers
        Shape (n, entities, half-lives, 1 + values): N, then S of each value.
    parents
        Shape (entities,): an earlier entity; the first is the whole network, which has none: its means lean on its own
        at the ``long`` half-life, which is not shrunk.

    Returns
    -------
    Shape (n, entities, half-lives, values); NaN while nothing at all was known.
    """
    n, entities, spans, columns = answers.shape
    means = np.full((n, entities, spans, columns - 1), np.nan)
    for q in range(n):
        for v in range(columns - 1):
            if answers[q, 0, long, 0] == 0.0:
                continue
            level = answers[q, 0, long, 1 + v] / answers[q, 0, long, 0]
            for e in range(entities):
                for h in range(spans):
                    if e == 0 and h == long:
                        means[q, e, h, v] = level
                    elif kept[e, h]:
                        prior = level if e == 0 else means[q, parents[e], h, v]
                        total = answers[q, e, h, 1 + v] + prior_weight * prior
                        means[q, e, h, v] = total / (answers[q, e, h, 0] + prior_weight)
    return means


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def recall_one(
    sums: NDArray[np.float64],
    exponents: NDArray[np.int64],
    slots: NDArray[np.int32],
    kept: NDArray[np.bool_],
    half_lives: NDArray[np.int64],
    as_of: int,
    answer: NDArray[np.float64],
) -> None:
    """One question to sums that hold every event it may see; parameters as in :func:`recall`."""
    recall(sums, exponents, slots, kept, half_lives, as_of, answer, 0, slots.size)


def in_order(moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions by ascending moment, those of one moment as they stand: a stable argsort, of many several times faster.

    A radix sort (Knuth, TAOCP 3, 5.2.5) needs as many passes as the span of the moments has bytes: six for a year. Its
    memory is numpy's, which asks for large pages.
    """
    if moments.size <= FEW_MOMENTS:
        return np.argsort(moments, kind="stable")
    keys = moments.view(np.uint64) ^ np.uint64(1 << 63)
    keys -= keys.min()
    order = np.arange(keys.size)
    return np.asarray(_by_digits(keys, order, np.empty_like(keys), np.empty_like(order)))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _by_digits(
    keys: NDArray[np.uint64],
    order: NDArray[np.int64],
    spare_keys: NDArray[np.uint64],
    spare_order: NDArray[np.int64],
) -> NDArray[np.int64]:
    digit, shift, span = np.uint64((1 << DIGIT_BITS) - 1), np.uint64(0), keys.max()
    while shift < np.uint64(64) and span >> shift > np.uint64(0):
        starts = np.zeros(digit + 2, np.int64)
        for key in keys:
            starts[((key >> shift) & digit) + np.uint64(1)] += 1
        starts = np.cumsum(starts)
        for k in range(keys.size):
            place = starts[(keys[k] >> shift) & digit]
            starts[(keys[k] >> shift) & digit] = place + 1
            spare_keys[place], spare_order[place] = keys[k], order[k]
        keys, spare_keys = spare_keys, keys
        order, spare_order = spare_order, order
        shift += np.uint64(DIGIT_BITS)
    return order
