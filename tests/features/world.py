"""Small random networks: few entities, moments on a coarse grid so that many coincide, late and corrected knowledge."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.manifest import Manifest
from store.dataset import Dataset
from store.description import Description, StoredTable
from store.frames import completed, in_order

Row = dict[str, Any]
START = pd.Timestamp("2024-01-01T00:00Z")
DAYS = 120
MANIFEST = Manifest("world", cut_off=(START + pd.Timedelta(days=300)).to_pydatetime(), late_after_min=10)


def day(days: float) -> pd.Timestamp:
    """A moment so many days after the start."""
    return START + pd.Timedelta(minutes=round(days * 1440))


def dataset_of(tables: dict[str, list[Row]], manifest: Manifest = MANIFEST) -> Dataset:
    """A data set of these rows, as the store would give it, without touching the disk."""
    frames = {name: in_order(name, completed(name, pd.DataFrame(rows))) for name, rows in tables.items()}
    stored = {name: StoredTable((), tuple(map(str, frame.columns)), len(frame)) for name, frame in frames.items()}
    return Dataset(Path("world"), Description(manifest, stored), frames)


@dataclass
class World:
    """Rows of each table; drawn from a seed."""

    seed: int
    shipments: int = 40
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._known: dict[str, float] = {}
        for name in ("shipments", "tenders", "milestones", "exceptions", "signals"):
            self.tables[name] = []
        for number in range(self.shipments):
            self._shipment(f"s{number:03}")
        for number in range(self.shipments // 2):
            self._exception(f"e{number:03}")
        for place in ("A", "B", "C"):
            self._readings(place)

    @property
    def dataset(self) -> Dataset:
        """The world as a data set."""
        return dataset_of(self.tables)

    def _one(self, *among: Any) -> Any:
        return among[int(self._random.integers(len(among)))]

    def _chance(self, share: float) -> bool:
        return bool(self._random.random() < share)

    def _grid(self, low: float, high: float) -> float:
        """Days on a grid of six hours."""
        return round(float(self._random.uniform(low, high)) * 4) / 4

    def _shipment(self, name: str) -> None:
        known = self._grid(0, DAYS)
        pickup = known + self._grid(0, 2)
        row = {
            "shipment_id": name,
            "known_at": day(known),
            "origin_id": self._one("A", "B", None),
            "destination_id": self._one("B", "C"),
            "customer_id": self._one("u", "v", None),
            "carrier_id": self._one("k", "l", "m", None),
            "planned_pickup_at": day(pickup),
            "planned_delivery_at": self._one(day(pickup + 1), day(pickup + 1), day(pickup + 1), pd.NaT),
            "released_at": self._one(pd.NaT, day(known - 1), day(known + 0.5)),
            "late_after_min": self._one(np.nan, 60.0, 720.0),
            "distance_km": self._one(100.0, 0.0, np.nan),
            "x_color": self._one("red", "green", None),
        }
        self.tables["shipments"].append(row)
        if self._chance(0.3):
            later = {"known_at": day(known + self._grid(0.25, 4)), "x_color": self._one("red", "blue")}
            later["planned_delivery_at"] = day(pickup + self._one(0.5, 1.25))
            self.tables["shipments"].append(row | later)
        self._known[name] = known
        self._tenders(name, known)
        self._milestones(name, known, pickup)

    def _tenders(self, shipment: str, known: float) -> None:
        for number in range(int(self._random.integers(0, 3))):
            offered = known + self._grid(0, 1)
            answered = offered + self._grid(0, 1)
            outcome = self._one("accepted", "rejected", "expired", "cancelled", "open", "conditional")
            row = {
                "tender_id": f"t{shipment}{number}",
                "shipment_id": self._one(shipment, shipment, shipment, None),
                "carrier_id": self._one("k", "l", "m", None),
                "offered_at": day(offered),
                "known_at": day(offered),
                "price": self._one(100.0, 200.0, np.nan),
                "outcome": outcome,
                "outcome_at": pd.NaT if outcome == "open" else day(answered),
                "outcome_known_at": pd.NaT if outcome == "open" else day(answered + self._one(0, 0, 2)),
            }
            self.tables["tenders"].append(row)
            if outcome in ("accepted", "rejected", "expired") and self._chance(0.4):
                corrected = row["outcome_known_at"] + pd.Timedelta(days=self._grid(0.25, 100))
                said = {"outcome": self._one("accepted", "rejected"), "outcome_known_at": corrected}
                self.tables["tenders"].append(row | {"known_at": corrected} | said)

    def _milestones(self, shipment: str, known: float, pickup: float) -> None:
        at = pickup
        ended = self._one("D1", "D1", "D1", "CA", None)
        for code in ("X3", "AF", "X6", "X1", ended):
            at += self._one(0, 0.25, 0.25, 0.5)
            if code is None or self._chance(0.15):
                continue
            occurred = day(at) + pd.Timedelta(minutes=int(self._random.integers(-90, 200)))
            row = {
                "shipment_id": shipment,
                "code": code,
                "stop": self._one(None, None, "1"),
                "occurred_at": occurred,
                "planned_at": self._one(day(at), day(at - 0.25), pd.NaT),
                "known_at": max(day(known), day(at + self._one(0, 0, 1, 5)), occurred),
            }
            self.tables["milestones"].append(row)
            if self._chance(0.4):
                later = row["known_at"] + pd.Timedelta(days=self._one(0.25, 1, 89, 90, 91, 100))
                again = occurred + pd.Timedelta(minutes=int(self._random.integers(-300, 300)))
                self.tables["milestones"].append(row | {"known_at": later, "occurred_at": again})
        if self._chance(0.3):
            own = {"shipment_id": shipment, "code_list": "own", "code": "D1", "occurred_at": day(pickup + 0.25)}
            self.tables["milestones"].append(own)

    def _exception(self, name: str) -> None:
        raised = self._grid(0, DAYS)
        resolved = raised + self._grid(0, 10)
        row = {
            "exception_id": name,
            "kind": self._one("eta_slip", "weather", "own_kind"),
            "raised_at": day(raised),
            "known_at": day(raised + self._one(0, 0, 1)),
            "shipment_id": self._one(*(s for s, known in self._known.items() if known <= raised), None),
            "site_id": self._one("A", "C", None),
            "shift": self._one("early", "late", None),
            "x_color": self._one("red", "green", None),
        }
        if self._chance(0.8):
            row |= {"impact": float(self._random.integers(-5, 500)), "resolved_at": day(resolved)}
            row["resolved_known_at"] = max(day(resolved + self._one(0, 0, 3)), row["known_at"])
        self.tables["exceptions"].append(row)
        if "impact" in row and self._chance(0.4):
            later = row["resolved_known_at"] + pd.Timedelta(days=self._one(1, 90, 95))
            said = {"known_at": later, "resolved_known_at": later, "impact": float(self._random.integers(0, 500))}
            self.tables["exceptions"].append(row | said)

    def _readings(self, place: str) -> None:
        for number in range(60):
            observed = number * 2 + self._one(0, 0.25)
            for name in ("wind", "rain"):
                row = {"place_id": place, "name": name, "value": float(self._random.normal())}
                self.tables["signals"].append(row | {"observed_at": day(observed), "known_at": day(observed + 0.25)})
                if self._chance(0.2):
                    late = {"value": float(self._random.normal()), "known_at": day(observed + self._one(1, 2.25, 9))}
                    self.tables["signals"].append(self.tables["signals"][-1] | late)
