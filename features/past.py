"""The past: tables of a data set, answering as of any time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import RLock
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from domain.codes import DELIVERED, DEPARTED_PICKUP, ENDING_CODES, X12_STATUS
from domain.facts import FACTS
from domain.manifest import Manifest
from domain.predictions import ID_COLUMNS, ModelName
from features.describe import NOT_PLANNED, OWN_TABLE
from features.entities import LONG_DAYS, STREAMS, Entity
from features.known import NEVER, Grouped, Moment, count_known, grouped, superseded
from features.memory import BLOCK, HOURS, MOST_CHECKPOINTS, PARTS, Events, Layout, Memory, Slots
from features.order import in_order
from features.records import (
    NO_MOMENT,
    Columns,
    Described,
    Floats,
    Given,
    Moments,
    Names,
    Records,
    Rows,
    kind_of_type,
)
from features.source import Offered, Reached, Reader, Shape
from features.streams import FAILED_WORDS, MAKERS, events
from features.words import Vocabulary, Words, kind_of
from store.contracts.columns import Kind
from store.dataset import Dataset

T = TypeVar("T")
FEW = 20
"""Questions are few where there are this many times more events."""
EVENTFUL = ("shipments", "tenders", "milestones", "exceptions", "signals")
"""Tables that say what happened."""
MAX_READINGS = 40
"""Most kinds of reading used; the most frequent are kept."""
MAX_OWN = 40
"""Most of the user's own categories that history is kept of."""
TOLD_IN = {
    "deliveries": ("milestones", DELIVERED),
    "departures": ("milestones", DEPARTED_PICKUP),
    "answers": ("tenders", "outcome_known_at"),
    "resolutions": ("exceptions", "impact"),
    "leads": ("shipments", "released_at"),
    "prices": ("tenders", "price"),
    "open": ("shipments", "shipment_id"),
    "opened": ("shipments", "shipment_id"),
    "planned": ("shipments", "shipment_id"),
    "offers": ("tenders", "tender_id"),
    "unanswered": ("tenders", "tender_id"),
}
"""The table that tells a stream, and the code or the column without which it tells nothing."""


class Remembered:
    """All events of a stream, and its memory at some of them."""

    def __init__(self, layout: Layout, slots: Slots, told: Events) -> None:
        self.layout = layout
        self.slots = slots
        self.events = told
        self._every = max(BLOCK, -(-len(told.known) // MOST_CHECKPOINTS))
        self._held: list[Memory] = []

    def recall(self, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of each question's sums, shape (columns, n)."""
        slots, (order, as_of) = self.slots.of(who), in_order(as_of)
        return read_back(self.answers(*self._before(as_of), order, as_of, slots), order, read)

    def answers(
        self, memory: Memory, event: int, order: NDArray[np.int64], as_of: Moments, slots: Names
    ) -> Iterator[Floats]:
        """Sums of questions in ``order`` of time, block by block; ``event`` is the first that ``memory`` lacks.

        ``as_of`` is in that order, ``slots`` are not.
        """
        for begin in range(0, max(order.size, 1), BLOCK):
            some = slice(begin, begin + BLOCK)
            answers, event = memory.scan(self.events, event, as_of[some], slots.take(order[some], axis=0))
            yield answers

    def _before(self, as_of: Moments) -> tuple[Memory, int]:
        """A memory to go on from, and the first event it does not hold; a few questions start from a checkpoint."""
        every, asked = len(self.events.known), as_of.size
        if not asked or asked * FEW > every:
            return Memory(self.layout, self.slots.count), 0
        held = count_known(self.events.known, int(as_of[0]))
        if held == every:
            return self._checkpoints()[-1], held
        return self._checkpoints()[held // self._every].copy(), held // self._every * self._every

    def _checkpoints(self) -> list[Memory]:
        """Memories before events 0, ``every``, 2·``every``, …; the last holds every event."""
        if not self._held:
            memory = Memory(self.layout, self.slots.count)
            held = [memory.copy()]
            for begin in range(0, len(self.events.known), self._every):
                memory.learn(self.events.part(begin, begin + self._every))
                held.append(memory.copy())
            self._held = held
        return self._held


def read_back(answers: Iterable[Floats], order: NDArray[np.int64], read: Reader) -> Floats:
    """What ``read`` makes of blocks of sums that come in ``order`` of time, in the order asked: shape (columns, n)."""
    read_before = [read(block).T for block in answers]
    found = np.empty((len(read_before[0]), order.size))
    found[:, order] = np.concatenate(read_before, axis=1)
    return found


class Past:
    """Tables of one data set as arrays, each made when it is first asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.vocabulary = Vocabulary()
        self._made: dict[Any, Any] = {}
        self._making = RLock()

    @property
    def manifest(self) -> Manifest:
        """What the data set says of itself."""
        return self.dataset.manifest

    # --- Tables -------------------------------------------------------------------------------------------------

    def records(self, table: str) -> Records:
        """A table as arrays, in the order of knowledge."""
        return self._once(("records", table), lambda: self._records(table))

    def words(self, column: str) -> Words:
        """Every word that the tables say in a column of that kind."""
        for table in EVENTFUL:
            for name in self.records(table).names:
                if kind_of(name) == kind_of(column) and self.records(table).is_text(name):
                    self.records(table).text(name)
        return self.vocabulary.of(column)

    def ranks(self, column: str) -> NDArray[np.int64]:
        """Place of each of those words among all in alphabetical order, shape (words,)."""
        words = self.words(column)
        return self._once(("ranks", kind_of(column), len(words)), words.ranks)

    def grouped(self, table: str, column: str) -> Grouped:
        """Rows of a table by the name in a column."""
        return self._once(("grouped", table, column), lambda: self._grouped(self.records(table), column))

    def superseded(self, table: str) -> Moments:
        """When the next version of each row's fact became known."""
        return self._once(("superseded", table), lambda: self._superseded(table))

    def is_code(self, codes: tuple[str, ...]) -> NDArray[np.bool_]:
        """Milestones of the X12 status list with one of some codes, shape (rows,)."""
        return self.among("milestones", "code_list", (X12_STATUS,)) & self.among("milestones", "code", codes)

    def among(self, table: str, column: str, words: tuple[str, ...]) -> NDArray[np.bool_]:
        """Rows of a table that hold one of some words, shape (rows,)."""
        names = self.records(table).text(column)
        wanted = [number for number in map(self.vocabulary.of(column).find, words) if number >= 0]
        return np.isin(names, wanted)

    @property
    def ended(self) -> Moment:
        """Shipments that ended, and when each end was known."""
        return self._once("ended", self._ended)

    @property
    def milestone_facts(self) -> NDArray[np.int64]:
        """The same number for versions of one milestone, shape (rows,)."""
        return self._once("facts", self._milestone_facts)

    def first_known(self, table: str, column: str) -> tuple[Names, Moments]:
        """Every name in a column by when it was first known, and when."""
        known = self.records(table).moment("known_at")
        by = self.grouped(table, column)
        first = np.sort(by.rows[by.starts[:-1][np.diff(by.starts) > 0]])
        return self.records(table).text(column)[first], known[first]

    def first_moment(self, told: Moment, names: Names) -> Moments:
        """The earliest moment told of each name, :data:`NEVER` where none was."""
        size = max(int(names.max(initial=-1)), int(told.names.max(initial=-1))) + 1
        return np.asarray(np.append(told.first(size), NEVER)[np.where(names < 0, size, names)])

    def described(self, model: ModelName, names: Names, as_of: Moments, given: tuple[Columns, ...] = ()) -> Described:
        """The own record of n subjects as known at ``as_of``, their shipment's beside it.

        ``names`` are of the model's id column. What is ``given`` wins over what is recorded. A column that no table
        gave is missing, so that a subject may also be described wholly by its asker.
        """
        key, table = ID_COLUMNS[model], OWN_TABLE[model]
        known = self.grouped(table, key).last_known(names, as_of)
        own = (*given, Given({key: names}), Rows(self.records(table), known, NOT_PLANNED))
        if model is ModelName.ETA_RISK:
            return Described(own, names.size)
        shipments = Described(own, names.size).text("shipment_id")
        known = self.grouped("shipments", "shipment_id").last_known(shipments, as_of)
        return Described((*own, Rows(self.records("shipments"), known, NOT_PLANNED)), names.size)

    # --- Answers to families -------------------------------------------------------------------------------------

    def layout(self, stream: str) -> Layout | None:
        """The entities that a stream names at all; none where it was never told anything."""
        kept = self.remembered(stream)
        return None if kept is None else kept.layout

    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of the sums of each subject's entities, shape (columns, n)."""
        kept = self.remembered(stream)
        assert kept is not None, f"{stream} was never told anything"
        return kept.recall(who, as_of, read)

    def readings(self) -> tuple[str, ...]:
        """Kinds of outside reading in alphabetical order, of very many the most frequent."""
        return tuple(self._once("readings", self._readings))

    def reading(self, name: str, places: Names, as_of: Moments) -> Floats:
        """The newest reading known at each place, NaN where none was."""
        rows, by_place = self._once("readings", self._readings)[name]
        found = by_place.last_known(places, as_of)
        values = self.records("signals").number("value")[rows]
        return np.where(found < 0, np.nan, values[found]) if values.size else np.full(found.size, np.nan)

    def reached(self, shipments: Names) -> Reached:
        """Milestones of shipments."""
        by = self.grouped("milestones", "shipment_id")
        columns = self._once("reached", lambda: self._reached(by.rows))
        return Reached(*by.bounds(shipments), *columns)

    def offered(self, shipments: Names) -> Offered:
        """Tenders of shipments."""
        by = self.grouped("tenders", "shipment_id")
        columns = self._once("offered", lambda: self._offered(by.rows))
        return Offered(*by.bounds(shipments), *columns)

    def shape(self) -> Shape:
        """What a live state must know to answer as this past does."""
        layouts = {name: self.layout(name) for name in STREAMS}
        return Shape(
            self.manifest,
            {table: self.records(table).kinds for table in EVENTFUL},
            {name: layout for name, layout in layouts.items() if layout is not None},
            self.readings(),
        )

    # --- Making --------------------------------------------------------------------------------------------------

    def _once(self, what: Any, make: Callable[[], T]) -> T:
        with self._making:
            if what not in self._made:
                self._made[what] = make()
            found: T = self._made[what]
            return found

    def _records(self, table: str) -> Records:
        types, rows = self.dataset.types(table), self.dataset.rows(table)
        return Records(types, rows, lambda name: self.dataset.column(table, name), self.vocabulary)

    def _grouped(self, records: Records, column: str) -> Grouped:
        names = records.text(column)
        return grouped(names, records.moment("known_at"), len(self.vocabulary.of(column)))

    def _superseded(self, table: str) -> Moments:
        records = self.records(table)
        facts = self.milestone_facts if table == "milestones" else records.text(FACTS[table].key[0]).astype(np.int64)
        return superseded(facts, records.moment("known_at"))

    def _ended(self) -> Moment:
        rows, records = np.flatnonzero(self.is_code(ENDING_CODES)), self.records("milestones")
        return Moment(records.text("shipment_id")[rows], records.moment("known_at")[rows])

    def _milestone_facts(self) -> NDArray[np.int64]:
        milestones = self.records("milestones")
        what = milestones.text("code_list").astype(np.int64)
        for part in ("code", "stop"):
            names = milestones.text(part)
            what = what * (len(self.vocabulary.of(part)) + 1) + names + 1
        kinds = pd.factorize(what)[0]
        return np.asarray(milestones.text("shipment_id") * (int(kinds.max(initial=0)) + 1) + kinds)

    def remembered(self, stream: str) -> Remembered | None:
        """All events of a stream; none where it was never told anything."""
        return self._once(("remembered", stream), lambda: self._remember(stream))

    def _remember(self, stream: str) -> Remembered | None:
        layout = layout_of(self.dataset, stream, lambda code: bool(self.is_code((code,)).any()))
        return None if layout is None else self._told(stream, layout, Slots(layout))

    def _told(self, stream: str, layout: Layout, slots: Slots) -> Remembered:
        told = MAKERS[stream](self)
        return Remembered(layout, slots, events(told, slots.of(told.who, grow=True)))

    def _readings(self) -> dict[str, tuple[NDArray[np.int64], Grouped]]:
        """By name, the readings that were the newest of their place when they became known.

        A straggler, or the correction of a reading that a later one had replaced, does not come back as the latest.
        """
        signals = self.dataset.table("signals")
        names = sorted(signals["name"].value_counts().index[:MAX_READINGS]) if len(signals) else []
        newest = signals["observed_at"] == signals.groupby(["name", "place_id"])["observed_at"].cummax()
        made = {}
        for name in names:
            rows = np.flatnonzero(newest & (signals["name"] == name))
            records = self.records("signals")
            places, known = records.text("place_id")[rows], records.moment("known_at")[rows]
            made[name] = rows, grouped(places, known, len(self.vocabulary.of("place_id")))
        return made

    def _reached(self, rows: NDArray[np.int64]) -> tuple[Any, ...]:
        milestones = self.records("milestones")
        known, superseded_at = milestones.moment("known_at"), self.superseded("milestones")
        said = (known, superseded_at, milestones.moment("occurred_at"), milestones.moment("planned_at"))
        return (*(column[rows] for column in said), self.is_code((DEPARTED_PICKUP,))[rows])

    def _offered(self, rows: NDArray[np.int64]) -> tuple[Any, ...]:
        tenders = self.records("tenders")
        known, told = tenders.moment("known_at"), tenders.moment("outcome_known_at")
        answered = np.where(told == NO_MOMENT, NEVER, told)
        failed = self.among("tenders", "outcome", FAILED_WORDS)
        said = (tenders.text("tender_id"), known, self.superseded("tenders"), answered, failed)
        return tuple(column[rows] for column in said)


def layout_of(dataset: Dataset, stream: str, reached: Callable[[str], bool]) -> Layout | None:
    """The entities of a stream that its records can name; none where it was never told anything.

    What the columns are decides, not what is in a part of their rows: every month of a data set has the same.

    Parameters
    ----------
    reached
        Whether some milestone says an X12 status code.
    """
    table, needed = TOLD_IN[stream]
    if not dataset.rows(table) or not (reached(needed) if table == "milestones" else needed in dataset.types(table)):
        return None
    tables = ("shipments",) if table == "milestones" else (table, "shipments")
    types = {name: kind for one in reversed(tables) for name, kind in dataset.types(one).items()}
    named = {name: kind for name, kind in types.items() if name not in NOT_PLANNED}
    known = STREAMS[stream]
    entities = (*known.entities, *own_entities(known.own, named))
    return Layout(known, tuple(entity for entity in entities if _made_of(entity) <= named.keys()))


def _made_of(entity: Entity) -> set[str]:
    """Columns that an entity's key is made of."""
    return {HOURS.get(part, part) for name in entity.key for part in PARTS.get(name, (name,))}


def own_entities(model: ModelName | None, types: Mapping[str, pa.DataType]) -> tuple[Entity, ...]:
    """The user's own categories as entities, of a stream that keeps them."""
    if model is None:
        return ()
    own = sorted(name for name, kind in types.items() if name.startswith("x_") and kind_of_type(kind) is Kind.TEXT)
    return tuple(Entity((name,), (LONG_DAYS,)) for name in own[:MAX_OWN])


def past_of(dataset: Dataset) -> Past:
    """The past of a data set, made once."""
    return dataset.once("past", lambda: Past(dataset))
