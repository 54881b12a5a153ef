"""Questions in two stretches of time: nobody is left out, both take as long, and the bits are those of one scan."""

import numpy as np
import pytest

import features.memory
from features.entities import Entity, Stream
from features.kernel import Asked
from features.memory import MANY, Events, Layout, Memory
from features.stretches import QUESTION, in_stretches

RANDOM = np.random.default_rng(3)
KEYS = 50
LAYOUT = Layout(Stream("stretches", ("value",), ()), tuple(Entity((f"key_{k}",), ()) for k in range(3)))
YEAR = 365 * 86_400_000_000


def moments(size: int) -> np.ndarray:
    """Ascending, of a year."""
    return np.sort(RANDOM.integers(0, YEAR, size))


def slots(size: int) -> np.ndarray:
    """Of each row one of every entity's keys, or none."""
    named = RANDOM.integers(0, KEYS, (size, 3)) + KEYS * np.arange(3)
    return np.where(RANDOM.random((size, 3)) < 0.1, -1, named).astype(np.int32)


def asked(size: int) -> Asked:
    """Questions of a year whose answers go anywhere."""
    return Asked(moments(size), slots(size), RANDOM.permutation(size))


@pytest.mark.parametrize("events", [0, 1_000, 9_000])
def test_both_stretches_cost_the_same_and_hold_every_question(events: int) -> None:
    """In events: the first's own and its questions; the second learns all, and answers the rest."""
    questions, known = asked(6_000), moments(events)
    first, second = in_stretches(questions, known, held=KEYS)
    for whole, *parts in zip(questions, first, second, strict=True):
        assert np.array_equal(whole, np.concatenate(parts))
    before, after = (np.searchsorted(known, each.as_of[-1], side="right") for each in (first, second))
    assert before + QUESTION * first.as_of.size == pytest.approx(after + QUESTION * second.as_of.size, abs=20)


@pytest.mark.parametrize(("questions", "events", "held"), [(100, 1_000, 10), (100, 100, 1_000), (0, 10, 10), (0, 0, 0)])
def test_where_most_of_the_work_would_be_done_twice_there_is_one_stretch(
    questions: int, events: int, held: int
) -> None:
    """Many events for each question, sums without end, or nobody asks."""
    some = asked(questions)
    assert in_stretches(some, moments(events), held) == [some]


@pytest.mark.parametrize("cores", [2, 3, 4, 64])
def test_the_bits_do_not_depend_on_how_many_cores_there_are(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expected: answers and memory of one core."""
    questions, size = asked(2 * MANY), 2 * MANY
    known, changes = moments(size), np.column_stack([np.ones(size), RANDOM.random(size)])
    told, ways = Events(known, known, changes, slots(size)), []
    for count in (1, cores):
        monkeypatch.setattr(features.memory, "available_cores", lambda count=count: count)
        memory, found = Memory(LAYOUT, 3 * KEYS), np.full((size, *LAYOUT.shape), np.nan)
        event = memory.scan(told, 0, questions.as_of, questions.slots, questions.places, found)[1]
        ways.append((event, found.tobytes(), memory.sums.tobytes(), memory.periods.tobytes()))
    assert ways[0] == ways[1]
