"""``lanewise explain`` on a problem folder of one's own and the answer that `lanewise solve` wrote."""

import json
from pathlib import Path

import pandas as pd
import pytest

from optimization.problem import build_problem
from optimization.problem_folder import write_problem
from tests.serving.cli.command import Here

PROBLEM = {
    "candidates": [("A", "A/wait", 500), ("A", "A/rush", 100), ("B", "B/wait", 900), ("B", "B/rush", 200)],
    "usage": [("A/rush", "truck", 1), ("B/rush", "truck", 1)],
    "resources": [("truck", None, 1, None, None)],
}
COLUMNS = {
    "candidates": ["case_id", "action_id", "cost_cents"],
    "usage": ["action_id", "resource_id", "amount"],
    "resources": ["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
}


@pytest.fixture
def asked(tmp_path: Path, lanewise: Here) -> tuple[Path, Path]:
    """A problem in which one truck is wanted by two cases, and its answer."""
    tables = {name: pd.DataFrame(rows, columns=COLUMNS[name]) for name, rows in PROBLEM.items()}
    folder, answer = tmp_path / "mine", tmp_path / "answer.json"
    write_problem(build_problem(**tables), folder)
    assert lanewise("solve", folder, "--out", answer).code == 0
    return folder, answer


def test_a_case_of_ones_own_problem_is_explained(asked: tuple[Path, Path], lanewise: Here) -> None:
    """B saves 700 by the truck and A 400, so B has it; to give it to A instead costs 300."""
    folder, answer = asked
    why = lanewise("explain", folder, "B", "--solution", answer)
    assert why.code == 0
    assert why.out.startswith("B takes B/rush for 2.00")
    assert "  B/wait: 9.00, " in why.out
    other = lanewise("explain", folder, "A", "A/rush", "--solution", answer, "--json", "-").json
    assert [one["resource"] for one in other["why_not"]["lacks"]] == ["truck"]
    assert (other["overruled"]["at_least_cents"], other["overruled"]["at_most_cents"]) == (300, 300)
    assert (
        "cheapest to move from truck: B/rush → B/wait"
        in lanewise("explain", folder, "A", "A/rush", "--solution", answer).out
    )


def test_what_is_no_answer_to_the_problem_is_refused(asked: tuple[Path, Path], lanewise: Here) -> None:
    """No answer at all, another file, one that was changed: each is said, and so is what to do."""
    folder, answer = asked
    missing = lanewise("explain", folder, "A")
    assert (missing.code, "--solution" in missing.err, "lanewise solve" in missing.err) == (1, True, True)
    nowhere = lanewise("explain", folder, "A", "--solution", folder / "x.json")
    assert (nowhere.code, "lanewise solve" in nowhere.err) == (1, True)
    said = json.loads(answer.read_text())
    answer.write_text(json.dumps(said | {"choice": said["choice"] | {"A": "A/rush"}}))
    changed = lanewise("explain", folder, "A", "--solution", answer)
    assert (changed.code, "answers another problem, or was changed" in changed.err) == (1, True)
    answer.write_text(json.dumps(said | {"objective": said["objective"] - 1}))
    cheaper = lanewise("explain", folder, "A", "--solution", answer)
    assert (cheaper.code, "but costs" in cheaper.err) == (1, True)
    answer.write_text("[]")
    assert "is no answer that `lanewise solve` wrote" in lanewise("explain", folder, "A", "--solution", answer).err
    unknown = lanewise("explain", folder, "C", "--solution", folder / "x.json")
    assert unknown.code == 1
