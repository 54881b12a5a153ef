"""What `lanewise solve` wrote, read back for the problem that it answers."""

import json
from pathlib import Path
from typing import Any

from domain.errors import BadProblem, NotThere
from optimization.problem import Problem
from optimization.solution import Solution


def read_solution(file: Path, problem: Problem) -> Solution:
    """Read an answer; nothing of it is believed before :func:`optimization.verify.verify` has looked at it.

    Raises
    ------
    NotThere
        If there is no such file.
    BadProblem
        If it is no answer of ``lanewise solve``, or answers another problem.
    """
    try:
        said = json.loads(file.read_bytes())
        solution, fingerprint = _solution(said, problem), str(said["fingerprint"])
    except FileNotFoundError:
        raise NotThere(f"there is no {file}; `lanewise solve PROBLEM --out {file}` writes one") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadProblem(f"{file} is no answer that `lanewise solve` wrote: {error or type(error).__name__}") from None
    if solution.fingerprint != fingerprint:
        raise BadProblem(f"{file} answers another problem, or was changed since; solve this one again")
    return solution


def _solution(said: dict[str, Any], problem: Problem) -> Solution:
    return Solution(
        choice={str(case): str(action) for case, action in said["choice"].items()},
        objective=int(said["objective"]),
        bound=int(said["bound"]),
        steps=int(said["steps"]),
        wanted_gap=float(said["wanted_gap"]),
        problem_fingerprint=problem.fingerprint,
        prices={str(resource): float(price) for resource, price in said["prices"].items()},
        exclusion_prices={(str(one), str(other)): float(price) for one, other, price in said["exclusion_prices"]},
        priced_bound=int(said["priced_bound"]),
        stopped_by=str(said["stopped_by"]),
    )
