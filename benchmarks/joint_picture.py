"""How plan and bound close in on each other, step by step: the picture of ``docs/optimization.md``.

``python -m benchmarks.joint_picture [CASES] [GAP]`` solves a simulated problem and writes
``docs/optimization/gap.png``.
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.joint_bench import Bench
from optimization.problem_folder import read_problem
from optimization.solve import solve

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "optimization" / "gap.png"


def main(cases: str = "10000", gap: str = "0.0003") -> None:
    """Solve, keep what the watch is told, draw."""
    told: list[tuple[int, int, int]] = []
    problem = read_problem(Bench((), False, 0.0).folder(int(cases)))
    solution = solve(problem, float(gap), watch=lambda *now: told.append(now))
    steps, cost, bound = zip(*told, strict=True)
    best = solution.bound
    figure = Figure(figsize=(8, 4))
    axis = figure.subplots()
    axis.step(steps, [100 * (c / best - 1) for c in cost], where="post", label="cost of the plan", color="tab:red")
    axis.step(steps, [100 * (b / best - 1) for b in bound], where="post", label="certified bound", color="tab:blue")
    axis.set(xlabel="steps (about a millisecond each)", ylabel="% above the last bound")
    axis.set_title(
        f"{int(cases):,} simulated cases, {len(problem.candidates):,} candidates: certified {solution.gap:.3%}"
    )
    axis.grid(alpha=0.3)
    axis.legend()
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
