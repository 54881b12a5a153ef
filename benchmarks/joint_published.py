"""The joint plan's solver on published instances: which optima it matches, and how fast."""

from collections.abc import Iterator

from benchmarks import published
from benchmarks.joint_bench import WARM, Bench, header, row, verdict
from benchmarks.joint_runs import Matched, run_apart

FEW = (
    *("gap/d10100", "gap/e10400", "mmkp/TestSet1.5GP10IT5KP.txt", "mmkp/TestSet8.10GP10IT25KP.txt"),
    *("mmkp/TestSet.100GP10IT10KP.txt", "mmkp/TestSet.400GP10IT10KP.txt"),
)
"""Files that are solved when not all are."""
KNAPSACKS = 3
"""Of each of those files."""
ASSIGNMENT_S, MOST_EXCESS, WANTED_EXCESS = 20.0, 0.002, 0.0005
KNAPSACK_S, WANTED_KNAPSACK_S = 15.0, 1.0
GUARD_S = ASSIGNMENT_S - 0.5
"""Where the guard stands: the last step begins before it and ends after it."""
_COSTS = ("slowest CPU s", "CPU s of all")


def published_lines(bench: Bench) -> Iterator[str]:
    """Published instances: best known values matched, and bettered; how far the worst lies above; seconds of processor.

    Knapsacks are asked for gap 0 and assignments for 0.05 %, with the solver's guard of the clock.
    """
    place = published.folder()
    if place is None:
        yield f"Published instances are left out: they are not here; {published.WHERE}."
        return
    files = dict.fromkeys(one.file for one in published.catalogue(place) if one.file.startswith(bench.files))
    yield header("file", "instances", "matched", "better", "worst", *_COSTS, "target", "verdict")
    for file in files:
        if bench.everything or file in FEW:
            yield _knapsacks(file, bench) if file.startswith("mmkp/") else _assignment(file, bench)


def _knapsacks(file: str, bench: Bench) -> str:
    first = 1_000 if bench.everything else KNAPSACKS
    limit_s = bench.limit_s * (10 if bench.everything else 1)
    asked = ("published", file, "0", str(first), str(KNAPSACK_S), str(bench.folder(WARM)))
    found, late = run_apart(Matched, limit_s, *asked)
    good = bool(found) and not late and all(one.excess <= 0 for one in found)
    quick = all(one.solve_cpu_s <= WANTED_KNAPSACK_S for one in found)
    target = f"all matched, aim ≤ {WANTED_KNAPSACK_S:g} s each"
    return row(file, *_told(found, late), target, verdict(good, quick))


def _assignment(file: str, bench: Bench) -> str:
    asked = ("published", file, str(WANTED_EXCESS), "1", str(GUARD_S), str(bench.folder(WARM)))
    found, late = run_apart(Matched, bench.limit_s * 3, *asked)
    good = bool(found) and all(one.excess <= MOST_EXCESS for one in found)
    close = all(one.excess <= WANTED_EXCESS for one in found)
    target = f"≤ {MOST_EXCESS:.1%} in {ASSIGNMENT_S:g} s, aim ≤ {WANTED_EXCESS:.2%}"
    in_time = all(one.solve_cpu_s <= ASSIGNMENT_S for one in found)
    return row(file, *_told(found, late), target, verdict(good and in_time, close))


def _told(found: list[Matched], late: bool) -> tuple[str, ...]:
    """Cells of what was found; how many where the limit ended it."""
    if not found:
        return ("0, limit", "–", "–", "–", "–", "–")
    seconds = [one.solve_cpu_s for one in found]
    return (
        f"{len(found)}{', limit' if late else ''}",
        str(sum(one.excess <= 0 for one in found)),
        str(sum(one.excess < 0 for one in found)),
        f"{max(0.0, *(one.excess for one in found), 0.0):.3%}",
        f"{max(seconds):.2f}",
        f"{sum(seconds):.1f}",
    )
