"""What is known now, and what follows from it for one subject: the answers that the past would give, bit for bit."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heappop
from typing import Any

import numpy as np

from domain.errors import LanewiseError
from domain.manifest import Manifest
from domain.predictions import ID_COLUMNS, ModelName
from features.describe import NOT_PLANNED, OWN_TABLE
from features.family import Asked, Text
from features.known import NEVER
from features.memory import Layout
from features.one import Cells, Coder, One
from features.records import NO_MOMENT, Columns, Floats, Moments, Names
from features.remembering import Remembering
from features.source import Offered, Reached, Reader, Shape
from features.words import NO_WORD, Vocabulary


@dataclass
class Journey:
    """What is known of one shipment beyond its record.

    Attributes
    ----------
    milestones
        Latest version of each, in the order of knowledge: when it was known, occurred and was planned, whether it is
        the departure, and when its source knew it.
    tenders
        Latest version of each: when its answer was known, and whether that is a failure.
    """

    milestones: dict[Any, tuple[Any, ...]] = field(default_factory=dict)
    tenders: dict[int, tuple[int, bool]] = field(default_factory=dict)
    ended: bool = False


class Present:
    """State of a network as known now.

    Parameters
    ----------
    shape
        What it can be told; most often that of the past whose models are in service (:meth:`features.past.Past.shape`).
    vocabulary
        Words that were met before, of a state that was kept; by default none.
    """

    def __init__(self, shape: Shape, vocabulary: Vocabulary | None = None) -> None:
        self.shape = shape
        self.now = NO_MOMENT
        self.fates: Counter[str] = Counter()
        self.vocabulary = vocabulary or Vocabulary()
        self.streams = {name: Remembering(layout) for name, layout in shape.layouts.items()}
        self.rows: dict[str, dict[Any, list[Cells]]] = {name: {} for name in shape.kinds}
        self.journeys: dict[int, Journey] = {}
        self.newest: dict[tuple[int, int], tuple[int, float]] = {}
        self.stays: dict[tuple[str, int], tuple[int, Names]] = {}
        self.due: list[tuple[int, int, str, int]] = []
        self.entered = 0
        self._kinds = {table: {**shape.kinds["shipments"], **kinds} for table, kinds in shape.kinds.items()}

    @property
    def manifest(self) -> Manifest:
        """What the data set says of itself."""
        return self.shape.manifest

    def advance(self, moment: int) -> None:
        """Let time pass up to a moment: what has gone stale by then no longer counts as open."""
        while self.due and self.due[0][0] <= moment:
            _, token, stream, name = heappop(self.due)
            stay = self.stays.get((stream, name))
            if stay is not None and stay[0] == token:
                self._leave(stream, name)
        self.now = max(self.now, moment)

    def described(self, model: ModelName, name: int, given: Cells | None = None) -> One:
        """The own record of a subject as known now, its shipment's beside it; what is ``given`` wins."""
        table, key = OWN_TABLE[model], ID_COLUMNS[model]
        own = self._latest(table, name) | (given or {})
        kinds = self.shape.kinds[table]
        if model is not ModelName.ETA_RISK:
            own = self._latest("shipments", int(own.get("shipment_id", NO_WORD))) | own
            kinds = self._kinds[table]
        return One({cell: value for cell, value in own.items() if cell not in NOT_PLANNED} | {key: name}, kinds)

    def ask(
        self,
        model: ModelName,
        subject: str,
        stage: str,
        as_of: int | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Asked:
        """A question about one subject, now or at a later moment (microseconds); what is ``given`` wins.

        Raises
        ------
        LanewiseError
            If the moment is before what was told already: only the past knows it.
        """
        moment = self.now if as_of is None else as_of
        if moment < self.now:
            raise LanewiseError("the present does not answer for a moment before what it was last told")
        self.advance(moment)
        words = Vocabulary(self.vocabulary.of)
        name = words.of(ID_COLUMNS[model]).number(subject)
        record = self.described(model, name, Coder(self._kinds[OWN_TABLE[model]], words).cells(given or {}))
        said = Text(np.array([words.of("stage").number(stage)], dtype=np.int32), words.of("stage"))
        return Asked(self, model, np.array([name], np.int32), np.array([moment]), record, words.of, said)

    def layout(self, stream: str) -> Layout | None:
        """The entities that a stream keeps."""
        return self.shape.layouts.get(stream)

    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of the sums of the subject's entities, shape (columns, 1)."""
        assert isinstance(who, One)
        kept = self.streams[stream]
        return read(kept.memory.recall(kept.slots.of_one(who), int(as_of[0]))).T

    def readings(self) -> tuple[str, ...]:
        """Kinds of outside reading that are features."""
        return self.shape.readings

    def reading(self, name: str, places: Names, as_of: Moments) -> Floats:
        """The newest reading at the place, NaN where none was."""
        found = self.newest.get((self.vocabulary.of("name").find(name), int(places[0])))
        return np.array([np.nan if found is None else found[1]])

    def reached(self, shipments: Names) -> Reached:
        """Milestones of the shipment."""
        journey = self.journeys.get(int(shipments[0])) if shipments[0] >= 0 else None
        rows = np.array([one[:3] for one in journey.milestones.values()] if journey else [], np.int64).reshape(-1, 3)
        departure = np.array([one[3] for one in journey.milestones.values()] if journey else [], np.bool_)
        never = np.full(len(rows), NEVER)
        return Reached(
            np.zeros(1, np.int64), np.array([len(rows)]), rows[:, 0], never, rows[:, 1], rows[:, 2], departure
        )

    def offered(self, shipments: Names) -> Offered:
        """Tenders of the shipment."""
        journey = self.journeys.get(int(shipments[0])) if shipments[0] >= 0 else None
        offers = journey.tenders if journey else {}
        answered = np.array([one[0] for one in offers.values()], np.int64)
        failed = np.array([one[1] for one in offers.values()], np.bool_)
        known, never = np.full(len(offers), NO_MOMENT), np.full(len(offers), NEVER)
        tenders = np.array(list(offers), np.int32)
        return Offered(np.zeros(1, np.int64), np.array([len(offers)]), tenders, known, never, answered, failed)

    def _latest(self, table: str, name: int) -> Cells:
        versions = self.rows[table].get(name)
        return versions[-1] if versions else {}

    def _leave(self, stream: str, name: int) -> None:
        stay = self.stays.pop((stream, name), None)
        if stay is not None:
            self.streams[stream].learn(self.now, self.now, -np.ones((1, 1)), stay[1])
