"""The compiled scan of entity history: exponentially decayed sums, forward in the order of knowledge.

A sum over events i with ages a_i is S(t) = Σ x_i · 2^(−a_i / h). With forward decay (Cormode, Shkapenyuk, Srivastava &
Xu 2009) an event weighs 2^(k_i / h) once and for all, and the sum is scaled when it is read. Time is cut into periods;
within one, weights count from its beginning, and a sum moves on to a later one by an exact power of two, so that no age
overflows it. An event then costs an entity one addition for each sum. Weights are made for a run of rows of one period
at once (`weights.py`).

Arguments, everywhere:

sums, periods
    Shapes (slots, half-lives · (1 + values)) and (slots,): sums of each entity, and the period they are written in.
half_lives
    Shape (half-lives,), microseconds; 0 never decays.
slots, event_slots
    Whom a question asks about and an event concerns, shape (rows, entities); −1 for an entity that is not named.
begin, end
    The entities gone through; others have sums and answers of their own, so threads may share the arrays.
run
    The run that a row belongs to, with its rows' weights.

No fastmath: the same numbers in the same order give the same bits, whether a thousand events come at once or one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.ahead import AHEAD, fetch
from features.compiled import compiled, within
from features.known import NEVER, is_known
from features.weights import ROWS, room_for, weigh

SHORTEST = 45 * 60 * 1_000_000
"""Shortest half-life, microseconds."""
PERIOD = 512 * SHORTEST
"""Microseconds, sixteen days: no weight is above 2^512, so values below 2^400 are safe in sums of a billion."""
EMPTY = int(np.iinfo(np.int32).min)
"""Period of an entity that has no events yet."""
POWERS = np.append(np.ldexp(1.0, -np.arange(1075)), 0.0)
"""2^−k for k = 0 … 1074, and what is below the smallest float."""
LAST = POWERS.size - 1
TELLS, ASKS = 1, -1
"""Whether rows are events, which weigh more the later they come, or questions, to which what is older counts less."""


class State(NamedTuple):
    """What is held of each entity.

    Attributes
    ----------
    sums, periods
        Shapes (slots, half-lives · (1 + values)) and (slots,): its sums, and the period that they are written in.
    half_lives
        Shape (half-lives,), microseconds; 0 never decays.
    """

    sums: NDArray[np.float64]
    periods: NDArray[np.int32]
    half_lives: NDArray[np.int64]


class Told(NamedTuple):
    """Events in the order of knowledge, as :class:`features.memory.Events` has them."""

    known: NDArray[np.int64]
    moments: NDArray[np.int64]
    changes: NDArray[np.float64]
    slots: NDArray[np.int32]


class Asked(NamedTuple):
    """Questions by ascending ``as_of``.

    Attributes
    ----------
    as_of
        Shape (n,), microseconds.
    slots
        Shape (n, entities): whom each asks about.
    places
        Shape (n,): row of the answers where its own are written.
    """

    as_of: NDArray[np.int64]
    slots: NDArray[np.int32]
    places: NDArray[np.int64]


@within
def landmark(period: int, half_life: int) -> int:
    """The last whole half-life since 1970 before a period begins, microseconds; 1970 where nothing decays."""
    return (period * PERIOD) // half_life * half_life if half_life > 0 else 0


@within
def moved(before: int, mark: int, half_life: int) -> float:
    """By how much a sum of an earlier period shrinks when it is written from ``mark`` on: a power of two.

    Of a later period, which an order of knowledge never brings, it is 1.
    """
    if before == EMPTY or half_life == 0:
        return 1.0
    return float(POWERS[max(0, min((mark - landmark(before, half_life)) // half_life, LAST))])


@within
def run_from(
    row: int,
    times: NDArray[np.int64],
    moments: NDArray[np.int64],
    half_lives: NDArray[np.int64],
    sign: int,
    marks: NDArray[np.int64],
    weights: NDArray[np.float64],
    powers: NDArray[np.float64],
) -> tuple[int, int]:
    """Weigh the rows of one period that follow from a row on, rows being in the order of their ``times``.

    Returns
    -------
    Where the run ends, and its period.
    """
    period, end = times[row] // PERIOD, min(row + ROWS, times.size)
    while times[end - 1] >= (period + 1) * PERIOD:
        end -= 1
    for h in range(half_lives.size):
        marks[h] = landmark(period, half_lives[h])
    weigh(moments, row, end, marks, half_lives, sign, weights, powers)
    return end, period


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
def spread(
    weights: NDArray[np.float64], changes: NDArray[np.float64], first: int, last: int, gains: NDArray[np.float64]
) -> None:
    """What each event of a run adds to sums, shape (rows of a run, half-lives · (1 + values)).

    ``changes``, shape (events, 1 + values), are what it adds to the count and to each value's sum as long as it is new.
    """
    columns = changes.shape[1]
    for h in range(weights.shape[0]):
        for v in range(columns):
            for k in range(last - first):
                gains[k, h * columns + v] = changes[first + k, v] * weights[h, k]


@within
def spread_evenly(weights: NDArray[np.float64], count: int, shares: NDArray[np.float64]) -> None:
    """What is left of sums for each question of a run, shape (rows of a run, half-lives · (1 + values))."""
    columns = shares.shape[1] // weights.shape[0]
    for c in range(shares.shape[1]):
        for k in range(count):
            shares[k, c] = weights[c // columns, k]


@within
def learn(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slots: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    period: int,
    marks: NDArray[np.int64],
    gains: NDArray[np.float64],
    k: int,
    row: int,
    begin: int,
    end: int,
) -> None:
    """Add the event in a row, the k-th of its run, to its entities' sums; rows are not cut out: that costs time."""
    for e in range(begin, end):
        slot = slots[row, e]
        if slot >= 0:
            if periods[slot] != period:
                move(sums, periods, slot, half_lives, period, marks)
            for c in range(gains.shape[1]):
                sums[slot, c] += gains[k, c]


@within
def recall(
    sums: NDArray[np.float64],
    periods: NDArray[np.int32],
    slots: NDArray[np.int32],
    half_lives: NDArray[np.int64],
    period: int,
    marks: NDArray[np.int64],
    shares: NDArray[np.float64],
    k: int,
    row: int,
    answers: NDArray[np.float64],
    place: int,
    begin: int,
    end: int,
) -> None:
    """Write decayed sums of the entities of the question in a row, the k-th of its run, to their place in ``answers``.

    ``answers`` has shape (…, entities, half-lives · (1 + values)).
    """
    columns = sums.shape[1] // half_lives.size
    for e in range(begin, end):
        slot = slots[row, e]
        if slot < 0:
            for c in range(shares.shape[1]):
                answers[place, e, c] = 0.0
        elif periods[slot] == period:
            for c in range(shares.shape[1]):
                answers[place, e, c] = sums[slot, c] * shares[k, c]
        else:
            for h in range(half_lives.size):
                scale = moved(periods[slot], marks[h], half_lives[h])
                for c in range(h * columns, (h + 1) * columns):
                    answers[place, e, c] = sums[slot, c] * scale * shares[k, c]


@compiled
def scan(state: State, told: Told, asked: Asked, answers: NDArray[np.float64], begin: int, end: int) -> int:
    """Go through events and questions merged in time: events of an instant come before its questions.

    Events are those that ``state`` does not hold yet; ``answers`` has shape (…, entities, half-lives · (1 + values)).
    They are written all over memory, so each place is fetched some questions before it is its turn.
    Returns how many of the events it holds now.
    """
    (sums, periods, half_lives), (known, moments, changes, event_slots), (as_of, slots, places) = state, told, asked
    marks, asked_marks = np.empty_like(half_lives), np.empty_like(half_lives)
    weights, powers = room_for(half_lives.size, known.size)
    gains = np.empty((powers.size, sums.shape[1]))
    factors, factor_powers = room_for(half_lives.size, as_of.size)
    shares = np.empty((factor_powers.size, sums.shape[1]))
    event = first = until = period = last = 0
    while last < places.size:
        question = last
        last, asked_period = run_from(question, as_of, as_of, half_lives, ASKS, asked_marks, factors, factor_powers)
        spread_evenly(factors, last - question, shares)
        for q in range(question, last):
            while event < len(changes) and is_known(known[event], NEVER, as_of[q]):
                if event == until:
                    first = event
                    until, period = run_from(event, known, moments, half_lives, TELLS, marks, weights, powers)
                    spread(weights, changes, first, until, gains)
                learn(sums, periods, event_slots, half_lives, period, marks, gains, event - first, event, begin, end)
                event += 1
            fetch(answers, places[min(q + AHEAD, places.size - 1)], begin, end)
            recall(
                sums, periods, slots, half_lives, asked_period, asked_marks, shares, q - question, q, answers,
                places[q], begin, end,
            )  # fmt: skip
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
    """Learn events in their order, one or many; arguments as in :class:`State` and :class:`Told`."""
    marks, end = np.empty_like(half_lives), event_slots.shape[1]
    weights, powers = room_for(half_lives.size, known.size)
    gains = np.empty((powers.size, sums.shape[1]))
    first = until = period = 0
    for event in range(len(changes)):
        if event == until:
            first = event
            until, period = run_from(event, known, moments, half_lives, TELLS, marks, weights, powers)
            spread(weights, changes, first, until, gains)
        learn(sums, periods, event_slots, half_lives, period, marks, gains, event - first, event, 0, end)


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
    asked, marks = np.array([as_of]), np.empty_like(half_lives)
    weights, powers = room_for(half_lives.size, 1)
    shares = np.empty((1, sums.shape[1]))
    _, period = run_from(0, asked, asked, half_lives, ASKS, marks, weights, powers)
    spread_evenly(weights, 1, shares)
    recall(sums, periods, slots, half_lives, period, marks, shares, 0, 0, answers, 0, 0, slots.shape[1])
