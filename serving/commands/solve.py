"""``lanewise solve``: the optimiser alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.commands.opening import settings_of
from serving.commands.options import Home, Json
from serving.commands.report import Report, json_bytes, progress, writable
from store.atomic import write_atomically

if TYPE_CHECKING:
    from optimization.solution import Solution


STOPS = {
    "best": "the proof that nothing costs less",
    "gap": "the gap",
    "effort": "the effort",
    "clock": "the clock",
    "search": "the search, which found no way to gain more",
}


def solve(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem folder, such as a plan's PLAN.d.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.json", help="Where the choice goes.")],
    gap: Annotated[
        float | None, typer.Option("--gap", min=0.0, help="Relative gap to stop at; by default plan.gap.")
    ] = None,
    effort: Annotated[
        int | None,
        typer.Option("--effort", min=0, help="Steps, of about 1 ms, after which to stop; by default plan.effort."),
    ] = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Solve a problem folder: one action per case at least cost. A gap not reached is told, not an error."""
    assert home is not None
    report, file, params = Report(json_file), writable(out), settings_of(home).plan
    from optimization.problem_folder import read_problem
    from optimization.solve import solve as solve_problem

    read = read_problem(problem)
    progress(f"solving {len(read.candidates):,} candidates")
    solution = solve_problem(
        read,
        params.gap if gap is None else gap,
        params.effort if effort is None else effort,
        watch=lambda steps, cost, bound: progress(f"{steps:,} steps, cost {cost:,} cents, bound {bound:,} cents"),
    )
    document = solution.document()
    write_atomically(file, json_bytes(document))
    report.show(_told(solution), {key: value for key, value in document.items() if key != "choice"})


def _told(solution: "Solution") -> str:
    reached = "reached" if solution.gap_reached else "NOT reached"
    return "\n".join(
        [
            f"{len(solution.choice):,} cases, objective {solution.objective:,} cents, bound {solution.bound:,} cents",
            f"gap {solution.gap:.6f}; the gap of {solution.wanted_gap:g} that was asked for is {reached}",
            f"{solution.steps:,} steps, stopped by {STOPS[solution.stopped_by]}",
            f"fingerprint {solution.fingerprint}",
        ]
    )
