"""The planner on a tiny network with foreseeable models."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from decisions.explain import explain
from decisions.known_tables import KnownTables
from decisions.open_cases import find_open_cases
from decisions.plan import Plan
from decisions.plan_file import plan_bytes
from decisions.planner import Made, make_plan
from domain.errors import NotThere, PlanRejected
from domain.manifest import Costs, Manifest
from domain.params import CostParams, PlanParams
from domain.predictions import ModelName
from governance.judge import Verdict, judge
from governance.policy import Approval, Effect, Level, Policy, load_policy, read_policy
from optimization.cases import CASE_COLUMNS
from optimization.problem import Problem
from optimization.solution import Solution
from optimization.solve import solve
from tests.decisions.network import (
    AS_OF,
    FakeDataset,
    FakeScoring,
    at,
    milestone,
    shipment,
    tiny_network,
    tiny_scoring,
)

ALLOW_ALL = "[[rule]]\nname = 'all'\nwhen = 'true'\neffect = 'allow'\n"


def plan(dataset: FakeDataset | None = None, scoring: FakeScoring | None = None, **more: Any) -> Made:
    policy = more.pop("policy", load_policy())
    return make_plan(dataset or tiny_network(), scoring or tiny_scoring(), AS_OF, policy, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made() -> Plan:
    return plan().plan


def chosen(made: Plan) -> dict[str, str]:
    return {case.case_id: case.chosen for case in made.cases}


def test_each_case_gets_one_action_and_the_costs_add_up(made: Plan) -> None:
    """Five shipments and one lone exception; the total is the sum of the chosen options, proven optimal."""
    assert set(chosen(made)) == {"S1", "S2", "S3", "S4", "S5", "exception:E2"}
    assert made.summary.cost_cents == sum(case.decision.cost_cents for case in made.cases)
    assert made.certificate.bound_cents == made.certificate.objective_cents == made.summary.cost_cents
    for case in made.cases:
        for option in case.options:
            assert option.cost_cents == option.direct_cents + option.handling_cents + option.failure_cents
            assert option.difference_cents == option.cost_cents - case.decision.cost_cents


def test_the_cost_of_doing_nothing_is_worked_out_by_hand(made: Plan) -> None:
    """S1: 200 ± 20 min, all beyond 15: 185 min × 4 = 740. S4: late for certain, its penalty of 900."""
    now = {case.case_id: case.cost_now_cents for case in made.cases}
    assert (now["S1"], now["S4"], now["exception:E2"]) == (74_000, 90_000, 8_000)


def test_an_exception_on_a_shipment_counts_once(made: Plan) -> None:
    """S3: lateness costs 34, its exception 100: 100, not 134."""
    assert next(case.cost_now_cents for case in made.cases if case.case_id == "S3") == 10_000


def test_a_picked_up_shipment_is_not_tendered_again(made: Plan) -> None:
    kinds = {case.case_id: {option.kind for option in case.options} for case in made.cases}
    assert "retender" not in kinds["S4"]
    assert "retender" in kinds["S1"]
    assert kinds["exception:E2"] == {"do_nothing", "notify", "escalate"}


def test_what_is_no_case_is_counted(made: Plan) -> None:
    """Delivered, cancelled, far ahead, long overdue: each left out with its reason."""
    assert made.summary.left_out == {
        "shipments delivered or cancelled": 2,
        "shipments planned beyond the horizon": 1,
        "shipments planned before the window": 1,
    }


def test_a_forbidden_action_never_competes(made: Plan) -> None:
    """With re-tenders forbidden none is chosen, and each is listed as forbidden by that rule."""
    policy = read_policy("[[rule]]\nname = 'no'\nwhen = \"action = 'retender'\"\neffect = 'forbid'")
    other = plan(policy=policy)
    assert not any(action.startswith("retender") for action in chosen(other.plan).values())
    rulings = {o.verdict.rules for c in other.plan.cases for o in c.options if o.kind == "retender"}
    assert rulings == {("no",)}
    assert not other.problem.candidates["action_id"].str.contains("retender").any()


def test_everything_forbidden_leaves_a_way() -> None:
    policy = read_policy("[[rule]]\nname = 'no'\nwhen = 'true'\neffect = 'forbid'")
    assert set(chosen(plan(policy=policy).plan).values()) <= {"do_nothing", "escalate"}


def test_review_minutes_are_shared_and_their_want_defers() -> None:
    """With 5 minutes of review only one approval of 3 fits; the others are deferred with what is at stake."""
    network = tiny_network()
    network.rows["capacity"] = [
        {"resource_id": "shift", "kind": "review_min", "amount": 5.0, "from_at": at(-1), "until_at": at(7)}
    ]
    made = plan(network).plan
    (limit,) = [one for one in made.limits if one.resource_id == "review_min"]
    assert limit.used <= limit.available == 5
    deferred = {case.case_id: case.deferred for case in made.cases if case.deferred}
    s2 = next(case for case in made.cases if case.case_id == "S2")
    assert deferred["S2"].action == "retender:fast"
    assert deferred["S2"].at_stake_cents == s2.decision.cost_cents - s2.option("retender:fast").cost_cents > 0
    assert made.summary.deferred == len(deferred)
    assert not any(one.name == "costs.review_min_per_shift" for one in made.assumptions)


def test_a_premium_budget_is_kept_per_unit() -> None:
    """The budget of unit east is 100 and an expedite costs 150: nothing is expedited there."""
    network = tiny_network()
    network.rows["capacity"] = [
        {"resource_id": "b", "kind": "premium_budget", "amount": 100.0, "business_unit": "east", "from_at": at(-1)}
    ]
    made = plan(network).plan
    s5 = next(case for case in made.cases if case.case_id == "S5")
    assert s5.chosen != "expedite"
    assert s5.option("expedite").blocked_by == ("premium_budget:east",)
    assert not s5.option("expedite").fits


def test_a_carriers_loads_on_a_lane_and_day_are_kept() -> None:
    """Carrier fast takes one more load today: of two re-tenders the one that saves more is made."""
    network = tiny_network()
    network.rows["capacity"] = [
        {
            "resource_id": "fast-AB",
            "kind": "carrier_lane_day",
            "amount": 1.0,
            "carrier_id": "fast",
            "origin_id": "A",
            "destination_id": "B",
            "from_at": at(-8),
            "until_at": at(16),
            "known_at": at(-24),
        }
    ]
    made = plan(network).plan
    assert sum(action == "retender:fast" for action in chosen(made).values()) == 1
    assert any(limit.unit == "loads" and limit.used == limit.available == 1 for limit in made.limits)


def test_the_most_at_stake_are_kept(made: Plan) -> None:
    few = plan(params=PlanParams(max_cases=2)).plan
    assert [case.case_id for case in few.cases] == [case.case_id for case in made.cases[:2]]
    assert few.summary.left_out["cases beyond max_cases, those with less at stake"] == 4


def test_a_case_that_saves_too_little_is_not_open() -> None:
    assert plan(params=PlanParams(min_saving=1e6)).plan.cases == ()


def test_the_manifest_wins_over_the_settings() -> None:
    """What the manifest says is no assumption; what it does not say is listed with the setting's value."""
    costs = Costs(4.0, 4.0, 1.0, 1.0, 0.35, 150.0, 12.0)
    network = replace(tiny_network(), manifest=Manifest("tiny", late_after_min=15, costs=costs))
    made = plan(network, costs=CostParams(handling_per_min=9.0)).plan
    names = {one.name for one in made.assumptions}
    assert {name for name in names if name.startswith("costs.")} == {
        "costs.premium_budget",
        "costs.review_min_per_shift",
    }
    assert made.settings["costs"]["handling_per_min"] == 4.0
    other = plan(costs=CostParams(handling_per_min=9.0)).plan
    assert next(one.value for one in other.assumptions if one.name == "costs.handling_per_min") == 9.0


def test_two_runs_give_the_same_bytes(made: Plan) -> None:
    assert plan_bytes(plan().plan) == plan_bytes(made)


def tenders_of_the_future(later: Any) -> list[dict[str, object]]:
    """An offer known later, and one offered before whose answer is known later."""
    offer = {"offered_at": at(-3), "outcome": "accepted", "outcome_at": at(-2)}
    unknown = {"tender_id": "T9", "shipment_id": "S2", "carrier_id": "fast", "known_at": later, "price": 5.0}
    unanswered = {"tender_id": "T8", "shipment_id": "S3", "carrier_id": "slow", "outcome_known_at": later}
    return [{**offer, **unknown, "outcome_known_at": at(-2)}, {**offer, **unanswered}]


def test_the_future_does_not_change_the_plan(made: Plan) -> None:
    """Records known one second after as_of, in every table, leave every byte as it was."""
    network, later = tiny_network(), at(1 / 3600)
    rows = network.rows
    rows["shipments"] += [
        shipment("new", known_at=later),
        shipment("S1", known_at=later, carrier_id="fast", late_penalty=1.0),
    ]
    rows["milestones"] += [
        milestone("S1", "D1", -3, known_at=later),
        milestone("S2", "AF", -3, known_at=later),
        milestone("S5", "CA", -3, known_at=later),
    ]
    rows["tenders"] += tenders_of_the_future(later)
    rows["exceptions"] += [
        {"exception_id": "E9", "kind": "damaged", "raised_at": at(-1), "known_at": later, "shipment_id": "S2"},
        {"exception_id": "E2", "kind": "customs_hold", "raised_at": at(-5), "known_at": later, "resolved_at": at(-3)},
    ]
    lane = {"carrier_id": "x", "origin_id": "A", "destination_id": "B"}
    rows["rates"] = [{**lane, "price": 1.0, "valid_from": at(-9), "known_at": later}]
    rows["capacity"] = [{"resource_id": "r", "kind": "review_min", "amount": 0.0, "from_at": at(-9), "known_at": later}]
    assert plan_bytes(plan(network).plan) == plan_bytes(made)


def test_a_present_record_does_change_it(made: Plan) -> None:
    """The counterpart: the same delivery known in time takes the case away."""
    network = tiny_network()
    network.rows["milestones"].append(milestone("S1", "D1", -3))
    assert "S1" not in chosen(plan(network).plan)


def test_rates_decide_who_is_asked() -> None:
    """Where there are rates, only carriers with one in force are proposed, at the difference in price."""
    network = tiny_network()
    rate = {"origin_id": "A", "destination_id": "B", "valid_from": at(-99)}
    network.rows["rates"] = [
        rate | {"carrier_id": "dear", "price": 1400.0},
        rate | {"carrier_id": "old", "price": 1.0, "valid_until": at(-1)},
    ]
    made = plan(network).plan
    s1 = next(case for case in made.cases if case.case_id == "S1")
    (offer,) = [option for option in s1.options if option.kind == "retender"]
    assert offer.action == "retender:dear"
    assert offer.direct_cents == round(0.8 * (400 + 145) * 100)


def test_a_load_is_not_offered_again_to_whom_it_was_offered() -> None:
    """Who refused it or has still to answer is no re-tender of that load, but of others; who was withdrawn from is."""
    network = tiny_network()
    offer = {"shipment_id": "S2", "offered_at": at(-6), "price": 900.0, "outcome_at": at(-5)}
    for outcome in ("rejected", "open"):
        network.rows["tenders"][1:] = [offer | {"tender_id": "T2", "carrier_id": "fast", "outcome": outcome}]
        kinds = {case.case_id: {one.action for one in case.options} for case in plan(network).plan.cases}
        assert "retender:fast" not in kinds["S2"]
        assert "retender:fast" in kinds["S1"]
    network.rows["tenders"][1:] = [offer | {"tender_id": "T2", "carrier_id": "fast", "outcome": "cancelled"}]
    assert "retender:fast" in {
        one.action for case in plan(network).plan.cases for one in case.options if case.case_id == "S2"
    }


def test_a_retender_suits_the_load_and_has_its_price() -> None:
    """A reefer load is offered to who has reefers, at the rate for reefers; the dry one beside it to the van's."""
    network = tiny_network()
    network.rows["shipments"][0]["equipment"] = "reefer"
    network.rows["shipments"][1]["equipment"] = "van"
    network.rows["carriers"] = [{"carrier_id": "dry", "equipment": "van flatbed"}]
    rate = {"origin_id": "A", "destination_id": "B", "valid_from": at(-99)}
    network.rows["rates"] = [
        rate | {"carrier_id": "fast", "price": 900.0, "equipment": "van"},
        rate | {"carrier_id": "fast", "price": 1400.0, "equipment": "reefer"},
        rate | {"carrier_id": "dry", "price": 800.0},
    ]
    made = {case.case_id: case for case in plan(network).plan.cases}
    assert {one.action for one in made["S1"].options if one.kind == "retender"} == {"retender:fast"}
    assert made["S1"].option("retender:fast").direct_cents == round(0.8 * (400 + 145) * 100)
    assert {one.action for one in made["S2"].options if one.kind == "retender"} == {"retender:fast", "retender:dry"}


def test_what_is_moved_now_costs_the_rate_for_its_equipment() -> None:
    """Where no offer tells the price, the present carrier's rate for the load's equipment does, not its lowest."""
    network = tiny_network()
    network.rows["shipments"][1]["equipment"] = "reefer"
    rate = {"origin_id": "A", "destination_id": "B", "valid_from": at(-99), "carrier_id": "slow"}
    network.rows["rates"] = [
        rate | {"price": 900.0, "equipment": "van"},
        rate | {"price": 1400.0, "equipment": "reefer"},
    ]
    table = find_open_cases(KnownTables(network, AS_OF), PlanParams()).table.set_index("case_id")  # type: ignore[arg-type]
    assert (table.loc["S2", "price"], table.loc["S3", "price"]) == (1400.0, 900.0)


def test_stages_are_the_latest_reached() -> None:
    network = tiny_network()
    network.rows["milestones"] += [milestone("S2", "X3", -2, stop="1"), milestone("S2", "X6", -3)]
    cases = find_open_cases(KnownTables(network, AS_OF), PlanParams())  # type: ignore[arg-type]
    stages = cases.table.set_index("case_id")["stage"]
    assert stages[["S1", "S2", "S3", "S4"]].tolist() == ["tendered", "X3@1", "release", "AF"]
    assert list(cases.table.columns) == list(CASE_COLUMNS)


def test_exceptions_alone_make_a_plan() -> None:
    """A user with exceptions only, and only a severity model, still gets decisions."""
    network = FakeDataset({"exceptions": [{"exception_id": "E2", "kind": "weather", "raised_at": at(-5)}]})
    scoring = FakeScoring(impact={"E2": 80.0}, models=frozenset({ModelName.SEVERITY}))
    made = plan(network, scoring).plan
    assert chosen(made) == {"exception:E2": "escalate"}
    assert made.cases[0].decision.p_late is None


def test_without_a_tender_model_the_refusal_is_assumed() -> None:
    scoring = replace(tiny_scoring(), models=frozenset({ModelName.ETA_RISK}))
    assert "retender_p_fail" in {one.name for one in plan(scoring=scoring).plan.assumptions}


def test_without_any_model_there_is_no_plan() -> None:
    with pytest.raises(NotThere, match="lanewise train"):
        plan(scoring=FakeScoring(models=frozenset()))


def test_an_empty_data_set_makes_an_empty_plan() -> None:
    made = plan(FakeDataset({})).plan
    assert (made.cases, made.certificate.objective_cents) == ((), 0)


def test_a_solver_that_breaks_a_row_is_caught() -> None:
    """Whatever solver is plugged in, its answer is verified before anyone sees it."""

    def liar(problem: Problem, gap: float = 0.0, effort: int = 10_000) -> Solution:
        right = solve(problem, gap, effort)
        return replace(right, objective=right.objective - 1, bound=0)

    with pytest.raises(PlanRejected, match="states"):
        plan(solver=liar)


@pytest.mark.parametrize(
    "change",
    [{"effect": Effect.FORBID}, {"rules": ("other",)}, {"approvals": (Approval("boss"),)}, {"level": Level.SUPERVISED}],
    ids=str,
)
def test_another_verdict_on_the_second_asking_is_caught(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    """The whole verdict on each chosen action is compared, not only whether it is forbidden."""
    asked: list[int] = []

    def fickle(policy: Policy, candidates: pd.DataFrame) -> tuple[Verdict, ...]:
        asked.append(len(candidates))
        verdicts = judge(policy, candidates)
        return verdicts if len(asked) == 1 else (*verdicts[:-1], replace(verdicts[-1], **change))

    monkeypatch.setattr("decisions.planner.judge", fickle)
    with pytest.raises(PlanRejected, match="forbids" if "effect" in change else "when asked again"):
        plan(policy=read_policy(ALLOW_ALL))
    assert len(asked) == 2


def test_models_are_asked_about_the_moment_of_the_plan() -> None:
    scoring = tiny_scoring()
    plan(scoring=scoring)
    assert all((asked["as_of"] == pd.Timestamp(AS_OF)).all() for asked in scoring.asked)
    assert np.isin("fast", pd.concat(scoring.asked)["carrier_id"].dropna())


def test_an_allowed_action_takes_no_review_minutes() -> None:
    made = plan(policy=read_policy(ALLOW_ALL)).plan
    for case in made.cases:
        for option in case.options:
            if option.kind != "escalate":
                assert "review_min" not in option.uses
                assert option.verdict.outcome == ("auto" if option.kind == "do_nothing" else "recommend")


def doubted(**more: Any) -> Plan:
    """Shipment S2 lies outside, and so does whatever is asked of the carrier fast."""
    scoring = replace(tiny_scoring(), doubtful={"S2": "S2 is like nothing before", "fast": "a new carrier"})
    return plan(scoring=scoring, **more).plan


def test_what_rests_on_a_prediction_outside_of_training_needs_approval(made: Plan) -> None:
    """Of a case outside every action, of another the one that brings in the unknown carrier; all others as before."""
    told = {(case.case_id, option.action): option for case in doubted().cases for option in case.options}
    usual = {(case.case_id, option.action): option for case in made.cases for option in case.options}
    rule = "a prediction outside what its model was trained on"
    assert told["S2", "notify"].verdict.outcome == "approve"
    assert usual["S2", "notify"].verdict.outcome == "auto"
    for key, option in told.items():
        outside = key[0] == "S2" or option.carrier_id == "fast"
        assert (option.out_of_support is not None) == outside
        if key[1] not in ("do_nothing", "escalate"):
            assert (rule in option.verdict.rules) == (outside and option.verdict.outcome != "forbidden")
        if not outside:
            assert option.verdict == usual[key].verdict
    assert ("S1", "retender:fast") in told


def test_a_plan_marks_the_case_that_lies_outside_and_explains_it() -> None:
    """The case says why; so does the explanation; the plan is read back as it was written."""
    marked = doubted()
    assert {case.case_id: case.out_of_support for case in marked.cases if case.out_of_support} == {
        "S2": "S2 is like nothing before"
    }
    assert "outside the models' training, S2 is like nothing before" in explain(marked, "S2").text
    assert "outside the models' training, a new carrier" in explain(marked, "S1", "retender:fast").text
    assert "outside" not in explain(plan().plan, "S2").text
