"""Random small situations of a plan, and the same as plain rows for oracles that share no code."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from optimization.problem import Problem, build_problem
from optimization.scenarios.base import Base
from optimization.scenarios.situation import Situation, bare
from optimization.solve import solve
from tests.optimization.problems import random_problem

RESOURCES = ["review_min", "premium_budget:*", "premium_budget:east", "carrier_lane_day:C1:A:B@2026-03-02T00:00Z"]
KINDS = ["do_nothing", "notify", "expedite", "retender"]


@cache
def random_situation(seed: int) -> Situation:
    """A random problem whose candidates have carriers, places, times and parts of cost; resources of a plan's names."""
    rng, problem = np.random.default_rng(seed + 10_000), random_problem(seed)
    renamed = dict(zip(problem.resources["resource_id"], rng.permutation(RESOURCES), strict=False))
    cases = {case: _of_case(rng) for case in problem.case_ids}
    rows = []
    numbers: dict[str, int] = {}
    for row in problem.candidates.to_dict("records"):
        number = numbers[row["case_id"]] = numbers.get(row["case_id"], -1) + 1
        rows.append({**row, **cases[row["case_id"]], **_of_action(rng, number, row["cost_cents"])})
    return Situation(
        pd.DataFrame(rows),
        problem.usage.assign(resource_id=problem.usage["resource_id"].map(renamed).astype("str")),
        problem.resources.assign(resource_id=problem.resources["resource_id"].map(renamed).astype("str")),
        problem.exclusions,
    )


def _of_case(rng: np.random.Generator) -> dict[str, Any]:
    day = int(rng.integers(1, 4))
    return {
        "carrier_id": str(rng.choice(["C1", "C2"])) if rng.random() < 0.8 else None,
        "origin_id": str(rng.choice(["A", "B"])),
        "destination_id": str(rng.choice(["B", "D"])),
        "customer_id": "K",
        "customer_tier": "gold",
        "business_unit": "east",
        "mode": "truckload",
        "stage": "tendered",
        "exception_kind": None,
        "planned_pickup_at": f"2026-03-0{day}T08:00:00Z" if rng.random() < 0.8 else None,
        "planned_delivery_at": f"2026-03-0{day + 1}T08:00:00Z",
    }


def _of_action(rng: np.random.Generator, number: int, cost: int) -> dict[str, Any]:
    kind = KINDS[number]
    carrier = str(rng.choice(["C1", "C2", "C3"])) if kind == "retender" else None
    failure = max(0, int(cost * rng.random()))
    return {
        "label": f"{kind}:{carrier}" if carrier else kind,
        "action": kind,
        "new_carrier_id": carrier,
        "p_late": float(rng.random()) if rng.random() < 0.8 else None,
        "p_refused": float(rng.random()) if carrier and rng.random() < 0.8 else None,
        "pickup_at": None,
        "depot_id": None,
        "failure_cents": failure,
        "handling_cents": 0,
        "direct_cents": cost - failure,
    }


def base_of(situation: Situation) -> Base:
    """The situation with its optimum."""
    return Base(situation, solve(situation.build()))


def only_ids(situation: Situation) -> Situation:
    """What a problem folder knows of it."""
    return bare(situation.build())


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values, null as None."""
    return [{key: None if pd.isna(value) else value for key, value in row.items()} for row in frame.to_dict("records")]


class Plain:
    """The tables of a situation as lists of rows, to be changed by hand."""

    def __init__(self, situation: Situation) -> None:
        self.candidates = records(situation.candidates)
        self.usage = records(situation.usage)
        self.resources = records(situation.resources)
        self.exclusions = records(situation.exclusions)

    def drop(self, gone: set[str]) -> None:
        """Take candidates away, with all that names them."""
        self.candidates = [row for row in self.candidates if row["action_id"] not in gone]
        self.usage = [row for row in self.usage if row["action_id"] not in gone]
        self.exclusions = [row for row in self.exclusions if not gone & {row["action_id_1"], row["action_id_2"]}]

    @property
    def problem(self) -> Problem:
        names = ("candidates", "usage", "resources", "exclusions")
        return build_problem(*(pd.DataFrame(rows) if (rows := getattr(self, name)) else None for name in names))


def with_resource(situation: Situation, **row: Any) -> Situation:
    """One resource more, that nothing uses."""
    full = {"lo": None, "hi": None, "penalty_lo_cents": None, "penalty_hi_cents": None, **row}
    resources = pd.DataFrame([*records(situation.resources), full])
    return replace(situation, resources=resources)
