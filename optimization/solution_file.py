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
        solution = _solution(json.loads(file.read_bytes()), problem)
    except FileNotFoundError:
        raise NotThere(f"there is no {file}; `lanewise solve PROBLEM --out {file}` writes one") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadProblem(f"{file} is no answer that `lanewise solve` wrote: {error or type(error).__name__}") from None
    said, fingerprint = solution
    if said.fingerprint != fingerprint:
        raise BadProblem(f"{file} answers another problem, or was changed since; solve this one again")
    return said


def _solution(said: dict[str, Any], problem: Problem) -> tuple[Solution, str]:
    """The answer, and the fingerprint that stands in it."""
    made = Solution(
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
    return made, said["fingerprint"]
