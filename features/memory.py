"""The memory of one stream: decayed sums of its entities, learned event by event or scanned over many."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.entities import Entity, Stream
from features.kernel import EMPTY, SHORTEST, Asked, State, Told, learn_all, recall_one, scan
from features.one import One
from features.records import Array, Columns, Floats, Moments, Names
from features.stretches import in_stretches
from features.words import GUESTS, NO_WORD
from store.side_by_side import available_cores, side_by_side

MICROSECONDS_PER_DAY = 86_400_000_000
PART_BITS = 21
"""Bits of each part of a crossed key."""
BLOCK = 65_536
"""Questions answered at a time, and events between two checkpoints."""
MOST_CHECKPOINTS = 16
MANY = 4_096
"""Questions from which on a scan is worth more than one thread."""
FEW_KEYS = 1_000
"""So many keys are looked up one by one; more of them in one table."""
PARTS = {"lane": ("origin_id", "destination_id")}
HOURS = {"planned_delivery_hour": "planned_delivery_at", "planned_pickup_hour": "planned_pickup_at"}
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, eq=False)
class Layout:
    """Which entities of a stream are kept, with which half-lives; equal to nothing but itself.

    Attributes
    ----------
    entities
        Those of the stream, then the user's own.
    """

    stream: Stream
    entities: tuple[Entity, ...]

    @cached_property
    def half_lives(self) -> NDArray[np.int64]:
        """Shape (half-lives,), microseconds.

        Raises
        ------
        ValueError
            If one is shorter than the scan can follow.
        """
        spans = [round(days * MICROSECONDS_PER_DAY) for days in self.stream.half_lives_days]
        if any(0 < span < SHORTEST for span in spans):
            shortest = f"{SHORTEST / MICROSECONDS_PER_DAY:g} days"
            raise ValueError(f"{self.stream.name}: a half-life is at least {shortest}, or 0 where nothing decays")
        return np.array(spans, dtype=np.int64)

    @cached_property
    def parents(self) -> NDArray[np.int64]:
        """Shape (entities,): place of each entity's parent."""
        place = {entity.key: k for k, entity in enumerate(self.entities)}
        return np.array([place.get(entity.parent, 0) for entity in self.entities], dtype=np.int64)

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Shape (entities, half-lives): those shown, and those that a child leans on."""
        shown = [[d in e.half_lives_days for d in self.stream.half_lives_days] for e in self.entities]
        kept = np.array(shown, dtype=np.bool_).reshape(len(self.entities), len(self.half_lives))
        if self.entities and not self.entities[0].key:
            kept[0] = True
        for child in range(len(self.entities) - 1, 0, -1):
            kept[self.parents[child]] |= kept[child]
        return kept

    @property
    def columns(self) -> int:
        """Count and values."""
        return 1 + len(self.stream.values)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the answers to one question: entities, half-lives, count and values."""
        return len(self.entities), len(self.half_lives), self.columns

    def parts(self, most: int) -> list[tuple[int, int]]:
        """Entities in at most so many runs of about the same length: (begin, end)."""
        cuts = np.linspace(0, len(self.entities), most + 1).round().astype(int)
        return list(pairwise(np.unique(cuts).tolist())) or [(0, 0)]


@dataclass(frozen=True)
class Events:
    """Events of a stream in the order of knowledge.

    Attributes
    ----------
    known, moments
        Shape (n,), microseconds: when each became known, and when its fact first did.
    changes
        Shape (n, 1 + values): what it adds to the count (0 for a correction) and to each value's sum.
    slots
        Shape (n, entities).
    """

    known: Moments
    moments: Moments
    changes: Floats
    slots: Names

    def part(self, begin: int, end: int) -> "Events":
        """Events ``begin`` to ``end``."""
        some = slice(begin, end)
        return Events(self.known[some], self.moments[some], self.changes[some], self.slots[some])


class Slots:
    """A place in the memory for every entity that was met."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.known: list[dict[int, int]] = [{} for _ in layout.entities]
        self.count = 0
        self._indexed: dict[int, tuple[pd.Index, Names]] = {}

    def of(self, who: Columns, grow: bool = False) -> Names:
        """Slots of n subjects' entities, shape (n, entities); −1 for one not named, or never met unless ``grow``."""
        slots = np.empty((len(who), len(self._layout.entities)), dtype=np.int32)
        for k, entity in enumerate(self._layout.entities):
            slots[:, k] = self._numbered(k, packed(entity.key, who), grow)
        return slots

    def of_one(self, who: One, grow: bool = False) -> Names:
        """The same of one subject, shape (1, entities)."""
        found = [
            self._slot(known, packed_one(entity.key, who), grow)
            for known, entity in zip(self.known, self._layout.entities, strict=True)
        ]
        return np.array([found], dtype=np.int32)

    def _numbered(self, k: int, keys: NDArray[np.int64], grow: bool) -> Array:
        codes, unique = pd.factorize(keys)
        if unique.size <= FEW_KEYS:
            found = np.array([self._slot(self.known[k], key, grow) for key in unique.tolist()], dtype=np.int32)
        else:
            found = self._many(k, unique, grow)
        return np.asarray(found[codes])

    def _many(self, k: int, keys: NDArray[np.int64], grow: bool) -> Array:
        """The same as :meth:`_slot` for many keys that differ from one another."""
        index, slots = self._index(k)
        found = np.append(slots, np.int32(NO_WORD))[index.get_indexer(keys)]
        new = np.flatnonzero((found == NO_WORD) & (keys >= 0)) if grow else np.empty(0, np.int64)
        if new.size:
            found[new] = self.count + np.arange(new.size)
            self.known[k].update(zip(keys[new].tolist(), found[new].tolist(), strict=True))
            self.count += new.size
        return np.asarray(found)

    def _index(self, k: int) -> tuple[pd.Index, Names]:
        """Keys of an entity in one table, and their slots."""
        known = self.known[k]
        if k not in self._indexed or len(self._indexed[k][0]) != len(known):
            keys, slots = (
                np.fromiter(known.keys(), np.int64, len(known)),
                np.fromiter(known.values(), np.int32, len(known)),
            )
            self._indexed[k] = pd.Index(keys), slots
        return self._indexed[k]

    def _slot(self, known: dict[int, int], key: int, grow: bool) -> int:
        found = known.get(key)
        if found is None:
            if not grow or key < 0:
                return NO_WORD
            found = known[key] = self.count
            self.count += 1
        return found


def packed(key: tuple[str, ...], who: Columns) -> NDArray[np.int64]:
    """One number for the names of an entity, −1 where one of them is missing."""
    parts = [part for name in key for part in PARTS.get(name, (name,))]
    if not parts:
        return np.zeros(len(who), dtype=np.int64)
    found = _part(parts[0], who).astype(np.int64)
    for part in parts[1:]:
        code = _part(part, who).astype(np.int64)
        if int(code.max(initial=0)) >= 2**PART_BITS:
            raise ValueError(f"{part} has more than {2**PART_BITS:,} values, too many for a crossed entity")
        found = np.where((found < 0) | (code < 0), -1, (found << PART_BITS) | code)
    return found


def packed_one(key: tuple[str, ...], who: One) -> int:
    """The same for one subject."""
    found = 0
    for name in key:
        for part in PARTS.get(name, (name,)):
            code = int(who.cells.get(HOURS.get(part, part), NO_WORD))
            code = code // MICROSECONDS_PER_HOUR if part in HOURS else code
            if code < 0 or (part not in HOURS and code >= GUESTS):
                return -1
            found = (found << PART_BITS) | code
    return found


def _part(name: str, who: Columns) -> Array:
    if name not in HOURS:
        names = who.text(name)
        return np.where(names < GUESTS, names, NO_WORD)
    moments = who.moment(HOURS[name])
    return np.where(moments < 0, -1, moments // MICROSECONDS_PER_HOUR)


class Memory:
    """Decayed sums of every entity of a stream as of the last event learned.

    Attributes
    ----------
    sums
        Shape (slots, half-lives · (1 + values)).
    periods
        Shape (slots,): see :func:`features.kernel.learn`.
    """

    def __init__(self, layout: Layout, size: int = 0) -> None:
        self.layout = layout
        self.sums = np.zeros((size, len(layout.half_lives) * layout.columns))
        self.periods = np.full(size, EMPTY, dtype=np.int32)

    def copy(self) -> "Memory":
        """The same sums, to be learned further."""
        other = Memory(self.layout)
        other.sums, other.periods = self.sums.copy(), self.periods.copy()
        return other

    def make_room(self, size: int) -> None:
        """Room for so many slots, doubled so that growing costs little."""
        if size > len(self.sums):
            other = Memory(self.layout, max(size, 2 * len(self.sums), 64))
            other.sums[: len(self.sums)], other.periods[: len(self.sums)] = self.sums, self.periods
            self.sums, self.periods = other.sums, other.periods

    def learn(self, events: Events) -> None:
        """Learn events in their order; their slots must have room."""
        told = events.known, events.moments, events.changes, events.slots
        learn_all(self.sums, self.periods, self.layout.half_lives, *told)

    def recall(self, slots: Names, as_of: int) -> Floats:
        """Sums of one question's entities, shape (1, entities, half-lives, 1 + values)."""
        answers = np.empty((1, len(self.layout.entities), self.sums.shape[1]))
        recall_one(self.sums, self.periods, slots, self.layout.half_lives, as_of, answers)
        return answers.reshape(1, *self.layout.shape)

    def scan(
        self,
        events: Events,
        begin: int,
        as_of: Moments,
        slots: Names,
        places: NDArray[np.int64] | None = None,
        found: Floats | None = None,
    ) -> tuple[Floats, int]:
        """Answers to questions by ascending ``as_of``, and the next event after ``begin``.

        Answers are in the order of the questions; or in ``found``, each at its place. Many questions are answered side
        by side, in stretches of time and on many cores by entities too: no thread shares a sum with another, so threads
        change no bit. See :func:`features.kernel.scan`.
        """
        layout, rest = self.layout, events.part(begin, len(events.known))
        places = np.arange(as_of.size) if places is None else places
        answers = np.empty((as_of.size, *layout.shape)) if found is None else found
        rows = answers.reshape(len(answers), len(layout.entities), self.sums.shape[1])
        told, asked = Told(rest.known, rest.moments, rest.changes, rest.slots), Asked(as_of, slots, places)
        jobs = self._jobs(told, asked, rows, 1 if len(slots) < MANY else available_cores())
        return answers, begin + max(side_by_side(jobs, threads=0))

    def _jobs(self, told: Told, asked: Asked, rows: Floats, cores: int) -> list[Callable[[], int]]:
        """Scans that together answer all questions; the last stretch is this memory's own."""
        stretches = [asked] if cores == 1 else in_stretches(asked, told.known, len(self.sums))
        memories = [*(self.copy() for _ in stretches[1:]), self]
        return [
            partial(scan, State(memory.sums, memory.periods, self.layout.half_lives), told, stretch, rows, *part)
            for memory, stretch in zip(memories, stretches, strict=True)
            for part in self.layout.parts(cores // len(stretches))
        ]
