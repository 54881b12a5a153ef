"""Planners see the record, and never what is hidden or yet to come."""

from dataclasses import fields, is_dataclass

import numpy as np

from simulator.flow.conditions import Books
from simulator.flow.loads import Loads
from simulator.whatif.closed_loop import Loop
from simulator.whatif.seen import Decisions, Record, Seen, SeenLoads, seen
from tests.simulator.lived import same, start

TIMES = ("released_at", "covered_at", "departed_at")
MILESTONES = ("arrived_at", "departed_at", "halfway_at", "reached_at", "delivered_at", "gives_back_at")


class Watching:
    """Decides nothing, and keeps what it saw."""

    name = "watching"
    left_alone = False

    def __init__(self) -> None:
        self.saw: list[Seen] = []

    def decide(self, seen: Seen) -> Decisions:
        self.saw.append(seen)
        return Decisions.of([])


def watched() -> tuple[Loop, Watching]:
    watching = Watching()
    loop = Loop(start(), watching)
    loop.run()
    return loop, watching


def test_policies_are_handed_numbers_only() -> None:
    """No object that could be asked for more: arrays and numbers, three types deep."""
    for one in watched()[1].saw:
        assert {type(one.loads), type(one.books)} == {SeenLoads, Books}
        values = [getattr(part, field.name) for part in (one, one.loads, one.books) for field in fields(part)]
        assert all(isinstance(value, (int, float, np.ndarray)) for value in values if not is_dataclass(value))
        assert all(value.dtype.kind in "ifb" for value in values if isinstance(value, np.ndarray))


def test_no_time_on_record_is_yet_to_come() -> None:
    """What happened, happened before now; only what is planned lies ahead."""
    saw = watched()[1].saw
    assert len(saw) > 40
    for one in saw:
        for name in TIMES:
            assert not (getattr(one.loads, name) > one.as_of).any(), name
        assert len(one.spot_ratio) <= 28


def test_what_is_hidden_or_yet_to_come_does_not_show() -> None:
    """Hardness, later milestones, answers still out and cancellations to come are changed: the view is the same."""
    loop = Loop(start(), Watching())
    for day in range(loop.start.first, loop.start.first + 6):
        loop._live(day)
    as_of = (loop.start.first + 5) * 1440 + 1_020.0
    before = _view(loop, loop.loads, as_of)
    after = _view(loop, _disturbed(loop.loads, as_of), as_of)
    assert before.loads.pending.any()
    assert before.loads.on_road.any()
    for field in fields(SeenLoads):
        assert same(getattr(before.loads, field.name), getattr(after.loads, field.name)), field.name


def _view(loop: Loop, loads: Loads, as_of: float) -> Seen:
    books = loop.start.world, np.zeros((1, 1), dtype=np.int64)
    rows = np.flatnonzero(loop.born < loop.start.first + 6)
    record = Record(len(loop.world.lanes))
    return seen(books[0], Books(0, books[1], books[1]), loads[rows], rows, loop.steering[rows], record, as_of)


def _disturbed(loads: Loads, as_of: float) -> Loads:
    changed = loads[np.arange(len(loads))]
    changed.hard = changed.hard + 2.0
    for name in MILESTONES:
        value = getattr(changed, name)
        setattr(changed, name, np.where(value > as_of, value + 500.0, value))
    changed.cancels_at = np.where(changed.cancels_at > as_of, np.inf, changed.cancels_at)
    pending = changed.covered_at > as_of
    changed.carrier = np.where(pending, 3, changed.carrier)
    changed.price = np.where(pending, 1.0, changed.price)
    changed.ready_at = np.where(pending & (changed.sequence > 0), changed.ready_at + 60.0, changed.ready_at)
    changed.crowd, changed.storm, changed.broken_min = changed.crowd + 1, changed.storm + 1, changed.broken_min + 1
    return changed
