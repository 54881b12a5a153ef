"""What a planner asks of a plan is answered from its files alone."""

import json
import shutil
from pathlib import Path

import pytest

from decisions.explain import explain
from decisions.plan import Plan
from decisions.plan_desk import last_desk, read_desk, solution_of
from decisions.plan_file import plan_bytes, write_plan
from decisions.planner import Made, make_plan
from domain.errors import BadProblem
from governance.policy import load_policy
from optimization.questions.desk import Desk
from optimization.questions.gap_report import gap_report
from optimization.questions.limits import Limits
from optimization.questions.overrule import overrule
from optimization.questions.re_plan import re_plan
from optimization.solve import solve
from optimization.verify import verify
from tests.decisions.network import AS_OF, network_with_review, tiny_network, tiny_scoring


@pytest.fixture(scope="module")
def made() -> Made:
    """A plan in which five minutes of review are all there is."""
    return make_plan(network_with_review(5.0), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


@pytest.fixture
def file(made: Made, tmp_path: Path) -> Path:
    write_plan(made.plan, made.problem, tmp_path / "PLAN.json")
    return tmp_path / "PLAN.json"


@pytest.fixture
def opened(file: Path) -> tuple[Plan, Desk]:
    plan, desk = read_desk(file)
    assert desk is not None
    return plan, desk


def test_the_solution_is_read_back_whole(made: Made, opened: tuple[Plan, Desk]) -> None:
    """Prices, both bounds and why the search ended; it verifies, and is what the solver answers."""
    plan, desk = opened
    assert solution_of(plan) == solve(made.problem, plan.certificate.gap_wanted)
    verify(made.problem, desk.solution)
    assert desk.priced.bound == plan.certificate.priced_bound_cents
    assert plan.certificate.prices["review_min"] > 0


def test_every_option_has_its_opportunity_cost_and_alternatives_are_ranked_by_it(made: Made) -> None:
    """0 of what is chosen; whole cents of all, the forbidden ones included; alternatives are all that are not."""
    for case in made.plan.cases:
        assert case.decision.opportunity_cents == 0
        ranked = [case.option(label).opportunity_cents for label in case.alternatives]
        assert ranked == sorted(ranked)  # type: ignore[type-var]
        allowed = {option.action for option in case.options if option.verdict.outcome != "forbidden"}
        assert {case.chosen, *case.alternatives} == allowed
        price = made.plan.certificate.prices.get("review_min", 0.0)
        for option in case.options:
            extra = option.uses.get("review_min", 0) - case.decision.uses.get("review_min", 0)
            assert option.opportunity_cents == round(option.difference_cents + price * extra)


def test_what_fits_and_what_blocks_agree(made: Made) -> None:
    """An option that is not forbidden fits exactly where no limit is named."""
    for case in made.plan.cases:
        for option in case.options:
            assert option.fits == (option.verdict.outcome != "forbidden" and not option.blocked_by)


def test_why_tells_what_is_paid_at_the_prices(opened: tuple[Plan, Desk]) -> None:
    """The one who has the minutes pays for them."""
    plan, desk = opened
    holder = next(case for case in plan.cases if case.decision.uses.get("review_min"))
    assert "5 of review_min at" in explain(plan, holder.case_id, desk=desk).text
    assert "review_min at" not in explain(plan, holder.case_id).text


def test_why_not_names_who_holds_it_and_what_insisting_costs(opened: tuple[Plan, Desk]) -> None:
    """Of an action that lost for want of minutes."""
    plan, desk = opened
    holder = next(case for case in plan.cases if case.decision.uses.get("review_min"))
    deferred = next(case for case in plan.cases if case.deferred and case.deferred.action != "escalate")
    assert deferred.deferred is not None
    told = explain(plan, deferred.case_id, deferred.deferred.action, desk)
    assert any(f"cheapest to move from review_min: {holder.case_id}/" in one for one in told.reasons)
    assert any(f"; {holder.case_id} moves to {holder.case_id}/" in one for one in told.reasons)
    document = json.loads(json.dumps(told.document()))
    assert document["overruled"]["at_least_cents"] == document["overruled"]["at_most_cents"]
    assert document["why_not"]["lacks"][0]["resource"] == "review_min"
    assert document["asked"] == deferred.deferred.action


def test_of_a_forbidden_action_the_rule_is_told(opened: tuple[Plan, Desk]) -> None:
    """It is no candidate of the problem, so there is nothing to insist on."""
    told = explain(opened[0], "S4", "expedite", opened[1])
    assert dict(told.answers) == {}
    assert any("forbidden by" in reason for reason in told.reasons)


def test_other_limits_are_asked_about_from_the_files(opened: tuple[Plan, Desk]) -> None:
    """With three minutes more a deferred case gets its action, for less; the report adds up."""
    plan, desk = opened
    told, _ = re_plan(desk, [Limits("review_min", None, 8)])
    assert told.difference_cents < 0
    assert {one.case_id for one in told.changed} <= {case.case_id for case in plan.cases}
    assert gap_report(desk).open_cents == 0
    assert overrule(desk, "S2", "S2/notify").at_most_cents == 0


def test_without_its_problem_a_plan_is_explained_without_prices(file: Path, made: Made) -> None:
    """A missing folder is no error; one of another problem is."""
    shutil.rmtree(file.with_suffix(".d"))
    plan, desk = read_desk(file)
    assert (plan, desk) == (made.plan, None)
    other = make_plan(tiny_network(), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]
    write_plan(other.plan, other.problem, file.with_name("other.json"))
    file.with_name("other.d").rename(file.with_suffix(".d"))
    with pytest.raises(BadProblem, match="is not the problem that"):
        read_desk(file)


def test_a_plan_from_before_prices_were_kept_is_still_read(file: Path, made: Made) -> None:
    """What a file of that time lacks is told as not known."""
    document = json.loads(plan_bytes(made.plan))
    for name in ("stopped_by", "priced_bound_cents", "prices", "exclusion_prices"):
        del document["certificate"][name]
    for case in document["cases"]:
        del case["alternatives"]
        for option in case["options"]:
            del option["opportunity_cents"]
    file.write_text(json.dumps(document))
    plan, desk = read_desk(file)
    assert desk is None
    assert plan.cases[0].options[0].opportunity_cents is None
    assert explain(plan, plan.cases[0].case_id).reasons


def test_the_last_desk_is_remembered(file: Path) -> None:
    """A service does not read it again for every question."""
    assert last_desk(file)[1] is last_desk(file)[1]
