"""The table of questions is printed, a row for each, and what is asked makes sense."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import plan_questions
from benchmarks.plan_problems import write_tables
from optimization.problem_folder import read_problem
from optimization.questions.desk import open_desk
from optimization.solve import solve


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A problem of 600 cases."""
    folder = tmp_path_factory.mktemp("questions")
    write_tables(folder, 600)
    return folder


def test_every_question_has_its_row(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rows of eight cells; the five quick ones are judged, and so is the plan anew."""
    monkeypatch.setattr(plan_questions, "OFTEN", 5)
    monkeypatch.setattr(plan_questions, "SELDOM", 2)
    lines = [line.split(" | ") for line in plan_questions.lines(place, 0.05)]
    assert [len(cells) for cells in lines] == [8] * 12
    judged = [cells[1] for cells in lines if cells[-1].strip(" |")]
    assert [name.split(":")[0] for name in judged] == [
        "explain",
        "why_not",
        "quote",
        "quote, reserve and release",
        "what_if",
        "re_plan",
    ]


def test_limits_that_are_asked_about_never_contradict_each_other(place: Path) -> None:
    """lo ≤ hi and hi ≥ 0, for a hundred drawn changes of all resources."""
    problem = read_problem(place)
    desk = open_desk(problem, solve(problem, 0.05))
    for seed in range(100):
        for one in plan_questions.moved_limits(desk, np.random.default_rng(seed), 20):
            assert one.hi is not None
            assert one.hi >= max(0, one.lo or 0)
