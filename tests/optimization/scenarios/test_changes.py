"""Every kind of change against tables that are rebuilt by hand, row by row, in plain Python."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest

from domain.errors import BadScenario
from optimization.scenarios.amount import Amount
from optimization.scenarios.budget import Budget
from optimization.scenarios.capacity import Capacity
from optimization.scenarios.carrier_down import CarrierDown
from optimization.scenarios.change import Change
from optimization.scenarios.cost import Cost
from optimization.scenarios.demand import Demand
from optimization.scenarios.forbid import Forbid
from optimization.scenarios.planners import Planners
from optimization.scenarios.scenario import Scenario
from optimization.scenarios.site_closed import SiteClosed
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Where
from tests.optimization.scenarios.situations import Plain, only_ids, random_situation, records, with_resource

SEEDS = range(20)


def changed(change: Change, situation: Situation) -> Situation:
    return Scenario("it", (change,)).applied(situation).situation


def same(change: Change, by_hand: Callable[[Plain], None]) -> int:
    """How many random situations the change moved; each gives the problem that was changed by hand."""
    moved = 0
    for seed in SEEDS:
        situation = random_situation(seed)
        plain = Plain(situation)
        by_hand(plain)
        if len({row["case_id"] for row in plain.candidates}) < situation.build().cases:
            with pytest.raises(BadScenario, match="leaves no action for case"):
                changed(change, situation)
            continue
        after = changed(change, situation)
        assert after.build().fingerprint == plain.problem.fingerprint, seed
        parts = ("cost_cents", "direct_cents", "handling_cents", "failure_cents", "action_id")
        assert [[row[part] for part in parts] for row in records(after.candidates)] == [
            [row[part] for part in parts] for row in plain.candidates
        ]
        assert [row["p_late"] for row in records(after.candidates)] == pytest.approx(
            [row["p_late"] for row in plain.candidates]
        )
        moved += after.build().fingerprint != situation.build().fingerprint
    return moved


def fails_more(row: dict[str, Any], factor: int) -> None:
    row["cost_cents"] += (factor - 1) * row["failure_cents"]
    row["failure_cents"] *= factor
    row["p_late"] = None if row["p_late"] is None else min(1.0, factor * row["p_late"])


def test_a_carrier_that_is_down_takes_nothing_and_fails_its_loads() -> None:
    """Re-tenders to it go; its loads fail twice as often where they stay with it, and where a re-tender is refused."""

    def by_hand(plain: Plain) -> None:
        idle = {row["case_id"]: dict(row) for row in plain.candidates if row["action"] == "do_nothing"}
        for row in plain.candidates:
            if row["carrier_id"] == "C1" and row["new_carrier_id"] is None:
                fails_more(row, 2)
            elif row["carrier_id"] == "C1" and row["p_refused"] is not None:
                now = idle[row["case_id"]]
                more = round(row["p_refused"] * now["failure_cents"])
                row["failure_cents"] += more
                row["cost_cents"] += more
                if row["p_late"] is not None and now["p_late"] is not None:
                    row["p_late"] += row["p_refused"] * min(now["p_late"], 1 - now["p_late"])
        plain.drop({row["action_id"] for row in plain.candidates if row["new_carrier_id"] == "C1"})

    assert same(CarrierDown(("C1",), Decimal(2)), by_hand) > 7


def test_a_closed_site_lets_wait_what_was_to_pass_in_the_time() -> None:
    """Origin by pickup, destination by delivery; what has no pickup may be there any time; limits of the time are 0."""
    begin, end = "2026-03-02T00:00:00Z", "2026-03-03T08:00:00Z"

    def there(row: dict[str, Any]) -> bool:
        picked = row["planned_pickup_at"] is None or begin <= row["planned_pickup_at"] < end
        return (row["origin_id"] == "B" and picked) or (
            row["destination_id"] == "B" and begin <= row["planned_delivery_at"] < end
        )

    def by_hand(plain: Plain) -> None:
        gone = set()
        for row in plain.candidates:
            if there(row) and row["action"] in ("do_nothing", "notify"):
                fails_more(row, 3)
            elif there(row):
                gone.add(row["action_id"])
        plain.drop(gone)
        for row in plain.resources:
            if row["resource_id"] == "carrier_lane_day:C1:A:B@2026-03-02T00:00Z":
                row["lo"], row["hi"] = row["lo"] and 0, 0

    change = SiteClosed(("B",), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC))
    assert same(change, by_hand) > 7


@pytest.mark.parametrize("begin", [datetime(2026, 3, 2, 1, tzinfo=UTC), None])
def test_a_limit_whose_period_began_before_the_site_closed_stays(begin: datetime | None) -> None:
    """Its id names when the period begins; a limit without a period goes with the site."""
    situation = with_resource(random_situation(1), resource_id="carrier_lane_day:C1:A:B@2026-03-02T00:00Z", hi=5)
    situation = with_resource(situation, resource_id="dock_site_hour:B", hi=4)
    after = changed(SiteClosed(("B",), begin), situation)
    left = dict(zip(after.resources["resource_id"], after.resources["hi"], strict=True))
    assert left["dock_site_hour:B"] == 0
    assert left["carrier_lane_day:C1:A:B@2026-03-02T00:00Z"] == (5 if begin else 0)


@pytest.mark.parametrize(
    ("change", "resources", "unit"),
    [
        (Planners(Amount(scale=Decimal("0.29"))), ("review_min",), 1),
        (Planners(Amount(add=Decimal(-3))), ("review_min",), 1),
        (Planners(Amount(set=Decimal(4))), ("review_min",), 1),
        (Budget(Amount(scale=Decimal("0.5"))), ("premium_budget:*", "premium_budget:east"), 100),
        (Budget(Amount(add=Decimal("0.03")), ("east",)), ("premium_budget:east",), 100),
        (Budget(Amount(set=Decimal("0.05")), ("[*]",)), ("premium_budget:*",), 100),
    ],
)
def test_minutes_and_budgets_change_as_said(change: Change, resources: tuple[str, ...], unit: int) -> None:
    """Exact, rounded down, never below 0; a limit that is not there can only be set."""
    amount: Amount = change.amount  # type: ignore[attr-defined]

    def by_hand(plain: Plain) -> None:
        for row in plain.resources:
            if row["resource_id"] not in resources:
                continue
            if amount.set is not None:
                row["hi"] = floor(Fraction(amount.set) * unit)
            elif row["hi"] is not None and amount.scale is not None:
                row["hi"] = floor(Fraction(amount.scale) * row["hi"])
            elif row["hi"] is not None:
                row["hi"] = max(0, floor(row["hi"] + Fraction(amount.add or 0) * unit))
            if row["hi"] is not None and row["lo"] is not None and row["lo"] > row["hi"]:
                raise Crossed

    moved = 0
    for seed in SEEDS:
        situation, plain = random_situation(seed), Plain(random_situation(seed))
        try:
            by_hand(plain)
        except Crossed:
            with pytest.raises(BadScenario, match=r"leaves '.*' with lo \d+ above hi \d+"):
                changed(change, situation)
            continue
        after = changed(change, situation).build().fingerprint
        assert after == plain.problem.fingerprint
        moved += after != situation.build().fingerprint
    assert moved > 2


class Crossed(Exception):
    """A lower bound above the upper one."""


def test_a_capacity_gets_another_bound_and_another_price() -> None:
    """lo and hi by pattern; a penalty makes a hard bound soft, ``hard`` the reverse; only where there is a bound."""

    def softer(plain: Plain) -> None:
        for row in plain.resources:
            if row["resource_id"].startswith("premium") and row["hi"] is not None:
                row["penalty_hi_cents"] = 7

    def harder(plain: Plain) -> None:
        for row in plain.resources:
            if row["lo"] is not None:
                row["lo"], row["penalty_lo_cents"] = 0, None

    assert same(Capacity(("premium*",), penalty_cents=7), softer) > 3
    assert same(Capacity(("*",), Amount(scale=Decimal(0)), bound="lo", hard=True), harder) > 3


def test_bounds_may_cross_between_two_changes() -> None:
    """What counts is how the world is after all of them, in whatever order they stand."""
    situation = with_resource(random_situation(1), resource_id="doors", lo=0, hi=0)
    lower = Capacity(("doors",), Amount(set=Decimal(1)), bound="lo", penalty_cents=5)
    both = Scenario("it", (lower, Capacity(("doors",), Amount(set=Decimal(3))))).applied(situation).situation
    doors = both.resources.set_index("resource_id").loc["doors"]
    assert (doors["lo"], doors["hi"]) == (1, 3)
    with pytest.raises(BadScenario, match="leaves 'doors' with lo 1 above hi 0"):
        changed(lower, situation)


def test_costs_change_in_the_part_that_is_named() -> None:
    """A scaled total scales every part, half to even; money is added to the direct cost or to the part."""

    def dearer(plain: Plain) -> None:
        for row in plain.candidates:
            if row["action"] == "expedite":
                for part in ("direct", "handling", "failure"):
                    row[f"{part}_cents"] = round(row[f"{part}_cents"] * Fraction(3, 2))
                row["cost_cents"] = sum(row[f"{part}_cents"] for part in ("direct", "handling", "failure"))

    def handled(plain: Plain) -> None:
        for row in plain.candidates:
            if row["origin_id"] == "A":
                row["handling_cents"] += 125
                row["cost_cents"] += 125

    assert same(Cost(Where(action=("expedite",)), scale=Decimal("1.5")), dearer) > 7
    assert same(Cost(Where(origin=("A",)), add=Decimal("1.25"), part="handling"), handled) > 7


def test_costs_of_a_folder_change_by_its_ids() -> None:
    """A problem without a plan has a total only."""
    for seed in SEEDS:
        situation = only_ids(random_situation(seed))
        plain = Plain(situation)
        for row in plain.candidates:
            if row["action_id"].endswith("-0"):
                row["cost_cents"] = round(row["cost_cents"] * Fraction(1, 2))
        after = changed(Cost(Where(candidate=("*-0",)), scale=Decimal("0.5")), situation)
        assert after.build().fingerprint == plain.problem.fingerprint


def test_what_is_forbidden_goes_with_all_that_names_it() -> None:
    """Every key has to match, any of its patterns will do; a case without an action is refused by name."""

    def by_hand(plain: Plain) -> None:
        plain.drop(
            {
                row["action_id"]
                for row in plain.candidates
                if row["action"] in ("notify", "expedite") and row["destination_id"] == "D"
            }
        )

    assert same(Forbid(Where(action=("notify", "exp*"), destination=("D",))), by_hand) > 7


@pytest.mark.parametrize("scale", ["1.3", "2", "2.6"])
def test_demand_copies_cases_with_all_they_have(scale: str) -> None:
    """So many more, none of them copied twice before all were copied once; each is its original but for its name."""
    grown = 0
    for seed in SEEDS:
        situation = random_situation(seed)
        after = changed(Demand(Decimal(scale), Where(origin=("A",)), seed=seed), situation)
        before = {row["case_id"] for row in records(situation.candidates)}
        matching = sorted({row["case_id"] for row in records(situation.candidates) if row["origin_id"] == "A"})
        copies = sorted({row["case_id"] for row in records(after.candidates)} - before)
        assert len(copies) == round(len(matching) * (Fraction(scale) - 1))
        originals = [copy.rpartition("+")[0] for copy in copies]
        counts = [originals.count(case) for case in matching]
        assert not counts or max(counts) - min(counts) <= 1
        for copy, original in zip(copies, originals, strict=True):
            assert content(after, copy) == content(situation, original)
        grown += bool(copies)
    assert grown > 7


def content(situation: Situation, case: str) -> list[Any]:
    """All that is known of a case, without the names of it and its candidates."""
    plain = Plain(situation)
    named = ("case_id", "action_id")
    rows = [row for row in plain.candidates if row["case_id"] == case]
    uses = {
        row["action_id"]: sorted(
            (one["resource_id"], one["amount"]) for one in plain.usage if one["action_id"] == row["action_id"]
        )
        for row in rows
    }
    return [({k: v for k, v in row.items() if k not in named}, uses[row["action_id"]]) for row in rows]


def test_a_copy_excludes_what_its_original_excludes() -> None:
    """Pairs with the copy in the place of either, and of both."""
    excluded = 0
    for seed in SEEDS:
        situation = random_situation(seed)
        after = changed(Demand(Decimal(2)), situation)
        pairs = {(row["action_id_1"], row["action_id_2"]) for row in records(situation.exclusions)}
        wanted = {(a + x, b + y) for a, b in pairs for x in ("", "+1") for y in ("", "+1")}
        assert {(row["action_id_1"], row["action_id_2"]) for row in records(after.exclusions)} == wanted
        excluded += bool(pairs)
    assert excluded > 7


def test_less_demand_takes_whole_cases_away() -> None:
    """Half of those that match, to the nearest even; the others are as they were."""
    for seed in SEEDS:
        situation = random_situation(seed)
        after = changed(Demand(Decimal("0.5"), Where(origin=("A",))), situation)
        before = {row["case_id"]: row["origin_id"] for row in records(situation.candidates)}
        left = {row["case_id"] for row in records(after.candidates)}
        gone = set(before) - left
        matching = [case for case, origin in before.items() if origin == "A"]
        assert len(gone) == -round(len(matching) * Fraction(-1, 2))
        assert all(before[case] == "A" for case in gone)
        assert all(content(after, case) == content(situation, case) for case in left)


def test_the_sample_goes_by_its_seed_not_by_the_order_of_rows() -> None:
    """Shuffled rows give the same copies; another seed gives others."""
    situation = next(one for one in map(random_situation, SEEDS) if one.build().cases == 5)
    shuffled = Situation(
        situation.candidates.sample(frac=1, random_state=4),
        situation.usage.sample(frac=1, random_state=4),
        situation.resources,
        situation.exclusions,
    )
    one, other = (changed(Demand(Decimal("1.4"), seed=3), table).build() for table in (situation, shuffled))
    assert one.fingerprint == other.fingerprint
    drawn = {changed(Demand(Decimal("1.4"), seed=seed), situation).build().fingerprint for seed in range(12)}
    assert len(drawn) > 1


def test_a_second_growth_copies_copies_under_fresh_names() -> None:
    """S+1 is the first copy; where it is there already, the next number is taken."""
    situation = random_situation(5)
    after = Scenario("twice", (Demand(Decimal(2)), Demand(Decimal(2)))).applied(situation).situation
    assert after.build().cases == 4 * situation.build().cases


def test_changes_are_applied_in_their_order() -> None:
    """Demand first: the copies are on the carrier that is down too. Carrier first: they copy what is down already."""
    situation = random_situation(8)
    grow, fall = Demand(Decimal(2)), CarrierDown(("C1",), Decimal(2))
    one, other = (Scenario("x", pair).applied(situation).situation.build() for pair in ((grow, fall), (fall, grow)))
    assert one.fingerprint == other.fingerprint
    half = Cost(scale=Decimal("0.5"), part="direct")
    more = Cost(add=Decimal(1), part="direct")
    one, other = (Scenario("x", pair).applied(situation).situation.build() for pair in ((half, more), (more, half)))
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (CarrierDown(("C9",)), "C9 has no load here and is offered none; as a carrier there is only C1, C2"),
        (SiteClosed(("Z",)), "no load is picked up or delivered at Z, and no limit names it"),
        (Demand(Decimal(2), Where(origin=("Z",))), "no origin matches Z; there is only A, B"),
        (Budget(Amount(scale=Decimal(1)), ("west",)), "no resource matches premium_budget:west; there is"),
        (Capacity(("dock*",), Amount(scale=Decimal(1))), "no resource matches dock*; there is"),
        (Capacity(("review*",), Amount(scale=Decimal(1)), "lo"), "no resource that matches review* has a lo"),
        (Cost(Where(exception_kind=("x",)), scale=Decimal(2)), "no exception_kind matches x; there is none"),
        (Forbid(Where(action=("notify",), new_carrier=("C?",))), "nothing is action notify, new_carrier C? at once"),
    ],
)
def test_a_change_that_matches_nothing_says_so(change: Change, said: str) -> None:
    """Nothing is changed, 0 is counted, and what there is is named."""
    situation = next(one for one in map(random_situation, SEEDS) if everything(one))
    situation = replace(situation, usage=situation.usage[:0], resources=situation.resources[:0])
    situation = with_resource(situation, resource_id="review_min", hi=9)
    after = Scenario("it", (change,)).applied(situation)
    assert after.situation.build().fingerprint == situation.build().fingerprint
    assert after.told[0].matched == 0
    assert said in after.told[0].text


def everything(situation: Situation) -> bool:
    """Whether both carriers, both origins and two kinds of action are there."""
    wanted = {"carrier_id": {"C1", "C2"}, "origin_id": {"A", "B"}, "action": {"notify", "retender"}}
    return all(names <= set(situation.candidates[column].dropna()) for column, names in wanted.items())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (CarrierDown(("C1",)), r"\[\[change\]\] 1 \(carrier_down\): needs a plan"),
        (Forbid(Where(origin=("A",))), "origin is known of plans only; a problem folder can be asked by case and cand"),
        (Cost(scale=Decimal(2), part="direct"), "part is known of plans only"),
    ],
)
def test_what_only_a_plan_knows_is_refused_of_a_folder(change: Change, said: str) -> None:
    with pytest.raises(BadScenario, match=said):
        changed(change, only_ids(random_situation(3)))
