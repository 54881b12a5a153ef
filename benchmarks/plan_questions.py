"""What a planner asks of a plan, in microseconds: the clock's and the processor's, which a busy machine stretches less.

``python -m benchmarks.plan_questions [--sizes CASES…] [--folders FOLDER…] [--gap G]`` prints a table in Markdown.
Problems are simulated (:mod:`benchmarks.plan_problems`) and made in ``var/bench/joint`` where they are not there yet; a
folder of one's own will do. Each is solved once, and a desk is opened for it; random cases, actions and limits are
asked about, one at a time, warm. Slow questions are asked less often; how often stands in the table.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.joint_bench import LOOSE, Bench, header, load_cpu_s, row
from optimization.arrays import NONE
from optimization.problem_folder import read_problem
from optimization.questions.binding import binding
from optimization.questions.desk import Desk, open_desk
from optimization.questions.explain import explain
from optimization.questions.gap_report import gap_report
from optimization.questions.limits import Limits, more
from optimization.questions.overrule import overrule
from optimization.questions.quote import NewAction, quote, reserve
from optimization.questions.re_plan import re_plan
from optimization.questions.what_if import what_if
from optimization.questions.why_not import why_not
from optimization.solve import solve

SIZES = (1_000, 10_000, 100_000)
OFTEN, SELDOM = 2_000, 20
MOST_MS = 1.0
"""99 of 100 answers, and a change of capacities, come within this."""
MOST_LOADS = 2
"""Of the folder, by the processor, that a plan anew may take where one in a hundred limits is moved."""
LARGEST_STEP = 3
"""Units by which a limit is moved."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Seconds of each time that a question was asked.

    Attributes
    ----------
    wall_s, cpu_s
        (n,) by the clock, and of the asking thread.
    """

    wall_s: npt.NDArray[np.float64]
    cpu_s: npt.NDArray[np.float64]

    def ms(self, share: float) -> tuple[float, float]:
        """Milliseconds that so many of the answers took at most: clock, processor."""
        return float(np.quantile(self.wall_s, share)) * 1e3, float(np.quantile(self.cpu_s, share)) * 1e3


def ask(question: Callable[[int], object], times: int) -> Asked:
    """Ask so many times, after a few times that do not count."""
    for k in range(min(20, times)):
        question(k)
    wall, cpu = np.empty(times), np.empty(times)
    for k in range(times):
        begun, spent = time.perf_counter(), time.thread_time()
        question(k)
        wall[k], cpu[k] = time.perf_counter() - begun, time.thread_time() - spent
    return Asked(wall, cpu)


def questions(desk: Desk, rng: np.random.Generator) -> Iterator[tuple[str, int, Callable[[int], object]]]:
    """Name, times and question, each about something else every time."""
    cases = [desk.names.case_ids[case] for case in rng.integers(0, desk.arrays.cases, OFTEN)]
    actions = [desk.names.action(int(rng.choice(desk.of_case(desk.names.cases[case])))) for case in cases]
    quoted = [new_actions(desk, case) for case in cases]
    changes = [moved_limits(desk, rng, 1) for _ in range(OFTEN)]
    yield "explain", OFTEN, lambda k: explain(desk, cases[k])
    yield "why_not", OFTEN, lambda k: why_not(desk, cases[k], actions[k])
    yield "quote", OFTEN, lambda k: quote(desk, quoted[k])
    yield "quote, reserve and release", OFTEN, lambda k: promise(desk, quoted[k])
    yield "what_if: bound of a change of capacities", OFTEN, lambda k: what_if(desk, changes[k])
    yield "gap_report", SELDOM, lambda _: gap_report(desk)
    yield "overrule", SELDOM, lambda k: overrule(desk, cases[k], actions[k])
    yield "binding, ten resources", 3, lambda _: binding(desk)


def new_actions(desk: Desk, case_id: str) -> list[NewAction]:
    """A case like one that is planned: its actions, without what excludes them."""
    resources, own = len(desk.names.rows), desk.of_case(desk.names.cases[case_id])
    uses = [{desk.names.row_ids[row]: amount for row, amount in desk.uses(place) if row < resources} for place in own]
    costs = desk.arrays.cost[own.start : own.stop].tolist()
    return [NewAction(f"new/{k}", cost, used) for k, (cost, used) in enumerate(zip(costs, uses, strict=True))]


def promise(desk: Desk, actions: list[NewAction]) -> None:
    """Quote, hold the best offer, and give it back."""
    best = quote(desk, actions).best
    if best is not None:
        desk.ledger.release(reserve(desk, best))


def moved_limits(desk: Desk, rng: np.random.Generator, count: int) -> list[Limits]:
    """Upper limits of some resources, each moved by a few units."""
    limited = np.flatnonzero(desk.arrays.hi[: len(desk.names.rows)] < NONE)
    chosen = rng.choice(limited, count, replace=False).tolist()
    steps = rng.integers(-LARGEST_STEP, LARGEST_STEP + 1, count).tolist()
    at_least = [
        max(step, -int(desk.arrays.hi[row]), *_room(desk, row)) for row, step in zip(chosen, steps, strict=True)
    ]
    return [more(desk, desk.names.row_ids[row], step) for row, step in zip(chosen, at_least, strict=True)]


def _room(desk: Desk, row: int) -> list[int]:
    """How far an upper limit may fall until it meets the lower one."""
    lo = int(desk.arrays.lo[row])
    return [] if lo <= -NONE else [lo - int(desk.arrays.hi[row])]


def lines(place: Path, gap: float) -> Iterator[str]:
    """The rows of one problem."""
    problem, begun = read_problem(place), time.perf_counter()
    name = f"{problem.cases:,} cases, {len(problem.candidates):,} candidates"
    solution = solve(problem, gap, verified=False)
    yield _once(name, "solve", f"gap {solution.gap:.3%}", time.perf_counter() - begun)
    open_desk(problem, solution)  # what is compiled is compiled now
    opened = time.perf_counter()
    desk = open_desk(problem, solution)
    yield _once(name, "open the desk", "", time.perf_counter() - opened)
    for question, times, about in questions(desk, np.random.default_rng(0)):
        yield row(name, question, f"{times:,}", *_cells(ask(about, times), times == OFTEN))
    yield from _other_limits(name, desk, place, gap)


def _other_limits(name: str, desk: Desk, place: Path, gap: float) -> Iterator[str]:
    """One in a hundred limits moved: the bound at once, and the plan anew, in loads of the folder by the processor."""
    changes = moved_limits(desk, np.random.default_rng(1), max(1, len(desk.names.rows) // 100))
    at_once = ask(lambda _: what_if(desk, changes), SELDOM)
    yield row(name, f"what_if: bound of {len(changes):,} changes", f"{SELDOM}", *_cells(at_once, False))
    re_plan(desk, changes, gap, verified=False)
    load_s, begun, spent = load_cpu_s(place), time.perf_counter(), time.process_time()
    told, _ = re_plan(desk, changes, gap, verified=False)
    loads = (time.process_time() - spent) / load_s
    found = f"{len(told.changed):,} cases change, {loads:.1f} loads"
    verdict = "reached" if loads <= MOST_LOADS else "missed"
    yield _once(name, f"re_plan: {len(changes):,} changes", found, time.perf_counter() - begun, verdict)


def _once(name: str, question: str, found: str, wall_s: float, verdict: str = "") -> str:
    return row(name, question, "1", f"{wall_s:.2f} s", found, "", "", verdict)


def _cells(asked: Asked, judged: bool) -> Iterator[str]:
    half, nearly_all = asked.ms(0.5), asked.ms(0.99)
    yield from (f"{half[0]:.3f}", f"{nearly_all[0]:.3f}", f"{half[1]:.3f}", f"{nearly_all[1]:.3f}")
    yield _verdict(*nearly_all) if judged else ""


def _verdict(wall_ms: float, cpu_ms: float) -> str:
    if wall_ms <= MOST_MS:
        return "reached"
    return "reached by the processor, missed by the clock" if cpu_ms <= MOST_MS else "missed"


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan_questions", description="Questions over a plan.")
    parser.add_argument("--sizes", type=int, nargs="*", default=None, metavar="CASES")
    parser.add_argument("--folders", type=Path, nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--gap", type=float, default=LOOSE)
    given = parser.parse_args(arguments)
    sizes = given.sizes if given.sizes is not None else [] if given.folders else SIZES
    print(
        f"\n### Questions over a plan\n\nSimulated problems; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; "
    )
    print(f"99 of 100 answers to the first five questions should come within {MOST_MS:g} ms.\n")
    columns = ("problem", "question", "asked", "p50 ms", "p99 ms", "p50 CPU ms", "p99 CPU ms", "verdict")
    print(header(*columns))
    made = Bench(tuple(sizes), False, 0.0)
    for place in [*given.folders, *(made.folder(size) for size in sizes)]:
        for line in lines(place, given.gap):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
