"""A problem checks itself, and survives its folder."""

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from domain.errors import BadProblem, NotThere
from optimization.problem import build_problem
from optimization.problem_checks import TABLES
from optimization.problem_folder import read_problem, write_problem
from tests.optimization.problems import random_problem


def tables(**changed: Any) -> dict[str, pd.DataFrame]:
    good = {
        "candidates": [("c1", "a1", 5), ("c1", "a2", 7)],
        "usage": [("a1", "r", 2)],
        "resources": [("r", None, 4, None, None)],
        "exclusions": [("a1", "a2")],
    }
    return {name: pd.DataFrame((good | changed)[name], columns=list(TABLES[name])) for name in TABLES}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"candidates": [("c1", "a1", 5), ("c2", "a1", 5)]}, "'a1' is there more than once"),
        ({"candidates": [("c1", "a1", 5.5), ("c1", "a2", 7)]}, "cost_cents of row 0 must be an integer"),
        ({"candidates": [("c1", "a1", None), ("c1", "a2", 7)]}, "row 0 has no cost_cents"),
        ({"candidates": [(None, "a1", 5), ("c1", "a2", 7)]}, "row 0 has no case_id"),
        (
            {"candidates": [("c1", "a1", 2**62), ("c1", "a2", 2**61)]},
            "beyond 2\\^62; candidates: action 'a1' alone costs",
        ),
        ({"usage": [("a9", "r", 2)]}, "usage: row 0 names action_id 'a9'"),
        ({"usage": [("a1", "x", 2)]}, "usage: row 0 names resource_id 'x'"),
        ({"usage": [("a1", "r", -2)]}, "amount of row 0 must be 0 or more"),
        ({"usage": [("a1", "r", 1), ("a1", "r", 1)]}, "more than once"),
        ({"usage": [("a1", "r", 2**62), ("a2", "r", 2**62)]}, "beyond 2\\^62"),
        ({"resources": [("r", 5, 4, None, None)]}, "lo 5 above hi 4"),
        ({"resources": [("r", 1, 4, -1, None)]}, "penalty_lo_cents of row 0"),
        (
            {"resources": [("r", 1, 4, 2**61, None), ("s", 4, 5, 2**61, None)]},
            "cents, beyond 2\\^62; resources: the penalties of 's' alone",
        ),
        ({"exclusions": [("a1", "a1")]}, "excludes itself"),
        ({"exclusions": [("a1", "a9")]}, "action_id_2 'a9'"),
    ],
)
def test_a_contradiction_is_named_with_its_row(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(BadProblem, match=message):
        build_problem(**tables(**changed))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadProblem, match="'candidates' of the problem lacks the column 'cost_cents'"):
        build_problem(pd.DataFrame({"case_id": ["c"], "action_id": ["a"]}))


def test_a_case_without_candidates_is_refused() -> None:
    with pytest.raises(BadProblem, match="case 'c2' has no candidate"):
        build_problem(**tables(), cases=["c1", "c2"])


@pytest.mark.parametrize("seed", range(8))
def test_a_folder_gives_back_the_same_problem(seed: int, tmp_path: Path) -> None:
    """Round trip keeps the fingerprint, and writing twice gives the same bytes."""
    problem = random_problem(seed)
    write_problem(problem, tmp_path / "one")
    write_problem(read_problem(tmp_path / "one"), tmp_path / "two")
    assert read_problem(tmp_path / "two").fingerprint == problem.fingerprint
    for name in TABLES:
        one, two = (tmp_path / folder / f"{name}.parquet" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_uses_in_any_order_and_in_parts_give_the_same_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fingerprint is that of the canonical order, however the rows come."""
    problem = max(map(random_problem, range(8)), key=lambda one: len(one.amount))
    monkeypatch.setattr("optimization.problem_folder.PART_ROWS", 2)
    write_problem(problem, tmp_path)
    mixed = problem.usage.sample(frac=1.0, random_state=1)
    assert len(mixed) > 4
    assert read_problem(tmp_path).fingerprint == problem.fingerprint
    again = build_problem(problem.candidates, mixed, problem.resources, problem.exclusions)
    assert again.fingerprint == problem.fingerprint


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a9", "r", 2), "usage: row 4 names action_id 'a9'"),
        (("a1", "r", 2), r"action_id 'a1', resource_id 'r' is there more than once \(row 4\)"),
        (("a1", "s", None), "usage: row 4 has no amount"),
        ((None, "s", 1), "usage: row 4 has no action_id"),
        (("a1", "s", -1), "amount of row 4 must be 0 or more"),
    ],
)
def test_a_row_of_a_later_part_is_named_by_its_place_in_the_table(
    row: tuple[Any, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimization.problem_folder.PART_ROWS", 2)
    pool = pa.default_memory_pool().backend_name
    good = tables(resources=[(name, None, 4, None, None) for name in "rst"])
    write_problem(build_problem(**good), tmp_path)
    uses = [("a1", "r", 2), ("a2", "r", 2), ("a2", "s", 1), ("a2", "t", 1), row]
    pd.DataFrame(uses, columns=list(TABLES["usage"])).to_parquet(tmp_path / "usage.parquet")
    with pytest.raises(BadProblem, match=message):
        read_problem(tmp_path)
    assert pool == pa.default_memory_pool().backend_name


def test_a_part_is_let_go_of_before_the_next_is_made() -> None:
    """Names of millions of uses would need more memory than all the rest of a problem."""
    good, held = tables(), list[weakref.ref[pd.DataFrame]]()

    def parts() -> Iterator[pd.DataFrame]:
        for resource in ("r", "s", "t"):
            part = pd.DataFrame([("a1", resource, 1)], columns=list(TABLES["usage"]))
            held.append(weakref.ref(part))
            yield part
            del part
            assert held[-1]() is None

    resources = pd.DataFrame([(name, None, 4, None, None) for name in "rst"], columns=list(TABLES["resources"]))
    assert build_problem(good["candidates"], parts(), resources).amount.tolist() == [1, 1, 1]


def test_large_integers_survive_the_folder(tmp_path: Path) -> None:
    """A nullable integer above 2^53 is not rounded on its way."""
    big = 2**60 + 1
    given = tables(resources=[("r", None, None, None, None), ("s", None, None, None, None)])
    given["resources"]["hi"] = pd.array([big, None], dtype="Int64")
    problem = build_problem(**given)
    write_problem(problem, tmp_path)
    assert read_problem(tmp_path).resources["hi"].tolist()[0] == big


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="no problem folder"):
        read_problem(tmp_path / "nowhere")
    with pytest.raises(NotThere, match=r"candidates\.parquet"):
        read_problem(tmp_path)


def test_a_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    write_problem(random_problem(1), tmp_path)
    (tmp_path / "usage.parquet").write_text("not parquet")
    with pytest.raises(BadProblem, match=r"usage\.parquet of the problem is no readable Parquet"):
        read_problem(tmp_path)
