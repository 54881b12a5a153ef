"""The present: told record by record as each becomes known, it answers with the bits that the past would.

A record that arrives late, known before what was told already, counts from its arrival: what was answered stays true.
"""

from collections.abc import Mapping
from enum import StrEnum
from heapq import heappush
from typing import Any

import numpy as np

from domain.codes import DELIVERED, DEPARTED_PICKUP, ENDING_CODES, X12_STATUS, TenderOutcome
from domain.errors import LanewiseError
from domain.facts import FACTS, SecondHalf
from domain.predictions import ModelName
from features.known import NEVER
from features.one import Cells, Coder, One
from features.present import Journey, Present
from features.records import NO_MOMENT, Moments
from features.source import Shape
from features.streams import (
    FAILED_WORDS,
    delivery_values,
    departure_values,
    impact_values,
    lateness_allowed,
    lead_values,
    price_values,
    stale_at,
)
from features.words import NO_WORD, Vocabulary

NEEDED = {"milestones": ("occurred_at",), "signals": ("value",)}
"""What a record says nothing without, beside its fact's key and ``known_at``."""
OPEN = ("open", "planned")
"""Streams that count a shipment while its record stands and it has not ended."""
BEGUN = {"open": "opened", "unanswered": "offers"}
"""Streams that count how often a stay begins."""


class Fate(StrEnum):
    """What became of a record that was told."""

    TAKEN = "taken"
    LATE = "taken as of its arrival"
    REPEATED = "repeated"
    CONFLICTING = "conflicting"
    """The same fact and known time with other content: refused, the first stands."""


class Live(Present):
    """A present that is told every record as it becomes known."""

    def __init__(self, shape: Shape, vocabulary: Vocabulary | None = None) -> None:
        super().__init__(shape, vocabulary)
        self._tellers = {
            "shipments": self._shipment,
            "tenders": self._tender,
            "milestones": self._milestone,
            "exceptions": self._exception,
            "signals": self._signal,
        }
        self._coders = {table: Coder(kinds, self.vocabulary) for table, kinds in shape.kinds.items()}
        numbers = self.vocabulary.of
        self._x12 = numbers("code_list").number(X12_STATUS)
        self._departure = numbers("code").number(DEPARTED_PICKUP)
        self._delivered = numbers("code").number(DELIVERED)
        self._ends = {numbers("code").number(code) for code in ENDING_CODES}
        self._failed = {numbers("outcome").number(word) for word in FAILED_WORDS}
        self._accepted = numbers("outcome").number(str(TenderOutcome.ACCEPTED))
        self._open = numbers("outcome").number(str(TenderOutcome.OPEN))

    # --- Being told ----------------------------------------------------------------------------------------------

    def tell(self, table: str, row: Mapping[str, Any]) -> Fate:
        """Take a record as it is known now.

        A row whose second half (the answer, the impact) comes later is told twice: once without it, once with it.

        Parameters
        ----------
        row
            Cells by column: text, numbers, and moments as aware datetimes or microseconds since 1970 (UTC).

        Raises
        ------
        LanewiseError
            If the table takes no records, a column that identifies the fact, says what happened or when it was known
            is missing, or a value is not of its column's kind; no answer has changed then.
        """
        if table not in self._tellers:
            raise LanewiseError(f"{table!r} takes no records; {', '.join(self._tellers)} do")
        cells = self._coders[table].cells(row)
        fact = FACTS[table]
        if fact.known_default is not None:
            cells.setdefault("known_at", cells.get(fact.known_default, NO_MOMENT))
        if table == "milestones":
            cells.setdefault("code_list", self._x12)
        if fact.second is not None and fact.second.happened in cells:
            cells.setdefault(fact.second.known, cells[fact.second.happened])
        needed = ("known_at", *fact.key, *NEEDED.get(table, ()))
        missing = [name for name in needed if name not in cells and name != "stop"]
        if missing or cells["known_at"] == NO_MOMENT:
            raise LanewiseError(f"a record of {table} needs {', '.join(missing or ['known_at'])}")
        fate = self._tellers[table](tuple(int(cells.get(name, NO_WORD)) for name in fact.key), cells)
        self.fates[fate] += 1
        return fate

    def _shipment(self, key: tuple[int, ...], cells: Cells) -> Fate:
        fate, fresh, _ = self._arrived("shipments", key[0], cells)
        if fresh:
            self._planned(key[0], cells, self.described(ModelName.ETA_RISK, key[0]))
        return fate

    def _planned(self, shipment: int, cells: Cells, who: One) -> None:
        """A version of a shipment's plan is known."""
        if "leads" in self.streams:
            values = lead_values(_at(cells, "planned_pickup_at"), _at(cells, "released_at"))
            self.streams["leads"].version(shipment, self.now, values, who)
        if not self._journey(shipment).ended:
            stale = int(stale_at(_at(cells, "known_at"), _at(cells, "planned_delivery_at"))[0])
            for stream in OPEN:
                self._leave(stream, shipment)
                self._enter(stream, shipment, who, stale)

    def _tender(self, key: tuple[int, ...], cells: Cells) -> Fate:
        fate, fresh, answered = self._arrived("tenders", key[0], cells)
        versions = self.rows["tenders"][key[0]]
        offers = self._journey(int(cells.get("shipment_id", NO_WORD))).tenders
        if fresh:
            if len(versions) == 1:
                self._offered(key[0], cells)
            else:
                self._journey(int(versions[-2].get("shipment_id", NO_WORD))).tenders.pop(key[0])
            offers[key[0]] = NEVER, False
        if answered:
            outcome = cells.get("outcome", self._open)
            failed = outcome in self._failed
            if outcome != self._open:
                self._leave("unanswered", key[0])
            if failed or outcome == self._accepted:
                self._decided(key[0], cells, failed)
            if "outcome_known_at" in cells:
                offers[key[0]] = self.now, failed
        return fate

    def _offered(self, tender: int, cells: Cells) -> None:
        """A tender is known for the first time."""
        known = _at(cells, "known_at")
        who = self.described(ModelName.TENDER_FAILURE, tender)
        self._enter("unanswered", tender, who, int(stale_at(known, known)[0]))

    def _decided(self, tender: int, cells: Cells, failed: bool) -> None:
        """A tender was accepted, or it failed."""
        who = self.described(ModelName.TENDER_FAILURE, tender)
        price = np.array([cells.get("price", np.nan)], dtype=np.float64)
        for stream, values in (("answers", np.array([[float(failed)]])), ("prices", price_values(price))):
            if stream in self.streams:
                self.streams[stream].version(tender, self.now, values, who)

    def _exception(self, key: tuple[int, ...], cells: Cells) -> Fate:
        fate, _, resolved = self._arrived("exceptions", key[0], cells)
        if resolved and "impact" in cells and "resolutions" in self.streams:
            values = impact_values(np.array([float(cells["impact"])]), np.array(self.manifest.severity.thresholds))
            who = self.described(ModelName.SEVERITY, key[0])
            self.streams["resolutions"].version(key[0], self.now, values, who)
        return fate

    def _milestone(self, key: tuple[int, ...], cells: Cells) -> Fate:
        journey, name = self._journey(key[0]), key[1:]
        said = (cells["occurred_at"], cells.get("planned_at", NO_MOMENT))
        before = journey.milestones.get(name)
        if before is not None and before[4] == cells["known_at"]:
            return Fate.REPEATED if before[1:3] == said else Fate.CONFLICTING
        known, fate = self._moment(int(cells["known_at"]))
        departure = key[1:3] == (self._x12, self._departure)
        journey.milestones.pop(name, None)
        journey.milestones[name] = (known, *said, departure, cells["known_at"])
        self._learned(key, known, *(np.array([moment], dtype=np.int64) for moment in said))
        return fate

    def _learned(self, key: tuple[int, ...], known: int, occurred: Moments, planned: Moments) -> None:
        """What the streams learn of a milestone."""
        journey, code = self._journey(key[0]), key[2] if key[1] == self._x12 else NO_WORD
        if code not in (self._departure, *self._ends):
            return
        who = self.described(ModelName.ETA_RISK, key[0])
        if code == self._departure:
            if "departures" in self.streams:
                values = departure_values(occurred, planned, who.moment("planned_pickup_at"))
                self.streams["departures"].version(key, known, values, who)
            return
        if code == self._delivered and "deliveries" in self.streams:
            allowed = lateness_allowed(self.manifest.late_after_min, who)
            values = delivery_values(occurred, who.moment("planned_delivery_at"), allowed)
            self.streams["deliveries"].version(key, known, values, who)
        journey.ended = True
        for stream in OPEN:
            self._leave(stream, key[0])

    def _signal(self, key: tuple[int, ...], cells: Cells) -> Fate:
        place, name, observed = key
        before = self.newest.get((name, place))
        _, fate = self._moment(int(cells["known_at"]))
        if before is None or observed >= before[0]:
            self.newest[name, place] = observed, cells["value"]
        return fate

    # --- What the tellers share ----------------------------------------------------------------------------------

    def _moment(self, since: int) -> tuple[int, Fate]:
        """When a record counts from: when it became known, or now where it comes late."""
        fate = Fate.LATE if since < self.now else Fate.TAKEN
        self.advance(since)
        return self.now, fate

    def _arrived(self, table: str, key: int, cells: Cells) -> tuple[Fate, bool, bool]:
        """Keep a row; its fate, whether its first half is news, and whether its second is (of the latest version only).

        The row's ``known_at`` becomes the moment it counts from, ``source_known_at`` keeps the original.
        """
        fact, versions = FACTS[table], self.rows[table].setdefault(key, [])
        cells["source_known_at"] = cells["known_at"]
        second, second_known = _second_half(fact.second, cells, self._open)
        place = next((k for k, one in enumerate(versions) if one["source_known_at"] == cells["known_at"]), None)
        if place is None:
            cells["known_at"], fate = self._moment(int(cells["known_at"]))
            versions.append(cells)
        else:
            before = versions[place]
            cells["known_at"] = before["known_at"]
            had, _ = _second_half(fact.second, before, self._open)
            if _first_half(fact.second, before) != _first_half(fact.second, cells) or (had and had != second):
                return Fate.CONFLICTING, False, False
            if had == second:
                return Fate.REPEATED, False, False
            fate, versions[place] = Fate.TAKEN, cells
        if second:
            _, late = self._moment(max(second_known, int(cells["known_at"])))
            fate = late if place is not None else fate
        return fate, place is None, bool(second) and versions[-1] is cells

    def _enter(self, stream: str, name: int, who: One, stale: int) -> None:
        begun = self.streams.get(BEGUN.get(stream, ""))
        if begun is not None:
            begun.learn(self.now, self.now, np.ones((1, 1)), begun.placed(who))
        if stream in self.streams:
            slots = self.streams[stream].placed(who)
            self.streams[stream].learn(self.now, self.now, np.ones((1, 1)), slots)
            self.entered += 1
            self.stays[stream, name] = self.entered, slots
            heappush(self.due, (stale, self.entered, stream, name))

    def _journey(self, shipment: int) -> Journey:
        return self.journeys.setdefault(shipment, Journey())


def _at(cells: Cells, name: str) -> Moments:
    return np.array([cells.get(name, NO_MOMENT)], dtype=np.int64)


def _first_half(second: SecondHalf | None, cells: Cells) -> Cells:
    apart = {"known_at", *(() if second is None else (*second.columns, second.known))}
    return {name: cell for name, cell in cells.items() if name not in apart}


def _second_half(second: SecondHalf | None, cells: Cells, blank: int) -> tuple[Cells, int]:
    """Cells of the second half that say something, and when they were known."""
    if second is None:
        return {}, NO_MOMENT
    said = {
        name: cells[name] for name in second.columns if name in cells and (name != "outcome" or cells[name] != blank)
    }
    return said, int(cells.get(second.known, NO_MOMENT))
