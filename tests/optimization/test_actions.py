"""Every action answers possible?, cost, resources and risk after it; figures worked out by hand."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.params import CostParams
from domain.predictions import DENSE_LEVELS, ModelName
from optimization.actions import ACTIONS, Action
from optimization.actions.action import Context
from optimization.actions.expedite import Expedite
from optimization.actions.retender import Retender
from optimization.assumptions import CATALOGUE
from optimization.candidates import propose_all
from optimization.cases import CASE_COLUMNS
from optimization.cost import LatenessTerms
from optimization.resources import shared_resources
from store.frames import completed

AS_OF = datetime(2026, 3, 2, 8, tzinfo=UTC)


@dataclass
class Carriers:
    """A scoring in which every delay is certain and belongs to the carrier."""

    delay: dict[str, float] = field(default_factory=lambda: {"good": 0.0, "fair": 50.0, "poor": 500.0})
    fails: dict[str, float] = field(default_factory=lambda: {"good": 0.5, "fair": 0.1, "poor": 0.3})
    tender_model: bool = True

    def has(self, model: ModelName) -> bool:
        return model is not ModelName.TENDER_FAILURE or self.tender_model

    def delays(self, subjects: pd.DataFrame) -> Any:
        return np.array([[self.delay[one]] * len(DENSE_LEVELS) for one in subjects["carrier_id"]])

    def tender_failures(self, offers: pd.DataFrame) -> Any:
        return np.array([self.fails[one] for one in offers["carrier_id"]])

    def doubts(self, model: ModelName, subjects: pd.DataFrame) -> Any:
        return np.full(len(subjects), None, dtype=object)

    def impacts(self, subjects: pd.DataFrame) -> Any:
        raise AssertionError("no action asks for impacts")


def cases(**columns: list[Any]) -> pd.DataFrame:
    n = len(next(iter(columns.values()))) if columns else 1
    given = {
        "case_id": [f"S{k}" for k in range(n)],
        "shipment_id": [f"S{k}" for k in range(n)],
        "case_kind": ["shipment"] * n,
        "stage": ["tendered"] * n,
        "picked_up": [False] * n,
        "open_exceptions": [0] * n,
        "carrier_id": ["now"] * n,
        "origin_id": ["A"] * n,
        "destination_id": ["B"] * n,
        "price": [1000.0] * n,
        "planned_pickup_at": pd.to_datetime(["2026-03-02T12:00Z"] * n),
        "planned_delivery_at": pd.to_datetime(["2026-03-02T20:00Z"] * n),
    } | columns
    frame = pd.DataFrame(given).reindex(columns=list(CASE_COLUMNS))
    text = ["stage", "carrier_id", "new_carrier_id", "business_unit", "shipment_id", "case_id"]
    return frame.astype({name: "str" for name in text if name in frame})


def context(n: int = 1, delay: float = 100.0, **more: Any) -> Context:
    """Every case is late by a certain delay; late after 15, 2 a minute."""
    terms = LatenessTerms(np.full(n, 15.0), np.full(n, np.nan), np.full(n, 2.0))
    each = pd.DataFrame(
        {
            "carrier_id": pd.Series(["fair", "good", "now", "poor"], dtype="str"),
            "price": [1100.0, 1300.0, 1000.0, np.nan],
        }
    )
    carriers = pd.DataFrame({"shipment_id": pd.Series([f"S{k}" for k in range(n)], dtype="str")}).merge(each, "cross")
    return Context(
        AS_OF,
        CostParams(),
        more.pop("scoring", Carriers()),
        terms,
        np.full((n, len(DENSE_LEVELS)), delay),
        np.zeros(n),
        carriers,
        **more,
    )


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind)
def test_every_action_answers_in_the_same_shape(action: Action) -> None:
    """Contract of the family: k candidates, finite costs of 0 or more at once, known assumptions."""
    made = action.propose(cases(case_id=["S0", "S1", "S2"]), context(3))
    k = len(made.case)
    for column in (made.direct_cost, made.handling_min, made.premium, made.person_min, made.risk.failure_cost):
        assert column.shape == (k,)
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert set(made.case) <= {0, 1, 2}
    assert {name for name in made.assumed if not name.startswith("costs.")} <= set(CATALOGUE)
    assert {name.removeprefix("costs.") for name in made.assumed if name.startswith("costs.")} <= set(
        CostParams.__dataclass_fields__
    )


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind)
def test_no_cases_no_candidates(action: Action) -> None:
    made = action.propose(cases().iloc[:0], context(0))
    assert len(made.case) == 0


def test_expediting_takes_half_of_a_positive_delay_only() -> None:
    """100 min late: 50 remain, (50 − 15) × 2 = 70; 40 min early stays 40 min early."""
    late = Expedite().propose(cases(), context())
    assert late.risk.failure_cost.tolist() == pytest.approx([70.0])
    early = Expedite().propose(cases(), context(delay=-40.0))
    assert early.risk.expected_delay_min.tolist() == pytest.approx([-40.0])


def test_the_premium_is_a_share_of_the_price_or_the_sum() -> None:
    made = Expedite().propose(cases(price=[1000.0, np.nan]), context(2))
    assert made.premium.tolist() == pytest.approx([350.0, 150.0])
    assert {"costs.expedite_share", "costs.expedite"} <= made.assumed


def test_what_has_arrived_is_not_expedited() -> None:
    made = Expedite().propose(cases(stage=["X1", "X1@2", "X6", "release"]), context(4))
    assert made.case.tolist() == [2, 3]


def test_a_retender_is_priced_by_its_chance() -> None:
    """fair refuses with 0.1. Failure: 0.9 · (50−15)·2 + 0.1 · (100+60−15)·2 = 92; direct: 0.9 · (100 + 145)."""
    made = Retender().propose(cases(), context(max_carriers=1))
    assert made.new_carrier_id is not None
    assert made.new_carrier_id.tolist() == ["fair"]
    assert made.risk.failure_cost.tolist() == pytest.approx([92.0])
    assert made.direct_cost.tolist() == pytest.approx([0.9 * (100 + 145)])
    assert made.risk.expected_delay_min.tolist() == pytest.approx([0.9 * 50 + 0.1 * 160])


def test_carriers_are_proposed_likeliest_first_and_never_the_present_one() -> None:
    made = Retender().propose(cases(), context(max_carriers=2))
    assert made.new_carrier_id is not None
    assert made.new_carrier_id.tolist() == ["fair", "poor"]
    every = Retender().propose(cases(), context(max_carriers=9))
    assert every.new_carrier_id is not None
    assert "now" not in every.new_carrier_id.tolist()


def test_without_an_accepted_tender_nothing_is_cancelled() -> None:
    made = Retender().propose(cases(stage=["release"]), context(max_carriers=1))
    assert made.direct_cost.tolist() == pytest.approx([90.0])
    assert "retender_cancel_cost" not in made.assumed


def test_an_unknown_price_is_an_assumption() -> None:
    """Where the present price is not known, the difference is taken as 0 and the plan says so."""
    made = Retender().propose(cases(price=[np.nan], stage=["release"]), context(max_carriers=1))
    assert made.direct_cost.tolist() == [0.0]
    assert "retender_extra_price" in made.assumed
    assert "retender_extra_price" not in Retender().propose(cases(), context(max_carriers=1)).assumed


def test_after_pickup_there_is_no_retender() -> None:
    """Not at a milestone's stage, not once AF is known."""
    frame = cases(stage=["X3", "tendered"], picked_up=[False, True])
    assert len(Retender().propose(frame, context(2)).case) == 0


def test_a_load_is_offered_to_its_own_carriers_only() -> None:
    """Each to those that are known for it, whatever another load of the lane may be offered to."""
    both = context(2, max_carriers=9)
    few = both.carriers[(both.carriers["shipment_id"] == "S0") | (both.carriers["carrier_id"] == "poor")]
    made = Retender().propose(cases(case_id=["S0", "S1"]), replace(both, carriers=few))
    assert made.new_carrier_id is not None
    assert list(zip(made.case, made.new_carrier_id, strict=True)) == [
        (0, "fair"),
        (0, "poor"),
        (0, "good"),
        (1, "poor"),
    ]


def test_the_refusal_is_assumed_without_a_model() -> None:
    made = Retender().propose(cases(), context(scoring=Carriers(tender_model=False), max_carriers=1))
    assert "retender_p_fail" in made.assumed
    assert made.direct_cost.tolist() == pytest.approx([0.5 * (100 + 145)])


def test_costs_add_up_in_cents_and_savings_are_against_doing_nothing() -> None:
    table = propose_all(cases(), context()).table
    assert (table["direct_cents"] + table["handling_cents"] + table["failure_cents"] == table["cost_cents"]).all()
    idle = table.loc[table["action"] == "do_nothing", "cost_cents"].iloc[0]
    assert idle == 17_000
    assert (table["saving_cents"] == idle - table["cost_cents"]).all()
    assert table["action_id"].is_unique
    assert table["cost_cents"].is_monotonic_increasing


def test_an_excess_of_an_exception_stays_whatever_the_carrier() -> None:
    """An exception dearer than the lateness adds its excess once to every action's failure cost."""
    plain, worse = context(), replace(context(), excess=np.array([30.0]))
    before = propose_all(cases(), plain).table.set_index("label")["failure_cost"]
    after = propose_all(cases(), worse).table.set_index("label")["failure_cost"]
    assert (after - before)[["do_nothing", "expedite", "retender:fair"]].tolist() == pytest.approx([30.0] * 3)


def capacity(*rows: dict[str, Any]) -> pd.DataFrame:
    return completed("capacity", pd.DataFrame(list(rows)))


def test_limits_without_capacity_come_from_the_settings() -> None:
    table = propose_all(cases(), context()).table.assign(review_min=3)
    shared = shared_resources(table, capacity(), AS_OF, CostParams())
    limits = dict(zip(shared.resources["resource_id"], shared.resources["hi"], strict=True))
    assert limits == {"review_min": 480, "premium_budget:*": 500_000}
    assert shared.assumed == {"costs.review_min_per_shift", "costs.premium_budget"}
    used = shared.usage.set_index(["action_id", "resource_id"])["amount"]
    assert used["S0/escalate", "review_min"] == 15
    assert used["S0/expedite", "premium_budget:*"] == 35_000
    assert used["S0/notify", "review_min"] == 3


def test_capacity_counts_in_its_own_period_only() -> None:
    """Review minutes of now and of an earlier shift; loads of the pickup's day and of another."""
    day = {"carrier_id": "fair", "origin_id": "A", "destination_id": "B", "kind": "carrier_lane_day"}
    known = capacity(
        {"resource_id": "now", "kind": "review_min", "amount": 60.9, "from_at": pd.Timestamp(AS_OF)},
        {
            "resource_id": "before",
            "kind": "review_min",
            "amount": 99.0,
            "from_at": pd.Timestamp("2026-03-02T00:00Z"),
            "until_at": pd.Timestamp(AS_OF),
        },
        day | {"resource_id": "fair", "amount": 2.0, "from_at": pd.Timestamp("2026-03-02T00:00Z")},
        day | {"resource_id": "fair", "amount": 0.0, "from_at": pd.Timestamp("2026-03-03T00:00Z")},
    )
    table = propose_all(cases(), context()).table.assign(review_min=0)
    shared = shared_resources(table, known, AS_OF, CostParams())
    limits = dict(zip(shared.resources["resource_id"], shared.resources["hi"], strict=True))
    assert limits["review_min"] == 60
    assert [(name, hi) for name, hi in limits.items() if name.startswith("carrier")] == [
        ("carrier_lane_day:fair@2026-03-02T00:00Z", 2)
    ]
    loads = shared.usage[shared.usage["resource_id"].str.startswith("carrier")]
    assert loads["action_id"].tolist() == ["S0/retender:fair"]


def test_a_unit_with_its_own_budget_does_not_draw_on_the_common_one() -> None:
    known = capacity(
        {
            "resource_id": "b",
            "kind": "premium_budget",
            "amount": 10.0,
            "business_unit": "east",
            "from_at": pd.Timestamp(AS_OF),
        }
    )
    frame = cases(business_unit=["east", "west"])
    table = propose_all(frame, context(2)).table.assign(review_min=0)
    shared = shared_resources(table, known, AS_OF, CostParams())
    drawn = shared.usage[shared.usage["resource_id"].str.startswith("premium")]
    assert dict(zip(drawn["action_id"], drawn["resource_id"], strict=True)) == {
        "S0/expedite": "premium_budget:east",
        "S1/expedite": "premium_budget:*",
    }
