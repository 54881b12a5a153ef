"""The compiled scan of entity history: exponentially decayed sums, forward in the order of knowledge.

A sum over events i with ages a_i is S(t) = Σ x_i · 2^(−a_i / h). With forward decay (Cormode, Shkapenyuk, Srivastava &
Xu 2009) an event weighs 2^(k_i / h) once and for all, and the sum is scaled when it is read. Time is cut into periods;
within one, weights count from its beginning, and a sum moves on to a later one by an exact power of two, so that no age
overflows it. An event then costs an entity one addition for each sum.

Arguments, everywhere:

sums, periods
    Shapes (slots, half-lives · (1 + values)) and (slots,): sums of each entity, and the period they are written in.
half_lives
    Shape (half-lives,), microseconds; 0 never decays.
period, marks
    The period of the moment that is gone through, and its landmarks, shape (half-lives,).
slots, event_slots
    Whom a question asks about and an event concerns, shape (rows, entities); −1 for an entity that is not named.
begin, end
    The entities gone through; others have sums and answers of their own, so threads may share the arrays.
room
    For a row of ``sums``.

No fastmath: the same numbers in the same order give the same bits, whether a thousand events come at once or one.
"""

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled, within
from features.known import NEVER, is_known

SHORTEST = 45 * 60 * 1_000_000
"""Shortest half-life, microseconds."""
PERIOD = 512 * SHORTEST
"""Microseconds, sixteen days: no weight is above 2^512, so values below 2^400 are safe in sums of a billion."""
EMPTY = int(np.iinfo(np.int32).min)
"""Period of an entity that has no events yet."""
POWERS = np.append(np.ldexp(1.0, -np.arange(1075)), 0.0)
"""2^−k for k = 0 … 1074, and what is below the smallest float."""
LAST = POWERS.size - 1
FEW_MOMENTS = 4096
"""So many are sorted by numpy before a radix sort has set up its counts."""
DIGIT_BITS = 8


@within
def landmark(period: int, half_life: int) -> int:
    """The last whole half-life since 1970 before a period begins, microseconds; 1970 where nothing decays."""
    return (period * PERIOD) // half_life * half_life if half_life > 0 else 0


@within
def moved(before: int, mark: int, half_life: int) -> float:
    """By how much a sum of an earlier period shrinks when it is written from ``mark`` on: a power of two."""
    if before == EMPTY or half_life == 0:
        return 1.0
    return float(POWERS[min((mark - landmark(before, half_life)) // half_life, LAST)])


@within
def move(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slot: int,
    half_lives: NDArray[np.int64],
    period: int,
    marks: NDArray[np.int64],
) -> None:
    """Write the sums of a slot in another period."""
    columns = sums.shape[1] // half_lives.size
    for h in range(half_lives.size):
        scale = moved(periods[slot], marks[h], half_lives[h])
        for c in range(h * columns, (h + 1) * columns):
            sums[slot, c] *= scale
    periods[slot] = period


@within
def weight_of(since: int, half_life: int) -> float:
    """2^(since / half-life), the whole part of the exponent exact; 1 where nothing decays."""
    if half_life == 0:
        return 1.0
    whole = int(np.floor(since / half_life))
    part = 2.0 ** ((since - whole * half_life) / half_life)
    return float(part / POWERS[whole] if whole >= 0 else part * POWERS[min(-whole, LAST)])


@within
def learn(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slots: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    period: int,
    marks: NDArray[np.int64],
    moment: int,
    changes: NDArray[np.float64],
    row: int,
    room: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Add the event in a row to the sums of its entities; rows are not cut out, which costs time.

    ``moment`` is when its fact first became known, microseconds; ``changes``, shape (events, 1 + values), are what it
    adds to the count and to each value's sum.
    """
    columns = changes.shape[1]
    for h in range(half_lives.size):
        weight = weight_of(moment - marks[h], half_lives[h])
        for v in range(columns):
            room[h * columns + v] = changes[row, v] * weight
    for e in range(begin, end):
        slot = slots[row, e]
        if slot >= 0:
            if periods[slot] != period:
                move(sums, periods, slot, half_lives, period, marks)
            for c in range(room.size):
                sums[slot, c] += room[c]


@within
def recall(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slots: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    period: int,
    marks: NDArray[np.int64],
    as_of: int,
    row: int,
    room: NDArray[np.float64],
    place: int,
    answers: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Write decayed sums of the entities of the question in a row to a place among the answers.

    ``answers`` has shape (…, entities, half-lives · (1 + values)).
    """
    columns = sums.shape[1] // half_lives.size
    for h in range(half_lives.size):
        weight = weight_of(marks[h] - as_of, half_lives[h])
        for v in range(columns):
            room[h * columns + v] = weight
    for e in range(begin, end):
        slot = slots[row, e]
        if slot < 0:
            for c in range(room.size):
                answers[place, e, c] = 0.0
        elif periods[slot] == period:
            for c in range(room.size):
                answers[place, e, c] = sums[slot, c] * room[c]
        else:
            for h in range(half_lives.size):
                scale = moved(periods[slot], marks[h], half_lives[h])
                for c in range(h * columns, (h + 1) * columns):
                    answers[place, e, c] = sums[slot, c] * scale * room[c]


@within
def mark(moment: int, period: int, half_lives: NDArray[np.int64], marks: NDArray[np.int64]) -> int:
    """The period of a moment; its landmarks are written to ``marks`` if they are those of another ``period``."""
    if moment // PERIOD != period:
        for h in range(half_lives.size):
            marks[h] = landmark(moment // PERIOD, half_lives[h])
    return moment // PERIOD


@within
def gathered(slots: NDArray[np.int32], questions: NDArray[np.int64], begin: int, end: int) -> NDArray[np.int32]:
    """Slots in the order of the questions: a scan waits for one cache line at a time, a gather does not."""
    found = np.empty((questions.size, slots.shape[1]), slots.dtype)
    for q in range(questions.size):
        for e in range(begin, end):
            found[q, e] = slots[questions[q], e]
    return found


@compiled
def scan(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
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

    Events are those that ``sums`` do not hold yet, in the order of knowledge; ``questions`` are positions in ``as_of``
    by ascending moment; ``places`` say where in ``answers`` each question's are written.

    Returns
    -------
    How many of the events ``sums`` hold now.
    """
    asked, whose = as_of[questions], gathered(slots, questions, begin, end)
    event, last = 0, moments.size
    period, marks, room = EMPTY, np.empty_like(half_lives), np.empty(sums.shape[1])
    for q in range(questions.size):
        while event < last and is_known(known[event], NEVER, asked[q]):
            period = mark(known[event], period, half_lives, marks)
            moment = moments[event]
            learn(sums, periods, event_slots, half_lives, period, marks, moment, changes, event, room, begin, end)
            event += 1
        period = mark(asked[q], period, half_lives, marks)
        recall(sums, periods, whose, half_lives, period, marks, asked[q], q, room, places[q], answers, begin, end)
    return event


@compiled
def learn_all(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    known: NDArray[np.int64],
    moments: NDArray[np.int64],
    changes: NDArray[np.float64],
    event_slots: NDArray[np.int32],
) -> None:
    """Learn events in their order, one or many; parameters as in :func:`scan`."""
    period, marks, room = EMPTY, np.empty_like(half_lives), np.empty(sums.shape[1])
    for event in range(moments.size):
        period = mark(known[event], period, half_lives, marks)
        moment, end = moments[event], event_slots.shape[1]
        learn(sums, periods, event_slots, half_lives, period, marks, moment, changes, event, room, 0, end)


@compiled
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


@compiled
def recall_one(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slots: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    as_of: int,
    answers: NDArray[np.float64],
) -> None:
    """One question to sums that hold every event it may see; parameters as in :func:`recall`."""
    marks, room = np.empty_like(half_lives), np.empty(sums.shape[1])
    period = mark(as_of, EMPTY, half_lives, marks)
    recall(sums, periods, slots, half_lives, period, marks, as_of, 0, room, 0, answers, 0, slots.shape[1])


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


@compiled
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
