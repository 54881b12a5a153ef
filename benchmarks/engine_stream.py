"""Generated work for the feature engine, and how the engine does it: outcomes of a year, and questions about it."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from features.entities import LONG_DAYS, MIDDLE_DAYS, SHORT_DAYS, Entity, Stream
from features.memory import MICROSECONDS_PER_DAY, Events, Layout, Memory
from features.order import in_order
from features.records import Floats, Moments, Names
from store.side_by_side import both

DAYS = 365
SIZES = (200, 2_000, 300, 300, 5_000)
"""Entities of each key; the r-th most frequent comes up with a probability of 1 / r (Zipf)."""
KEYS = tuple(f"key_{k}" for k in range(len(SIZES)))
SPANS = (SHORT_DAYS, MIDDLE_DAYS, LONG_DAYS)
LAYOUT = Layout(Stream("outcomes", ("late",), ()), tuple(Entity((key,), SPANS) for key in KEYS))
OUTPUTS = len(KEYS) * len(SPANS) * LAYOUT.columns
LATE_SHARE = 0.2


@dataclass(frozen=True)
class Work:
    """Outcomes and questions in no order; moments are distinct, so that nobody has to break ties.

    Attributes
    ----------
    known, as_of
        Shape (n,), microseconds: when each outcome became known, and what each question may know.
    told, asked
        For each key the entity's number, shape (n,), of outcomes and of questions.
    late
        Shape (n,): the outcome, 0 or 1.
    """

    known: Moments
    told: tuple[Names, ...]
    late: Floats
    as_of: Moments
    asked: tuple[Names, ...]


def work_of(n: int, seed: int = 0) -> Work:
    """Work of n outcomes and n questions."""
    random = np.random.default_rng(seed)
    late = (random.random(n) < LATE_SHARE).astype(np.float64)
    return Work(_moments(random, n), _entities(random, n), late, _moments(random, n), _entities(random, n))


def _moments(random: np.random.Generator, n: int) -> Moments:
    step = DAYS * MICROSECONDS_PER_DAY // n
    return np.asarray(random.permutation(n) * step + random.integers(0, step, n))


def _entities(random: np.random.Generator, n: int) -> tuple[Names, ...]:
    tails = [np.cumsum(1.0 / np.arange(1, size + 1)) for size in SIZES]
    return tuple(np.searchsorted(tail, random.random(n) * tail[-1], side="right").astype(np.int32) for tail in tails)


def events_of(work: Work) -> Events:
    """Outcomes in the order of knowledge."""
    order, known = in_order(work.known)
    changes, slots = np.ones((order.size, LAYOUT.columns)), slots_of(work.told)
    changes[:, 1] = work.late.take(order)
    return Events(known, known, changes, slots.take(order, axis=0))


def questions_of(work: Work) -> tuple[NDArray[np.int64], Moments, Names]:
    """Questions in the order of time, their moments, and the places of whom they ask about."""
    order, as_of = in_order(work.as_of)
    return order, as_of, slots_of(work.asked).take(order, axis=0)


def slots_of(codes: tuple[Names, ...]) -> Names:
    """A place in the memory for every entity of every key, shape (n, keys)."""
    slots, begin = np.empty((codes[0].size, len(codes)), dtype=np.int32), 0
    for k, size in enumerate(SIZES):
        np.add(codes[k], begin, out=slots[:, k])
        begin += size
    return slots


def engine(work: Work, found: Floats | None = None) -> Floats:
    """Decayed counts and sums of every question's entities in the order asked: ``found``, shape (n, outputs)."""
    events, (order, as_of, slots) = both(partial(events_of, work), partial(questions_of, work), threads=0)
    found = np.empty((order.size, OUTPUTS)) if found is None else found
    return Memory(LAYOUT, sum(SIZES)).scan(events, 0, as_of, slots, order, found)[0]


def event_by_event(work: Work, count: int) -> tuple[NDArray[np.int64], Floats]:
    """The first ``count`` events learned one at a time, and each question answered when its moment has come.

    Returns
    -------
    Questions asked before the event that comes next, and their answers, shape (questions, outputs).
    """
    events, (order, as_of, slots) = events_of(work), questions_of(work)
    memory, event = Memory(LAYOUT, sum(SIZES)), 0
    found: list[Floats] = []
    for question in range(order.size):
        while event <= count and event < events.known.size and events.known[event] <= as_of[question]:
            if event == count:
                return order[: len(found)], np.concatenate(found)
            memory.learn(events.part(event, event + 1))
            event += 1
        answer = memory.recall(slots[question : question + 1], int(as_of[question]))
        found.append(answer.reshape(1, OUTPUTS))
    return order, np.concatenate(found)
