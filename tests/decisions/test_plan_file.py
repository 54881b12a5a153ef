"""A plan survives its file, and a damaged file is said to be one."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from decisions.explain import explain
from decisions.plan_file import plan_bytes, plan_fingerprint, read_plan, read_plan_problem, write_plan
from decisions.planner import Made, make_plan
from domain.errors import BadProblem, NotThere
from governance.policy import load_policy
from optimization.verify import verify
from tests.decisions.network import AS_OF, network_with_review, tiny_network, tiny_scoring


@pytest.fixture(scope="module")
def made() -> Made:
    return make_plan(network_with_review(5.0), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


def test_a_plan_and_its_problem_are_read_back_equal(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "PLAN.json"
    for _ in range(2):  # the second time over what is there
        write_plan(made.plan, made.problem, file)
    assert read_plan(file) == made.plan
    assert read_plan_problem(file, made.plan).fingerprint == made.problem.fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PLAN.d", "PLAN.json"]
    assert len(plan_fingerprint(made.plan)) == 64


class Killed(BaseException):
    """The process ends here."""


EFFECTS = ((Path, "rename"), (os, "replace"), (shutil, "rmtree"))


def kill_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """Let nothing be renamed or removed from the given effect on, as after a kill."""
    seen = []
    for owner, name in EFFECTS:
        real = getattr(owner, name)

        def effect(*given: Any, _real: Any = real, **more: Any) -> Any:
            seen.append(given)
            if len(seen) >= step:
                raise Killed
            return _real(*given, **more)

        patch.setattr(owner, name, effect)


@pytest.fixture(scope="module")
def other() -> Made:
    return make_plan(tiny_network(), tiny_scoring(), AS_OF, load_policy())  # type: ignore[arg-type]


@pytest.mark.parametrize("step", range(1, 9))
def test_a_kill_at_any_step_leaves_a_plan_with_its_problem(
    made: Made, other: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Killed twice in a row at any step, what is read is a whole plan; the next writer leaves no rubbish."""
    file, killed = tmp_path / "PLAN.json", 0
    write_plan(made.plan, made.problem, file)
    for plan in (other, made):
        with monkeypatch.context() as patch:
            kill_at(patch, step)
            try:
                write_plan(plan.plan, plan.problem, file)
            except Killed:
                killed += 1
        found = read_plan(file)
        assert found in (made.plan, other.plan)
        assert read_plan_problem(file, found).fingerprint == found.certificate.problem_fingerprint
    assert killed or step > 6, "the writer has at least six effects"
    write_plan(other.plan, other.problem, file)
    assert read_plan_problem(file, read_plan(file)).fingerprint == other.problem.fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PLAN.d", "PLAN.json"]


def test_a_disk_that_is_full_leaves_the_old_plan(
    made: Made, other: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "PLAN.json"
    write_plan(made.plan, made.problem, file)
    monkeypatch.setattr("decisions.plan_file.write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        write_plan(other.plan, other.problem, file)
    assert read_plan_problem(file, read_plan(file)).fingerprint == made.problem.fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PLAN.d", "PLAN.json"]


def test_writers_at_once_do_not_disturb_each_other(made: Made, other: Made, tmp_path: Path) -> None:
    """Twelve writers over one plan, of two contents: all succeed, and what remains is one of them, whole."""
    file = tmp_path / "PLAN.json"
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(write_plan, one.plan, one.problem, file) for one in [made, made, other] * 4]
        for job in jobs:
            job.result()
    found = read_plan(file)
    assert read_plan_problem(file, found).fingerprint == found.certificate.problem_fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PLAN.d", "PLAN.json"]


def test_money_is_whole_cents_everywhere(made: Made) -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            assert all(type(inner) is int for key, inner in value.items() if key.endswith("_cents"))
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            for inner in value:
                check(inner)

    check(json.loads(plan_bytes(made.plan)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("seed"), "plan lacks 'seed'"),
        (lambda d: d.update(sede=1), "unknown key 'sede'"),
        (lambda d: d["cases"][0].update(stake_cents=1.5), r"plan\.cases\[0\]\.stake_cents must be of kind int"),
        (lambda d: d.update(cases={}), r"plan\.cases must be of kind list"),
        (lambda d: d.update(format="x"), "does not say format"),
    ],
)
def test_a_damaged_plan_is_refused(made: Made, tmp_path: Path, change: Any, message: str) -> None:
    document = json.loads(plan_bytes(made.plan))
    change(document)
    (tmp_path / "p.json").write_text(json.dumps(document))
    with pytest.raises(BadProblem, match=message):
        read_plan(tmp_path / "p.json")


def test_what_is_not_there_is_said(made: Made, tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="there is no plan"):
        read_plan(tmp_path / "p.json")
    with pytest.raises(NotThere, match="no folder"):
        write_plan(made.plan, made.problem, tmp_path / "nowhere" / "p.json")
    (tmp_path / "p.json").write_text("{")
    with pytest.raises(BadProblem, match="is no plan file"):
        read_plan(tmp_path / "p.json")


def test_why_this_names_costs_and_verdict(made: Made) -> None:
    s5 = explain(made.plan, "S5")
    assert "it saves" in s5.text
    assert f"decision: {s5.case.chosen}" in s5.text
    assert "verdict on" in s5.text


def test_why_not_names_the_rule_or_the_limit_and_the_difference(made: Made) -> None:
    forbidden = explain(made.plan, "S4", "expedite")
    assert any("forbidden by premium that costs more than it saves" in reason for reason in forbidden.reasons)
    deferred = next(case for case in made.plan.cases if case.deferred)
    assert deferred.deferred is not None
    why = explain(made.plan, deferred.case_id, deferred.deferred.action)
    assert any("does not fit: review_min has" in reason for reason in why.reasons)
    assert any("less than" in reason for reason in why.reasons)
    assert "deferred" in explain(made.plan, deferred.case_id).text


def test_a_lone_exception_is_found_by_its_id(made: Made) -> None:
    assert explain(made.plan, "E2").case.case_id == "exception:E2"
    assert "P(late)" not in explain(made.plan, "E2").text


def test_unknown_cases_and_actions_are_said(made: Made) -> None:
    with pytest.raises(NotThere, match="no case 'S99'"):
        explain(made.plan, "S99")
    with pytest.raises(NotThere, match="no action 'fly'; it has"):
        explain(made.plan, "S1", "fly")


def test_the_problem_of_the_plan_verifies(made: Made, tmp_path: Path) -> None:
    """The folder beside the plan is enough to check the certificate again."""
    from optimization.solve import solve

    write_plan(made.plan, made.problem, tmp_path / "PLAN.json")
    problem = read_plan_problem(tmp_path / "PLAN.json", made.plan)
    solution = solve(problem)
    verify(problem, solution)
    assert solution.fingerprint == made.plan.certificate.fingerprint
