"""What if, asked of a plan: what it knows of each candidate, and that it stays as it was."""

from pathlib import Path

import pytest

from decisions.plan import Plan
from decisions.plan_file import write_plan
from decisions.planner import Made, make_plan
from decisions.what_if import Allowed, WhatIf, base_of_plan, what_if_folder, what_if_plan
from domain.errors import BadProblem, BadScenario, NotThere
from governance.policy import load_policy
from optimization.scenarios.outcome import Played
from tests.decisions.network import AS_OF, FakeDataset, network_with_review, tiny_scoring

DOWN = 'name = "slow is down"\n[[change]]\nkind = "carrier_down"\ncarrier = "slow"\nfailure_scale = 2\n'
ILL = 'name = "planners ill"\n[[change]]\nkind = "planners"\nscale = 0\n'
DEMAND = 'name = "twice to C"\n[[change]]\nkind = "demand"\ndestination = "C"\nscale = 2\n'
CLOSED = 'name = "B closed"\n[[change]]\nkind = "site_closed"\nsite = "B"\nuntil = 2026-03-02T12:00:00Z\n'
SAME = 'name = "as before"\n[[change]]\nkind = "planners"\nscale = 1\n'


@pytest.fixture(scope="module")
def made() -> Made:
    return make_plan(network_with_review(30.0), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


@pytest.fixture
def file(made: Made, tmp_path: Path) -> Path:
    write_plan(made.plan, made.problem, tmp_path / "PLAN.json")
    return tmp_path / "PLAN.json"


def ask(file: Path, *texts: str, allowed: Allowed | None = None) -> WhatIf:
    names = [file.with_name(f"{number}.toml") for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        name.write_text(text)
    return what_if_plan(file, names, allowed or Allowed())


def only(file: Path, text: str) -> Played:
    return ask(file, text).comparison.scenarios[0]


def test_every_candidate_is_known_as_the_plan_tells_it(made: Made) -> None:
    """Case, carrier, places, times, parts of the cost: of each candidate that is not forbidden."""
    table = base_of_plan(made.plan, made.problem).situation.candidates.set_index("action_id")
    cases = {case.case_id: case for case in made.plan.cases}
    assert sorted(table.index) == sorted(made.problem.candidates["action_id"])
    for row in table.reset_index().to_dict("records"):
        case = cases[row["case_id"]]
        option = case.option(row["label"])
        assert (row["action"], row["cost_cents"]) == (option.kind, option.cost_cents)
        assert row["direct_cents"] + row["handling_cents"] + row["failure_cents"] == row["cost_cents"]
        for name, value in case.facts.items():
            assert row[name] == value


def test_the_base_is_the_plan(made: Made, file: Path) -> None:
    """Its cost, its bound, its choice; a scenario without effect is the same plan."""
    answer = ask(file, SAME)
    base, one = answer.comparison.base, answer.comparison.scenarios[0]
    said = made.plan.certificate
    assert (base.objective_cents, base.bound_cents, base.fingerprint) == (
        said.objective_cents,
        said.bound_cents,
        said.fingerprint,
    )
    assert (one.fingerprint, one.changed) == (base.fingerprint, ())
    late = [case.decision.p_late for case in made.plan.cases if case.decision.p_late is not None]
    assert base.service.expected_late == pytest.approx(sum(late), abs=1e-6)


def test_loads_of_a_carrier_that_is_down_fail_or_leave_it(made: Made, file: Path) -> None:
    """Every shipment is with ``slow``: each costs more, none is offered to it, and the assumed factor is not used."""
    one = only(file, DOWN)
    assert one.objective_cents > made.plan.certificate.objective_cents
    assert "5 cases with it, expected failure × 2" in one.told[0].text
    assert one.assumptions == ()
    before = ask(file, SAME).comparison.base.service
    assert (one.service.failure_cents or 0) > (before.failure_cents or 0)


def test_without_planners_nothing_that_takes_minutes_is_done(file: Path) -> None:
    """No minute, no escalation and no approval; each case that changes is listed with both actions."""
    one = only(file, ILL)
    assert "escalate" not in one.actions
    assert one.binding == () or one.binding[0].resource_id == "review_min"
    assert all(case.before != case.after for case in one.changed)


def test_twice_the_demand_doubles_its_cases(file: Path) -> None:
    """S5 is the one to C; its copy costs what it costs, as long as there is room for both."""
    one = only(file, DEMAND)
    assert one.added == ("S5+1",)
    assert one.told[0].matched == 1


def test_what_passes_a_closed_site_in_the_time_waits(file: Path) -> None:
    """S4 is due at B within the time, the others later."""
    one = only(file, CLOSED)
    assert "B until 2026-03-02T12:00:00Z is closed: 1 case there" in one.told[0].text
    assert [used.name for used in one.assumptions] == ["site_closed_failure_scale"]


def test_the_plan_stays_as_it_is_and_the_answer_is_the_same_again(file: Path) -> None:
    """No byte of plan or problem changes; a second time and in another order each scenario is the same."""
    before = {
        path: path.read_bytes() for path in sorted(file.parent.rglob("*")) if path.suffix in (".json", ".parquet")
    }
    first = ask(file, DOWN, ILL, DEMAND)
    again = ask(file, DEMAND, DOWN, ILL)
    assert {path: path.read_bytes() for path in before} == before
    assert {one.name: one for one in first.comparison.scenarios} == {
        one.name: one for one in again.comparison.scenarios
    }
    assert ask(file, DOWN).document() == ask(file, DOWN).document()


def test_a_plan_without_cases_can_be_asked(tmp_path: Path) -> None:
    """Nothing matches, and nothing costs anything."""
    empty = make_plan(FakeDataset({}), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]
    write_plan(empty.plan, empty.problem, tmp_path / "PLAN.json")
    one = only(tmp_path / "PLAN.json", DEMAND)
    assert (one.cases, one.objective_cents, one.told[0].matched) == (0, 0, 0)
    assert only(tmp_path / "PLAN.json", DOWN).told[0].matched == 0
    assert only(tmp_path / "PLAN.json", CLOSED).told[0].matched == 0


def test_a_problem_folder_is_solved_first(made: Made, file: Path) -> None:
    """The optimum is the plan's; ids can be named, carriers cannot."""
    (file.parent / "ill.toml").write_text(ILL)
    (file.parent / "down.toml").write_text(DOWN)
    answer = what_if_folder(file.with_suffix(".d"), [file.parent / "ill.toml"], 0.0, 1000)
    assert answer.comparison.base.objective_cents == made.plan.certificate.objective_cents
    assert answer.comparison.scenarios[0].objective_cents == only(file, ILL).objective_cents
    with pytest.raises(BadScenario, match="needs a plan"):
        what_if_folder(file.with_suffix(".d"), [file.parent / "down.toml"], 0.0, 1000)


def test_the_gap_and_the_effort_are_the_plans_or_the_askers(made: Made, file: Path) -> None:
    """A huge gap is reached at once, and said to be what was asked for."""
    assert ask(file, ILL, allowed=Allowed(gap=0.9, effort=1)).comparison.scenarios[0].gap_reached
    assert made.plan.settings["plan"]["gap"] == 0


def test_a_file_that_is_wrong_is_refused_before_anything_is_solved(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of three; the plan is not even read."""

    def unread(_: Path) -> Plan:
        raise AssertionError

    monkeypatch.setattr("decisions.what_if.read_plan", unread)
    with pytest.raises(BadScenario, match=r"2\.toml: \[\[change\]\] 1 kind must be one of"):
        ask(file, DOWN, ILL, 'name = "x"\n[[change]]\nkind = "strike"\n')


def test_what_is_not_there_is_said(file: Path, made: Made) -> None:
    """Neither plan nor changes nor the problem beside it."""
    with pytest.raises(NotThere, match="there is no plan"):
        ask(file.with_name("NONE.json"), ILL)
    with pytest.raises(NotThere, match="there is no file of changes"):
        what_if_plan(file, [file.with_name("none.toml")])
    other = file.with_name("OTHER.json")
    other.write_bytes(file.read_bytes())
    with pytest.raises((NotThere, BadProblem), match="OTHER"):
        ask(other, ILL)
