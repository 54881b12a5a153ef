"""Sources that answer as a past does, but for how history is recalled."""

from abc import ABC, abstractmethod

from domain.manifest import Manifest
from features.known import count_known
from features.memory import Layout, Memory
from features.order import in_order
from features.past import Past, Remembered, read_back
from features.records import Columns, Floats, Moments, Names
from features.source import Offered, Reached, Reader


class Over(ABC):
    """A source over a past."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.readings, self.reading = past.readings, past.reading

    @property
    def manifest(self) -> Manifest:
        """What the data set says of itself."""
        return self.past.manifest

    def layout(self, stream: str) -> Layout | None:
        """The entities that a stream names at all."""
        return self.past.layout(stream)

    def reached(self, shipments: Names) -> Reached:
        """Milestones of shipments."""
        return self.past.reached(shipments)

    def offered(self, shipments: Names) -> Offered:
        """Tenders of shipments."""
        return self.past.offered(shipments)

    @abstractmethod
    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of the sums of each subject's entities, shape (columns, n)."""


class Walk(Over):
    """A past gone through once: questions that come in blocks, each later than the one before, cost one scan in all."""

    def __init__(self, past: Past) -> None:
        super().__init__(past)
        self._come_to: dict[str, tuple[Memory, int]] = {}

    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of sums, going on from where the last question of the stream was."""
        kept, memory, event = self._at(stream)
        slots, (order, as_of) = kept.slots.of(who), in_order(as_of)
        found = read_back(kept.answers(memory, event, order, as_of, slots), order, read)
        if order.size:
            event = max(event, count_known(kept.events.known, int(as_of[-1])))
        self._come_to[stream] = memory, event
        return found

    def finish(self) -> None:
        """Learn what is left of the past, of every stream that was asked for."""
        for stream in self._come_to:
            kept, memory, event = self._at(stream)
            memory.learn(kept.events.part(event, len(kept.events.known)))
            self._come_to[stream] = memory, 0

    def go_on(self, past: Past) -> None:
        """Ask the past of the time that follows from here on; it shares the slots of the one that was finished."""
        super().__init__(past)

    def _at(self, stream: str) -> tuple[Remembered, Memory, int]:
        """What a stream was told, its memory with room for all of it, and the first event that it does not hold."""
        kept = self.past.remembered(stream)
        assert kept is not None, f"{stream} was never told anything"
        memory, event = self._come_to.get(stream) or (Memory(kept.layout, kept.slots.count), 0)
        memory.make_room(kept.slots.count)
        return kept, memory, event
