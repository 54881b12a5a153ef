"""Published instances with known optima: multiple-choice knapsacks and generalised assignment.

The files are no part of the repository. They are looked for in the folder that ``PUBLISHED_INSTANCES`` names, else in
``shared/data/optimization`` beside the checkout: ``best_known.csv`` (family, file, instance, sense, best_bound,
best_known), ``mmkp/`` and ``gap/``. MMKP: the test sets of C. S. Hiremath and R. R. Hill (2007);
GAP: J. E. Beasley's OR-Library, types c, d, e of Chu & Beasley (1997) and Yagiura et al. (2004).
"""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimization.problem import Problem, build_problem

Ints = npt.NDArray[np.int64]
VARIABLE = "PUBLISHED_INSTANCES"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "optimization"
WHERE = (
    f"set {VARIABLE} to a folder with best_known.csv, mmkp/ (kzyma/MMKP_Heuristics on GitHub) and gap/ (OR-Library, "
    "fontanf/generalizedassignmentsolver)"
)
"""What to do where they are absent."""


@dataclass(frozen=True)
class Known:
    """A line of ``best_known.csv``."""

    family: str
    file: str
    instance: str
    best_bound: int
    best_known: int


@dataclass(frozen=True, eq=False)
class Published:
    """An instance as a problem to be minimised.

    Attributes
    ----------
    sense
        1 where the published value is a cost, −1 where it is maximised.
    offset
        published value = offset + sense × objective.
    """

    known: Known
    problem: Problem
    sense: int
    offset: int

    @property
    def name(self) -> str:
        """File and number."""
        return f"{self.known.file} {self.known.instance}".strip()

    def value(self, objective: int) -> int:
        """The published measure of an objective; exact."""
        return self.offset + self.sense * objective

    def excess(self, objective: int) -> float:
        """How much worse than the best known value, a fraction; below 0 would be a new record."""
        return self.sense * (self.value(objective) - self.known.best_known) / self.known.best_known


def folder() -> Path | None:
    """Where the instances are, ``None`` where they are not."""
    place = Path(os.environ.get(VARIABLE, BESIDE))
    return place if (place / "best_known.csv").is_file() else None


def catalogue(place: Path) -> list[Known]:
    """All instances that are listed."""
    with (place / "best_known.csv").open(encoding="utf-8") as lines:
        return [
            Known(line["family"], line["file"], line["instance"], int(line["best_bound"]), int(line["best_known"]))
            for line in csv.DictReader(lines)
        ]


def read_published(place: Path, file: str) -> Iterator[Published]:
    """Read all instances of a file in its order."""
    known = {one.instance: one for one in catalogue(place) if one.file == file}
    numbers = np.array((place / file).read_text(encoding="utf-8").split(), np.int64)
    if file.startswith("gap/"):
        yield Published(known[""], gap_problem(numbers), 1, 0)
        return
    for instance, problem, offset in mmkp_problems(numbers):
        if instance in known:
            yield Published(known[instance], problem, -1, offset)


def mmkp_problems(numbers: Ints) -> Iterator[tuple[str, Problem, int]]:
    """Numbered problems: ``number classes items constraints``, right-hand sides, then classes of (value, weights…).

    A candidate costs what it is worth less than the best of its class; the offset is the sum of the bests.
    """
    while len(numbers):
        number, classes, items, rows = numbers[:4].tolist()
        limits, rest = numbers[4 : 4 + rows], numbers[4 + rows :]
        size = 1 + items * (1 + rows)
        content = rest[: classes * size].reshape(classes, size)[:, 1:].reshape(classes, items, 1 + rows)
        best = content[..., 0].max(axis=1)
        yield str(number), _problem(best[:, None] - content[..., 0], content[..., 1:], limits), int(best.sum())
        numbers = rest[classes * size :]


def gap_problem(numbers: Ints) -> Problem:
    """Agents m and jobs n, costs (m, n), weights (m, n), capacities (m): a job's candidates are the agents."""
    agents, jobs = numbers[:2].tolist()
    cost, weight = numbers[2 : 2 + 2 * agents * jobs].reshape(2, agents, jobs)
    taken = np.zeros((jobs, agents, agents), np.int64)
    taken[:, np.arange(agents), np.arange(agents)] = weight.T
    return _problem(cost.T, taken, numbers[2 + 2 * agents * jobs :][:agents])


def _problem(cost: Ints, amounts: Ints, limits: Ints) -> Problem:
    """Costs (classes, items), amounts (classes, items, rows), limits (rows)."""
    classes, items = cost.shape
    case, item = np.divmod(np.arange(classes * items), items)
    cases = np.char.mod("%04d", case)
    actions = np.char.add(cases, np.char.mod("-%03d", item))
    action, row = np.nonzero(amounts.reshape(classes * items, -1))
    names = np.char.mod("r%02d", np.arange(len(limits)))
    return build_problem(
        pd.DataFrame({"case_id": cases, "action_id": actions, "cost_cents": cost.ravel()}),
        pd.DataFrame(
            {
                "action_id": actions[action],
                "resource_id": names[row],
                "amount": amounts.reshape(classes * items, -1)[action, row],
            }
        ),
        pd.DataFrame(
            {"resource_id": names, "lo": None, "hi": limits, "penalty_lo_cents": None, "penalty_hi_cents": None}
        ),
    )
