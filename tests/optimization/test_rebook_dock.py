"""Re-booking a pickup: hours that are free, who may move, what it costs, and places that are taken once."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.params import CostParams
from optimization.actions.do_nothing import DoNothing
from optimization.actions.rebook_dock import RebookDock
from optimization.candidates import propose_all
from optimization.dock_hours import dock_rows, hour_of
from optimization.problem import build_problem
from optimization.resources import shared_resources
from optimization.solve import solve
from store.frames import completed
from tests.optimization.test_actions import AS_OF, cases, context

PICKUP = pd.Timestamp("2026-03-02T14:00Z")


def hours(amounts: list[int], booked: list[int], first: str = "2026-03-02T10:00Z", site: str = "A") -> pd.DataFrame:
    """Hours of a site from 10:00 on; the plan's moment is 8:00."""
    begins = pd.Timestamp(first) + pd.to_timedelta(np.arange(len(amounts)), unit="h")
    return pd.DataFrame(
        {
            "site_id": pd.Series([site] * len(amounts), dtype="str"),
            "from_at": pd.Series(begins).astype("datetime64[us, UTC]"),
            "until_at": pd.Series(begins + pd.Timedelta(hours=1)).astype("datetime64[us, UTC]"),
            "amount": np.array(amounts, float),
            "booked": booked,
        }
    )


def waiting(n: int = 1, **columns: Any) -> pd.DataFrame:
    return cases(case_id=[f"S{k}" for k in range(n)], **({"planned_pickup_at": [PICKUP] * n} | columns))


def test_a_pickup_is_moved_into_a_free_hour_early_enough() -> None:
    """100 min late, 2 a minute beyond 15. 120 min earlier costs nothing, and earlier still saves no more."""
    made = RebookDock().propose(waiting(), context(dock_hours=hours([1] * 5, [0, 0, 0, 0, 1])))
    assert made.pickup_moved_min is not None
    assert made.pickup_moved_min.tolist() in ([-120.0], [-180.0], [-240.0])
    assert made.risk.failure_cost.tolist() == [0.0]
    assert made.handling_min.tolist() == [8.0]
    assert "rebook_passed_on" in made.assumed


def test_what_is_moved_an_hour_costs_what_is_left() -> None:
    """Only 13:00 is free: 40 min late are left, 25 beyond 15, at 2: 50."""
    made = RebookDock().propose(waiting(), context(dock_hours=hours([1] * 5, [1, 1, 1, 0, 1])))
    assert made.risk.failure_cost.tolist() == pytest.approx([50.0])


@pytest.mark.parametrize(
    ("columns", "booked"),
    [
        ({"stage": ["X3"]}, [0, 0, 0, 0, 1]),
        ({"picked_up": [True]}, [0, 0, 0, 0, 1]),
        ({"origin_id": ["elsewhere"]}, [0, 0, 0, 0, 1]),
        ({"planned_pickup_at": [pd.NaT]}, [0, 0, 0, 0, 1]),
        ({"planned_pickup_at": [pd.Timestamp("2026-03-02T19:00Z")]}, [0, 0, 0, 0, 1]),
        ({}, [1, 1, 1, 1, 1]),
        ({}, [2, 2, 2, 2, 1]),
    ],
)
def test_who_cannot_be_moved_has_no_candidate(columns: dict[str, Any], booked: list[int]) -> None:
    """Under way, of another site, outside the hours that are known, or with every other hour full or overfull."""
    made = RebookDock().propose(waiting(**columns), context(dock_hours=hours([1] * 5, booked)))
    assert len(made.case) == 0


def test_a_pickup_is_not_moved_without_notice() -> None:
    """Of 9:00 and 10:00 the first lies less than two hours after 8:00."""
    made = RebookDock().propose(waiting(), context(dock_hours=hours([1] * 6, [0, 0, 1, 1, 1, 1], "2026-03-02T09:00Z")))
    assert made.pickup_moved_min is not None
    assert made.pickup_moved_min.tolist() == [-240.0]


def test_without_hours_there_is_nothing_to_book() -> None:
    assert len(RebookDock().propose(waiting(), context()).case) == 0
    assert len(RebookDock().propose(waiting(), context(dock_hours=hours([], []))).case) == 0


def test_two_do_not_take_one_hour() -> None:
    """Both want 12:00 and only 12:00 and 13:00 are free: one goes to each."""
    made = RebookDock().propose(waiting(2), context(2, dock_hours=hours([1] * 5, [1, 1, 0, 0, 2])))
    assert made.pickup_moved_min is not None
    assert sorted(made.pickup_moved_min.tolist()) == [-120.0, -60.0]


def test_a_label_names_the_new_pickup() -> None:
    made = propose_all(waiting(), context(dock_hours=hours([1] * 5, [1, 1, 1, 0, 1]))).table
    row = made[made["action"] == "rebook_dock"].iloc[0]
    assert row["label"] == "rebook_dock:2026-03-02T13:00Z"
    assert row["new_pickup_at"] == pd.Timestamp("2026-03-02T13:00Z")
    assert made[made["action"] != "rebook_dock"]["new_pickup_at"].isna().all()


def test_whoever_can_move_holds_a_place_in_any_case() -> None:
    """13:00 has one of two places left, 14:00 holds both cases: staying uses 14:00, moving uses 13:00."""
    table = propose_all(
        waiting(2), context(2, dock_hours=hours([0, 0, 0, 2, 2], [0, 0, 0, 1, 2])), [DoNothing(), RebookDock()]
    ).table
    rows = dock_rows(table, hours([0, 0, 0, 2, 2], [0, 0, 0, 1, 2]))
    (mover,) = table.loc[table["action"] == "rebook_dock", "case_id"]
    used = {(a, r.split("@")[1]) for a, r in rows.usage[["action_id", "resource_id"]].itertuples(index=False)}
    assert used == {
        (f"{mover}/do_nothing", "2026-03-02T14:00Z"),
        (f"{mover}/rebook_dock:2026-03-02T13:00Z", "2026-03-02T13:00Z"),
    }
    assert rows.limits.tolist() == [1, 1]


def test_the_joint_plan_re_books_whom_it_pays_for() -> None:
    """Three late shipments of one hour, two free hours, limits of the data: two are moved, one stays."""
    docks = hours([1] * 5, [1, 1, 0, 0, 3])
    table = propose_all(waiting(3), context(3, dock_hours=docks), [DoNothing(), RebookDock()]).table
    capacity = completed("capacity", pd.DataFrame([]))
    shared = shared_resources(table.assign(review_min=0), capacity, AS_OF, CostParams(), docks)
    solution = solve(build_problem(table, shared.usage, shared.resources))
    assert sum("rebook_dock" in action for action in solution.choice.values()) == 2
    assert shared.units["dock_site_hour:A@2026-03-02T13:00Z"] == "loads"


def test_an_hour_holds_what_begins_in_it() -> None:
    found = hour_of(
        hours([1, 1], [0, 0]),
        pd.Series(["A", "A", "A", "B", "A"]),
        pd.Series(
            pd.to_datetime(["2026-03-02T10:00Z", "2026-03-02T11:59Z", "2026-03-02T12:00Z", "2026-03-02T10:00Z", None])
        ),
    )
    assert found.tolist() == [0, 1, -1, -1, -1]
