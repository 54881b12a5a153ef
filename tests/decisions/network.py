"""A tiny network and a scoring whose answers a test can foresee."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from domain.facts import FACTS
from domain.manifest import Costs, Manifest
from domain.predictions import DENSE_LEVELS, ModelName
from store.frames import completed

AS_OF = datetime(2026, 3, 2, 8, tzinfo=UTC)


def at(hours: float) -> pd.Timestamp:
    """A moment relative to as_of."""
    return pd.Timestamp(AS_OF + timedelta(hours=hours))


@dataclass
class FakeDataset:
    """Canonical tables from lists of rows."""

    rows: dict[str, list[dict[str, Any]]]
    manifest: Manifest = field(
        default_factory=lambda: Manifest("tiny", late_after_min=15, costs=Costs(late_per_min=4.0, notify=1.0))
    )
    fingerprint: str = "f" * 64

    def has(self, name: str) -> bool:
        return bool(self.rows.get(name))

    def table(self, name: str) -> pd.DataFrame:
        frame = completed(name, pd.DataFrame(self.rows.get(name, [])))
        if FACTS[name].timeless or frame.empty:
            return frame
        return frame.sort_values(["known_at", *FACTS[name].key], ignore_index=True, kind="stable")


@dataclass
class FakeScoring:
    """The delay of a shipment is a spread around its carrier's mean; carriers refuse by their name."""

    means: dict[str, float] = field(default_factory=dict)
    of_carrier: dict[str, float] = field(default_factory=dict)
    fails: dict[str, float] = field(default_factory=dict)
    impact: dict[str, float] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    models: frozenset[ModelName] = frozenset(ModelName)
    asked: list[pd.DataFrame] = field(default_factory=list)

    def has(self, model: ModelName) -> bool:
        return model in self.models

    def delays(self, subjects: pd.DataFrame) -> Any:
        self.asked.append(subjects)
        swapped = subjects["carrier_id"] if "carrier_id" in subjects else pd.Series(None, index=subjects.index)
        means = [
            self.of_carrier.get(carrier, self.means.get(shipment, 0.0))
            for shipment, carrier in zip(subjects["shipment_id"], swapped, strict=True)
        ]
        spread = 40 * (np.asarray(DENSE_LEVELS) - 0.5)
        return np.asarray(means, float)[:, None] + spread[None, :]

    def tender_failures(self, offers: pd.DataFrame) -> Any:
        return np.asarray([self.fails.get(carrier, 0.2) for carrier in offers["carrier_id"]])

    def doubts(self, model: ModelName, subjects: pd.DataFrame) -> Any:
        """By shipment, by carrier, by exception: whoever is named in ``doubtful``."""
        key = "exception_id" if model is ModelName.SEVERITY else "shipment_id"
        keys = [key, *(["carrier_id"] if "carrier_id" in subjects else [])]
        told = [[self.doubtful[one] for one in row if one in self.doubtful] for row in subjects[keys].to_numpy()]
        return np.array([*(reasons[0] if reasons else None for reasons in told), None], dtype=object)[:-1]

    def impacts(self, subjects: pd.DataFrame) -> Any:
        return np.asarray([self.impact.get(one, 0.0) for one in subjects["exception_id"]])


def shipment(shipment_id: str, **more: Any) -> dict[str, Any]:
    return {
        "shipment_id": shipment_id,
        "known_at": at(-48),
        "origin_id": "A",
        "destination_id": "B",
        "carrier_id": "slow",
        "planned_pickup_at": at(2),
        "planned_delivery_at": at(10),
        "business_unit": "east",
    } | more


def milestone(shipment_id: str, code: str, hours: float, **more: Any) -> dict[str, Any]:
    return {"shipment_id": shipment_id, "code": code, "code_list": "x12-1650", "occurred_at": at(hours)} | more


def network_with_review(minutes: float) -> FakeDataset:
    """The tiny network in a shift that has so many minutes for reviews."""
    network = tiny_network()
    network.rows["capacity"] = [
        {"resource_id": "shift", "kind": "review_min", "amount": minutes, "from_at": at(-1), "until_at": at(7)}
    ]
    return network


def tiny_network() -> FakeDataset:
    """Five shipments under way, three that are no case, an exception on one and one without a shipment."""
    return FakeDataset(
        {
            "shipments": [
                *(shipment(f"S{k}") for k in range(1, 4)),
                shipment("S4", planned_delivery_at=at(3), late_penalty=900.0),
                shipment("S5", origin_id="A", destination_id="C"),
                shipment("delivered"),
                shipment("cancelled"),
                shipment("far", planned_delivery_at=at(90)),
                shipment("earlier", carrier_id="fast", planned_delivery_at=at(-90)),
            ],
            "tenders": [
                {
                    "tender_id": "T1",
                    "shipment_id": "S1",
                    "carrier_id": "slow",
                    "offered_at": at(-20),
                    "outcome": "accepted",
                    "outcome_at": at(-19),
                    "price": 1000.0,
                },
            ],
            "milestones": [
                milestone("S4", "AF", -1),
                milestone("delivered", "D1", -2),
                milestone("cancelled", "CA", -2),
            ],
            "exceptions": [
                {"exception_id": "E1", "kind": "eta_slip", "raised_at": at(-1), "shipment_id": "S3"},
                {"exception_id": "E2", "kind": "customs_hold", "raised_at": at(-5)},
                {"exception_id": "E3", "kind": "damaged", "raised_at": at(-5), "resolved_at": at(-1), "impact": 3.0},
            ],
            "capacity": [],
        }
    )


def tiny_scoring() -> FakeScoring:
    return FakeScoring(
        means={"S1": 200.0, "S2": 150.0, "S3": 20.0, "S4": 60.0, "S5": 300.0},
        of_carrier={"fast": -30.0},
        impact={"E1": 100.0, "E2": 80.0},
    )
