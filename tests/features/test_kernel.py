"""Laws of the scan: what it sums, whatever the gaps, ties, corrections and sizes, and however it is fed."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.entities import Entity, Stream
from features.memory import MICROSECONDS_PER_DAY, Events, Layout, Memory
from features.shrinkage import shrunk_means

HALF_LIVES = (0.125, 7.0, 0.0)
STREAM = Stream("law", ("value",), (Entity((), HALF_LIVES), Entity(("carrier_id",), HALF_LIVES)), HALF_LIVES)
LAYOUT = Layout(STREAM, STREAM.entities)
SLOTS = (-1, 1, 2, 3, 4)
"""Of the entity: none, or one of four; the whole network has 0."""
CENTURY = 36_525 * MICROSECONDS_PER_DAY
"""Some 292,000 half-lives of an eighth of a day."""
MOMENTS = st.one_of(
    st.integers(0, 40).map(lambda k: k * MICROSECONDS_PER_DAY // 4),
    st.integers(-CENTURY, CENTURY),
)
VALUES = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e100]), st.floats(-1e6, 1e6))
EVENT = st.tuples(MOMENTS, st.integers(0, 30 * MICROSECONDS_PER_DAY), VALUES, st.sampled_from(SLOTS))
QUESTION = st.tuples(MOMENTS, st.sampled_from(SLOTS))


def events(told: list[tuple[int, int, float, int]]) -> Events:
    """Events in the order of knowledge: (first known, correction's delay, change, slot)."""
    told = sorted(told, key=lambda one: one[0] + one[1])
    first, delay, change, slot = (list(column) for column in zip(*told, strict=True)) if told else ([], [], [], [])
    moments = np.array(first, np.int64)
    counts = np.where(np.array(delay, np.int64) > 0, 0.0, 1.0)
    slots = np.column_stack([np.zeros(len(told)), np.array(slot, np.float64)]).astype(np.int32).reshape(-1, 2)
    changes = np.column_stack([counts, np.array(change, np.float64)]).reshape(-1, 2)
    return Events(moments + np.array(delay, np.int64), moments, changes, slots)


def scanned(some: Events, as_of: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Answers in the order asked."""
    order = np.argsort(as_of, kind="stable")
    found, _ = Memory(LAYOUT, len(SLOTS)).scan(some, 0, as_of[order], slots[order])
    answers = np.empty_like(found)
    answers[order] = found
    return answers


def by_hand(some: Events, as_of: int, slot: int, half_life_days: float) -> tuple[float, float, float]:
    """Σ count·w and Σ value·w of events known by a moment, and Σ |value|·w for scale; w = 2^(−age / half-life)."""
    total, value, scale = [], [], []
    for known, first, change, slots in zip(some.known, some.moments, some.changes, some.slots, strict=True):
        if known <= as_of and slot in slots.tolist() and slot >= 0:
            age = (int(as_of) - int(first)) / MICROSECONDS_PER_DAY
            weight = 1.0 if not half_life_days else 2.0 ** -min(age / half_life_days, 2000.0)
            total, value, scale = [*total, change[0] * weight], [*value, change[1] * weight], [*scale, abs(change[1])]
    return math.fsum(total), math.fsum(value), max([0.0, *scale])


def asked(questions: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Moments, and slots of the whole network and of one entity."""
    as_of = np.array([one[0] for one in questions], np.int64)
    return as_of, np.array([[0, one[1]] for one in questions], np.int32).reshape(-1, 2)


@settings(max_examples=150, deadline=None)
@given(told=st.lists(EVENT, max_size=25), questions=st.lists(QUESTION, min_size=1, max_size=12))
def test_sums_are_those_by_hand(told: list[tuple[int, int, float, int]], questions: list[tuple[int, int]]) -> None:
    """Ties, late corrections, gaps of a century, values from 1e-300 to 1e100, no events at all: to 1e-9."""
    some, (as_of, slots) = events(told), asked(questions)
    answers = scanned(some, as_of, slots)
    for q, (moment, slot) in enumerate(questions):
        for h, days in enumerate(HALF_LIVES):
            count, value, scale = by_hand(some, moment, slot, days)
            assert answers[q, 1, h, 0] == pytest.approx(count, rel=1e-9, abs=1e-9)
            assert answers[q, 1, h, 1] == pytest.approx(value, rel=1e-9, abs=1e-9 * max(scale, 1e-300))


@settings(max_examples=100, deadline=None)
@given(
    told=st.lists(EVENT, max_size=25),
    questions=st.lists(QUESTION, min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 25), max_size=4),
)
def test_how_it_is_fed_is_no_matter(
    told: list[tuple[int, int, float, int]], questions: list[tuple[int, int]], cuts: list[int]
) -> None:
    """At once, in pieces or one by one: the same bits."""
    some, (as_of, slots) = events(told), asked(questions)
    whole = scanned(some, as_of, slots)
    order = np.argsort(as_of, kind="stable")
    one_by_one, pieces, event, place = Memory(LAYOUT, len(SLOTS)), Memory(LAYOUT, len(SLOTS)), 0, 0
    ends = sorted({0, len(order), *(cut for cut in cuts if cut < len(order))})
    for begin, end in itertools.pairwise(ends):
        found, event = pieces.scan(some, event, as_of[order[begin:end]], slots[order[begin:end]])
        assert found.tobytes() == whole[order[begin:end]].tobytes()
    for q in order:
        while place < len(some.known) and some.known[place] <= as_of[q]:
            part = some.part(place, place + 1)
            one_by_one.learn(part)
            place += 1
        assert one_by_one.recall(slots[[q]], int(as_of[q])).tobytes() == whole[[q]].tobytes()


def test_a_millennium_of_silence_leaves_nothing_and_no_error() -> None:
    """Beyond 1,074 half-lives a sum is zero, a count that never fades is still there, and a new event counts whole."""
    some = events([(0, 0, 3.0, 1), (10 * CENTURY, 0, 2.0, 1)])
    answers = scanned(some, *asked([(10 * CENTURY - 1, 1), (10 * CENTURY, 1)]))
    assert answers[0, 1].tolist() == [[0.0, 0.0], [0.0, 0.0], [1.0, 3.0]]
    assert answers[1, 1].tolist() == [[1.0, 2.0], [1.0, 2.0], [2.0, 5.0]]


def test_nothing_known_is_unknown_and_a_new_entity_leans_on_its_parent() -> None:
    """No events: NaN throughout. One event of 1 in the network: an entity without events has its mean, 1."""
    answers = np.zeros((1, 2, 2, 2))
    parents, kept = np.array([0, 0]), np.ones((2, 2), np.bool_)
    assert np.isnan(shrunk_means(answers, parents, kept, 1, 10.0)).all()
    answers[0, 0] = 1.0
    assert (shrunk_means(answers, parents, kept, 1, 10.0) == 1.0).all()
