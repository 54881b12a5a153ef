"""The memory of one stream that is told event by event: what each fact last said, so that a correction is a change."""

from typing import Any

import numpy as np

from features.memory import MICROSECONDS_PER_DAY, Events, Layout, Memory, Slots
from features.one import One
from features.records import Floats, Names
from features.streams import CORRECTION_HORIZON_DAYS

HORIZON = CORRECTION_HORIZON_DAYS * MICROSECONDS_PER_DAY


class Remembering:
    """The memory of one stream with what was told of each fact."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.slots = Slots(layout)
        self.memory = Memory(layout)
        self.facts: dict[Any, tuple[int, Floats, Names]] = {}

    def placed(self, who: One) -> Names:
        """Slots of whom an event concerns, with room for them; shape (1, entities)."""
        slots = self.slots.of_one(who, grow=True)
        self.memory.make_room(self.slots.count)
        return slots

    def learn(self, known: int, moment: int, change: Floats, slots: Names) -> None:
        """One event, known now, of a fact first known at ``moment``; ``change`` has shape (1, 1 + values)."""
        self.memory.learn(Events(np.array([known]), np.array([moment]), change, slots))

    def version(self, fact: Any, known: int, values: Floats, who: One) -> None:
        """A version of a fact: the first counts, a later one is the change against the one before."""
        if np.isnan(values).any():
            return
        before = self.facts.get(fact)
        if before is None:
            slots = self.placed(who)
            self.facts[fact] = known, values, slots
            self.learn(known, known, _change(1.0, values), slots)
            return
        first, last, slots = before
        self.facts[fact] = first, values, slots
        if known - first <= HORIZON:
            self.learn(known, first, _change(0.0, values - last), slots)


def _change(count: float, values: Floats) -> Floats:
    change = np.empty((1, 1 + values.shape[1]))
    change[0, 0] = count
    change[0, 1:] = values[0]
    return change
